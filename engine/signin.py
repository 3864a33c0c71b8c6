"""Attempts to sign in: counted before the password is looked at, so that many at once cannot pass the limit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from engine import ids, passwords, people
from engine.tables import sign_in_attempt as failure

PER_ADDRESS = 5
"""One network address may fail this many times as often as one account: offices share theirs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`attempts` failed in `pause` close the account's or the address's door until the oldest is older than `pause`."""

    attempts: int
    pause: timedelta


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted. `pause`: how long to wait first; then the password is not looked at."""

    user_id: int | None
    password_hash: str | None
    pause: timedelta | None = None

    def verify(self, password: str) -> bool:
        """Whether the password opens the account; takes as long when there is no account."""
        fits = passwords.verify(self.password_hash, password)
        return fits and self.user_id is not None


def begin(session: Session, email: str, *, address: str, limits: Limits, now: datetime) -> Attempt:
    """Count this attempt and find the account. Verify the password after the transaction: it takes a while."""
    session.execute(delete(failure).where(failure.c.at <= now - limits.pause))
    keys = ((_account(email), limits.attempts), (_address(address), limits.attempts * PER_ADDRESS))
    waits = [wait for key, most in keys if (wait := _pause(session, key, most, limits.pause, now))]
    if waits:
        return Attempt(None, None, max(waits))
    session.execute(insert(failure), [{"id": ids.new_id(now), "key": key, "at": now} for key, _ in keys])
    user = people.find_by_email(session, email)
    return Attempt(user.id, user.password_hash) if user is not None and user.active else Attempt(None, None)


def succeed(session: Session, email: str, *, address: str) -> None:
    """The password was right: forget the failures of this account, and one attempt of this address."""
    session.execute(delete(failure).where(failure.c.key == _account(email)))
    newest = select(func.max(failure.c.id)).where(failure.c.key == _address(address))
    session.execute(delete(failure).where(failure.c.id == newest.scalar_subquery()))


def _pause(session: Session, key: str, most: int, pause: timedelta, now: datetime) -> timedelta | None:
    found = select(func.count(), func.min(failure.c.at)).where(failure.c.key == key)
    count, oldest = session.execute(found).one()
    return oldest + pause - now if count >= most else None


def _account(email: str) -> str:
    return hashlib.sha256(f"account {email.strip().casefold()}".encode()).hexdigest()


def _address(address: str) -> str:
    return hashlib.sha256(f"address {address}".encode()).hexdigest()

"""Attempts to sign in: counted before the password is looked at, so that many at once cannot pass the limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine import attempts, passwords, people
from engine.attempts import Limit

PER_ADDRESS = 5
"""One network address may fail this many times as often as one account: offices share theirs."""


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


def begin(session: Session, email: str, *, address: str, limit: Limit, now: datetime) -> Attempt:
    """Count this attempt and find the account. Verify the password after the transaction: it takes a while."""
    shared = Limit(limit.most * PER_ADDRESS, limit.within)
    keys = ((_account(email), limit), (_address(address), shared))
    waits = [pause for key, each in keys if (pause := attempts.wait(session, key, each, now=now))]
    if waits:
        return Attempt(None, None, max(waits))
    for key, _ in keys:
        attempts.count(session, key, now=now)
    user = people.find_by_email(session, email)
    return Attempt(user.id, user.password_hash) if user is not None and user.active else Attempt(None, None)


def succeed(session: Session, email: str, *, address: str) -> None:
    """The password was right: the failures of this account are forgotten, and this attempt of this address."""
    attempts.forget(session, _account(email))
    attempts.forget_last(session, _address(address))


def _account(email: str) -> str:
    return attempts.subject("account", people.normal_email(email))


def _address(address: str) -> str:
    return attempts.subject("address", address)

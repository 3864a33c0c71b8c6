"""How often somebody tried something lately: the limits of sign-in and of public forms."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from engine.tables import sign_in_attempt as attempt

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within this time; then the door is closed until the oldest is older than that."""

    most: int
    within: timedelta


def subject(kind: str, name: str) -> str:
    """What is counted. Addresses of people and networks are kept as a hash alone."""
    return hashlib.sha256(f"{kind} {name}".encode()).hexdigest()


def wait(session: Session, key: str, limit: Limit, *, now: datetime) -> timedelta | None:
    """How long the door stays closed; None when it is open."""
    found = select(func.count(), func.min(attempt.c.at)).where(attempt.c.key == key, attempt.c.at > now - limit.within)
    count, oldest = session.execute(found).one()
    return oldest + limit.within - now if count >= limit.most else None


def count(session: Session, key: str, *, now: datetime) -> None:
    """One more. Old ones are forgotten."""
    session.execute(delete(attempt).where(attempt.c.at <= now - KEPT))
    session.execute(insert(attempt).values(key=key, at=now))


def forget(session: Session, key: str) -> None:
    """None of them counts any more."""
    session.execute(delete(attempt).where(attempt.c.key == key))


def forget_last(session: Session, key: str) -> None:
    """The newest does not count."""
    newest = select(func.max(attempt.c.id)).where(attempt.c.key == key)
    session.execute(delete(attempt).where(attempt.c.id == newest.scalar_subquery()))

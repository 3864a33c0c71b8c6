"""Signs of life of workers, by the system's clock, so that a server knows whether anybody does what rows describe."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from engine.tables import worker_beat

EVERY = timedelta(seconds=10)
ALIVE = timedelta(seconds=45)
"""A worker that has not been seen for longer counts as dead."""
KEPT = timedelta(minutes=10)


def beat(session: Session, worker: str, *, now: datetime) -> None:
    """The worker lives. Those that have been dead for long are forgotten."""
    seen = session.execute(update(worker_beat).where(worker_beat.c.name == worker).values(seen_at=now))
    if not seen.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(worker_beat), {"name": worker, "started_at": now, "seen_at": now})
    session.execute(delete(worker_beat).where(worker_beat.c.seen_at < now - KEPT))


def end(session: Session, worker: str) -> None:
    """The worker stops."""
    session.execute(delete(worker_beat).where(worker_beat.c.name == worker))


def alive(session: Session, *, now: datetime) -> int:
    """How many workers live."""
    found = select(func.count()).select_from(worker_beat).where(worker_beat.c.seen_at > now - ALIVE)
    return int(session.execute(found).scalar_one())

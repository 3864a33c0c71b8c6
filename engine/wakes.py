"""Which queues have new work: noted by what writes the rows, announced by the transaction that commits them.

A note only spares waiting. Workers look by themselves as well, so that a lost one loses nothing.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

MESSAGES, TIMERS, CALLS, DELIVERIES = QUEUES = ("messages", "timers", "calls", "deliveries")
SOON = timedelta(seconds=10)
"""Workers look at least that often: what is due later than this needs no note."""

KEY = "wakes"


def note(session: Session, queue: str, *, due: datetime | None = None, now: datetime | None = None) -> None:
    """A row of this queue was written in this transaction, for now or for the moment `due`."""
    if due is None or now is None or due - now < SOON:
        session.info.setdefault(KEY, Counter())[queue] += 1


def take(session: Session) -> Counter[str]:
    """What was noted: how many rows of each queue; it is forgotten with that."""
    noted: Counter[str] = session.info.pop(KEY, Counter())
    return noted

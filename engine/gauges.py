"""How much waits in each queue and for how long, and how much is stuck: what an operator watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.calls import EXTERNAL
from engine.tables import call, incident, message, signal, timer


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows that are due and not yet done; `age`: how long the oldest has been due."""

    rows: int
    age: timedelta


def backlogs(session: Session, *, now: datetime) -> dict[str, Backlog]:
    """The backlog of each kind of row. What a worker does right now counts as well, but calls that are being made do not."""
    waiting = {
        "messages": (message.c.received_at, (message.c.state == "pending", message.c.reason.is_(None))),
        "signals": (signal.c.thrown_at, ()),
        "timers": (timer.c.due, (timer.c.due <= now,)),
        "calls": (call.c.due, (call.c.due <= now, call.c.connector != EXTERNAL)),
    }
    found = {}
    for name, (since, conditions) in waiting.items():
        rows, oldest = session.execute(select(func.count(), func.min(since)).where(*conditions)).one()
        found[name] = Backlog(rows, max(now - oldest, timedelta()) if oldest else timedelta())
    return found


def open_incidents(session: Session) -> int:
    """Steps that wait for an operator."""
    return int(session.execute(select(func.count()).select_from(incident)).scalar_one())

"""The history read from its end: which elements an instance passed and when, and what happened last."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.history import Event
from engine.tables import event


def passed(session: Session, instance_id: int) -> dict[str, datetime]:
    """The elements that were completed, each with the last time, in the order of that."""
    last = func.max(event.c.at).label("last")
    found = select(event.c.element, last).where(event.c.instance_id == instance_id, event.c.type == "element.completed")
    return {row.element: row.last for row in session.execute(found.group_by(event.c.element).order_by(last))}


def latest(
    session: Session, instance_id: int, types: Collection[str], *, before: int | None = None, limit: int = 20
) -> list[Event]:
    """The newest events of these types, newest first; `before` is the `seq` of the last one seen."""
    found = select(event).where(event.c.instance_id == instance_id, event.c.type.in_(types))
    if before is not None:
        found = found.where(event.c.seq < before)
    return [
        Event(row.seq, row.type, row.element, row.element_type, row.at, row.actor, row.data, str(row.instance_id))
        for row in session.execute(found.order_by(event.c.seq.desc()).limit(limit))
    ]

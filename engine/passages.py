"""The history read from its end: which elements an instance passed and when, and what happened last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.history import Event, of_row
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
    return [of_row(row) for row in session.execute(found.order_by(event.c.seq.desc()).limit(limit))]


def active(session: Session, instance_id: int) -> set[str]:
    """The elements that were entered more often than they were left."""
    counted = select(event.c.element, event.c.type, func.count()).where(
        event.c.instance_id == instance_id,
        event.c.type.in_(("element.entered", "element.completed", "element.cancelled")),
    )
    balance: dict[str, int] = {}
    for element, kind, count in session.execute(counted.group_by(event.c.element, event.c.type)):
        balance[element] = balance.get(element, 0) + (count if kind == "element.entered" else -count)
    return {element for element, left in balance.items() if left > 0}


def answers_of(session: Session, instance_id: int, element: str, at: datetime | None) -> Mapping[str, object]:
    """The answers that completed a task of this element at that moment."""
    found = select(event.c.data).where(
        event.c.instance_id == instance_id,
        event.c.element == element,
        event.c.type == "task.completed",
        event.c.at == at,
    )
    data = session.execute(found.order_by(event.c.seq.desc()).limit(1)).scalar() or {}
    answers = data.get("answers")
    return answers if isinstance(answers, dict) else {}

"""How each process fares: what runs, what is late, what is stuck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.tables import incident, instance, task
from engine.tasklist import DETAILS, TaskRow, task_row


@dataclass(frozen=True, slots=True)
class Health:
    """Counts of one process, all its versions together."""

    running: int = 0
    overdue: int = 0
    incidents: int = 0


def by_process(session: Session, *, now: datetime) -> dict[str, Health]:
    """The processes that have something to count."""
    live = instance.c.state == "running"
    running = select(instance.c.process, func.count()).where(live).group_by(instance.c.process)
    late = select(task.c.process, func.count()).where(task.c.state == "open", task.c.due < now).group_by(task.c.process)
    stuck = select(incident.c.process, func.count()).group_by(incident.c.process)
    counts = [{key: int(count) for key, count in session.execute(query)} for query in (running, late, stuck)]
    keys = {key for found in counts for key in found}
    return {key: Health(*(found.get(key, 0) for found in counts)) for key in keys}


def awaited(session: Session, instance_ids: Sequence[int]) -> dict[int, list[TaskRow]]:
    """The open tasks of several instances, oldest first; those without one are left out."""
    found: dict[int, list[TaskRow]] = {}
    rows = DETAILS.where(task.c.instance_id.in_(instance_ids), task.c.state == "open").order_by(task.c.id)
    for row in session.execute(rows):
        found.setdefault(row.instance_id, []).append(task_row(row))
    return found


def stuck(session: Session, instance_ids: Sequence[int]) -> dict[int, int]:
    """How many steps of several instances are stuck; those without one are left out."""
    counted = select(incident.c.instance_id, func.count()).where(incident.c.instance_id.in_(instance_ids))
    return {key: int(count) for key, count in session.execute(counted.group_by(incident.c.instance_id))}

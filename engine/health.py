"""How each process fares: what runs, what is late, what is stuck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from engine.tables import OPEN, call, incident, instance, task, timer, version, wait
from engine.tasklist import TaskRow, task_row
from engine.worklists import DETAILS

LATELY = 1000
FEWEST = 3


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
    late = select(task.c.process, func.count()).where(task.c.state == OPEN, task.c.due < now).group_by(task.c.process)
    stuck = select(incident.c.process, func.count()).group_by(incident.c.process)
    counts = [{key: int(count) for key, count in session.execute(query)} for query in (running, late, stuck)]
    keys = {key for found in counts for key in found}
    return {key: Health(*(found.get(key, 0) for found in counts)) for key in keys}


def awaited(session: Session, instance_ids: Sequence[int]) -> dict[int, list[TaskRow]]:
    """The open tasks of several instances and of what they called, oldest first; those without one are left out."""
    callers = _callers(session, instance_ids)
    found: dict[int, list[TaskRow]] = {}
    rows = DETAILS.where(task.c.instance_id.in_(list(callers)), task.c.state == OPEN).order_by(task.c.id)
    for row in session.execute(rows):
        for caller in callers[row.instance_id]:
            found.setdefault(caller, []).append(task_row(row))
    return found


def _callers(session: Session, instance_ids: Sequence[int]) -> dict[int, set[int]]:
    """Each of these instances and every running one that they called, with those of them that it belongs to."""
    found = {each: {each} for each in instance_ids}
    level = list(found)
    while level:
        called = select(instance.c.id, instance.c.parent_id).where(
            instance.c.parent_id.in_(level), instance.c.state == "running"
        )
        level = []
        for row in session.execute(called):
            level.append(row.id)
            found.setdefault(row.id, set()).update(found[row.parent_id])
    return found


def usual(session: Session) -> dict[str, timedelta]:
    """How long a case of each process usually takes: the median of those that ended well lately, three at least."""
    ended = (
        select(instance.c.process, instance.c.created_at, instance.c.ended_at)
        .where(instance.c.state == "completed", instance.c.parent_id.is_(None))
        .order_by(instance.c.id.desc())
        .limit(LATELY)
    )
    lengths: dict[str, list[timedelta]] = {}
    for row in session.execute(ended):
        lengths.setdefault(row.process, []).append(row.ended_at - row.created_at)
    return {process: median_low(found) for process, found in lengths.items() if len(found) >= FEWEST}


def stuck(session: Session, instance_ids: Sequence[int]) -> dict[int, int]:
    """How many steps of several instances are stuck; those without one are left out."""
    counted = select(incident.c.instance_id, func.count()).where(incident.c.instance_id.in_(instance_ids))
    return {key: int(count) for key, count in session.execute(counted.group_by(incident.c.instance_id))}


def standing(session: Session, process: str) -> dict[str, int]:
    """At each element of a process how many running cases stand (open task, wait, timer or call), all versions together."""
    found: dict[str, int] = {}
    places = [
        select(table.c.element, table.c.instance_id)
        .join(instance, instance.c.id == table.c.instance_id)
        .where(instance.c.process == process, instance.c.state == "running", *([table.c.state == OPEN] if table is task else []))
        for table in (task, timer, wait, call)
    ]
    rows = union(*places).subquery()
    for element, number in session.execute(select(rows.c.element, func.count()).group_by(rows.c.element)):
        found[element] = int(number)
    return found


def by_version(session: Session, process: str) -> dict[int, int]:
    """How many cases of each version of a process run, the newest version first."""
    counted = (
        select(version.c.number, func.count())
        .join(instance, instance.c.version_id == version.c.id)
        .where(instance.c.process == process, instance.c.state == "running")
        .group_by(version.c.number)
        .order_by(version.c.number.desc())
    )
    return {int(number): int(count) for number, count in session.execute(counted)}

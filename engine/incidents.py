"""Incidents: steps that failed and that nothing in the diagram caught. An operator tries them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.advance import Advance
from engine.errors import NotFound
from engine.ids import read_id
from engine.pages import Page, read_cursor, write_cursor
from engine.statements import Prepared
from engine.tables import incident, instance
from feel.text import Text

OF_INSTANCE = Prepared(select(incident).where(incident.c.instance_id == bindparam("id")).order_by(incident.c.id))


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A failed step."""

    id: str
    instance_id: str
    process: str
    element_id: str
    code: str
    message: Text
    opened_at: datetime
    title: str = ""


def of_instance(session: Session, instance_id: int) -> list[IncidentRow]:
    """The open incidents of an instance."""
    return [_row(row) for row in OF_INSTANCE.all(session, id=instance_id)]


def by_instance(session: Session, instance_ids: Sequence[int]) -> dict[int, list[IncidentRow]]:
    """The open incidents of several instances."""
    found: dict[int, list[IncidentRow]] = {each: [] for each in instance_ids}
    for row in session.execute(select(incident).where(incident.c.instance_id.in_(instance_ids)).order_by(incident.c.id)):
        found[row.instance_id].append(_row(row))
    return found


def page(
    session: Session, actor: Actor, *, process: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[IncidentRow]:
    """Open incidents, oldest first. Raises Forbidden: they are for owners and operators."""
    permissions.require(actor, "inspect", None)
    found = select(incident, instance.c.title).join(instance, instance.c.id == incident.c.instance_id)
    if process:
        found = found.where(incident.c.process == process)
    place = read_cursor(cursor, int)
    if place:
        found = found.where(incident.c.id > place[0])
    rows = session.execute(found.order_by(incident.c.id).limit(limit + 1)).all()
    following = write_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page([_row(row, row.title) for row in rows[:limit]], following)


def retry(session: Session, incident_id: str | int, *, actor: Actor, now: datetime) -> int:
    """Try the step again; returns the instance's id. Raises NotFound, Forbidden."""
    permissions.require(actor, "steer", None)
    number = read_id(incident_id)
    row = session.execute(select(incident).where(incident.c.id == number)).one_or_none()
    if row is None:
        raise NotFound
    advance = Advance(session, actor=actor, now=now)
    advance.lock(row.instance_id)
    advance.act(row.instance_id, lambda execution: execution.retry(row.ref))
    advance.save()
    return int(row.instance_id)


def _row(row: Row, title: str = "") -> IncidentRow:  # type: ignore[type-arg]
    message = Text(row.template, row.params or {})
    return IncidentRow(
        str(row.id), str(row.instance_id), row.process, row.element, row.code, message, row.opened_at, title
    )

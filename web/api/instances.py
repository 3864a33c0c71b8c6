"""Calls about instances: start, read, follow, cancel."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy.orm import Session

from engine import history, incidents, instances, tasklist
from engine.instances import InstanceRow
from web.api import shapes
from web.api.blueprint import ApiBlueprint
from web.api.schemas import EventFilter, EventPage, Instance, InstanceFilter, InstancePage, Reason, StartOrder

blueprint = ApiBlueprint("instances", __name__, url_prefix="/api/v1", description="Running and ended processes")


@blueprint.command("/processes/<key>/instances", scope="instances", takes=StartOrder, answers=Instance, status=201, errors=(404, 422))
def start(session: Session, order: dict[str, Any], key: str) -> dict[str, Any]:
    """Start the newest version of a process. Answers when it waits or has ended; the tasks that it opened are in the answer."""
    view = instances.start(
        session,
        key,
        order["variables"],
        business_key=order["business_key"],
        start_event=order["start_event"],
        actor=g.actor,
        now=g.now,
    )
    return shapes.instance(view)


@blueprint.query("/instances", scope="instances", takes=InstanceFilter, answers=InstancePage)
def page(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Instances, the newest first."""
    found = instances.page(session, g.actor, **query)
    ids = [int(row.id) for row in found.items]
    variables = instances.variables(session, ids)
    opened, failed = tasklist.open_by_instance(session, ids), incidents.by_instance(session, ids)

    def shape(row: InstanceRow) -> dict[str, Any]:
        number = int(row.id)
        return shapes.listed_instance(row, variables[number], opened[number], failed[number])

    return shapes.page(found, shape)


@blueprint.query("/instances/<instance_id>", scope="instances", answers=Instance, errors=(404,))
def find(session: Session, instance_id: str) -> dict[str, Any]:
    """One instance with its variables, open tasks and incidents."""
    return shapes.instance(instances.find(session, instance_id, g.actor))


@blueprint.query("/instances/<instance_id>/events", scope="instances", takes=EventFilter, answers=EventPage, errors=(404,))
def page_of_events(session: Session, query: dict[str, Any], instance_id: str) -> dict[str, Any]:
    """What happened, in order; with `children=1` also in the processes that it called."""
    instances.find(session, instance_id, g.actor)
    found = history.events(session, instance_id, **query)
    return shapes.page(found, shapes.event)


@blueprint.command("/instances/<instance_id>/cancel", scope="instances", takes=Reason, answers=Instance, errors=(404, 409, 422))
def cancel(session: Session, order: dict[str, Any], instance_id: str) -> dict[str, Any]:
    """End an instance with everything inside it, the processes that it called included."""
    return shapes.instance(instances.cancel(session, instance_id, order["reason"], actor=g.actor, now=g.now))

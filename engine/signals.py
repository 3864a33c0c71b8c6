"""Signals: everybody who waits for the name gets it, and the processes that start on it start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.advance import Advance, Gone
from engine.statements import Prepared
from engine.tables import instance, signal, start_wait, wait

WAITING = (
    select(wait.c.instance_id, wait.c.ref, instance.c.root_id)
    .join(instance, instance.c.id == wait.c.instance_id)
    .where(wait.c.kind == "signal", wait.c.name == bindparam("name"))
    .order_by(instance.c.root_id, wait.c.id)
)
STARTS = (
    select(start_wait)
    .where(start_wait.c.kind == "signal", start_wait.c.name == bindparam("name"))
    .order_by(start_wait.c.process)
)
PENDING = Prepared(select(signal.c.id).order_by(signal.c.id).limit(bindparam("most")))
LOCKED = select(signal).where(signal.c.id == bindparam("id")).with_for_update(skip_locked=True)


def broadcast(
    session: Session,
    name: str,
    payload: Mapping[str, object],
    *,
    now: datetime,
    thrown_by: int | None = None,
    actor: Actor = SYSTEM,
) -> int:
    """Deliver a signal to every instance but the one that threw it; returns how many waits and starts it reached.

    Call trees are locked in the order of their ids, so that two broadcasts cannot wait for each other.
    """
    reached = 0
    for row in session.execute(WAITING, {"name": name}).all():
        if row.instance_id == thrown_by:
            continue
        advance = Advance(session, actor=actor, now=now)
        try:
            advance.lock(row.instance_id)
            advance.act(row.instance_id, lambda execution: execution.deliver(row.ref, payload))  # noqa: B023
        except Gone:
            continue
        advance.save()
        reached += 1
    for start in session.execute(STARTS, {"name": name}).all():
        advance = Advance(session, actor=actor, now=now)
        advance.start(start.version_id, {}, start_event=start.element, payload=payload)
        advance.save()
        reached += 1
    return reached


def pending(session: Session, *, limit: int = 50) -> list[int]:
    """Signals that instances threw and that nobody has delivered yet."""
    return [row.id for row in PENDING.all(session, most=limit)]


def deliver(session: Session, signal_id: int, *, now: datetime, token: int | None = None) -> int:
    """Deliver a thrown signal, once; not when it was claimed again since the lease of `token`."""
    row = session.execute(LOCKED, {"id": signal_id}).one_or_none()
    if row is None or token not in (None, row.fence):
        return 0
    session.execute(delete(signal).where(signal.c.id == signal_id))
    return broadcast(session, row.name, row.payload, now=now, thrown_by=row.thrown_by)

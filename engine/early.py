"""Messages that came before anybody waited for them: kept, and taken by the first wait that fits while they live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from engine import correlation
from engine.tables import message

LOOKED_AT = 1_000

PENDING = (
    select(message)
    .where(
        message.c.state == "pending",
        message.c.name == bindparam("name"),
        message.c.expires_at > bindparam("now"),
        or_(message.c.target_process.is_(None), message.c.target_process == bindparam("process")),
        or_(message.c.target_element.is_(None), message.c.target_element == bindparam("element")),
    )
    .order_by(message.c.id)
    .limit(LOOKED_AT)
)
#: Only the one that fits is locked: what others wait for is theirs to take at the same moment.
STILL_PENDING = (
    select(message.c.id)
    .where(message.c.id == bindparam("key"), message.c.state == "pending")
    .with_for_update(skip_locked=True)
)
DELIVERED = (
    update(message)
    .where(message.c.id == bindparam("key"))
    .values(
        state="delivered",
        instance_id=bindparam("its_instance"),
        delivered_at=bindparam("at"),
        reason=None,
        reason_params=None,
    )
)


@dataclass(frozen=True, slots=True)
class Early:
    """What a kept message brings."""

    payload: Mapping[str, object]
    correlation: Mapping[str, object]


def take(session: Session, opened: Mapping[str, Any], *, now: datetime) -> Early | None:
    """The oldest message that this new wait expects; it is delivered with that."""
    wanted = {"name": opened["name"], "now": now, "process": opened["process"], "element": opened["element"]}
    for row in session.execute(PENDING, wanted):
        if not correlation.fits(opened["correlation"], row.correlation, row.payload):
            continue
        if session.execute(STILL_PENDING, {"key": row.id}).scalar() is not None:
            deliver(session, row.id, opened["instance_id"], now=now)
            return Early(row.payload, row.correlation)
    return None


def deliver(session: Session, message_id: int, instance_id: int, *, now: datetime) -> None:
    """The message has found its instance."""
    session.execute(DELIVERED, {"key": message_id, "its_instance": instance_id, "at": now})

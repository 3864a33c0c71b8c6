"""Calls that bring messages and signals from outside."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy.orm import Session

from engine import messages, signals
from web.api.blueprint import ApiBlueprint
from web.api.schemas import MessageOrder, MessageReceipt, SignalOrder, SignalReceipt
from web.runtime import settings

blueprint = ApiBlueprint("messages", __name__, url_prefix="/api/v1", description="Messages and signals")


@blueprint.command("/messages", scope="messages", takes=MessageOrder, answers=MessageReceipt, status=202, errors=(422,))
def receive(session: Session, order: dict[str, Any]) -> dict[str, Any]:
    """Deliver a message to the one instance that waits for it, or start the processes that start on it.

    `matched`: how many it reached. A message that nothing awaits yet is kept for a while. With an `id`, it is received once.
    """
    received = messages.receive(
        session,
        order["name"],
        order["correlation"],
        order["payload"],
        message_id=order["id"],
        source="api",
        ttl=settings().message_ttl,
        now=g.now,
    )
    return {"id": str(received.id), "matched": received.matched, "duplicate": received.duplicate}


@blueprint.command("/signals", scope="messages", takes=SignalOrder, answers=SignalReceipt, status=202, errors=(422,))
def broadcast(session: Session, order: dict[str, Any]) -> dict[str, Any]:
    """Tell every instance that waits for this signal, and start the processes that start on it."""
    return {"matched": signals.broadcast(session, order["name"], order["payload"], now=g.now)}

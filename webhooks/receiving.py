"""Deliveries to `/hooks/{process}/{step}`: which step is meant, who may send, what the body says; then a message or a result.

The step is an element of the newest version of the process: a message start, a receive task or message catch event, or a service
task whose connector is `external`. A delivery is received once: the same id again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from engine import calls, idempotency, messages, versions
from engine.actors import Actor
from engine.calls import EXTERNAL, Outcome
from engine.errors import NotFound
from engine.idempotency import Kept, digest
from engine.spiff.definition import Element
from feel.text import text
from webhooks.errors import BodyInvalid

ENVELOPE = frozenset({"correlation", "payload"})
REMEMBERED = timedelta(days=7)
"""How long the id of a result is remembered."""
OUTCOME = frozenset({"correlation", "result", "error"})


@dataclass(frozen=True, slots=True)
class Step:
    """What a webhook reaches: `message` is the name of the message that the element waits for, or starts on."""

    process: str
    element: str
    kind: Literal["message", "external"]
    message: str = ""

    @property
    def source(self) -> str:
        """Where the ids of deliveries are unique."""
        return f"hook:{self.process}/{self.element}"


@dataclass(frozen=True, slots=True)
class Content:
    """The body of a delivery, read: what finds the one that waits, and what it is told."""

    correlation: Mapping[str, Any]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery. `matched`: instances reached; 0: kept until somebody waits for it, or too old."""

    id: str
    matched: int
    duplicate: bool


def step(session: Session, process: str, name: str) -> Step:
    """The step of this id. Raises NotFound: no such process, no such element, or one that nothing from outside reaches."""
    newest = versions.newest(session, process)
    element = newest and versions.definition(session, newest.id).elements.get(name)
    found = element and _step(process, element)
    if not found:
        raise NotFound(text("Aucune étape « %(step)s » n’attend d’envoi dans « %(process)s ».", step=name, process=process))
    return found


def _step(process: str, element: Element) -> Step | None:
    if element.properties.get("connector") == EXTERNAL:
        return Step(process, element.id, "external")
    if element.message and element.type in ("startEvent", "receiveTask", "intermediateCatchEvent", "boundaryEvent"):
        return Step(process, element.id, "message", element.message)
    return None


def receive(session: Session, step: Step, delivery_id: str | None, body: Any, *, actor: Actor, ttl: timedelta, now: datetime) -> Receipt:
    """Take a verified delivery in, in this transaction. Raises BodyInvalid, NotFound."""
    if step.kind == "external":
        return _complete(session, step, delivery_id, body, now=now)
    content = read(body)
    received = messages.receive(
        session,
        step.message,
        content.correlation,
        content.payload,
        message_id=delivery_id,
        source=step.source,
        ttl=ttl,
        target=(step.process, step.element),
        actor=actor,
        now=now,
    )
    return Receipt(received.id, received.matched, received.duplicate)


def _complete(session: Session, step: Step, delivery_id: str | None, body: Any, *, now: datetime) -> Receipt:
    """The result, or the error, of work that is done outside. Its id is remembered like that of a message."""
    key = digest(step.source, delivery_id or "")
    if delivery_id is not None and idempotency.find(session, key, now=now, lifetime=REMEMBERED) is not None:
        return Receipt(delivery_id, 1, duplicate=True)
    correlation, outcome = _outcome(body)
    reached = calls.complete_external(session, step.process, step.element, correlation, outcome, now=now)
    if delivery_id is not None:
        idempotency.keep(session, key, Kept("", 202, b""), now=now, lifetime=REMEMBERED)
    return Receipt(delivery_id or str(reached), 1, duplicate=False)


def _outcome(body: Any) -> tuple[Mapping[str, Any], Outcome]:
    """`{correlation, result}` or `{correlation, error: {code, message}}`."""
    if not isinstance(body, dict) or not OUTCOME.issuperset(body) or ("result" in body) == ("error" in body):
        raise BodyInvalid(text("Un objet JSON avec « correlation » et soit « result », soit « error » est attendu."))
    correlation = body.get("correlation", {})
    if not isinstance(correlation, dict):
        raise BodyInvalid(text("« correlation » doit être un objet JSON."))
    if "result" in body:
        return correlation, Outcome(result=body["result"])
    error = body["error"]
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(code, str) or not code:
        raise BodyInvalid(text("« error » doit être un objet JSON avec un « code »."))
    return correlation, Outcome(error_code=code[:200], error_message=str(error.get("message", ""))[:2000])


def read(body: Any) -> Content:
    """`{correlation, payload}`, or any other object: then it is the payload, and the keys that a step expects are looked up in it."""
    if not isinstance(body, dict):
        raise BodyInvalid(text("Un objet JSON est attendu."))
    if not body or not ENVELOPE.issuperset(body):
        return Content({}, body)
    correlation, payload = body.get("correlation", {}), body.get("payload", {})
    if not isinstance(correlation, dict) or not isinstance(payload, dict):
        raise BodyInvalid(text("« correlation » et « payload » doivent être des objets JSON."))
    return Content(correlation, payload)

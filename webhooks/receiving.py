"""Verified deliveries to `/hooks/{process}/{step}`: what the body says, and the message, result or completion that it becomes.

A delivery is received once: the same id again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import calls, idempotency, instances, messages, tasks
from engine.actors import SYSTEM, Actor
from engine.calls import Outcome
from engine.errors import Conflict, NotFound
from engine.idempotency import digest
from engine.tasks import TaskRow
from feel.text import text
from webhooks.errors import BodyInvalid
from webhooks.steps import Step

MESSAGE = frozenset({"correlation", "payload"})
OUTCOME = frozenset({"correlation", "result", "error"})
COMPLETION = frozenset({"correlation", "data"})
TASK_KEYS = frozenset({"task", "instance", "business_key"})
REMEMBERED = timedelta(days=7)
"""How long the id of a result or of a completion is remembered."""


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


def receive(session: Session, step: Step, delivery_id: str | None, body: Any, *, actor: Actor, ttl: timedelta, now: datetime) -> Receipt:
    """Take a verified delivery in, in this transaction. `delivery_id` None: the sender gives none, and it is never a repetition.

    Raises BodyInvalid; NotFound or Conflict when not exactly one waits for a result or a completion; InvalidAnswers.
    """
    if not isinstance(body, dict):
        raise BodyInvalid(text("Un objet JSON est attendu."))
    if step.kind == "external":
        return _once(session, step, delivery_id, lambda: _finish_work(session, step, body, now), now=now)
    if step.kind == "task":
        return _once(session, step, delivery_id, lambda: _complete_task(session, step, body, now), now=now)
    content = _content(body)
    received = messages.receive(
        session,
        step.message,
        content.correlation,
        content.payload,
        message_id=delivery_id,
        source=step.source,
        ttl=ttl,
        target=(step.process, step.waiting),
        actor=actor,
        now=now,
    )
    return Receipt(received.id, received.matched, received.duplicate)


def _once(session: Session, step: Step, delivery_id: str | None, act: Callable[[], str], *, now: datetime) -> Receipt:
    """Results and completions are no messages, whose ids the engine remembers: theirs are kept here."""
    if delivery_id is None:
        return Receipt(act(), 1, duplicate=False)
    key = digest(step.source, delivery_id)
    if not idempotency.first_time(session, key, now=now, lifetime=REMEMBERED):
        return Receipt(delivery_id, 1, duplicate=True)
    act()
    return Receipt(delivery_id, 1, duplicate=False)


def _content(body: Mapping[str, Any]) -> Content:
    """`{correlation, payload}`, or any other object: then it is the payload, and the keys that a step expects are looked up in it."""
    if not body or not MESSAGE.issuperset(body):
        return Content({}, body)
    return Content(_part(body, "correlation"), _part(body, "payload"))


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise BodyInvalid(text("« %(name)s » doit être un objet JSON.", name=name))
    return value


def _finish_work(session: Session, step: Step, body: Mapping[str, Any], now: datetime) -> str:
    """The result, or the error, of a service task that is done outside."""
    correlation, outcome = _part(body, "correlation"), _outcome(body)
    return str(calls.complete_external(session, step.process, step.element, correlation, outcome, now=now))


def _outcome(body: Mapping[str, Any]) -> Outcome:
    """`{correlation, result}` or `{correlation, error: {code, message}}`."""
    if not OUTCOME.issuperset(body) or ("result" in body) == ("error" in body):
        raise BodyInvalid(text("Un objet JSON avec « correlation » et soit « result », soit « error » est attendu."))
    if "result" in body:
        return Outcome(result=body["result"])
    error = body["error"]
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(code, str) or not code:
        raise BodyInvalid(text("« error » doit être un objet JSON avec un « code »."))
    return Outcome(error_code=code[:200], error_message=str(error.get("message", ""))[:2000])


def _complete_task(session: Session, step: Step, body: Mapping[str, Any], now: datetime) -> str:
    """`{correlation: {task} or {instance} or {business_key}, data}`: the answers to the one open task of this step."""
    correlation, data = _part(body, "correlation"), _part(body, "data")
    if not COMPLETION.issuperset(body) or not correlation or not TASK_KEYS.issuperset(correlation):
        raise BodyInvalid(text("Un objet JSON avec « correlation » (« task », « instance » ou « business_key ») et « data » est attendu."))
    waiting = [each for each in _open_tasks(session, step, correlation) if each.element_id == step.element]
    if not waiting:
        raise NotFound(text("Aucun dossier n’attend de réponse à l’étape « %(step)s » avec ces clés.", step=step.element))
    if len(waiting) > 1:
        raise Conflict(text("Plusieurs dossiers attendent une réponse à l’étape « %(step)s » : précisez lequel.", step=step.element))
    return tasks.complete(session, waiting[0].id, data, actor=SYSTEM, now=now).instance_id


def _open_tasks(session: Session, step: Step, correlation: Mapping[str, Any]) -> list[TaskRow]:
    """The open tasks of the instances that the correlation names, as far as they are of this process."""
    given = {key: str(value) for key, value in correlation.items()}
    if "instance" in given:
        found = tasks.page(session, SYSTEM, process=step.process, instance=given["instance"], limit=200).items
    elif "task" in given:
        found = [each for each in (tasks.find(session, given["task"], SYSTEM).task,) if each.state == "open"]
    else:
        rows = instances.page(session, SYSTEM, process=step.process, business_key=given["business_key"], state="running").items
        found = [task for row in rows for task in tasks.open_of(session, int(row.id))]
    return [each for each in found if each.process == step.process and _agrees(each, given)]


def _agrees(task: TaskRow, given: Mapping[str, str]) -> bool:
    own = {"task": task.id, "instance": task.instance_id, "business_key": task.business_key}
    return all(own[key] == value for key, value in given.items())

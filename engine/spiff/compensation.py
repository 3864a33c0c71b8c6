"""Compensation and cancellation: completed activities are undone, the last one first (BPMN 2.0.2, 10.7 and 13.5.5).

A record names a completed activity, an iteration of a loop by itself: `activity`; `inside` the records of a sub-process, when its content
can be compensated; `at` the version of the process's variables at its completion, and `own` those of the layers around it. The
throwing token waits (STARTED) with its `queue`, or a detached one does so for it; handlers run in the scope under `queue_scope`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.spiff.activities import EventSubProcess
from engine.spiff.definitions import CancelEvent
from engine.spiff.events import Boundary
from engine.spiff.hindsight import hindsight
from engine.spiff.scope import layers
from engine.spiff.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.spiff.workflow import TokenFlow

Record = dict[str, Any]


def remember(token: Token, inner: TokenFlow | None) -> None:
    """An activity, or an iteration of one, completed: keep what is needed to compensate it."""
    node, records = token.task_spec, token.workflow.compensable
    is_scope = inner is not None and not isinstance(node, EventSubProcess)
    record: Record = {"activity": node.name}
    if is_scope and inner is not None and (inner.compensable or inner.spec.compensation_sub is not None):
        record["inside"] = inner.compensable
    if node.compensation_handler or "inside" in record:
        record["at"] = token.top.past.version(token.top.scope)
        own = layers(inner.scope if is_scope and inner is not None else token.data)
        records.append(record | {"own": own} if own else record)


def compensate_scope(token: Token, activity: str | None, *, waits: bool = True) -> bool:
    """A compensation event was thrown. Answers whether the token may go on at once: nothing to do, or nothing to wait for."""
    flow = token.workflow
    while flow.parent_token is not None and isinstance(flow.parent_token.task_spec, EventSubProcess):
        flow = flow.parent_token.workflow
    records = [each for each in flow.compensable if activity in (None, each["activity"])]
    if waits or not records:
        return compensate(flow, token, records)
    compensate(flow, token.workflow.detached(token), records)
    return True


def compensate(flow: TokenFlow, token: Token, records: list[Record]) -> bool:
    """Run the handlers of records of a flow for a token. Answers whether there is nothing to wait for."""
    if not records:
        return True
    chosen = {id(each) for each in records}
    flow.compensable = [each for each in flow.compensable if id(each) not in chosen]
    token.internal_data.update(queue=records, queue_scope=flow.key)
    token._set_state(STARTED)
    go_on(token)
    return False


def go_on(token: Token) -> None:
    """Start the handler of the youngest record that the token waits for; without one the token leaves."""
    internal, top = token.internal_data, token.top
    if internal.get("queue"):
        record = internal["queue"].pop()
        flow = top.subprocesses[internal["queue_scope"]] if internal["queue_scope"] else top
        _handle(flow, record, token.id)
    elif internal.get("cancels"):
        _leave_transaction(token)
    elif "detached" in internal:
        token.workflow.drop(token)
        token.workflow.check_ended()
    else:
        token.workflow.attempt(token, "leave", Token.complete)


def _handle(flow: TokenFlow, record: Record, waiting: str) -> None:
    """The handler of a record sees the variables as they were at the completion; what it sets counts now."""
    node = flow.spec.task_specs[record["activity"]]
    snapshot = {"at": record["at"], "own": record.get("own", {})}
    scope = hindsight(flow, snapshot, {})
    if node.compensation_handler:
        flow.enter(flow.spec.task_specs[node.compensation_handler], data=scope, compensates=waiting, snapshot=snapshot)
    else:
        flow.enter(node, data=scope, compensates=waiting, snapshot=snapshot, reopens=record["inside"])


def reopen(token: Token, inner: TokenFlow) -> None:
    """A completed sub-process is opened again, to compensate what it did: by its compensation event sub-process, else all of it."""
    inner.compensable = token.internal_data["reopens"]
    token.internal_data["reopens"] = []
    if inner.spec.compensation_sub is not None:
        inner.enter(inner.spec.compensation_sub, go=True)
    else:
        compensate(inner, token, list(inner.compensable))


def cancel_transaction(token: Token) -> bool:
    """A cancel end event: interrupt the transaction, compensate what it did, leave by its cancel boundary event."""
    flow = token.workflow
    flow.kill_all(but=token)
    token.internal_data["cancels"] = True
    token._set_state(STARTED)
    if compensate(flow, token, list(flow.compensable)):
        go_on(token)
    return False


def _leave_transaction(token: Token) -> None:
    flow = token.workflow
    host = flow.parent_token
    assert host is not None  # noqa: S101  the checker allows cancel end events in transactions alone
    flow.drop(token)
    owner = host.parent if "iteration" in host.internal_data else host
    for child in owner.children:
        if isinstance(child.task_spec, Boundary) and any(isinstance(each, CancelEvent) for each in child.task_spec.events):
            host.workflow.fire(child, last=True)
            return
    host.workflow.kill(owner)
    host.workflow.check_ended()

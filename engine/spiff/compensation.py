"""Compensation and cancellation: completed activities are undone, the last one first (BPMN 2.0.2, 10.7).

A record names a completed activity: `{"activity": id}` for one with a handler, `{"activity": id, "inside": records}` for a sub-process
whose content can be compensated. The throwing token waits (STARTED) with its `queue`; handlers run in the scope under `queue_scope`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.spiff.activities import EventSubProcess
from engine.spiff.definitions import CancelEvent
from engine.spiff.events import Boundary
from engine.spiff.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.spiff.workflow import TokenFlow


def remember(token: Token, inner: TokenFlow | None) -> None:
    """An activity completed: keep what is needed to compensate it."""
    node, records = token.task_spec, token.workflow.compensable
    if node.compensation_handler:
        records.append({"activity": node.name})
    elif inner is None or isinstance(node, EventSubProcess):
        return
    elif inner.compensable or inner.spec.compensation_sub is not None:
        records.append({"activity": node.name, "inside": inner.compensable})


def compensate_scope(token: Token, activity: str | None) -> bool:
    """A compensation event was thrown. Answers whether the token may go on at once."""
    flow = token.workflow
    while flow.parent_token is not None and isinstance(flow.parent_token.task_spec, EventSubProcess):
        flow = flow.parent_token.workflow
    return compensate(flow, token, [each for each in flow.compensable if activity in (None, each["activity"])])


def compensate(flow: TokenFlow, token: Token, records: list[dict[str, Any]]) -> bool:
    """Run the handlers of records of a flow for a token. Answers whether there is nothing to wait for."""
    if not records:
        return True
    flow.compensable = [each for each in flow.compensable if each not in records]
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
        node = flow.spec.task_specs[record["activity"]]
        if node.compensation_handler:
            flow.enter(flow.spec.task_specs[node.compensation_handler], compensates=token.id)
        else:
            flow.enter(node, compensates=token.id, reopens=record["inside"])
    elif internal.get("cancels"):
        _leave_transaction(token)
    else:
        token.workflow.attempt(token, "leave", Token.complete)


def reopen(token: Token, inner: TokenFlow) -> None:
    """A completed sub-process is opened again, to compensate what it did."""
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

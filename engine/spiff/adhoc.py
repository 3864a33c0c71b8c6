"""Ad-hoc sub-processes: which activities begin, and whether it is enough (BPMN 2.0.2, 10.3.5 and 13.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.spiff.activities import Activity, AdHocSubProcess, EventSubProcess
from engine.spiff.events import Boundary

if TYPE_CHECKING:
    from engine.spiff.tokens import Token
    from engine.spiff.workflow import TokenFlow


def begin(flow: TokenFlow, node: AdHocSubProcess) -> None:
    """Start the activities that have no incoming flow: all at once, or one after the other."""
    heads = [
        each.name
        for each in flow.spec.nodes
        if not each.incoming and not isinstance(each, Boundary | EventSubProcess) and not each.is_compensation
    ]
    flow.ad_hoc = heads if node.is_sequential else []
    flow.listen_for_event_subs()
    if node.is_sequential:
        _next(flow)
    elif not flow.interrupted:
        flow.enter_each(flow.spec.task_specs[name] for name in heads)
    flow.check_ended()


def done(flow: TokenFlow, token: Token) -> None:
    """A token is done with its node. After an activity the condition says whether it is enough, while something is left to do; then
    nothing further begins."""
    owner, node = flow.parent_token, token.task_spec
    is_activity = isinstance(node, Activity) and not isinstance(node, EventSubProcess)
    if owner is not None and is_activity and not owner.has_failed and (flow.ad_hoc or flow.is_active() or token.chosen):
        flow.attempt(owner, "ad-hoc", lambda token: _ask(flow, token))
    if not flow.interrupted and not flow.ended and (owner is None or owner.alive):
        node.emit(token)
    _next(flow)
    flow.check_ended()


def ask_again(flow: TokenFlow) -> None:
    """After a condition without an answer; what has begun meanwhile counts as running."""
    if flow.parent_token is not None:
        flow.attempt(flow.parent_token, "ad-hoc", lambda token: _ask(flow, token))
    _next(flow)
    flow.check_ended()


def _ask(flow: TokenFlow, owner: Token) -> None:
    node = owner.task_spec
    if flow.interrupted or not isinstance(node, AdHocSubProcess) or node.completion is None:
        return
    if flow.top_workflow.scripts.truth(node.completion, flow.scope):
        flow.ad_hoc, flow.interrupted = [], True
        if node.cancels_remaining and not node.is_sequential:
            flow.kill_all()
        else:
            flow.forget_waiting()


def _next(flow: TokenFlow) -> None:
    if flow.ad_hoc and not flow.interrupted and not flow.is_active():
        flow.enter(flow.spec.task_specs[flow.ad_hoc.pop(0)])

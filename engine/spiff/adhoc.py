"""Ad-hoc sub-processes: which activities begin, and whether it is enough (BPMN 2.0.2, 10.3.5 and 13.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.spiff.activities import AdHocSubProcess, EventSubProcess
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


def go_on(flow: TokenFlow) -> None:
    """After each activity: is it enough, and what comes next. When nothing is left, it is over without asking."""
    if flow.parent_token is not None and not flow.ended and (flow.ad_hoc or flow.is_active()):
        flow.attempt(flow.parent_token, "ad-hoc", lambda token: _go_on(flow, token))
    flow.check_ended()


def _go_on(flow: TokenFlow, token: Token) -> None:
    node = token.task_spec
    if isinstance(node, AdHocSubProcess) and not flow.interrupted and _is_enough(flow, node):
        flow.ad_hoc = []
        if node.cancels_remaining:
            flow.kill_all()
    _next(flow)


def _is_enough(flow: TokenFlow, node: AdHocSubProcess) -> bool:
    return node.completion is not None and flow.top_workflow.scripts.truth(node.completion, flow.scope)


def _next(flow: TokenFlow) -> None:
    if flow.ad_hoc and not flow.interrupted and not flow.is_active():
        flow.enter(flow.spec.task_specs[flow.ad_hoc.pop(0)])

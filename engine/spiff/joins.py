"""What joins must know: whether a token can still come (BPMN 2.0.2, table 13.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.spiff.events import Boundary

if TYPE_CHECKING:
    from engine.spiff.nodes import Flow, Node
    from engine.spiff.workflow import TokenFlow


def can_still_come(workflow: TokenFlow, gateway: Node, here: Sequence[Flow], empty: Sequence[Flow]) -> bool:
    """Whether a token of this scope can reach an empty incoming flow of the gateway and none where a token waits already."""
    places = {token.task_spec.name for token in workflow.work() if "detached" not in token.internal_data}
    places |= {workflow.spec.flows[name].target for name in workflow.waiting_tokens}
    places.discard(gateway.name)
    empty_ups = [upstream(workflow, gateway, flow) for flow in empty]
    here_ups = [upstream(workflow, gateway, flow) for flow in here]
    return any(any(place in each for each in empty_ups) and not any(place in each for each in here_ups) for place in places)


def upstream(workflow: TokenFlow, gateway: Node, flow: Flow) -> frozenset[str]:
    """The nodes from which the flow into the gateway can be reached without passing the gateway; kept with the spec."""
    known: frozenset[str] | None = workflow.spec.upstream.get(flow.id)
    if known is None:
        known = workflow.spec.upstream[flow.id] = _upstream(workflow, gateway, flow)
    return known


def _upstream(workflow: TokenFlow, gateway: Node, flow: Flow) -> frozenset[str]:
    seen: set[str] = set()
    todo = [flow.source]
    while todo:
        name = todo.pop()
        if name not in seen and name != gateway.name:
            seen.add(name)
            node = workflow.spec.task_specs[name]
            todo += [each.source for each in node.incoming]
            if isinstance(node, Boundary):
                todo.append(node.attached)
    return frozenset(seen)

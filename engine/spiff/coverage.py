"""Which sequence flows the instances of a definition take, for who asks before they run. Nobody else pays more than a look at None."""

from __future__ import annotations

from collections.abc import Iterator

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.spiff.definition import Definition
from engine.spiff.gateways import EventBasedGateway


def watch(definition: Definition) -> None:
    """Note from now on which flows are taken in this definition, which nobody else uses."""
    for spec in _specs(definition):
        spec.taken = set()


def taken(definition: Definition) -> frozenset[str]:
    """The ids of the flows that were taken since `watch`.

    No token goes along a flow out of an event-based gateway: the event waits at once, and was reached when a token leaves it.
    """
    found: set[str] = set()
    for spec in _specs(definition):
        found |= spec.taken or set()
        for node in spec.task_specs.values():
            if isinstance(node, EventBasedGateway):
                behind = {flow.id: spec.task_specs[flow.target].flows for flow in node.flows}
                found |= {flow for flow, following in behind.items() if any(each.id in found for each in following)}
    return frozenset(found)


def drawn(definition: Definition) -> frozenset[str]:
    """The ids of all sequence flows of a definition, those that no diagram shows left out."""
    return frozenset(flow for spec in _specs(definition) for flow in spec.flows if not flow.startswith("_sequenceFlow"))


def _specs(definition: Definition) -> Iterator[BpmnProcessSpec]:
    yield definition.spec
    yield from definition.subprocess_specs.values()

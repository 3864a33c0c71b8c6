"""Gateways: splits choose flows, joins count tokens per incoming flow."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.spiff.joins import can_still_come
from engine.spiff.nodes import Flow, Node, no_way_out
from engine.spiff.tokens import Token
from feel.expression import Expression

if TYPE_CHECKING:
    from engine.spiff.reader import Reader
    from engine.spiff.workflow import TokenFlow


WAITING_FOR_START = "waitingForStart"


class ExclusiveGateway(Node, defaults.ExclusiveGateway):
    """One way out: the first true condition in the order of the diagram, else the default."""

    def choose(self, token: Token) -> Sequence[Flow]:
        if len(self.flows) < 2 and all(flow.condition is None for flow in self.flows):
            return self.flows
        for flow in self.flows:
            if flow.id != self.default and self.is_open(flow, token):
                return [flow]
        otherwise = [flow for flow in self.flows if flow.id == self.default]
        if not otherwise:
            raise no_way_out(self)
        return otherwise


class ParallelGateway(Node, defaults.ParallelGateway):
    """Waits for a token on every incoming flow, leaves by every outgoing one."""

    def choose(self, token: Token) -> Sequence[Flow]:  # noqa: ARG002
        return self.flows

    def accept(self, flow: Flow, workflow: TokenFlow) -> None:
        if len(self.incoming) < 2:
            workflow.enter(self)
            return
        workflow.count(flow)
        if all(workflow.waiting_tokens.get(each.id) for each in self.incoming):
            workflow.consume(self.incoming)
            workflow.enter(self)


class InclusiveGateway(Node, defaults.InclusiveGateway):
    """Waits for every token that can still come (BPMN 2.0.2, table 13.3); leaves by every true condition, else the default."""

    def accept(self, flow: Flow, workflow: TokenFlow) -> None:
        if len(self.incoming) < 2:
            workflow.enter(self)
            return
        workflow.count(flow)
        if all(workflow.waiting_tokens.get(each.id) for each in self.incoming):
            workflow.consume(self.incoming)
            workflow.enter(self)
        if any(workflow.waiting_tokens.get(each.id) for each in self.incoming):
            workflow.postpone(self)

    def settle(self, workflow: TokenFlow) -> bool:
        """Called when nothing else can run: enter when no further token can come. Answers whether something changed."""
        here = [flow for flow in self.incoming if workflow.waiting_tokens.get(flow.id)]
        if not here:
            workflow.pending.remove(self.name)
            return False
        if can_still_come(workflow, self, here, [flow for flow in self.incoming if flow not in here]):
            return False
        workflow.consume(here)
        workflow.enter(self)
        return True


class ComplexGateway(Node, defaults.InclusiveGateway):
    """Fires when its activation condition becomes true, then waits for the rest of the tokens before it starts anew.

    The condition sees `activationCount`, `waitingForStart` and the number of tokens on each incoming flow under the flow's id.
    Conditions of outgoing flows that mention `waitingForStart` are asked again at the reset, when it is false.
    """

    activation: Expression | None = None

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.activation = reader.feel_text("activationCondition")

    def accept(self, flow: Flow, workflow: TokenFlow) -> None:
        if len(self.incoming) < 2:
            workflow.enter(self)
            return
        workflow.count(flow)
        if self.name in workflow.activated:
            workflow.postpone(self)
        else:
            self.start(workflow)

    def start(self, workflow: TokenFlow) -> None:
        """Waiting for start: enter once when the condition is true."""
        here = [flow for flow in self.incoming if workflow.waiting_tokens.get(flow.id)]
        if self.is_activated(here, workflow):
            workflow.consume(here)
            workflow.activated[self.name] = [flow.id for flow in here]
            workflow.enter(self)
            workflow.postpone(self)

    def is_activated(self, here: Sequence[Flow], workflow: TokenFlow) -> bool:
        """Whether the tokens that are here suffice; without a condition all must be here."""
        if self.activation is None:
            return len(here) == len(self.incoming)
        counts: dict[str, object] = {flow.id: workflow.waiting_tokens.get(flow.id, 0) for flow in self.incoming}
        total = sum(workflow.waiting_tokens.get(flow.id, 0) for flow in self.incoming)
        context = ChainMap({**counts, "activationCount": total, WAITING_FOR_START: True}, dict(workflow.scope))
        return workflow.top_workflow.scripts.holds(self.activation, context)

    def is_open(self, flow: Flow, token: Token) -> bool:
        """Conditions of the outgoing flows see in which of the two phases the gateway is."""
        phase: dict[str, object] = {WAITING_FOR_START: "resets" not in token.internal_data}
        return flow.condition is None or token.top.scripts.truth(flow.condition, ChainMap(phase, dict(token.data)))

    def choose(self, token: Token) -> Sequence[Flow]:
        if "resets" not in token.internal_data:
            return super().choose(token)
        return [flow for flow in self.reset_flows() if self.is_open(flow, token)]

    def reset_flows(self) -> list[Flow]:
        """The flows that ask for the phase: the reset may send tokens along them."""
        return [flow for flow in self.flows if flow.condition is not None and WAITING_FOR_START in flow.condition.free]

    def settle(self, workflow: TokenFlow) -> bool:
        """Waiting for reset: swallow the late tokens, and start anew when none can come any more."""
        activated = workflow.activated.get(self.name)
        if activated is None:
            workflow.pending.remove(self.name)
            return False
        late = [flow for flow in self.incoming if flow.id not in activated and workflow.waiting_tokens.get(flow.id)]
        seen = [flow for flow in self.incoming if flow.id in activated or flow in late]
        rest = [flow for flow in self.incoming if flow not in seen]
        if rest and can_still_come(workflow, self, seen, rest):
            return False
        workflow.consume(late)
        del workflow.activated[self.name]
        workflow.pending.remove(self.name)
        if self.reset_flows():
            workflow.enter(self, resets=True, reported=True)
        if any(workflow.waiting_tokens.get(flow.id) for flow in self.incoming):
            self.start(workflow)
        return True


class EventBasedGateway(Node, defaults.EventBasedGateway):
    """All events behind it wait; the first that comes wins and the others stop waiting. A parallel one, which begins a process, waits for
    all: the event under `began` came already."""

    waits_for_all = False

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.waits_for_all = reader.attribute("eventGatewayType") == "Parallel"

    def connect(self, taskspec: Node) -> None:
        """Without SpiffWorkflow's merging of the targets' definitions into its own."""
        self._outputs.append(taskspec.name)
        taskspec._connect_notify(self)  # type: ignore[attr-defined]

    def choose(self, token: Token) -> Sequence[Flow]:  # noqa: ARG002
        return ()

    def emit(self, token: Token) -> None:
        workflow, began = token.workflow, token.internal_data.get("began")
        generation = workflow.generation
        for flow in self.flows:
            if token.id not in workflow.top_workflow.decided_groups and workflow.generation == generation:
                internal: dict[str, Any] = {} if self.waits_for_all else {"group": token.id}
                if flow.target == began:
                    internal["go"] = True
                workflow.enter(workflow.spec.task_specs[flow.target], **internal)

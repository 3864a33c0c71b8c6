"""Flow nodes as SpiffWorkflow task specs with the token semantics of BPMN; only the documented hooks are overridden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.spiff.data import NO_DATA, Local, leave
from engine.spiff.failures import StepFailed
from engine.spiff.tokens import Token
from feel.expression import Expression
from feel.text import text

if TYPE_CHECKING:
    from engine.spiff.definitions import Definition
    from engine.spiff.events import Boundary
    from engine.spiff.loops import Loop
    from engine.spiff.reader import Reader
    from engine.spiff.workflow import TokenFlow


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: Expression | None


class Node:
    """What all flow nodes share. Mixed in before a task spec of SpiffWorkflow, whose look-ahead it switches off.

    Children are created only when tokens move, a finished task is removed at once: the tree holds live tokens alone.
    """

    name: str
    loop: Loop | None = None
    if TYPE_CHECKING:  # what SpiffWorkflow's TaskSpec brings

        def _update(self, token: Token) -> None: ...
        def _on_complete(self, token: Token) -> None: ...

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.flows: list[Flow] = []
        self.incoming: list[Flow] = []
        self.boundary: list[Boundary] = []
        self.default: str | None = None
        self.title = ""
        self.start_quantity = self.completion_quantity = 1
        self.is_compensation = False
        self.compensation_handler: str | None = None
        self.events: list[Definition] = []
        self.data = NO_DATA
        self.needs_all_events = False

    def configure(self, reader: Reader) -> None:
        """Take what the diagram says about the node."""
        self.title = reader.attribute("name") or ""
        self.default = reader.attribute("default")
        self.start_quantity = int(reader.attribute("startQuantity") or 1)
        self.completion_quantity = int(reader.attribute("completionQuantity") or 1)
        self.data = reader.data()
        self.is_compensation = reader.flag("isForCompensation", default=False)

    def test(self) -> None:
        """SpiffWorkflow asks for inputs here; the checker answered already."""

    def accept(self, flow: Flow, workflow: TokenFlow) -> None:
        """A token comes along a flow; an activity that needs several waits until they are there."""
        if self.start_quantity == 1:
            workflow.enter(self)
            return
        workflow.count(flow)
        if sum(workflow.waiting_tokens.get(each.id, 0) for each in self.incoming) >= self.start_quantity:
            workflow.consume_any(self.incoming, self.start_quantity)
            workflow.enter(self)

    def choose(self, token: Token) -> Sequence[Flow]:
        """The flows that a token leaves by: every unconditional one, every true one, else the default."""
        if all(flow.condition is None for flow in self.flows):
            return self.flows
        chosen = [flow for flow in self.flows if flow.id != self.default and self.is_open(flow, token)]
        if not any(flow.condition for flow in chosen):
            chosen += [flow for flow in self.flows if flow.id == self.default]
        if not chosen:
            raise no_way_out(self)
        return chosen

    def is_open(self, flow: Flow, token: Token) -> bool:
        """Whether the token may take the flow."""
        return flow.condition is None or token.top.scripts.truth(flow.condition, token.data)

    def emit(self, token: Token) -> None:
        """Send tokens along the chosen flows; the token itself is gone already."""
        token.workflow.arrive(list(token.chosen) * self.completion_quantity)

    def left(self, token: Token) -> None:
        """The token is done here."""
        token.workflow.token_done(token)

    def _predict_hook(self, token: Token) -> None:
        """No look-ahead."""

    def _update_hook(self, token: Token) -> bool:  # noqa: ARG002
        return True

    def _on_ready_hook(self, token: Token) -> None:
        token.top.enqueue(token)

    def _run_hook(self, token: Token) -> bool | None:  # noqa: ARG002
        return True

    def _on_complete_hook(self, token: Token) -> None:
        if isinstance(token.data, Local) and "io" in token.internal_data:
            leave(token.data, self.data, token.top.scripts)
        token.chosen = () if token.is_aside else self.choose(token)
        token.result = self.loop.result(token) if self.loop and "iteration" in token.internal_data else None
        for child in token.children:
            token.workflow.kill(child)


def no_way_out(node: Node) -> StepFailed:
    """The failure of a node whose conditions are all false."""
    message = text(
        "Aucun flux sortant de « %(name)s » n’a sa condition vraie, et aucun n’est le flux par défaut.",
        name=node.title or node.name,
    )
    return StepFailed("no-outgoing-flow", message)

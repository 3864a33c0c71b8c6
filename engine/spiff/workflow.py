"""The flow of tokens in one process or sub-process instance: entering, joining, leaving, interrupting, ending."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.spiff import adhoc, compensation, propagation
from engine.spiff.activities import EventSubProcess
from engine.spiff.definitions import CompensateEvent, NoneEvent, TimerEvent
from engine.spiff.events import Boundary, Start
from engine.spiff.failures import StepFailed
from engine.spiff.gateways import ComplexGateway, InclusiveGateway
from engine.spiff.nodes import Flow, Node
from engine.spiff.scope import Scope, put
from engine.spiff.tokens import CANCELLED, COMPLETED, FAILED, FUTURE, LIVE, STARTED, WAITING, Token

if TYPE_CHECKING:
    from engine.spiff.instance import Instance


class TokenFlow:
    """What the process instance and its sub-process instances share. Mixed in before SpiffWorkflow's workflow classes.

    `waiting_tokens` counts tokens by flow in front of joins, `activated` the flows that activated a complex gateway, `pending` the joins to
    look at when nothing else can run, `compensable` the completed activities that can be compensated, oldest first, `conversation` the
    correlation properties that messages told.
    """

    spec: BpmnProcessSpec
    tasks: dict[str, Token]
    parent_token: Token | None
    top_workflow: Instance
    key: str

    def init_flow(self, scope: Scope) -> None:
        """Set up an empty flow on a scope."""
        self.scope = scope
        self.waiting_tokens: dict[str, int] = {}
        self.activated: dict[str, list[str]] = {}
        self.pending: list[str] = []
        self.compensable: list[dict[str, Any]] = []
        self.conversation: dict[str, object] = {}
        self.interrupted = False
        self.ended = False
        self.ad_hoc: list[str] | None = None
        self.generation = 0
        self.task_tree = Token(self, self.spec.start, None, COMPLETED, id="root" + self.key)

    # Tokens

    def enter(self, node: Node, parent: Token | None = None, data: Scope | None = None, **internal: object) -> Token:
        """A token enters a node."""
        token = Token(self, node, parent or self.task_tree, FUTURE, id=self.top_workflow.openings.next_id())
        token.data = self.scope if data is None else data
        token.internal_data = internal
        self.top_workflow.entered(token)
        self.attempt(token, "enter", node._update)
        return token

    def attempt(self, token: Token, phase: str, step: Callable[[Token], object]) -> None:
        """Do a step of a token; its failure goes to an error event that catches it, else becomes an incident."""
        try:
            step(token)
        except StepFailed as failure:
            self.failed(token, failure, failure.phase or phase)

    def failed(self, token: Token, failure: StepFailed, phase: str) -> None:
        """A step failed."""
        if token.alive and not propagation.error_caught(failure.code, token):
            self.stand_still(token, failure, phase)

    def stand_still(self, token: Token, failure: StepFailed, phase: str) -> None:
        """A token cannot go on: an incident, until an operator lets it try the phase again."""
        token._set_state(FAILED)
        token.internal_data["failed"] = phase
        self.top_workflow.openings.open_incident(token, failure)

    def throw_error(self, code: str, token: Token) -> None:
        """See `propagation.throw_error`."""
        propagation.throw_error(code, token)

    def throw_escalation(self, code: str, token: Token) -> bool:
        """See `propagation.throw_escalation`."""
        return propagation.throw_escalation(code, token)

    def compensate_scope(self, token: Token, activity: str | None, *, waits: bool) -> bool:
        """See `compensation.compensate_scope`."""
        return compensation.compensate_scope(token, activity, waits=waits)

    def cancel_transaction(self, token: Token) -> bool:
        """See `compensation.cancel_transaction`."""
        return compensation.cancel_transaction(token)

    def arrive(self, flows: Iterable[Flow]) -> None:
        """Tokens come along flows, until one of them interrupts the scope."""
        generation, taken = self.generation, self.spec.taken
        for flow in flows:
            if self.generation == generation:
                if taken is not None:
                    taken.add(flow.id)
                self.spec.task_specs[flow.target].accept(flow, self)

    def count(self, flow: Flow) -> None:
        """A token waits in front of a join."""
        self.waiting_tokens[flow.id] = self.waiting_tokens.get(flow.id, 0) + 1

    def consume(self, flows: Iterable[Flow]) -> None:
        """One waiting token of each flow goes on."""
        for flow in flows:
            left = self.waiting_tokens[flow.id] - 1
            if left:
                self.waiting_tokens[flow.id] = left
            else:
                del self.waiting_tokens[flow.id]

    def consume_any(self, flows: Iterable[Flow], number: int) -> None:
        """So many waiting tokens go on, whichever flow they came by."""
        for flow in flows:
            while number and self.waiting_tokens.get(flow.id):
                self.consume([flow])
                number -= 1

    # Joins that must know what can still come

    def postpone(self, gateway: Node) -> None:
        """Look at the gateway when nothing else can run."""
        if gateway.name not in self.pending:
            self.pending.append(gateway.name)

    def settle(self) -> bool:
        """Let one postponed gateway act. Answers whether something changed."""
        gateways = [self.spec.task_specs[name] for name in self.pending]
        return any(gateway.settle(self) for gateway in gateways if isinstance(gateway, InclusiveGateway | ComplexGateway))

    # Leaving

    def _task_completed_notify(self, token: Token) -> None:
        """SpiffWorkflow says that a task completed."""
        if token.alive:
            token.task_spec.left(token)

    def token_done(self, token: Token) -> None:
        """The token leaves its node: to the next ones, back to its loop, or back to who compensates."""
        top = self.top_workflow
        top.left(token)
        inner = top.subprocesses.get(token.id)
        self.drop(token)
        if "iteration" in token.internal_data:
            compensation.remember(token, inner)
            token.loop_owner.task_spec.loop.finished(token.loop_owner, token)
            return
        if "compensates" in token.internal_data:
            top.compensated(token.internal_data["compensates"])
            return
        if not token.is_wrapper:
            compensation.remember(token, inner)
        if self.ad_hoc is None:
            token.task_spec.emit(token)
            self.check_ended()
        else:
            adhoc.done(self, token)

    def drop(self, token: Token) -> None:
        """Take a token out of the tree with its children and close what it holds open outside."""
        top = self.top_workflow
        token.loop_owner = self.tasks.get(token._parent)
        for child in list(token._children):
            self.kill(self.tasks[child])
        if token.loop_owner is not None:
            token.loop_owner._children.remove(token.id)
        self.tasks.pop(token.id, None)
        top.subprocesses.pop(token.id, None)
        top.event_manager.tasks.pop(token.id, None)
        top.openings.close_all(token)

    def kill(self, token: Token) -> None:
        """Interrupt a token with everything inside it."""
        if not token.alive:
            return
        inner = self.top_workflow.subprocesses.get(token.id)
        if inner is not None:
            inner.kill_all()
        token._state = CANCELLED
        self.drop(token)
        self.top_workflow.interrupted_at(token)

    def kill_all(self, but: Token | None = None) -> None:
        """Interrupt everything in this scope."""
        for token in list(self.tasks.values()):
            if token is not self.task_tree and token is not but:
                self.kill(token)
        self.forget_waiting()
        self.generation += 1

    def forget_waiting(self) -> None:
        """No token waits in front of a join any more."""
        self.waiting_tokens, self.activated, self.pending = {}, {}, []

    # Ending

    def work(self) -> list[Token]:
        """The tokens that are work: neither the root nor those that only listen."""
        return [token for token in self.tasks.values() if token is not self.task_tree and not token.listens and token._state & LIVE]

    def is_active(self) -> bool:
        """Whether something is left to do here. Tokens that wait for the reset of a complex gateway are not, unless it then leads on."""
        if any(self.spec.task_specs[name].reset_flows() for name in self.activated):
            return True
        if any(self.spec.flows[name].target not in self.activated for name in self.waiting_tokens):
            return True
        return any(token is not self.task_tree and not token.listens for token in self.tasks.values())

    def check_ended(self) -> None:
        """End the scope when nothing is left to do."""
        if not self.ended and not self.is_active():
            self.finish()

    def terminate(self, token: Token) -> None:
        """A terminate end event ends the scope at once."""
        self.top_workflow.left(token)
        self.drop(token)
        self.kill_all()
        self.finish()

    def finish(self) -> None:
        """The scope ended: its activity goes on, in the queue so that nesting never becomes recursion."""
        self.kill_all()
        self.ended = self.completed = True
        if self.parent_token is not None:
            self.parent_token._ready()

    # Starting

    def begin(self, start: str | None = None, trigger: str | None = None) -> None:
        """Start at the named start event, else at the none start events. Event sub-processes listen first. `trigger`: which of its messages
        came to a start event that waits for several."""
        self.listen_for_event_subs()
        if not self.interrupted:
            self._enter_starts(start, trigger)
        self.check_ended()

    def listen_for_event_subs(self) -> None:
        """The event sub-processes of the scope start listening; one of them may interrupt it at once."""
        for event_sub in self.spec.event_subs:
            if not isinstance(event_sub.events[0], CompensateEvent) and not self.interrupted:
                self.attempt(self.subscription(event_sub, None), "listen", self.listen)

    def enter_each(self, nodes: Iterable[Node]) -> None:
        """Tokens enter nodes, until one of them interrupts the scope."""
        generation = self.generation
        for node in nodes:
            if self.generation == generation:
                self.enter(node)

    def _enter_starts(self, start: str | None, trigger: str | None) -> None:
        nodes = self.start_nodes(start)
        if nodes and nodes[0].needs_all_events and self.parent_token is None:
            self.enter(nodes[0], seen=[index for index, part in enumerate(nodes[0].events) if trigger and part.name == trigger])
        elif all(isinstance(node, Start) for node in nodes):
            self.enter_each(nodes)
        else:  # an event behind a parallel gateway that begins the process
            self.enter(self.spec.task_specs[nodes[0].incoming[0].source], began=start)

    def start_nodes(self, start: str | None) -> list[Node]:
        """The named node, else the none start events, else the first start event."""
        if start is not None:
            return [self.spec.task_specs[start]]
        none = [each for each in self.spec.starts if isinstance(each.events[0], NoneEvent)]
        return none or self.spec.starts[:1]

    # Events

    def watch(self, token: Token) -> None:
        """The boundary events of an activity start listening. Raises StepFailed, and then none listens."""
        token.internal_data["watched"] = True
        try:
            for boundary in token.task_spec.boundary:
                if token.alive:
                    self.listen(self.subscription(boundary, token))
        except StepFailed:
            del token.internal_data["watched"]
            for child in token.children:
                self.kill(child)
            raise

    def subscription(self, node: Node, owner: Token | None) -> Token:
        """A token that only listens, for an activity or for the whole scope."""
        token = Token(self, node, owner or self.task_tree, WAITING, id=self.top_workflow.openings.next_id())
        token.data = owner.data if owner is not None else self.scope
        token.internal_data = {"listens": True}
        return token

    def detached(self, token: Token) -> Token:
        """Another token at the same node that does something there while the token itself goes on; the history does not know of it."""
        other = Token(self, token.task_spec, self.task_tree, STARTED, id=self.top_workflow.openings.next_id())
        other.data = token.data
        other.internal_data = {"detached": True, "reported": True}
        return other

    def listen(self, token: Token) -> None:
        """Open what the token's events wait for. Raises StepFailed."""
        token._state = WAITING
        self.top_workflow.event_manager.tasks[token.id] = token
        for index, part in enumerate(token.task_spec.events):
            if token.alive and token._state == WAITING and index not in token.internal_data.get("seen", ()):
                part.arm(token, index)

    def hit(self, token: Token, index: int, payload: Mapping[str, object], *, last: bool) -> None:
        """One of the token's events came. `last`: it does not come again under this subscription. Raises Unstorable."""
        put(token.data, payload)
        node = token.task_spec
        if node.needs_all_events:
            seen = token.internal_data.setdefault("seen", [])
            if index not in seen:
                seen.append(index)
            if last:
                self.top_workflow.openings.close(token, f"wait{index}")
            if len(seen) < len(node.events):
                return
            token.internal_data["seen"] = []
        self.fire(token, last=last)

    def fire(self, token: Token, *, last: bool) -> None:
        """The token's event came: interrupt what it interrupts, and go on behind it."""
        node = token.task_spec
        if isinstance(node, Boundary) and node.cancel_activity:
            host = token.parent
            self.kill(host)
            self.enter(node, go=True)
            if "compensates" in host.internal_data:  # a handler that is interrupted has done what it could
                self.top_workflow.compensated(host.internal_data["compensates"])
        elif isinstance(node, EventSubProcess | Boundary):
            if node.cancel_activity:
                self.kill_all()
                self.interrupted = True
            elif self._is_spent(token):
                self.drop(token)
            self.enter(node, go=True)
        elif not last:
            self.enter(node, go=True)
        else:
            self._decide(token)
            self.top_workflow.openings.close_all(token)
            self.top_workflow.event_manager.tasks.pop(token.id, None)
            token.internal_data["go"] = True
            token._ready()

    def _is_spent(self, token: Token) -> bool:
        """Whether the event of a listener cannot come again: its timers are over, one of them where all parts are needed."""
        node, waits = token.task_spec, token.internal_data.get("open", ())
        over = [isinstance(part, TimerEvent) and f"timer{index}" not in waits for index, part in enumerate(node.events)]
        return any(over) if node.needs_all_events else all(over)

    def _decide(self, token: Token) -> None:
        group = token.internal_data.get("group")
        if group:
            self.top_workflow.decided_groups.add(group)
            for other in list(self.tasks.values()):
                if other is not token and other.internal_data.get("group") == group:
                    self.kill(other)


class Inner(TokenFlow, BpmnSubWorkflow):
    """A running sub-process."""

    def __init__(self, spec: BpmnProcessSpec, parent: Token, scope: Scope) -> None:
        self.key = parent.id
        self.parent_token = parent
        BpmnSubWorkflow.__init__(self, spec, parent.id, parent.top, deserializing=True)
        self.init_flow(scope)

    @property
    def parent_workflow(self) -> TokenFlow:
        """The flow that the sub-process runs in."""
        assert self.parent_token is not None  # noqa: S101  set by the constructor
        return self.parent_token.workflow

    def _calculate_depth(self) -> int:
        return 0

"""A process instance on SpiffWorkflow's BpmnWorkflow: the queue of what can run, and what comes from outside."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from engine.effects import Ended, Happened, State
from engine.spiff import adhoc, compensation
from engine.spiff.activities import Activity, AdHocSubProcess, EventSubProcess, SubProcess
from engine.spiff.data import Local
from engine.spiff.definitions import ConditionalEvent, MessageEvent, SignalEvent
from engine.spiff.events import Boundary, IntermediateCatch
from engine.spiff.failures import Overrun, StepFailed
from engine.spiff.hindsight import Past
from engine.spiff.large import Beside
from engine.spiff.openings import Openings
from engine.spiff.scope import Scope
from engine.spiff.scripts import FeelEnvironment, FeelScriptEngine
from engine.spiff.tokens import FUTURE, READY, STARTED, WAITING, Token
from engine.spiff.workflow import Inner, TokenFlow
from feel.calendar import parse_cycle
from feel.text import text

if TYPE_CHECKING:
    from engine.spiff.definition import Definition

MAXIMUM_STEPS = 100_000
"""Automatic steps in one act; what would run further becomes an incident."""
MAXIMUM_TOKENS = 50_000
"""Tokens alive at the same time, what listens and loops included; an act that would need more is refused."""
COUNTED_EVERY = 5_000
"""New tokens between two counts of those alive."""


class Instance(TokenFlow, BpmnWorkflow):
    """A process instance."""

    key = ""
    parent_token = None

    def __init__(self, definition: Definition, spec: BpmnProcessSpec, scope: Scope, now: datetime) -> None:
        self.definition = definition
        self.scripts = FeelEnvironment(now)
        self.past = Past()
        self.beside = Beside()
        self.is_called = False
        self.openings = Openings(definition.elements, self.scripts)
        self.queue: deque[Token] = deque()
        self.conditions = 0
        self.counted = 0
        self.decided_groups: set[str] = set()
        self.state: State = "running"
        self.error_code: str | None = None
        BpmnWorkflow.__init__(self, spec, definition.subprocess_specs, FeelScriptEngine(self.scripts), deserializing=True)
        self.init_flow(scope)

    def flows(self) -> list[TokenFlow]:
        """The process and its running sub-processes, outer ones first."""
        return [self, *self.subprocesses.values()]

    def token(self, token_id: str) -> Token | None:
        """A live token by its id."""
        return next((flow.tasks[token_id] for flow in self.flows() if token_id in flow.tasks), None)

    # Running

    def enqueue(self, token: Token) -> None:
        """The token can run."""
        self.queue.append(token)

    def do_engine_steps(self, will_complete_task: object = None, did_complete_task: object = None) -> None:  # noqa: ARG002
        """Run until everything waits. Joins that must know what can still come are looked at when nothing else can run."""
        steps = 0
        while True:
            while self.queue:
                token = self.queue.popleft()
                if token._state == READY and token.alive:
                    steps += 1
                    self._step(token, steps)
            if not any(flow.pending and flow.settle() for flow in self.flows()) and not self._ends():
                break
        if self.state == "running" and not self.openings.refs:
            self._stuck()

    def _stuck(self) -> None:
        """Nothing runs and nothing outside can move the instance any more: say so instead of staying silent for ever."""
        flow = next((each for each in reversed(self.flows()) if each.waiting_tokens or each.work()), self)
        names = [flow.spec.flows[name].target for name in flow.waiting_tokens]
        names += [token.task_spec.name for token in flow.work()] or [self.spec.starts[0].name]
        token = flow.subscription(flow.spec.task_specs[names[0]], None)
        flow.stand_still(token, dead_end(token.task_spec.title or token.task_spec.name), "stuck")

    def _step(self, token: Token, number: int) -> None:
        if number > MAXIMUM_STEPS:
            token.workflow.failed(token, endless_loop(), "run")
            return
        if self.openings.last_id > self.counted + COUNTED_EVERY:
            self._count_tokens()
        token.workflow.attempt(token, "run", Token.run)
        if self.conditions:
            self.check_conditions()

    def _count_tokens(self) -> None:
        """Raises Overrun."""
        if sum(len(flow.tasks) for flow in self.flows()) > MAXIMUM_TOKENS:
            message = text("Plus de %(limit)s étapes ouvertes à la fois : le diagramme se multiplie sans fin.", limit=MAXIMUM_TOKENS)
            raise Overrun(message)
        self.counted = self.openings.last_id

    def _ends(self) -> bool:
        """End the scopes in which only complex gateways wait for a reset. Answers whether something can run again."""
        for flow in reversed(self.flows()):
            if flow.activated:
                flow.check_ended()
        return bool(self.queue)

    # History

    def entered(self, token: Token) -> None:
        """A token entered its element. A loop counts by its iterations."""
        if not token.is_wrapper and not token.internal_data.keys() & {"reopens", "reported"}:
            self.openings.happened("element.entered", token)

    def left(self, token: Token) -> None:
        """A token completed its element."""
        if not token.is_wrapper and not token.internal_data.keys() & {"reopens", "reported"}:
            token.internal_data["reported"] = True
            self.openings.happened("element.completed", token)

    def interrupted_at(self, token: Token) -> None:
        """A token was interrupted in its element; by what it throws itself, it completed it."""
        if "throws" in token.internal_data:
            self.left(token)
        if not token.is_wrapper and not token.listens and "reported" not in token.internal_data:
            self.openings.happened("element.cancelled", token)

    # Sub-processes

    def open_inner(self, token: Token) -> None:
        """Start the sub-process of a token, or open it again to compensate what it did."""
        node, internal = token.task_spec, token.internal_data
        inner = self.subprocesses[token.id] = inner_of(token)
        if "reopens" in internal:
            compensation.reopen(token, inner)
        elif isinstance(node, AdHocSubProcess):
            adhoc.begin(inner, node)
        else:
            inner.begin(node.start_name if isinstance(node, EventSubProcess) else None)

    def compensated(self, token_id: str) -> None:
        """A compensation handler is done."""
        token = self.token(token_id)
        if token is not None:
            compensation.go_on(token)

    # Ends

    def finish(self) -> None:
        """The process ended well."""
        self.kill_all()
        self.ended = self.completed = True
        self.end("completed")

    def fail(self, code: str, token: Token) -> None:
        """An error that nothing caught ends the process."""
        self.openings.happened("error.uncaught", token, {"code": code})
        self.error_code = code
        self.stop("failed", {"code": code})

    def stop(self, state: State, data: Mapping[str, object]) -> None:
        """End the process before its time."""
        self.ended = True
        self.kill_all()
        self.completed = True
        self.end(state, data)

    def end(self, state: State, data: Mapping[str, object] | None = None) -> None:
        """Report the end."""
        self.state = state
        self.queue.clear()
        self.openings.report.append(Happened(f"instance.{state}", data=data or {}))
        self.openings.report.append(Ended(state, self.error_code))

    # Events

    def broadcast(self, name: str, payload: Mapping[str, object], but: Collection[Token] = ()) -> None:
        """A signal reaches everybody in the instance who waits for it now, those in `but` left out."""
        for token in [each for each in self.event_manager.tasks.values() if each not in but]:
            for index, part in enumerate(token.task_spec.events):
                if isinstance(part, SignalEvent) and part.name == name and token.alive and token._state == WAITING:
                    self.received(token, index, "signal", payload)

    def received(
        self, token: Token, index: int, kind: str, payload: Mapping[str, object], correlation: Mapping[str, object] | None = None
    ) -> None:
        """A message or signal reached a token. Raises Unstorable."""
        part = token.task_spec.events[index]
        if isinstance(part, MessageEvent):
            part.learn(token.workflow, {**payload, **(correlation or {})})
        self.openings.happened(f"{kind}.received", token, {"name": part.name})
        try:
            values = self._kept(token, part.result, payload)
        except StepFailed as failure:
            token.workflow.failed(token, failure, "listen" if token.listens else "enter")
        else:
            token.workflow.hit(token, index, values, last=not is_repeating(token))

    def _kept(self, token: Token, result: str | None, payload: Mapping[str, object]) -> Mapping[str, object]:
        """The variables that a payload becomes: as the event says, as its data outputs say, else its entries. Raises StepFailed."""
        node = token.task_spec
        if result:
            return {result: payload}
        if isinstance(node, Activity):
            return dict.fromkeys(node.data.sources, payload) or payload
        return node.data.received(self.scripts, token.data, payload) if node.data.outputs else payload

    def learn(self, node: str, message: Mapping[str, object]) -> None:
        """The message that starts the process at a node tells the keys of its conversation."""
        for part in self.spec.task_specs[node].events:
            if isinstance(part, MessageEvent):
                part.learn(self, message)

    def watch_condition(self, token: Token, index: int, event: ConditionalEvent) -> None:
        """A conditional event starts watching: true already counts as becoming true."""
        self.conditions += 1
        self._check_condition(token, index, event)

    def check_conditions(self) -> None:
        """After each step: which conditions became true."""
        self.conditions = 0
        for token in list(self.event_manager.tasks.values()):
            for index, part in enumerate(token.task_spec.events):
                if isinstance(part, ConditionalEvent) and token.alive and token._state == WAITING:
                    self.conditions += 1
                    self._check_condition(token, index, part)

    def _check_condition(self, token: Token, index: int, event: ConditionalEvent) -> None:
        now = self.scripts.holds(event.condition, token.data)
        answers = token.internal_data.setdefault("was", {})
        before = answers.get(str(index), False)
        answers[str(index)] = now
        if now and not before:
            token.workflow.hit(token, index, {}, last=not is_repeating(token))

    # Incidents

    def look_again(self) -> None:
        """Something changed from outside: what stood still may move, and says so again if it does not."""
        for token, slot in list(self.openings.refs.values()):
            if slot == "incident" and token.internal_data.get("failed") == "stuck":
                token.workflow.drop(token)

    def try_again(self, token: Token) -> None:
        """Do the failed phase of a token's step again."""
        phase = token.internal_data.pop("failed")
        self.openings.close(token, "incident", "completed")
        workflow, node = token.workflow, token.task_spec
        if phase == "enter":
            token._set_state(FUTURE)
            workflow.attempt(token, phase, node._update)
        elif phase == "run":
            token._set_state(READY)
            self.enqueue(token)
        elif phase == "leave":
            workflow.attempt(token, phase, Token.complete)
        elif phase == "loop" and node.loop is not None:
            token._set_state(STARTED)
            workflow.attempt(token, phase, node.loop.proceed)
        elif phase == "stuck":
            workflow.drop(token)
        elif phase == "ad-hoc":
            token._set_state(STARTED)
            adhoc.ask_again(self.subprocesses[token.id])
        else:
            workflow.attempt(token, phase, workflow.listen)


def inner_of(token: Token) -> Inner:
    """The flow inside a sub-process's token, still empty. Raises ValueError for another kind of node."""
    node = token.task_spec
    if not isinstance(node, SubProcess):
        raise ValueError(node.name)
    spec = token.top.subprocess_specs[node.spec]
    is_new = "reopens" not in token.internal_data
    scope = Local(dict.fromkeys(spec.declared), token.data, spec.declared) if spec.declared and is_new else token.data
    return Inner(spec, token, scope)


def is_repeating(token: Token) -> bool:
    """Whether the token's subscription outlives an occurrence: non-interrupting boundary events and event sub-processes, and intermediate
    events that wait for a number of moments."""
    node = token.task_spec
    if isinstance(node, IntermediateCatch):
        saved = token.internal_data.get("cycles", {}).get("0")
        is_alone = len(node.events) == 1 and "group" not in token.internal_data
        return is_alone and bool(saved) and parse_cycle(saved[0]).repetitions is not None
    return isinstance(node, Boundary | EventSubProcess) and not node.cancel_activity


def dead_end(name: str) -> StepFailed:
    """The failure of an instance in which nothing can move any more."""
    message = text("Plus rien ne peut avancer : « %(name)s » attend ce qui ne viendra pas.", name=name)
    return StepFailed("stuck", message)


def endless_loop() -> StepFailed:
    """The failure of a step beyond the limit."""
    message = text("Plus de %(limit)s étapes automatiques de suite : le diagramme tourne sans fin.", limit=MAXIMUM_STEPS)
    return StepFailed("endless-loop", message)

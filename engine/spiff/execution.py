"""One running instance: it is told what happened outside and answers with effects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from engine.effects import ChildEnded, Effect, State
from engine.spiff import propagation, state
from engine.spiff.activities import UserTask
from engine.spiff.definition import Definition
from engine.spiff.definitions import ConditionalEvent
from engine.spiff.failures import ExecutionError, NotStarted, NotWaiting, Overrun, StateUnreadable, StepFailed, Unstorable
from engine.spiff.instance import Instance, is_repeating
from engine.spiff.large import Read
from engine.spiff.migration import Moved, listen
from engine.spiff.nodes import Node
from engine.spiff.scope import put, storable
from engine.spiff.scripts import FeelEnvironment
from engine.spiff.tokens import Token
from feel.text import text

__all__ = ["Execution", "ExecutionError", "NotStarted", "NotWaiting", "Overrun", "Saved", "StateUnreadable", "Unstorable"]


class Saved(NamedTuple):
    """The state of an execution, and what to keep beside it: `added` by reference, `dropped` references."""

    content: bytes
    added: dict[str, bytes]
    dropped: set[str]


class Standing(NamedTuple):
    """Something that is held open: its kind (`task`, `timer`, `wait`, `call`, `child`, `escalation`, `incident`) and element; of a task
    also the name and form that the diagram gives it."""

    kind: str
    element: str
    name: str
    form_key: str | None


def _standing(token: Token, slot: str) -> Standing:
    node, kind = token.task_spec, slot.rstrip("0123456789")
    name, form_key = node.title or node.name, None
    if isinstance(node, UserTask) and kind == "task":
        name, form_key = _title(token, node) or name, node.form_key
    return Standing(kind, node.name, name, form_key)


def _title(token: Token, node: UserTask) -> str | None:
    try:
        return token.top.scripts.words(node.task_title, token.data) if node.task_title else None
    except StepFailed:
        return None


class Execution:
    """An instance of a definition. Not thread-safe; make one per transaction: start or restore, act, take the effects, dump.

    Every act runs until everything waits. Acts raise NotWaiting for a reference that is not open, Unstorable for values that an instance
    cannot keep, Overrun for more tokens than it may hold; then forget the execution: what was saved still stands.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    @classmethod
    def start(
        cls,
        definition: Definition,
        variables: Mapping[str, object],
        *,
        now: datetime,
        start_event: str | None = None,
        payload: Mapping[str, object] | None = None,
        correlation: Mapping[str, object] | None = None,
        trigger: str | None = None,
        called: bool = False,
    ) -> Execution:
        """Start at the none start events, or at `start_event`; `payload` is merged into the variables. `correlation`: the keys of the
        message that starts it, `trigger` its name. `called`: a call activity waits for its end and may catch its escalations.
        Raises NotStarted."""
        given = _start_payload(definition, start_event, payload or {}, now)
        instance = Instance(definition, definition.spec, storable({**variables, **given}), now.astimezone(UTC))
        if start_event is not None and start_event not in {each.element_id for each in definition.starts}:
            raise NotWaiting(start_event)
        instance.is_called = called
        node = start_event and definition.start_nodes.get(start_event, start_event)
        for each in instance.start_nodes(node):
            _check_condition(instance, each)
        if node:
            instance.learn(node, {**(payload or {}), **(correlation or {})})
        instance.begin(node, trigger)
        instance.do_engine_steps()
        return cls(instance)

    @classmethod
    def restore(cls, definition: Definition, content: bytes, *, now: datetime, read: Read | None = None) -> Execution:
        """The execution that `dump` or `save` saved; emits no effects. `read` gives what `save` kept beside. Raises StateUnreadable."""
        return cls(state.restore(definition, content, now.astimezone(UTC), read))

    @classmethod
    def restore_moved(
        cls, definition: Definition, moved: Moved, listeners: frozenset[str], *, now: datetime, read: Read | None = None
    ) -> Execution:
        """The execution of an instance that another version takes over: what no longer listens is closed, and `listeners`, what only that
        version has, begin to. Raises StateUnreadable."""
        instance = state.restore(definition, moved.content, now.astimezone(UTC), read)
        for slot, ref in moved.closed:
            instance.openings.forget(slot, ref)
        listen(instance, listeners, moved.anew)
        instance.do_engine_steps()
        return cls(instance)

    def dump(self) -> bytes:
        """The whole state: JSON, typed tags for decimals and FEEL temporal values. Raises Unstorable when it is too large."""
        return state.dump(self._instance)

    def save(self) -> Saved:
        """The state with its large variables beside it. Raises Unstorable when it is too large."""
        content = state.dump(self._instance, beside=True)
        return Saved(content, *self._instance.beside.take())

    @property
    def variables(self) -> dict[str, object]:
        """The variables of the process's own scope, large ones included."""
        return dict(self._instance.scope)

    @property
    def scope(self) -> Mapping[str, object]:
        """The same as they are now, for who looks at some of them; to be read only."""
        return self._instance.scope

    @property
    def state(self) -> State:
        """Where the instance stands."""
        return self._instance.state

    @property
    def error_code(self) -> str | None:
        """The code of the error that nothing caught, when the state is `failed`."""
        return self._instance.error_code

    @property
    def effects(self) -> list[Effect]:
        """The effects since they were last taken, in order."""
        return self._instance.openings.report

    def take_effects(self) -> list[Effect]:
        """The effects since the last call, in order."""
        report, self._instance.openings.report = self._instance.openings.report, []
        return report

    def held(self, kind: str) -> list[str]:
        """The references of what the instance holds open: its `task`, `timer`, `wait`, `call`, `child`, `escalation` or `incident`."""
        return [ref for ref, (_, slot) in self._instance.openings.refs.items() if slot.startswith(kind)]

    def standing(self) -> dict[str, Standing]:
        """What the instance holds open, by reference."""
        return {ref: _standing(token, slot) for ref, (token, slot) in self._instance.openings.refs.items()}

    def local_variables(self, ref: str) -> dict[str, object]:
        """All variables that the task, wait or call under that reference sees, inner scopes over outer ones."""
        token, _ = self._instance.openings.find(ref, "task", "wait", "call", "child", "timer", "escalation", "incident")
        return dict(token.data)

    def complete(self, ref: str, data: Mapping[str, object]) -> None:
        """A user or manual task is done: its data are merged into its scope."""
        token, slot = self._instance.openings.find(ref, "task")
        put(token.data, data)
        self._instance.openings.close(token, slot, "completed")
        self._instance.enqueue(token)
        self._instance.do_engine_steps()

    def deliver(self, ref: str, payload: Mapping[str, object], correlation: Mapping[str, object] | None = None) -> None:
        """The awaited message, with its correlation keys, or the signal came. A non-interrupting event keeps waiting under the same
        reference."""
        token, slot = self._instance.openings.find(ref, "wait")
        index = int(slot.removeprefix("wait"))
        kind = token.task_spec.events[index].kind
        self._instance.received(token, index, kind, payload, correlation)
        self._run()

    def fire(self, ref: str) -> None:
        """The timer is due. A cycle is set again under the same reference while something is left of it."""
        instance = self._instance
        token, slot = instance.openings.find(ref, "timer")
        index = int(slot.removeprefix("timer"))
        instance.openings.happened("timer.fired", token)
        again = is_repeating(token) and instance.openings.next_cycle(token, index)
        if not again:
            instance.openings.close(token, slot)
        token.workflow.hit(token, index, {}, last=not again)
        self._run()

    def call_succeeded(self, ref: str, result: object) -> None:
        """The outside system answered: the result goes under `resultVariable`, or its entries into the scope."""
        self._answer(ref, "call", storable({"answer": result})["answer"])

    def call_failed(self, ref: str, code: str, message: str) -> None:
        """The outside system failed for good: an error event of that code catches it, else it is an incident."""
        token, slot = self._instance.openings.find(ref, "call")
        self._instance.openings.close(token, slot)
        failure = StepFailed(code, text("L’appel a échoué : %(message)s", message=message))
        token.workflow.failed(token, failure, "enter")
        self._run()

    def child_ended(self, ref: str, outcome: ChildEnded) -> None:
        """The called process came to its end. Its error goes on from the call activity; its cancellation is an incident."""
        if outcome.state == "completed":
            self._answer(ref, "child", storable(outcome.variables))
            return
        token, slot = self._instance.openings.find(ref, "child")
        self._instance.openings.close(token, slot)
        if outcome.state == "failed":
            propagation.throw_error(outcome.error_code or "", token)
        else:
            failure = StepFailed("child-cancelled", text("Le processus appelé a été annulé."))
            token.workflow.failed(token, failure, "enter")
        self._run()

    def child_escalated(self, ref: str, code: str) -> bool:
        """The called process escalates. Answers whether an escalation event caught it, which may have interrupted the call."""
        token, _ = self._instance.openings.find(ref, "child")
        caught = propagation.escalation_caught(code, token)
        self._run()
        return caught

    def escalation_answered(self, ref: str, code: str, *, caught: bool) -> None:
        """The callers were asked, and did not interrupt this process: its token goes on."""
        openings = self._instance.openings
        token, slot = openings.find(ref, "escalation")
        openings.close(token, slot)
        if not caught:
            openings.happened("escalation.uncaught", token, {"code": code})
        if not any(each.startswith("escalation") for each in token.internal_data["open"]):
            token.workflow.attempt(token, "leave", type(token).complete)
        self._run()

    def retry(self, ref: str) -> None:
        """Try the failed step of an incident again."""
        token, _ = self._instance.openings.find(ref, "incident")
        self._instance.try_again(token)
        self._run()

    def amend(self, variables: Mapping[str, object]) -> None:
        """An operator sets variables of the process, before a retry for instance."""
        if self.state != "running":
            raise NotWaiting(self._instance.definition.key)
        put(self._instance.scope, variables)
        self._instance.look_again()
        self._run()

    def cancel(self, reason: str) -> None:
        """End the instance with everything inside it. Raises NotWaiting when it is over."""
        if self.state != "running":
            raise NotWaiting(self._instance.definition.key)
        self._instance.stop("cancelled", {"reason": reason})

    def _answer(self, ref: str, kind: str, answer: object) -> None:
        token, slot = self._instance.openings.find(ref, kind)
        token.internal_data["answer"] = answer
        self._instance.openings.close(token, slot)
        token._ready()
        self._instance.do_engine_steps()

    def _run(self) -> None:
        """Conditions see what came when the step that it belongs to is done, as with a task; where nothing can run, at once."""
        if self._instance.conditions and not self._instance.queue:
            self._instance.check_conditions()
        self._instance.do_engine_steps()


def _check_condition(instance: Instance, node: Node) -> None:
    """A conditional start event begins an instance whose variables make its condition true. Raises NotStarted."""
    conditions = [each.condition for each in node.events if isinstance(each, ConditionalEvent)]
    if len(conditions) == len(node.events) and not any(instance.scripts.holds(each, instance.scope) for each in conditions):
        raise NotStarted(text("La condition de départ « %(text)s » n’est pas vraie.", text=conditions[0].text))


def _start_payload(
    definition: Definition, start_event: str | None, payload: Mapping[str, object], now: datetime
) -> Mapping[str, object]:
    """The variables that the payload of a start event becomes. Raises Unstorable."""
    own = next((each.properties for each in definition.starts if each.element_id == start_event), {})
    name = own.get("resultVariable")
    node = definition.spec.task_specs.get(definition.start_nodes.get(start_event or "", start_event))
    if name or node is None or not node.data.outputs:
        return {name: payload} if name else payload
    try:
        found: Mapping[str, object] = node.data.received(FeelEnvironment(now), {}, payload)
    except StepFailed as failure:
        raise Unstorable(failure.message) from failure
    return found

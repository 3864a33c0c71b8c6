"""Drives executions as the rows will: every act on a restored copy, everything opened and closed kept in books that must balance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine import effects
from engine.bundle import Bundle, File
from engine.spiff.definition import Definition, build
from engine.spiff.execution import Execution
from engine.spiff.hurdles import Hurdle
from engine.spiff.migration import Moved, move, newcomers

NOW = datetime(2019, 6, 13, 8, 0, tzinfo=UTC)
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"

_counter = iter(range(10**9))


def node(tag: str, ident: str, /, *content: str, props: Mapping[str, str] | None = None, **attributes: object) -> str:
    """A flow node; `props` are its properties. Attributes that are Python keywords end in an underscore."""
    extension = ""
    if props:
        pairs = "".join(f"<s:property name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in props.items())
        extension = f"<extensionElements><s:properties>{pairs}</s:properties></extensionElements>"
    given = "".join(f" {key.rstrip('_')}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{tag} id={quoteattr(ident)}{given}>{extension}{''.join(content)}</{tag}>"


def flow(source: str, target: str, condition: str | None = None, name: str | None = None) -> str:
    """A sequence flow."""
    inner = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
    own = name or f"flow{next(_counter)}"
    return f'<sequenceFlow id="{own}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def chain(*names: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(a, b) for a, b in pairwise(names))


def user(ident: str, /, *content: str, **more: object) -> str:
    return node("userTask", ident, *content, **more)  # type: ignore[arg-type]


def start(ident: str = "start", /, *content: str, **more: object) -> str:
    return node("startEvent", ident, *content, **more)  # type: ignore[arg-type]


def end(ident: str = "end", /, *content: str, **more: object) -> str:
    return node("endEvent", ident, *content, **more)  # type: ignore[arg-type]


def script(name: str, source: str, *content: str) -> str:
    return node("scriptTask", name, f"<script>{escape(source)}</script>", *content, scriptFormat="feel")


def boundary(ident: str, host: str, /, *content: str, interrupting: bool = True, **more: object) -> str:
    return node("boundaryEvent", ident, *content, attachedToRef=host, cancelActivity=str(interrupting).lower(), **more)  # type: ignore[arg-type]


def definitions(*processes: str, extra: str = "") -> bytes:
    """A BPMN file."""
    return (f'<definitions xmlns="{BPMN}" xmlns:s="{SPIFF}" targetNamespace="tests">{extra}{"".join(processes)}</definitions>').encode()


def process(*content: str, key: str = "P", props: Mapping[str, str] | None = None, executable: bool = True) -> str:
    return node("process", key, *content, props=props, isExecutable=str(executable).lower(), name=key)


def diagram(*content: str, extra: str = "") -> bytes:
    """A BPMN file with one executable process `P`."""
    return definitions(process(*content), extra=extra)


def define(*contents: bytes, key: str = "P") -> Definition:
    """The definition of a process in files of which the first ones are diagrams."""
    return define_all(*contents)[key]


def define_all(*contents: bytes, files: Iterable[File] = ()) -> dict[str, Definition]:
    bundle = Bundle([File("diagram", f"{index}.bpmn", content) for index, content in enumerate(contents)] + list(files))
    assert not bundle.problems, bundle.problems
    return build(bundle)


class Run:
    """One instance. Every act restores the state, acts, books the effects and saves."""

    def __init__(
        self,
        source: bytes | Definition,
        variables: Mapping[str, object] | None = None,
        *,
        now: datetime = NOW,
        start_event: str | None = None,
        payload: Mapping[str, object] | None = None,
        trigger: str | None = None,
        called: Mapping[str, Definition] | None = None,
        is_called: bool = False,
    ) -> None:
        self.definition = source if isinstance(source, Definition) else define(source)
        self.called = called or {}
        self.now = now
        self.tasks: dict[str, effects.TaskOpened] = {}
        self.timers: dict[str, effects.TimerSet] = {}
        self.waits: dict[str, effects.WaitOpened] = {}
        self.calls: dict[str, effects.CallOpened] = {}
        self.children: dict[str, effects.ChildOpened] = {}
        self.incidents: dict[str, effects.IncidentOpened] = {}
        self.escalations: dict[str, effects.EscalationRaised] = {}
        self.asked: set[str] = set()
        self.runs: dict[str, Run] = {}
        self.refs: set[str] = set()
        self.history: list[effects.Happened] = []
        self.messages: list[effects.MessageThrown] = []
        self.signals: list[effects.SignalThrown] = []
        self.ended: effects.Ended | None = None
        execution = Execution.start(
            self.definition, variables or {}, now=now, start_event=start_event, payload=payload, trigger=trigger, called=is_called
        )
        self._keep(execution)

    # What is there

    @property
    def open(self) -> list[str]:
        """The elements of open tasks."""
        return sorted(task.element_id for task in self.tasks.values())

    @property
    def done(self) -> bool:
        return self.ended is not None and self.ended.state == "completed"

    @property
    def state_name(self) -> str:
        return self.ended.state if self.ended else "running"

    @property
    def variables(self) -> dict[str, object]:
        return self._restored().variables

    def trace(self, event: str = "element.completed") -> list[str]:
        return [each.element_id for each in self.history if each.type == event]

    def ref(self, element: str, books: Mapping[str, object] | None = None) -> str:
        """The reference of what an element holds open; tasks come first."""
        for book in (books,) if books else (self.tasks, self.calls, self.children, self.waits, self.timers, self.incidents):
            for ref, opened in book.items():
                if opened.element_id == element:
                    return ref
        raise AssertionError(f"{element} holds nothing open")

    # Acts

    def act(self, step: Callable[[Execution], object]) -> Run:
        execution = self._restored()
        step(execution)
        self._keep(execution)
        return self

    def do(self, element: str, /, **data: object) -> Run:
        """Complete the oldest open task of an element (or the task with that reference)."""
        ref = element if element in self.tasks else self.ref(element, self.tasks)
        return self.act(lambda execution: execution.complete(ref, data))

    def send(self, name: str, /, **payload: object) -> Run:
        """Deliver a message or signal to the first who waits for it."""
        ref = next(ref for ref, wait in self.waits.items() if wait.name == name)
        return self.act(lambda execution: execution.deliver(ref, payload))

    def answer(self, element: str, result: object) -> Run:
        return self.act(lambda execution: execution.call_succeeded(self.ref(element, self.calls), result))

    def fail(self, element: str, code: str = "down", message: str = "no answer") -> Run:
        return self.act(lambda execution: execution.call_failed(self.ref(element, self.calls), code, message))

    def retry(self, element: str) -> Run:
        return self.act(lambda execution: execution.retry(self.ref(element, self.incidents)))

    def advance(self, **duration: float) -> Run:
        """Let time pass, firing timers at the moment at which they are due."""
        until = self.now + timedelta(**duration)
        while self.timers:
            ref = min(self.timers, key=lambda each: self.timers[each].due)
            if self.timers[ref].due > until:
                break
            self.now = max(self.now, self.timers[ref].due)
            self.act(lambda execution, ref=ref: execution.fire(ref))  # type: ignore[misc]
        self.now = until
        return self

    def migrate(self, new: bytes | Definition, mapping: Mapping[str, str] | None = None) -> tuple[Hurdle, ...]:
        """Move to another version, or say what stands in the way."""
        definition = new if isinstance(new, Definition) else define(new)
        moved = move(self.definition, definition, self.state, mapping or {})
        if not isinstance(moved, Moved):
            return moved
        listeners = newcomers(self.definition, definition, mapping or {})
        execution = Execution.restore_moved(definition, moved, listeners, now=self.now)
        self.definition = definition
        self._rename(moved.elements)
        self._keep(execution)
        return ()

    def _rename(self, elements: Mapping[str, str]) -> None:
        books: tuple[dict[str, Any], ...] = (self.tasks, self.timers, self.waits, self.calls, self.children, self.incidents)
        for book in books:
            for ref, opened in book.items():
                book[ref] = replace(opened, element_id=elements.get(opened.element_id, opened.element_id))

    # Books

    def _restored(self) -> Execution:
        execution = Execution.restore(self.definition, self.state, now=self.now)
        assert execution.take_effects() == []
        assert execution.dump() == self.state
        return execution

    def _keep(self, execution: Execution) -> None:
        for effect in execution.take_effects():
            self._book(effect)
        self.state = execution.dump()
        self._run_children()
        if self.ended:
            books = (self.tasks, self.timers, self.waits, self.calls, self.children, self.incidents)
            assert not any(books), f"left open at the end: {[list(book.values()) for book in books]}"

    def _run_children(self) -> None:
        for ref, opened in list(self.children.items()):
            if ref not in self.runs and opened.process_key in self.called:
                self.runs[ref] = Run(self.called[opened.process_key], opened.variables, now=self.now, called=self.called, is_called=True)
            child = self.runs.get(ref)
            if child:
                self._answer_escalations(ref, child)
            if child and child.ended:
                outcome = effects.ChildEnded(child.ended.state, child.variables, child.ended.error_code)
                self.act(lambda execution, ref=ref, outcome=outcome: execution.child_ended(ref, outcome))  # type: ignore[misc]

    def _answer_escalations(self, ref: str, child: Run) -> None:
        """As the callers do: who catches is asked first, and an interrupted child gets no answer."""
        for own in child.escalations.keys() - child.asked:
            code = child.escalations[own].code
            child.asked.add(own)
            caught = self._catches(ref, code)
            if ref in self.children and own in child.escalations:
                child._answer(own, code, caught=caught)

    def _catches(self, ref: str, code: str) -> bool:
        caught: list[bool] = []
        self.act(lambda execution: caught.append(execution.child_escalated(ref, code)))
        return caught[0]

    def _answer(self, ref: str, code: str, *, caught: bool) -> None:
        self.act(lambda execution: execution.escalation_answered(ref, code, caught=caught))

    def child(self, element: str) -> Run:
        return self.runs[self.ref(element, self.children)]

    def settle_children(self) -> Run:
        """Tell about children that ended since."""
        self._run_children()
        return self

    def _book(self, effect: effects.Effect) -> None:
        books = {
            effects.TaskOpened: self.tasks,
            effects.WaitOpened: self.waits,
            effects.CallOpened: self.calls,
            effects.ChildOpened: self.children,
            effects.IncidentOpened: self.incidents,
            effects.TimerSet: self.timers,
            effects.EscalationRaised: self.escalations,
        }
        closed = {
            effects.TaskClosed: self.tasks,
            effects.WaitClosed: self.waits,
            effects.CallClosed: self.calls,
            effects.ChildClosed: self.children,
            effects.IncidentClosed: self.incidents,
            effects.TimerCleared: self.timers,
            effects.EscalationSettled: self.escalations,
        }
        lists = {effects.Happened: self.history, effects.MessageThrown: self.messages, effects.SignalThrown: self.signals}
        kind: Any = type(effect)
        if isinstance(effect, effects.TimerSet) and effect.ref in self.timers:
            self.timers[effect.ref] = effect  # a cycle goes on
        elif kind in books:
            self._opened(books[kind], effect)
        elif kind in closed:
            del closed[kind][effect.ref]  # type: ignore[union-attr]
        elif kind in lists:
            lists[kind].append(effect)  # type: ignore[attr-defined]
        else:
            assert self.ended is None, "ended twice"
            assert isinstance(effect, effects.Ended)
            self.ended = effect

    def _opened(self, book: dict[str, Any], effect: Any) -> None:
        ref = effect.ref
        assert ref not in self.refs, f"{ref} used twice"
        self.refs.add(ref)
        book[ref] = effect

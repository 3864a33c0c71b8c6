"""One path through a diagram, on the engine and on the model: the state is saved and restored at every act, and both must agree after it."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from engine.bundle import Bundle, File
from engine.checks import check
from engine.effects import ChildEnded
from engine.spiff.definition import Definition, build
from engine.spiff.execution import Execution
from engine.spiff.failures import NotStarted
from tests.model import printing
from tests.model.graph import Body, Condition, Trigger
from tests.model.machine import Machine
from tests.model.order import Open, counts, misplaced
from tests.model.pieces import DATA
from tests.model.tokens import Wait
from tests.spiff.driver import NOW, Run

START = {"d1": 1, "d2": 2, "d3": 3}
KINDS = frozenset(("entered", "completed", "cancelled"))
MOST_STATES = 8
"""Where two tokens cannot be told apart, the model follows both; beyond this number the path ends."""

Key = tuple[str, str, str, object]


class Engine:
    """The execution, one act after the other."""

    def __init__(self, definition: Definition, start: str, trigger: str, payload: dict[str, object]) -> None:
        self.run = Run(definition, START, start_event=start or None, payload=payload, trigger=trigger or None)
        self.seen = 0
        self.look()

    def look(self) -> None:
        """Read the restored state."""
        self.execution = self.run._restored()
        self.keys: dict[Key, list[str]] = {}
        books: dict[str, Any] = {"task": self.run.tasks, "timer": self.run.timers, "call": self.run.calls, "child": self.run.children,
                                 "incident": self.run.incidents}  # fmt: skip
        for kind, book in books.items():
            for ref, opened in book.items():
                self.keys.setdefault(self._key(kind, ref, opened), []).append(ref)
        for ref, wait in self.run.waits.items():
            self.keys.setdefault(self._key(wait.kind, ref, wait), []).append(ref)

    def _key(self, kind: str, ref: str, opened: Any) -> Key:
        more = {"timer": lambda: (opened.due - NOW) // timedelta(hours=1), "incident": lambda: opened.code}.get(kind, lambda: getattr(opened, "name", "") if kind in ("message", "signal") else "")()
        if more == "stuck":
            return (kind, "", "", more)
        return (kind, opened.element_id, shown(self.execution.local_variables(ref)), more)

    def happened(self) -> list[tuple[str, str]]:
        """What happened in the last act."""
        fresh, self.seen = self.run.history[self.seen :], len(self.run.history)
        return [(each.type.removeprefix("element."), each.element_id) for each in fresh if each.type.removeprefix("element.") in KINDS]

    def act(self, step: Callable[[Execution], object]) -> None:
        self.run.messages.clear()
        self.run.signals.clear()
        self.run.act(step)
        self.look()


def shown(variables: dict[str, object]) -> str:
    return repr(sorted(variables.items()))


def keys(machine: Machine) -> dict[Key, list[Wait]]:
    """What the model has open, in the words of the engine."""
    found: dict[Key, list[Wait]] = {}
    for wait in machine.open():
        token = wait.token
        name = wait.trigger.name if wait.kind in ("message", "signal") else ""
        more = {"timer": wait.due, "incident": token.code}.get(wait.kind, name)
        found.setdefault((wait.kind, token.node.id, shown(token.layer.visible()), more), []).append(wait)
    if machine.stuck:
        found["incident", "", "", "stuck"] = []
    return found


def differences(machine: Machine, engine: Engine, happened: list[tuple[str, str]]) -> str:
    """What differs between the model and the engine; empty when they agree."""
    expected, seen = ({key: len(tokens) or 1 for key, tokens in found.items()} for found in (keys(machine), engine.keys))
    pairs = {
        "open": (expected, seen),
        "happened": (counts(machine.act.events), Counter(happened)),
        "variables": (shown(machine.root.layer.values), shown(engine.run.variables)),
        "state": (machine.state, engine.run.state_name),
        "messages": (sorted(machine.messages), sorted(each.name for each in engine.run.messages)),
        "signals": (sorted(machine.signals), sorted(each.name for each in engine.run.signals)),
    }
    told = [f"{name}: the model says {model}, the engine {real}" for name, (model, real) in pairs.items() if model != real]
    if not told and (label := misplaced(machine.act.events, happened)):
        told.append(f"order: {label} came before what leads to it in {happened}")
    return "\n".join(told)


def acts(engine: Engine) -> list[tuple[str, Key]]:
    """What can be done, in a repeatable order."""
    found: list[tuple[str, Key]] = []
    due = min((key[3] for key in engine.keys if key[0] == "timer"), default=0)  # type: ignore[type-var]
    for key in sorted(engine.keys, key=repr):
        kind = key[0]
        if kind == "task":
            found += [("complete", key)] * 3
        elif kind in ("message", "signal") or (kind == "timer" and key[3] == due):
            found.append(("come", key))
        elif kind == "call":
            found += [("answer", key), ("answer", key), ("fail", key)]
        elif kind == "child":
            found += [("answer", key), ("answer", key), ("fail", key), ("fail child", key), ("escalate child", key)]
        elif kind == "incident" and key[3] != "stuck":
            found += [("amend", key), ("retry", key)]
    return found


def data_of(number: int) -> dict[str, object]:
    """What somebody writes."""
    return {each: number // place % 5 for each, place in zip(DATA, (7, 41, 251), strict=True) if number // place % 3}


def step_of(name: str, key: Key, number: int) -> tuple[Callable[[Execution, str], object], Callable[[Machine, Wait], object]]:
    """One act, on the engine and on the model."""
    data = data_of(number)
    code = ("e1", "down")[number % 2]
    if name == "complete":
        return lambda e, ref: e.complete(ref, data), lambda m, w: m.complete(w.token, data)
    if name == "come":
        payload = {} if key[0] == "timer" else data
        fire = key[0] == "timer"
        return lambda e, ref: e.fire(ref) if fire else e.deliver(ref, payload), lambda m, w: m.come(w, payload)
    if name == "answer" and key[0] == "call":
        return lambda e, ref: e.call_succeeded(ref, number % 5), lambda m, w: m.complete(w.token, {"result": number % 5})
    if name == "answer":
        return lambda e, ref: e.child_ended(ref, ChildEnded("completed", data)), lambda m, w: m.complete(w.token, data)
    if name == "fail" and key[0] == "call":
        return lambda e, ref: e.call_failed(ref, code, "no answer"), lambda m, w: m.fail(w.token, code)
    if name == "fail":
        return lambda e, ref: e.child_ended(ref, ChildEnded("cancelled", {})), lambda m, w: m.fail(w.token, "child-cancelled")
    if name == "fail child":
        return lambda e, ref: e.child_ended(ref, ChildEnded("failed", {}, code)), lambda m, w: m.fail_child(w.token, code)
    if name == "escalate child":
        code = ("x1", "x2")[number % 2]
        return lambda e, ref: e.child_escalated(ref, code), lambda m, w: m.escalate_child(w.token, code)
    if name == "amend":
        return lambda e, _: e.amend(data), lambda m, _: m.amend(data)
    return lambda e, ref: e.retry(ref), lambda m, w: m.retry(w.token)


def after(machine: Machine, key: Key, step: Callable[[Machine, Wait], object]) -> list[Machine]:
    """The states that an act on something under this key may lead to. The last of them takes the place of the one before the act."""
    found = []
    last = len(keys(machine)[key]) - 1
    for number in range(last + 1):
        fresh = copy.deepcopy(machine) if number < last else machine
        fresh.new_act()
        step(fresh, keys(fresh)[key][number])
        found.append(fresh)
    return found


def starts(body: Body) -> list[tuple[str, int]]:
    """The ways to begin a process: at its none start events, or at one of the others when the part with that number came."""
    nodes = [node for node in body.nodes.values() if node.kind == "start" or node.instantiates]
    behind = [body.nodes[flow.target] for node in nodes if node.kind == "event" for flow in body.outgoing(node)]
    named = [node for node in [*nodes, *behind] if node.kind != "event" and node.trigger.kind != "none"]
    found = [(node.id, number) for node in named for number in range(len(node.trigger.each()))]
    begins_by_itself = not nodes or any(node.kind == "start" and node.trigger.kind == "none" for node in nodes)
    return [("", 0), *found] if begins_by_itself else found


def begin(body: Body, definition: Definition, number: int) -> tuple[Machine, Engine] | None:
    """Both at their start; None when a start condition does not hold. Raises Open."""
    possible = starts(body)
    start, part = possible[number % len(possible)]
    trigger = body.nodes[start].trigger.each()[part] if start else Trigger()
    payload = data_of(number) if trigger.kind in ("message", "signal") else {}
    if start and trigger.condition is not None and body.nodes[start].trigger.parts == () and not holds(trigger.condition):
        assert is_refused(definition, start), f"{start} began although its condition is false"
        return None
    machine = Machine(body, START | payload, start, part)
    return machine, Engine(definition, start, trigger.name, payload)


def is_refused(definition: Definition, start: str) -> bool:
    """Whether a start event begins nothing."""
    try:
        Engine(definition, start, "", {})
    except NotStarted:
        return True
    return False


def holds(condition: Condition) -> bool:
    """At the start."""
    value = START[condition.variable]
    return value < condition.number if condition.operator == "<" else value > condition.number


def walk(body: Body, definition: Definition, path: Sequence[int], reached: set[str]) -> str:
    """One path; how it ended. Raises AssertionError when the engine does what the model does not allow."""
    try:
        begun = begin(body, definition, path[0] if path else 0)
    except Open:
        return "open at the start"
    if begun is None:
        return "refused"
    machines, engine = [begun[0]], begun[1]
    try:
        return go_on(machines, engine, path[1:])
    finally:
        reached |= {each.element_id for each in engine.run.history}


def go_on(machines: list[Machine], engine: Engine, path: Sequence[int]) -> str:
    told = differences(machines[0], engine, engine.happened())
    assert not told, f"at the start: {told}"
    for number in path:
        possible = acts(engine)
        if engine.run.ended or not possible:
            return engine.run.state_name if engine.run.ended else "stuck"
        name, key = possible[number % len(possible)]
        on_engine, on_model = step_of(name, key, number)
        try:
            machines = [fresh for machine in machines for fresh in after(machine, key, on_model)]
        except Open:
            return "open"
        ref = engine.keys[key][0]
        if name == "come" and key[0] == "timer":
            engine.run.now = engine.run.timers[ref].due
        engine.act(lambda execution, ref=ref, do=on_engine: do(execution, ref))  # type: ignore[misc]
        happened = engine.happened()
        told_by = [differences(machine, engine, happened) for machine in machines]
        machines = [machine for machine, told in zip(machines, told_by, strict=True) if not told]
        assert machines, f"after {name} {key}: {told_by[0]}"
        if len(machines) > MOST_STATES:
            return "ambiguous"
    return "long enough"


def definition_of(content: bytes) -> Definition:
    """The definition of a diagram that the checker accepts."""
    bundle = Bundle([File("diagram", "P.bpmn", content), File("decision", "d.dmn", printing.DECISIONS)])
    refused = [str(each) for each in check(bundle, called=()) if each.severity == "error"]
    assert refused == [], refused
    return build(bundle)["P"]

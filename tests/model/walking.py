"""Random diagrams on random paths, saved and restored at every act, against a model of tokens, scopes and variables of its own."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from engine.bundle import Bundle, File
from engine.checks import check
from engine.effects import ChildEnded
from engine.spiff.definition import Definition, build
from engine.spiff.execution import Execution
from tests.model import drawing, printing
from tests.model.graph import Body
from tests.model.machine import Machine
from tests.model.order import Open, counts, misplaced
from tests.model.tokens import Token
from tests.spiff.driver import NOW, Run

PATHS = 10
START = {"d1": 1, "d2": 2, "d3": 3}
KINDS = frozenset(("entered", "completed", "cancelled"))
MOST_STATES = 8
"""Where two tokens cannot be told apart, the model follows both; beyond this number the path ends."""

Key = tuple[str, str, str, object]


class Engine:
    """The execution, one act after the other."""

    def __init__(self, definition: Definition) -> None:
        self.run = Run(definition, START)
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
        more = {"timer": lambda: (opened.due - NOW) // timedelta(hours=1), "incident": lambda: opened.code}.get(kind, lambda: "")()
        if more == "stuck":
            return (kind, "", "", more)
        return (kind, opened.element_id, shown(self.execution.local_variables(ref)), more)

    def happened(self) -> list[tuple[str, str]]:
        """What happened in the last act."""
        fresh, self.seen = self.run.history[self.seen :], len(self.run.history)
        return [(each.type.removeprefix("element."), each.element_id) for each in fresh if each.type.removeprefix("element.") in KINDS]

    def act(self, step: Callable[[Execution], object]) -> None:
        self.run.messages.clear()
        self.run.act(step)
        self.look()


def shown(variables: dict[str, object]) -> str:
    return repr(sorted(variables.items()))


def keys(machine: Machine) -> dict[Key, list[Token]]:
    """What the model has open, in the words of the engine."""
    found: dict[Key, list[Token]] = {}
    for token in machine.open():
        more = {"timer": token.due, "incident": token.code}.get(token.waits, "")
        found.setdefault((token.waits, token.node.id, shown(token.layer.visible()), more), []).append(token)
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
            found += [("answer", key), ("answer", key), ("fail", key), ("fail child", key)]
        elif kind == "incident" and key[3] != "stuck":
            found += [("amend", key), ("retry", key)]
    return found


def step_of(name: str, key: Key, number: int) -> tuple[Callable[[Execution, str], object], Callable[[Machine, Token], object]]:
    """One act, on the engine and on the model."""
    data: dict[str, object] = {each: number // place % 5 for each, place in zip(drawing.DATA, (7, 41, 251), strict=True) if number // place % 3}
    code = ("e1", "down")[number % 2]
    if name == "complete":
        return lambda e, ref: e.complete(ref, data), lambda m, t: m.complete(t, data)
    if name == "come":
        payload = {} if key[0] == "timer" else data
        fire = key[0] == "timer"
        return lambda e, ref: e.fire(ref) if fire else e.deliver(ref, payload), lambda m, t: m.come(t, payload)
    if name == "answer" and key[0] == "call":
        return lambda e, ref: e.call_succeeded(ref, number % 5), lambda m, t: m.complete(t, {"result": number % 5})
    if name == "answer":
        return lambda e, ref: e.child_ended(ref, ChildEnded("completed", data)), lambda m, t: m.complete(t, data)
    if name == "fail" and key[0] == "call":
        return lambda e, ref: e.call_failed(ref, code, "no answer"), lambda m, t: m.fail(t, code)
    if name == "fail":
        return lambda e, ref: e.child_ended(ref, ChildEnded("cancelled", {})), lambda m, t: m.fail(t, "child-cancelled")
    if name == "fail child":
        return lambda e, ref: e.child_ended(ref, ChildEnded("failed", {}, code)), lambda m, t: m.fail_child(t, code)
    if name == "amend":
        return lambda e, _: e.amend(data), lambda m, _: m.amend(data)
    return lambda e, ref: e.retry(ref), lambda m, t: m.retry(t)


def after(machine: Machine, key: Key, step: Callable[[Machine, Token], object]) -> list[Machine]:
    """The states that an act on something under this key may lead to."""
    found = []
    for number in range(len(keys(machine)[key])):
        fresh = copy.deepcopy(machine)
        fresh.new_act()
        step(fresh, keys(fresh)[key][number])
        found.append(fresh)
    return found


def walk(body: Body, definition: Definition, path: list[int]) -> str:
    """One path; how it ended. Raises AssertionError when the engine does what the model does not allow."""
    try:
        machines = [Machine(body, START)]
    except Open:
        return "open at the start"
    engine = Engine(definition)
    told = differences(machines[0], engine, engine.happened())
    assert not told, f"at the start: {told}"
    for number in path:
        possible = acts(engine)
        if engine.run.ended or not possible:
            return engine.run.state_name if engine.run.ended else "stuck"
        name, key = possible[number % len(possible)]
        note(f"{name} {key} {number}")
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


@pytest.mark.timeout(1_200)  # a failure takes minutes to shrink
def test_engine_does_what_the_model_says(model_diagrams: int) -> None:
    outcomes: Counter[str] = Counter()

    @settings(
        max_examples=model_diagrams, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(drawing.diagrams(), st.lists(drawing.PATH, min_size=PATHS, max_size=PATHS))
    def agree(body: Body, paths: list[list[int]]) -> None:
        content = printing.diagram(body)
        note(content.decode())
        definition = definition_of(content)
        for path in paths:
            note(f"path {path}")
            outcomes[walk(body, definition, path)] += 1

    agree()
    print(f"{model_diagrams} diagrams; how the paths ended: {dict(outcomes)}")  # noqa: T201  read with -rP

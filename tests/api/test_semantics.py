"""What BPMN 2.0.2 says of compensation, behaviour of loops, calls, gateways and data, seen as an outside program sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from flask import Flask

from tests.api.cases import Act, Case, do, events, play
from tests.api.conftest import program
from tests.api.program import Program
from tests.spiff.driver import boundary, chain, definitions, end, node, process, start, user

EXTRA = '<signal id="S" name="semantics.s"/><message id="M" name="semantics.m"/><escalation id="X" escalationCode="X1"/>'
COMPENSATE = "<compensateEventDefinition/>"


@pytest.fixture
def api(server: Flask) -> Program:
    return program(server, "admin")


def run(api: Program, inside: str, variables: Mapping[str, Any], acts: Sequence[Act], *others: str, extra: str = EXTRA) -> Case:
    api.publish(definitions(process(inside), *others, extra=extra))
    return play(api, "P", variables, acts)


def throw(ident: str, content: str, **more: Any) -> str:
    return node("intermediateThrowEvent", ident, content, **more)


def handled(activity: str, name: str) -> str:
    handler = user(f"undo_{name}", isForCompensation="true") + f'<association id="as_{name}" sourceRef="b_{name}" targetRef="undo_{name}"/>'
    return activity + boundary(f"b_{name}", name, COMPENSATE) + handler


def several(inner: str, **more: str) -> str:
    return node("multiInstanceLoopCharacteristics", f"mi{len(inner)}", inner, **more)


EACH = '<loopDataInputRef>liste</loopDataInputRef><inputDataItem id="item_un" name="un"/>'

STORIES: dict[str, tuple[str, dict[str, Any], list[Act], str]] = {
    "each iteration is compensated": (
        start() + handled(user("a", several(EACH)), "a") + throw("t", COMPENSATE) + end() + chain("start", "a", "t", "end"),
        {"liste": [1, 2]}, [do("a"), do("a"), do("undo_a"), do("undo_a")], "start a a undo_a undo_a t end",
    ),
    "a compensation event sub-process": (
        start() + node(
            "subProcess", "sp", start("s"), handled(node("task", "a"), "a"), end("e"), chain("s", "a", "e"),
            node("subProcess", "es", start("cs", COMPENSATE), user("annuler"), throw("ct", COMPENSATE), chain("cs", "annuler", "ct"), triggeredByEvent="true"),
        ) + throw("t", COMPENSATE) + end() + chain("start", "sp", "t", "end"),
        {}, [do("annuler"), do("undo_a")], "start s a e sp cs annuler undo_a ct es t end",
    ),
    "compensation that nobody waits for": (
        start() + handled(node("task", "a"), "a") + throw("t", '<compensateEventDefinition waitForCompletion="false"/>') + user("z")
        + chain("start", "a", "t", "z"),
        {}, [do("z"), do("undo_a")], "start a t z undo_a",
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_story_goes_as_the_standard_says(api: Program, story: str) -> None:
    inside, variables, acts, trace = STORIES[story]
    case = run(api, inside, variables, acts)
    assert case.trace() == trace.split()
    after = case.read()
    assert (after["state"], after["tasks"], after["incidents"]) == ("completed", [], [])


def test_task_that_compensates_shows_the_variables_of_its_time(api: Program) -> None:
    inside = start() + handled(user("a"), "a") + user("b") + throw("t", COMPENSATE) + chain("start", "a", "b", "t")
    case = run(api, inside, {}, [do("a", billet="A1"), do("b", billet="B2")])
    (task,) = case.tasks()
    assert api.get(f"/tasks/{task['id']}")["variables"]["billet"] == "A1"
    do("undo_a", rembourse=True)(case)
    assert case.read()["variables"] == {"billet": "B2", "rembourse": True}
    assert [each["type"] for each in events(api, case.id)][-1] == "instance.completed"

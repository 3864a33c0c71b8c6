"""Large variables are kept beside the state of their instance: nobody notices, and a step that leaves them alone does not touch them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import instances, messages, tasks
from engine.actors import SYSTEM
from engine.spiff.failures import StateUnreadable
from engine.spiff.large import LARGE
from engine.tables import instance, large_value
from tests.engine.world import World
from tests.spiff.driver import chain, definitions, end, flow, node, process, start, user

LARGE_TEXT = "x" * LARGE
ROWS = [{"id": number, "nom": "Rennes", "ok": True} for number in range(1_000)]
LOOP = definitions(
    process(
        start(), node("exclusiveGateway", "m"), user("u"), node("exclusiveGateway", "g", default="again"), end(),
        chain("start", "m", "u", "g"), flow("g", "m", name="again"), flow("g", "end", "fini"),
    )
)  # fmt: skip


@pytest.fixture
def looping(world: World) -> World:
    world.publish(LOOP)
    return world


def kept(world: World) -> set[str]:
    """The references of what is kept beside states."""
    return set(world.ask(lambda session: session.execute(select(large_value.c.ref)).scalars().all()))


def snapshot(world: World, case: str) -> bytes:
    return world.ask(lambda session: session.execute(select(instance.c.snapshot).where(instance.c.id == int(case))).scalar_one())


def proceed(world: World, case: str, **answers: object) -> None:
    world.complete(world.task(case).id, {"fini": False} | answers)


@pytest.mark.parametrize(
    "value",
    [
        ROWS,
        LARGE_TEXT,
        {"montants": [Decimal("12.50"), Decimal("0.1")], "texte": LARGE_TEXT},
        {"$": "piège", "texte": LARGE_TEXT},
        {"grand": 2**80, "texte": LARGE_TEXT},
    ],
)
def test_a_large_variable_comes_back_as_it_was(looping: World, value: Any) -> None:
    case = looping.start(variables={"avant": 1, "gros": value, "après": 2})
    started = case.variables
    proceed(looping, case.id, n=1)
    assert len(kept(looping)) == 1
    assert len(snapshot(looping, case.id)) < 1_000
    assert looping.case(case.id).variables == started | {"fini": False, "n": 1}
    assert list(looping.case(case.id).variables) == ["avant", "gros", "après", "fini", "n"]


def test_a_step_that_leaves_it_alone_does_not_read_it(looping: World) -> None:
    case = looping.start(variables={"rows": ROWS})
    before = kept(looping)
    with looping.sessions.begin() as session:
        session.execute(update(large_value).values(content=b"damaged"))
    looping.complete(case.tasks[0].id, {"fini": False, "n": 1})
    assert kept(looping) == before
    with pytest.raises(StateUnreadable):
        looping.case(case.id)


def test_what_is_gone_is_told_and_not_taken_for_nothing(looping: World) -> None:
    case = looping.start(variables={"rows": ROWS})
    with looping.sessions.begin() as session:
        session.execute(large_value.delete())
    with pytest.raises(StateUnreadable):
        looping.case(case.id)


def test_a_changed_variable_replaces_the_one_before(looping: World) -> None:
    case = looping.start(variables={"rows": ROWS})
    (before,) = kept(looping)
    proceed(looping, case.id, rows=ROWS[:900])
    (after,) = kept(looping)
    assert after != before
    assert looping.case(case.id).variables["rows"] == ROWS[:900]
    proceed(looping, case.id, rows="petit")
    assert kept(looping) == set()
    assert looping.case(case.id).variables["rows"] == "petit"


def test_equal_variables_share_what_is_kept(looping: World) -> None:
    case = looping.start(variables={"une": LARGE_TEXT, "autre": LARGE_TEXT})
    assert len(kept(looping)) == 1
    proceed(looping, case.id, une="courte")
    assert len(kept(looping)) == 1
    assert looping.case(case.id).variables["autre"] == LARGE_TEXT


def test_instances_keep_their_own(looping: World) -> None:
    first, second = looping.start(variables={"rows": ROWS}), looping.start(variables={"rows": ROWS})
    proceed(looping, first.id, rows=[])
    assert looping.case(second.id).variables["rows"] == ROWS


def test_conditions_scripts_and_answers_see_it(world: World) -> None:
    world.publish(
        definitions(
            process(
                start(), user("u"), node("exclusiveGateway", "g", default="few"), user("many"), end("none"), end(),
                chain("start", "u", "g"), flow("g", "many", "count(rows) > 10"), flow("g", "none", name="few"), chain("many", "end"),
            )
        )
    )  # fmt: skip
    case = world.start(variables={"rows": ROWS})
    world.complete(world.task(case.id).id)
    task = world.task(case.id, "many")
    assert world.ask(tasks.find, task.id, SYSTEM).variables["rows"] == ROWS
    listed = world.ask(instances.variables, [int(case.id)])
    assert listed[int(case.id)]["rows"] == ROWS
    world.complete(task.id)
    assert world.case(case.id).variables["rows"] == ROWS


def test_a_message_that_came_early_brings_a_large_payload(world: World) -> None:
    """The instance is written twice in one transaction."""
    event = '<messageEventDefinition messageRef="m"/>'
    waiting = node("intermediateCatchEvent", "piece", event)
    content = definitions(process(start(), waiting, user("u"), end(), chain("start", "piece", "u", "end")), '<message id="m" name="piece"/>')
    world.publish(content)
    world.do(messages.receive, "piece", {}, {"plan": LARGE_TEXT, "date": date(2019, 6, 13).isoformat()}, now=world.now)
    case = world.start(variables={"rows": ROWS})
    assert world.case(case.id).variables == {"rows": ROWS, "plan": LARGE_TEXT, "date": "2019-06-13"}
    assert len(kept(world)) == 2


def test_a_large_variable_outlives_the_end(looping: World) -> None:
    case = looping.start(variables={"rows": ROWS})
    proceed(looping, case.id, fini=True)
    found = looping.case(case.id)
    assert (found.state, found.variables["rows"]) == ("completed", ROWS)

"""Called processes: instances of their own, in the same transaction and under the same lock as those that call them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from engine import health, history, instances, timers
from engine.actors import SYSTEM
from engine.errors import Conflict
from tests.engine.test_tasks import race
from tests.engine.world import NOW, World
from tests.spiff.driver import boundary, chain, definitions, diagram, end, flow, node, process, script, start, user

CHILD = definitions(process(start(), user("dedans"), end(), chain("start", "dedans", "end"), key="Enfant"))
PARENT = diagram(
    start(),
    user("avant"),
    node("callActivity", "appeler", calledElement="Enfant"),
    user("apres"),
    end(),
    chain("start", "avant", "appeler", "apres", "end"),
)
SEVERAL = diagram(
    start(),
    node(
        "callActivity",
        "appeler",
        '<multiInstanceLoopCharacteristics isSequential="false"/>',
        calledElement="Enfant",
        props={"collection": "equipes", "elementVariable": "equipe", "outputCollection": "avis", "outputElement": "avis"},
    ),
    user("apres"),
    chain("start", "appeler", "apres"),
)


def called(world: World, parent_id: str) -> list[str]:
    return [each.id for each in world.ask(instances.children, int(parent_id))]


def test_the_caller_waits_for_its_child_and_takes_over_its_result(world: World) -> None:
    world.publish(CHILD)
    world.publish(PARENT)
    case = world.start(variables={"a": 1})
    world.complete(world.task(case.id).id)
    (child,) = called(world, case.id)
    assert world.case(child).variables == {"a": 1}
    assert (world.case(child).root_id, world.case(child).parent_id) == (case.id, case.id)
    done = world.complete(world.task(child).id, {"b": 2})
    assert [each.element_id for each in done.following] == ["apres"]
    assert world.case(child).state == "completed"
    assert world.case(case.id).variables == {"a": 1, "b": 2}


def test_the_newest_version_is_called(world: World) -> None:
    world.publish(CHILD)
    world.publish(PARENT)
    case = world.start()
    world.publish(CHILD.replace(b'"dedans"', b'"nouveau"'))
    world.complete(world.task(case.id).id)
    assert world.task(called(world, case.id)[0]).element_id == "nouveau"


def test_children_run_beside_each_other_and_their_outputs_stay_in_order(world: World) -> None:
    world.publish(CHILD)
    world.publish(SEVERAL)
    case = world.start(variables={"equipes": ["rouge", "vert", "bleu"]})
    by_team = {world.case(each).variables["equipe"]: each for each in called(world, case.id)}
    for team in ("bleu", "rouge", "vert"):
        world.complete(world.task(by_team[team]).id, {"avis": team.upper()})
    assert world.case(case.id).variables["avis"] == ["ROUGE", "VERT", "BLEU"]
    assert world.task(case.id).element_id == "apres"


def test_children_that_end_at_once_do_not_undo_each_other(world: World) -> None:
    world.publish(CHILD)
    world.publish(SEVERAL)
    for _ in range(5):
        case = world.start(variables={"equipes": ["rouge", "vert", "bleu"]})
        open_tasks = [world.task(each) for each in called(world, case.id)]
        outcomes = race([partial(world.complete, each.id, {"avis": index}) for index, each in enumerate(open_tasks)])
        assert not [each for each in outcomes if isinstance(each, Exception)]
        assert world.case(case.id).variables["avis"] == [0, 1, 2]


def test_cancelling_the_case_ends_everything_below_it(world: World) -> None:
    world.publish(CHILD)
    world.publish(SEVERAL)
    case = world.start(variables={"equipes": [1, 2]})
    children = called(world, case.id)
    ended = world.do(instances.cancel, case.id, "doublon", actor=SYSTEM, now=NOW)
    assert [each.state for each in (ended, *map(world.case, children))] == ["cancelled"] * 3
    assert {"task_candidate", "wait", "timer", "call", "incident"} & world.rows().keys() == set()
    assert [list(world.case(each).tasks) for each in children] == [[], []]
    with pytest.raises(Conflict):
        world.do(instances.cancel, case.id, "encore", actor=SYSTEM, now=NOW)
    with pytest.raises(Conflict):
        world.do(instances.cancel, children[0], "encore", actor=SYSTEM, now=NOW)


def test_an_interrupted_caller_takes_its_child_with_it(world: World) -> None:
    world.publish(CHILD)
    late = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    call = node("callActivity", "appeler", calledElement="Enfant")
    world.publish(
        diagram(start(), call, boundary("tard", "appeler", late), user("apres"), chain("start", "appeler"), flow("tard", "apres"))
    )
    case = world.start()
    (child,) = called(world, case.id)
    world.now += timedelta(days=1)
    (timer,) = world.ask(timers.due, now=world.now)
    assert world.do(timers.fire, timer, now=world.now)
    assert (world.case(child).state, world.task(case.id).element_id) == ("cancelled", "apres")


def test_an_error_of_the_child_goes_to_the_boundary_of_the_caller(world: World) -> None:
    errors = '<error id="E1" errorCode="refus"/>'
    failing = process(start(), end("refuse", '<errorEventDefinition errorRef="E1"/>'), chain("start", "refuse"), key="Enfant")
    world.publish(definitions(failing, extra=errors))
    call = node("callActivity", "appeler", calledElement="Enfant")
    caught = boundary("refuse", "appeler", '<errorEventDefinition errorRef="E1"/>')
    world.publish(diagram(start(), call, caught, user("apres"), chain("start", "appeler"), flow("refuse", "apres"), extra=errors))
    case = world.start()
    assert (world.task(case.id).element_id, world.case(called(world, case.id)[0]).state) == ("apres", "failed")


def test_a_chain_of_calls_ends_in_one_transaction(world: World) -> None:
    keys = [f"N{number}" for number in range(12)]
    last = definitions(process(start(), script("calcul", "{fond: true}"), end(), chain("start", "calcul", "end"), key="N12"))
    world.publish(last)
    for number in reversed(range(12)):
        call = node("callActivity", "appeler", calledElement=f"N{number + 1}")
        world.publish(definitions(process(start(), call, end(), chain("start", "appeler", "end"), key=f"N{number}")))
    case = world.start(keys[0])
    assert (case.state, case.variables) == ("completed", {"fond": True})
    assert world.rows()["instance"] == 13


def test_processes_that_call_each_other_without_end_are_stopped(world: World) -> None:
    world.publish(CHILD)
    call = node("callActivity", "appeler", calledElement="Enfant")
    endless = definitions(process(start(), call, end(), chain("start", "appeler", "end"), key="Enfant"))
    world.publish(endless)
    case = world.start("Enfant")
    assert case.state in ("running", "failed")
    assert world.rows()["instance"] <= 1_100


def test_the_history_of_a_call_tree_is_in_one_order(world: World) -> None:
    world.publish(CHILD)
    world.publish(PARENT)
    case = world.start()
    world.complete(world.task(case.id).id)
    (child,) = called(world, case.id)
    world.complete(world.task(child).id)
    first = world.ask(history.events, case.id, children=True, limit=5)
    rest = world.ask(history.events, case.id, children=True, cursor=first.cursor)
    events = [*first.items, *rest.items]
    passed = [(each.instance_id, each.element_id) for each in events if each.type == "element.completed"]
    assert passed == [
        (case.id, "start"),
        (case.id, "avant"),
        (child, "start"),
        (child, "dedans"),
        (child, "end"),
        (case.id, "appeler"),
    ]
    own = [each.seq for each in events if each.instance_id == child]
    assert own == list(range(1, len(own) + 1))
    assert [each.seq for each in world.ask(history.events, case.id).items] == [each.seq for each in events if each.instance_id == case.id]


def test_who_is_awaited_by_a_called_process_is_awaited_by_its_caller(world: World) -> None:
    world.publish(CHILD)
    world.publish(PARENT)
    case, other = world.start(), world.start()
    world.complete(world.task(case.id).id)
    (child,) = called(world, case.id)
    awaited = world.ask(health.awaited, [int(case.id), int(child), int(other.id)])
    found = {number: [each.element_id for each in open_tasks] for number, open_tasks in awaited.items()}
    assert found == {int(case.id): ["dedans"], int(child): ["dedans"], int(other.id): ["avant"]}
    world.complete(world.task(child).id)
    assert int(child) not in world.ask(health.awaited, [int(child)])


def test_how_long_a_process_takes_is_the_median_of_its_own_cases(world: World) -> None:
    world.publish(CHILD)
    for days in (2, 30, 4):
        world.now = NOW
        case = world.start("Enfant")
        world.now = NOW + timedelta(days=days)
        assert world.ask(health.usual) == {}
        world.complete(world.task(case.id).id)
    world.publish(PARENT)
    world.start()
    assert world.ask(health.usual) == {"Enfant": timedelta(days=4)}

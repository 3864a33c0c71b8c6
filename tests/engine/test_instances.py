"""Instances: their beginning, their titles, how they are listed, and what hostile variables do to them (nothing)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine import history, instances
from engine.actors import SYSTEM
from engine.errors import EngineError, InvalidAnswers, NotFound, Unusable
from tests.engine.test_tasks import FORM
from tests.engine.world import World
from tests.spiff.driver import chain, definitions, diagram, end, flow, node, process, script, start, user

TITLED = definitions(
    process(start(), user("u"), end(), chain("start", "u", "end"), props={"title": '"Idée : " + titre', "businessKey": "reference"})
)


def test_the_title_and_the_key_come_from_the_variables(world: World) -> None:
    world.publish(TITLED)
    case = world.start(variables={"titre": "Korrigo", "reference": "TK-1"})
    assert (case.title, case.business_key) == ("Idée : Korrigo", "TK-1")
    world.complete(world.task(case.id).id, {"titre": "Glad"})
    assert world.case(case.id).title == "Idée : Glad"


def test_a_given_key_wins_and_a_missing_title_is_the_process(world: World) -> None:
    world.publish(TITLED)
    case = world.start(variables={"reference": "TK-1"}, business_key="donnée")
    assert (case.title, case.business_key) == ("P", "donnée")


def test_a_title_is_no_place_for_control_characters_or_novels(world: World) -> None:
    world.publish(TITLED)
    case = world.start(variables={"titre": "a\x00b" + "x" * 5_000, "reference": "\x00k"})
    assert (case.title[:9], len(case.title), case.business_key) == ("Idée : ab", 300, "k")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"process": "P"}, ["B", "A"]),
        ({"process": "Q"}, []),
        ({"business_key": "A"}, ["A"]),
        ({"state": "running"}, ["B"]),
        ({"state": "completed"}, ["A"]),
        ({"q": "KORRIGO"}, ["A"]),
        ({"q": "_"}, []),
        ({"q": "%"}, []),
    ],
)
def test_instances_are_listed_newest_first_and_filtered(world: World, filters: dict[str, str], found: list[str]) -> None:
    world.publish(TITLED)
    first = world.start(variables={"titre": "Korrigo", "reference": "A"})
    world.start(variables={"titre": "Glad", "reference": "B"})
    world.complete(world.task(first.id).id)
    page = world.ask(instances.page, SYSTEM, **filters)
    assert [each.business_key for each in page.items] == found


def test_pages_of_instances_follow_each_other(world: World) -> None:
    world.publish(TITLED)
    made = [world.start(variables={"reference": str(number)}).id for number in range(7)]
    seen: list[str] = []
    cursor = None
    while True:
        page = world.ask(instances.page, SYSTEM, limit=3, cursor=cursor)
        seen += [each.id for each in page.items]
        if len(seen) == 3:
            world.start(variables={"reference": "new"})  # what comes meanwhile is on the first page, not among the next ones
        if (cursor := page.cursor) is None:
            break
    assert seen == made[::-1]


def test_the_start_form_checks_people_and_the_start_event_is_chosen(world: World) -> None:
    world.publish(
        diagram(start("a", props={"formKey": "demande"}), start("b"), user("u"), chain("a", "u"), flow("b", "u")),
        forms={"demande": FORM},
    )
    agent = world.person("Yann")
    with pytest.raises(InvalidAnswers):
        world.start(start_event="a", actor=agent, variables={"titre": "beaucoup trop long"})
    assert "instance" not in world.rows()
    assert world.start(start_event="a", actor=agent, variables={"titre": "court"}).state == "running"
    assert world.start(start_event="b").state == "running"
    with pytest.raises((Unusable, NotFound)):
        world.start(start_event="u")


@pytest.mark.parametrize(
    "variables",
    [
        {"a": 10**40, "b": -(10**40)},
        {"a": 1e308, "b": "é\u2028\U0001f986\x00", "": [], " ": {}},
        {"x" * 1_000: {"y" * 1_000: [None, True, 0.1]}},
        {"a": "=1+1", "b": "${7*7}", "c": "{{ 7*7 }}", "__class__": "x"},
    ],
)
def test_strange_variables_are_kept_as_they_are(world: World, variables: dict[str, object]) -> None:
    world.publish(diagram(start(), user("u"), user("v"), chain("start", "u", "v")))
    case = world.start(variables=variables)
    world.complete(world.task(case.id).id, {"plus": variables})
    assert world.case(case.id).variables == variables | {"plus": variables}


def test_results_of_feel_are_json_for_those_who_read_them(world: World) -> None:
    source = '{somme: 0.1 + 0.2, grand: 10 ** 30, jour: date("2019-06-13"), dans: duration("P1D")}'
    world.publish(diagram(start(), script("calcul", source), user("u"), chain("start", "calcul", "u")))
    variables = world.start().variables
    assert variables == {"somme": 0.3, "grand": 10**30, "jour": "2019-06-13", "dans": "P1D"}


@pytest.mark.parametrize("value", ["x" * 9_000_000, object(), {1: 2}, {"a"}, Decimal("NaN")])
def test_what_cannot_be_kept_is_refused_and_changes_nothing(world: World, value: object) -> None:
    world.publish(diagram(start(), user("u"), end(), chain("start", "u", "end")))
    case = world.start()
    before = world.rows()
    for act in (lambda: world.start(variables={"a": value}), lambda: world.complete(world.task(case.id).id, {"a": value})):
        try:
            act()
        except EngineError:
            assert world.rows() == before
            assert world.case(case.id).variables == {}


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_values_too_deep_are_refused(world: World) -> None:
    world.publish(diagram(start(), user("u"), end(), chain("start", "u", "end")))
    with pytest.raises(Unusable):
        world.start(variables={"a": deep(200)})
    assert "instance" not in world.rows()


@pytest.mark.parametrize("instance_id", ["0", "-1", "abc", "9" * 40, "", "1" * 19, "９"])
def test_unknown_instances_are_not_found(world: World, instance_id: str) -> None:
    for act in (lambda: world.case(instance_id), lambda: world.do(instances.cancel, instance_id, "", actor=SYSTEM, now=world.now)):
        with pytest.raises(NotFound):
            act()


def test_the_history_tells_who_did_what_in_order(world: World) -> None:
    world.publish(diagram(start(), user("u", props={"candidateGroups": "accueil"}), end(), chain("start", "u", "end")))
    nolwenn = world.person("Nolwenn", "accueil")
    case = world.start()
    world.complete(world.task(case.id).id, {"avis": "oui"}, actor=nolwenn)
    events = world.ask(history.events, case.id).items
    assert [each.seq for each in events] == list(range(1, len(events) + 1))
    assert [each.element_id for each in events if each.type == "element.completed"] == ["start", "u", "end"]
    completed = next(each for each in events if each.type == "task.completed")
    assert (completed.actor, completed.data["answers"]) == ("user:Nolwenn", {"avis": "oui"})
    assert [each.type for each in events if each.type.startswith("instance.")] == ["instance.started", "instance.completed"]


def test_an_act_that_fails_halfway_leaves_nothing(world: World) -> None:
    class Broken(Exception):
        pass

    world.publish(diagram(start(), user("u"), end(), chain("start", "u", "end")))
    before = world.rows()

    def begin_and_break(session: object) -> None:
        instances.start(session, "P", {}, actor=SYSTEM, now=world.now)  # type: ignore[arg-type]
        raise Broken

    with pytest.raises(Broken):
        world.do(begin_and_break)
    assert world.rows() == before
    assert world.start().state == "running"


def test_what_opens_and_closes_in_one_step_leaves_no_row(world: World) -> None:
    late = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    inner = start("s1") + script("calcul", "{a: 1}") + end("e1") + chain("s1", "calcul", "e1")
    sub = node("subProcess", "phase", inner)
    world.publish(
        diagram(
            start(), sub, node("boundaryEvent", "tard", late, attachedToRef="phase"), user("u"), chain("start", "phase"), flow("tard", "u")
        )
    )
    assert world.start().state == "completed"
    assert world.rows().keys() & {"timer", "wait", "call", "task", "incident"} == set()

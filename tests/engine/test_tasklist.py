"""The list of tasks: who sees what, in which order, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import tasks
from engine.actors import PUBLIC, SYSTEM, Actor
from engine.errors import Unusable
from tests.engine.world import NOW, World
from tests.spiff.driver import chain, definitions, diagram, end, process, start, user

PROPS = {"candidateGroups": "accueil, renfort", "assignee": "agent"}
FLOW = chain("start", "u", "end")
WITH_DEADLINE = diagram(start(), user("u", props=PROPS | {"dueIn": "delai"}, name="Traiter"), end(), FLOW)
WITHOUT = definitions(process(start(), user("u", props=PROPS, name="Traiter"), end(), FLOW, key="N"))
URGENT = diagram(start(), user("u", props={"candidateGroups": "accueil", "priority": "80"}), end(), chain("start", "u", "end"))


def ids(world: World, actor: Actor, **more: object) -> list[str]:
    return [each.id for each in world.ask(tasks.page, actor, now=world.now, **more).items]


def begin(world: World, delay: str | None = None, agent: str | None = None) -> str:
    return world.task(world.start("P" if delay else "N", {"delai": delay, "agent": agent}).id).id


@pytest.fixture
def published(world: World) -> World:
    world.publish(WITH_DEADLINE)
    world.publish(WITHOUT)
    return world


def test_the_earliest_deadline_comes_first_and_none_last(published: World) -> None:
    world, soizic = published, published.person("Soizic", "accueil")
    never, late, soon = begin(world), begin(world, "P9D"), begin(world, "P1D")
    assert ids(world, soizic) == [soon, late, never]


def test_the_higher_priority_comes_before_every_deadline(world: World) -> None:
    world.publish(URGENT)
    world.publish(WITH_DEADLINE.replace(b'"P"', b'"normal"'))
    soizic = world.person("Soizic", "accueil")
    normal = world.task(world.start("normal", {"delai": "PT1H", "agent": None}).id)
    urgent = world.task(world.start("P").id)
    assert (urgent.priority, ids(world, soizic)) == (80, [urgent.id, normal.id])


@pytest.mark.parametrize("whose", ["mine", "groups", "all"])
def test_pages_follow_each_other_without_gap_or_repetition(published: World, whose: str) -> None:
    world, soizic = published, published.person("Soizic", "accueil", "renfort")
    address = soizic.email if whose == "mine" else None
    expected = {begin(world, delay, address) for delay in ("P1D", "P1D", None, "P2D", None, "P1D", "P3D") for _ in range(3)}
    actor = SYSTEM if whose == "all" else soizic
    seen: list[str] = []
    cursor = None
    while True:
        page = world.ask(tasks.page, actor, limit=4, cursor=cursor)
        seen += [each.id for each in page.items]
        if (cursor := page.cursor) is None:
            break
        assert len(page.items) == 4
        if len(seen) == 8:  # somebody completes one that was shown and one that was not: the others stay where they are
            world.complete(seen[0])
            gone = (expected - set(seen)).pop()
            world.complete(gone)
            expected.remove(gone)
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


def test_each_tab_holds_its_tasks_and_their_number(published: World) -> None:
    world, soizic = published, published.person("Soizic", "accueil")
    offered, mine = begin(world, "P2D"), begin(world, "P2D", "soizic@exemple.bzh")
    late_offered, late_mine = begin(world, "PT1H"), begin(world, "PT1H", "soizic@exemple.bzh")
    done = begin(world)
    world.complete(done, actor=soizic)
    begin(world, "PT1H", "inconnu@exemple.bzh")
    world.now = NOW + timedelta(hours=2)
    by_tab = {tab: set(ids(world, soizic, tab=tab)) for tab in ("mine", "groups", "overdue", "done")}
    unknown_assignee = by_tab["groups"] - {offered, late_offered}
    assert len(unknown_assignee) == 1  # nobody has that address: the group can take it
    assert by_tab["mine"] == {mine, late_mine}
    assert by_tab["overdue"] == {late_offered, late_mine} | unknown_assignee
    assert by_tab["done"] == {done}
    assert world.ask(tasks.counts, soizic, now=world.now) == {tab: len(found) for tab, found in by_tab.items()}


def test_nobody_sees_tasks_of_groups_they_are_not_in(published: World) -> None:
    world = published
    task = begin(world)
    assert ids(world, world.person("Yann", "ailleurs")) == []
    assert ids(world, PUBLIC) == []
    for group in ("operateurs", "proprietaires", "administrateurs", "renfort"):
        assert ids(world, world.person(group, group)) == [task]


def test_a_task_for_two_of_my_groups_is_listed_once(published: World) -> None:
    world, soizic = published, published.person("Soizic", "accueil", "renfort")
    task = begin(world)
    assert ids(world, soizic) == [task]
    assert world.ask(tasks.counts, soizic, now=NOW)["groups"] == 1


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"process": "P"}, 1),
        ({"process": "Q"}, 0),
        ({"group": "renfort"}, 2),
        ({"group": "autre"}, 0),
        ({"assignee": "soizic@exemple.bzh"}, 1),
        ({"assignee": "inconnue@exemple.bzh"}, 0),
        ({"due_before": NOW + timedelta(days=1)}, 0),
        ({"due_before": NOW + timedelta(days=3)}, 1),
        ({"q": "traiter"}, 2),
        ({"q": "%"}, 0),
        ({"q": "introuvable"}, 0),
        ({"state": "completed"}, 0),
    ],
)
def test_filters_narrow_the_list(published: World, filters: dict[str, object], found: int) -> None:
    world = published
    world.person("Soizic", "accueil")
    begin(world, "P2D")
    begin(world, None, "soizic@exemple.bzh")
    assert len(ids(world, SYSTEM, **filters)) == found


@pytest.mark.parametrize("cursor", ["x", "!!!", "WzFd", "W10", "bnVsbA", "WyJhIiwxLDFd", "🦆"])
def test_a_broken_cursor_is_refused(published: World, cursor: str) -> None:
    with pytest.raises(Unusable):
        published.ask(tasks.page, SYSTEM, cursor=cursor)


def test_done_tasks_are_listed_newest_first(published: World) -> None:
    world, soizic = published, published.person("Soizic", "accueil")
    made = [begin(world) for _ in range(5)]
    for each in made:
        world.now += timedelta(minutes=1)
        world.complete(each, actor=soizic)
    first = world.ask(tasks.page, soizic, tab="done", limit=3)
    rest = world.ask(tasks.page, soizic, tab="done", limit=3, cursor=first.cursor)
    assert [each.id for each in (*first.items, *rest.items)] == made[::-1]

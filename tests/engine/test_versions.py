"""Publishing: all or nothing, frozen, numbered, and only the newest version begins by itself."""

from __future__ import annotations

from functools import partial

import pytest

from engine import people, versions
from engine.actors import SYSTEM
from engine.bundle import File
from engine.errors import Forbidden, NotFound, Refused
from tests.engine.test_tasks import FORM, race
from tests.engine.world import NOW, World
from tests.spiff.driver import chain, definitions, diagram, end, node, process, start, user

GOOD = diagram(start(), user("u"), end(), chain("start", "u", "end"))
DMN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">
<decision id="seuil" name="Seuil"><literalExpression><text>12</text></literalExpression></decision></definitions>"""


def test_versions_are_numbered_for_each_process(world: World) -> None:
    assert [(each.key, each.version) for each in world.publish(GOOD)] == [("P", 1)]
    assert [(each.key, each.version) for each in world.publish(GOOD.replace(b'"u"', b'"v"'))] == [("P", 2)]
    world.publish(definitions(process(start(), end(), chain("start", "end"), key="Q")))
    assert [(each.key, each.version) for each in world.ask(versions.processes).items] == [("P", 2), ("Q", 1)]
    assert [each.version for each in world.ask(versions.versions, "P").items] == [2, 1]


def test_the_same_content_is_the_same_version(world: World) -> None:
    first = world.publish(GOOD)
    again = world.publish(GOOD)
    assert [each.version_id for each in again] == [each.version_id for each in first]
    world.publish(GOOD.replace(b'"u"', b'"v"'))
    assert [each.version for each in world.publish(GOOD)] == [3]


def test_running_instances_keep_their_version(world: World) -> None:
    world.publish(GOOD)
    old = world.start()
    world.publish(GOOD.replace(b'"u"', b'"v"'))
    assert (world.case(old.id).version, world.task(world.start().id).element_id) == (1, "v")
    world.complete(world.task(old.id).id)
    assert world.case(old.id).state == "completed"


def test_every_executable_process_of_a_file_is_published(world: World) -> None:
    both = definitions(process(start(), end(), chain("start", "end"), key="A"), process(start("s2"), end("e2"), chain("s2", "e2"), key="B"))
    assert {each.key for each in world.publish(both)} == {"A", "B"}


def test_what_is_refused_leaves_no_row_and_names_every_problem(world: World) -> None:
    broken = diagram(start(), user("u", props={"formKey": "absent", "dueIn": "1 +"}), node("scriptTask", "s"), chain("start", "u", "s"))
    with pytest.raises(Refused) as refusal:
        world.publish(broken)
    assert {each.element_id for each in refusal.value.problems} >= {"u", "s"}
    assert world.rows() == {}


@pytest.mark.parametrize("content", [b"", b"<a/>", b"<definitions", b"\x00", b"<!DOCTYPE x><definitions/>", "é".encode("latin-1")])
def test_a_file_that_is_no_diagram_is_refused(world: World, content: bytes) -> None:
    with pytest.raises(Refused):
        world.publish(content)
    assert world.rows() == {}


def test_nothing_to_publish_is_refused(world: World) -> None:
    with pytest.raises(Refused):
        world.publish()


def test_files_of_one_name_are_kept_apart(world: World) -> None:
    forms = [File("form", "f.form", str(dict(FORM, id=key)).replace("'", '"').replace("True", "true").encode()) for key in ("a", "b")]
    world.do(versions.publish, [File("diagram", "d.bpmn", GOOD), *forms], actor=SYSTEM, now=NOW)
    (version,) = world.ask(versions.versions, "P").items
    kept = world.ask(versions.files, version.version_id)
    assert sorted(each.content for each in kept) == sorted([GOOD, *(each.content for each in forms)])
    assert set(world.ask(versions.definition, version.version_id).forms) == {"a", "b"}


def test_the_diagram_is_kept_byte_for_byte(world: World) -> None:
    world.publish(GOOD, forms={"demande": FORM})
    assert world.ask(versions.diagram, "P", 1) == GOOD
    with pytest.raises(NotFound):
        world.ask(versions.diagram, "P", 2)


def test_groups_of_lanes_exist_afterwards(world: World) -> None:
    lanes = '<laneSet id="ls"><lane id="l1" name="Accueil"><flowNodeRef>u</flowNodeRef></lane></laneSet>'
    world.publish(diagram(lanes, start(), user("u"), end(), chain("start", "u", "end")))
    assert "Accueil" in world.ask(people.group_names)


def test_a_published_decision_can_be_evaluated_by_itself(world: World) -> None:
    world.do(versions.publish, [File("diagram", "d.bpmn", GOOD), File("decision", "d.dmn", DMN)], actor=SYSTEM, now=NOW)
    model, decision = world.ask(versions.decision, "seuil")
    assert decision.name == "Seuil"
    assert model.evaluate("seuil", {}).value == 12
    with pytest.raises(NotFound):
        world.ask(versions.decision, "autre")


def test_only_owners_and_administrators_publish(world: World) -> None:
    for group, allowed in (("proprietaires", True), ("administrateurs", True), ("operateurs", False), ("agents", False), ("jury", False)):
        actor = world.person(group, group)
        if allowed:
            world.publish(GOOD, actor=actor)
        else:
            with pytest.raises(Forbidden):
                world.publish(GOOD, actor=actor)


def test_publications_at_once_get_numbers_of_their_own(world: World) -> None:
    contents = [GOOD.replace(b'"u"', f'"u{number}"'.encode()) for number in range(6)]
    outcomes = race([partial(world.publish, content) for content in [*contents, contents[0]]])
    assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
    numbers = [each.version for each in world.ask(versions.versions, "P").items]
    assert numbers == list(range(len(numbers), 0, -1))


@pytest.mark.parametrize("key", ["", "absent", "x" * 10_000, "'; DROP TABLE version;--"])
def test_unknown_processes_are_not_found(world: World, key: str) -> None:
    with pytest.raises(NotFound):
        world.ask(versions.process, key)
    with pytest.raises(NotFound):
        world.start(key)

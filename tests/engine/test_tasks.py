"""Tasks: who gets them, who completes them, and what happens to whoever comes second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from engine import history, tasks
from engine.actors import SYSTEM, Actor
from engine.errors import Conflict, Forbidden, InvalidAnswers, NotFound, Unusable
from tests.engine.world import NOW, World
from tests.spiff.driver import chain, diagram, end, start, user

FORM = {
    "id": "demande",
    "type": "default",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "id": "f1", "key": "titre", "label": "Titre", "validate": {"required": True, "maxLength": 10}},
        {"type": "number", "id": "f2", "key": "montant", "label": "Montant", "validate": {"max": 500}},
    ],
}
TWO_TASKS = diagram(
    start(),
    user("saisir", props={"candidateGroups": "accueil", "dueIn": "P2D"}, name="Saisir la demande"),
    user("valider", props={"candidateGroups": "valideurs"}, name="Valider la demande"),
    end(),
    chain("start", "saisir", "valider", "end"),
)
ONE_TASK = diagram(start(), user("saisir", props={"candidateGroups": "accueil"}), end(), chain("start", "saisir", "end"))
WITH_FORM = diagram(
    start(), user("saisir", props={"candidateGroups": "accueil", "formKey": "demande"}), end(), chain("start", "saisir", "end")
)


def test_an_instance_runs_from_its_start_to_its_end(world: World) -> None:
    world.publish(TWO_TASKS)
    case = world.start(variables={"titre": "Korrigo"})
    assert [each.name for each in case.tasks] == ["Saisir la demande"]
    done = world.complete(case.tasks[0].id, {"avis": "oui"})
    assert done.task.state == "completed"
    assert [each.name for each in done.following] == ["Valider la demande"]
    world.complete(done.following[0].id)
    ended = world.case(case.id)
    assert (ended.state, ended.variables) == ("completed", {"titre": "Korrigo", "avis": "oui"})
    assert list(ended.tasks) == []


def test_a_task_says_until_when_and_for_whom(world: World) -> None:
    world.publish(TWO_TASKS)
    task = world.task(world.start().id)
    assert (task.due, task.groups, task.assignee) == (NOW + timedelta(days=2), ("accueil",), None)


def test_a_completed_task_remembers_who_and_when(world: World) -> None:
    world.publish(ONE_TASK)
    nolwenn = world.person("Nolwenn", "accueil")
    task = world.task(world.start().id)
    world.now += timedelta(hours=1)
    world.complete(task.id, actor=nolwenn)
    seen = world.ask(tasks.find, task.id, nolwenn).task
    assert (seen.state, seen.closed_by, seen.closed_at) == ("completed", "Nolwenn", NOW + timedelta(hours=1))


def test_second_completion_is_refused_and_told_who_was_first(world: World) -> None:
    world.publish(TWO_TASKS)
    nolwenn, yann = world.person("Nolwenn", "accueil"), world.person("Yann", "accueil")
    task = world.task(world.start().id)
    world.complete(task.id, {"avis": "oui"}, actor=nolwenn)
    with pytest.raises(Conflict) as refusal:
        world.complete(task.id, {"avis": "non"}, actor=yann)
    assert (refusal.value.by, refusal.value.at) == ("Nolwenn", NOW)
    assert world.case(task.instance_id).variables == {"avis": "oui"}


def test_of_two_people_at_once_exactly_one_completes(world: World) -> None:
    world.publish(ONE_TASK)
    people = [world.person(name, "accueil") for name in ("Nolwenn", "Yann", "Soizic")]
    for _ in range(25):
        task = world.task(world.start().id)
        outcomes = race([partial(world.complete, task.id, {"par": who.name}, actor=who) for who in people])
        won = [who for who, outcome in zip(people, outcomes, strict=True) if not isinstance(outcome, Exception)]
        lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert len(won) == 1
        assert all(isinstance(each, Conflict) and each.by == won[0].name for each in lost), lost
        assert world.case(task.instance_id).variables == {"par": won[0].name}


def test_of_two_people_at_once_exactly_one_claims(world: World) -> None:
    world.publish(ONE_TASK)
    people = [world.person(name, "accueil") for name in ("Nolwenn", "Yann")]
    for _ in range(15):
        task = world.task(world.start().id)
        outcomes = race([partial(world.do, tasks.claim, task.id, actor=who, now=NOW) for who in people])
        assert sorted(type(each).__name__ for each in outcomes) == ["Conflict", "NoneType"]


def race(acts: Sequence[Callable[[], object]]) -> list[Any]:
    """The outcome of each act, result or exception, when all begin together."""
    outcomes: list[Any] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(index: int) -> None:
        barrier.wait()
        try:
            outcomes[index] = acts[index]()
        except Exception as error:  # noqa: BLE001  the outcome of a race is what we look at
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


# Taking and giving back


def test_a_claimed_task_leaves_the_list_of_the_group(world: World) -> None:
    world.publish(ONE_TASK)
    nolwenn, yann = world.person("Nolwenn", "accueil"), world.person("Yann", "accueil")
    task = world.task(world.start().id)
    world.do(tasks.claim, task.id, actor=nolwenn, now=NOW)
    assert ids(world, nolwenn, tab="mine") == [task.id]
    assert ids(world, yann, tab="groups") == []
    with pytest.raises(Conflict) as refusal:
        world.complete(task.id, actor=yann)
    assert refusal.value.by == "Nolwenn"


def test_a_task_given_back_is_there_for_the_group_again(world: World) -> None:
    world.publish(ONE_TASK)
    nolwenn, yann = world.person("Nolwenn", "accueil"), world.person("Yann", "accueil")
    task = world.task(world.start().id)
    world.do(tasks.claim, task.id, actor=nolwenn, now=NOW)
    with pytest.raises((Forbidden, Conflict)):
        world.do(tasks.unclaim, task.id, actor=yann, now=NOW)
    world.do(tasks.unclaim, task.id, actor=nolwenn, now=NOW)
    assert ids(world, nolwenn, tab="mine") == []
    assert ids(world, yann, tab="groups") == [task.id]


def test_a_task_can_be_assigned_and_assigned_again(world: World) -> None:
    world.publish(ONE_TASK)
    nolwenn, yann = world.person("Nolwenn", "accueil"), world.person("Yann")
    task = world.task(world.start().id)
    world.do(tasks.assign, task.id, "yann@exemple.bzh", actor=nolwenn, now=NOW)
    assert ids(world, yann, tab="mine") == [task.id]
    world.do(tasks.assign, task.id, "nolwenn@exemple.bzh", actor=SYSTEM, now=NOW)
    assert (ids(world, yann, tab="mine"), ids(world, nolwenn, tab="mine")) == ([], [task.id])
    with pytest.raises(Unusable):
        world.do(tasks.assign, task.id, "personne@exemple.bzh", actor=nolwenn, now=NOW)


def test_a_diagram_can_name_who_gets_the_task(world: World) -> None:
    world.publish(diagram(start(), user("u", props={"assignee": "agent"}), end(), chain("start", "u", "end")))
    yann = world.person("Yann")
    task = world.task(world.start(variables={"agent": "YANN@exemple.bzh"}).id)
    assert (task.assignee, ids(world, yann, tab="mine")) == ("yann@exemple.bzh", [task.id])


def ids(world: World, actor: Actor, **more: object) -> list[str]:
    return [each.id for each in world.ask(tasks.page, actor, now=world.now, **more).items]


# Answers


def test_answers_are_checked_by_the_form_whoever_sends_them(world: World) -> None:
    world.publish(WITH_FORM, forms={"demande": FORM})
    task = world.task(world.start().id)
    with pytest.raises(InvalidAnswers) as refusal:
        world.complete(task.id, {"titre": "beaucoup trop long", "montant": 501, "inconnu": 1})
    assert set(refusal.value.messages) == {"titre", "montant", "inconnu"}
    assert world.task(task.instance_id).id == task.id
    world.complete(task.id, {"titre": "court", "montant": 500})
    assert world.case(task.instance_id).variables == {"titre": "court", "montant": 500}


def test_a_task_without_a_form_takes_any_object(world: World) -> None:
    world.publish(ONE_TASK)
    case = world.start()
    world.complete(case.tasks[0].id, {"a": [1, {"b": None}], "c": 1.5})
    assert world.case(case.id).variables == {"a": [1, {"b": None}], "c": 1.5}


def test_a_draft_is_kept_for_its_author_until_the_task_is_done(world: World) -> None:
    world.publish(WITH_FORM, forms={"demande": FORM})
    nolwenn, yann = world.person("Nolwenn", "accueil"), world.person("Yann", "accueil")
    task = world.task(world.start().id)
    world.do(tasks.save_draft, task.id, {"titre": "déb"}, actor=nolwenn, now=NOW)
    world.do(tasks.save_draft, task.id, {"titre": "début"}, actor=nolwenn, now=NOW)
    kept = world.ask(tasks.draft_of, task.id, nolwenn)
    assert kept is not None
    assert kept.answers == {"titre": "début"}
    assert world.ask(tasks.draft_of, task.id, yann) is None
    world.complete(task.id, {"titre": "fini"}, actor=nolwenn)
    assert "draft" not in world.rows()


def test_the_form_sees_what_the_task_sees(world: World) -> None:
    world.publish(WITH_FORM, forms={"demande": FORM})
    task = world.task(world.start(variables={"agent": "Soizic"}).id)
    assert world.ask(tasks.find, task.id, SYSTEM).variables == {"agent": "Soizic"}


# Bad input


@pytest.mark.parametrize("task_id", ["0", "12", "-1", "abc", "9" * 30, "", "１", "1.0", "1 OR 1=1"])
def test_unknown_ids_are_not_found(world: World, task_id: str) -> None:
    for act in (
        lambda: world.ask(tasks.find, task_id, SYSTEM),
        lambda: world.complete(task_id),
        lambda: world.do(tasks.claim, task_id, actor=SYSTEM, now=NOW),
        lambda: world.do(tasks.assign, task_id, "x@exemple.bzh", actor=SYSTEM, now=NOW),
    ):
        with pytest.raises(NotFound):
            act()


def test_what_is_refused_changes_nothing(world: World) -> None:
    world.publish(WITH_FORM, forms={"demande": FORM})
    stranger = world.person("Yann", "autre")
    task = world.task(world.start().id)
    before = world.rows(), [each.seq for each in world.ask(history.events, task.instance_id).items]
    with pytest.raises(InvalidAnswers):
        world.complete(task.id, {})
    with pytest.raises(NotFound):
        world.complete(task.id, {"titre": "x"}, actor=stranger)
    assert before == (world.rows(), [each.seq for each in world.ask(history.events, task.instance_id).items])

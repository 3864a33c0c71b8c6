"""The table of permissions, held against the commands themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import update

from engine import calls, incidents, instances, people, tasks
from engine.actors import PUBLIC, SYSTEM, Actor
from engine.calls import CallError
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.tables import user_account
from feel.text import text
from tests.engine.test_tasks import FORM
from tests.engine.world import NOW, World
from tests.spiff.driver import chain, diagram, end, node, start, user

CASE = diagram(
    start(props={"candidateGroups": "demandeurs"}),
    user("u", props={"candidateGroups": "accueil"}),
    node("serviceTask", "s", props={"connector": "x", "retries": "0"}),
    end(),
    chain("start", "u", "s", "end"),
)

WHO = {
    "admin": ("administrateurs",),
    "owner": ("proprietaires",),
    "operator": ("operateurs",),
    "candidate": ("accueil",),
    "requester": ("demandeurs",),
    "stranger": ("ailleurs",),
}


def attempt(act: Callable[[], object]) -> str:
    try:
        act()
    except NotFound:
        return "not found"
    except Forbidden:
        return "forbidden"
    return "done"


@pytest.mark.parametrize(
    ("action", "outcomes"),
    [
        ("start", "done done done forbidden done forbidden"),
        ("see instance", "done done done done not-found not-found"),
        ("see task", "done done done done not-found not-found"),
        ("claim", "done forbidden forbidden done not-found not-found"),
        ("assign", "done forbidden done done not-found not-found"),
        ("complete", "done forbidden forbidden done not-found not-found"),
        ("cancel", "done forbidden done forbidden not-found not-found"),
        ("list incidents", "done done done forbidden forbidden forbidden"),
        ("retry", "done forbidden done forbidden forbidden forbidden"),
    ],
)
def test_each_may_do_what_the_table_says(world: World, action: str, outcomes: str) -> None:
    world.publish(CASE)
    for (name, groups), expected in zip(WHO.items(), outcomes.split(), strict=True):
        actor = world.person(name.capitalize(), *groups)
        assert attempt(partial(perform, world, action, actor)) == expected.replace("-", " "), name


def perform(world: World, action: str, actor: Actor) -> object:
    if action == "start":
        return world.start(actor=actor)
    case = world.start()
    task = world.task(case.id).id
    if action in ("list incidents", "retry"):
        world.complete(task)
        (call,) = [each for each in world.do(calls.claim, now=NOW, worker="w") if str(each.instance_id) == case.id]
        world.do(calls.fail, call.id, call.token, CallError("X", text("x")), now=NOW)
        incident = world.case(case.id).incidents[0].id
    acts = {
        "see instance": lambda: world.case(case.id, actor),
        "see task": lambda: world.ask(tasks.find, task, actor),
        "claim": lambda: world.do(tasks.claim, task, actor=actor, now=NOW),
        "assign": lambda: world.do(tasks.assign, task, actor.email, actor=actor, now=NOW),
        "complete": lambda: world.complete(task, actor=actor),
        "cancel": lambda: world.do(instances.cancel, case.id, "", actor=actor, now=NOW),
        "list incidents": lambda: world.ask(incidents.page, actor),
        "retry": lambda: world.do(incidents.retry, incident, actor=actor, now=NOW),
    }
    return acts[action]()


def test_a_case_is_visible_to_who_started_it_and_who_worked_in_it(world: World) -> None:
    world.publish(CASE)
    requester, other = world.person("Nolwenn", "demandeurs"), world.person("Yann", "demandeurs")
    case = world.start(actor=requester)
    assert listed(world, requester) == [case.id]
    assert listed(world, other) == []
    with pytest.raises(NotFound):
        world.case(case.id, other)
    world.do(tasks.assign, world.task(case.id).id, "yann@exemple.bzh", actor=SYSTEM, now=NOW)
    assert listed(world, other) == [case.id]
    assert world.case(case.id, other).id == case.id


def listed(world: World, actor: Actor) -> list[str]:
    return [each.id for each in world.ask(instances.page, actor).items]


def test_the_public_sees_and_starts_nothing_that_is_not_open_to_it(world: World) -> None:
    world.publish(CASE)
    case = world.start()
    assert listed(world, PUBLIC) == []
    for act in (
        lambda: world.case(case.id, PUBLIC),
        lambda: world.ask(tasks.find, world.task(case.id).id, PUBLIC),
        lambda: world.complete(world.task(case.id).id, actor=PUBLIC),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Forbidden):
        world.start(actor=PUBLIC)
    opened = diagram(start(props={"publicPath": "idee", "formKey": "demande"}), user("u"), chain("start", "u"))
    world.publish(opened, forms={"demande": FORM})
    with pytest.raises(InvalidAnswers):
        world.start(actor=PUBLIC)
    assert world.start(variables={"titre": "Korrigo"}, actor=PUBLIC).state == "running"


def test_a_person_whose_account_is_closed_is_nobody(world: World) -> None:
    nolwenn = world.person("Nolwenn", "accueil")
    world.do(lambda session: session.execute(update(user_account).values(active=False)))
    assert world.ask(people.actor_of_user, nolwenn.id) is None

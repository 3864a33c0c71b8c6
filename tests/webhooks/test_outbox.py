"""What happens becomes deliveries in the same transaction: what, to whom, with which fields; nothing that was rolled back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import history, instances
from engine.actors import SYSTEM
from engine.tables import delivery
from tests.api.program import TWO_TASKS, Program
from tests.spiff.driver import chain, diagram, end, node, start, user
from tests.webhooks.receiver import Receiver, verify
from web.runtime import Runtime

Subscribe = Callable[..., tuple[int, str]]


def _settle(running: Runtime) -> None:
    running.worker.run_until_quiet()


def _finish(api: Program, case: dict[str, Any]) -> None:
    while tasks := api.get(f"/instances/{case['id']}")["tasks"]:
        api.post(f"/tasks/{tasks[0]['id']}/complete", {"data": {"avis": "favorable"}})


def test_a_whole_case_is_told_in_order_signed_and_thin(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    _, secret = subscribe(ordered=True)
    case = api.start("P", montant=500)
    _finish(api, case)
    _settle(running)
    for got in inbox.got:
        verify(got, secret)
        assert got.id == got.event["id"]
        assert got.headers["content-type"] == "application/cloudevents+json"
        assert got.event["specversion"] == "1.0"
        assert got.event["source"] == "http://tikub.exemple.bzh/processes/P"
        assert "montant" not in str(got.event)
        assert "favorable" not in str(got.event)
        assert "tests" not in str(got.event)
    told = [(each.event["type"], each.event["data"].get("step")) for each in inbox.got]
    assert told[0] == ("tikub.instance.started", None)
    assert told[-1] == ("tikub.instance.completed", None)
    for step in ("saisir", "valider"):
        about = [kind for kind, named in told if named == step]
        assert sorted(about) == ["tikub.step.completed", "tikub.step.entered", "tikub.task.completed", "tikub.task.created"]
    sequence = [each.event["data"]["sequence"] for each in inbox.got]
    assert sequence == sorted(sequence)
    assert {each.event["subject"] for each in inbox.got} == {case["id"]}


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"types": ("task.completed",)}, ["task.completed", "task.completed"]),
        ({"types": ("task.completed",), "step": "valider"}, ["task.completed"]),
        ({"types": ("task.completed",), "process": "Autre"}, []),
        ({"types": ("instance.started",), "filter": "variables.montant > 100"}, ["instance.started"]),
        ({"types": ("instance.started",), "filter": "variables.montant > 1000"}, []),
        ({"types": ("instance.started",), "filter": "variables.inconnu.rien"}, []),
        ({"filter": 'type = "task.completed" and data.answers.avis = "favorable" and step = "saisir"'}, ["task.completed"]),
    ],
)
def test_a_subscription_gets_what_it_asks_for(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe, wish: dict[str, Any], expected: list[str]
) -> None:
    api.publish(TWO_TASKS)
    subscribe(**wish)
    _finish(api, api.start("P", montant=500))
    _settle(running)
    assert inbox.types() == [f"tikub.{each}" for each in expected]


def test_chosen_fields_come_as_they_were_when_it_happened(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    subscribe(types=("task.completed",), fields=("variables.montant", "data.answers", "actor", "variables.inconnu"))
    _finish(api, api.start("P", montant=500))
    _settle(running)
    assert inbox.got[0].event["data"]["fields"] == {
        "variables.montant": 500,
        "data.answers": {"avis": "favorable"},
        "actor": "token:tests",
        "variables.inconnu": None,
    }


def test_fields_too_large_to_send_are_left_out(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    subscribe(types=("instance.started",), fields=("variables.gros",))
    api.start("P", gros="x" * 70_000)
    _settle(running)
    assert inbox.got[0].event["data"]["fields_omitted"] == "too-large"
    assert len(inbox.got[0].body) < 1_000


def test_tasks_given_and_versions_published_are_told(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    subscribe(types=("task.assigned", "version.published"))
    api.publish(TWO_TASKS)
    case = api.start("P")
    api.post(f"/tasks/{case['tasks'][0]['id']}/claim")
    _settle(running)
    assert sorted(inbox.types()) == ["tikub.task.assigned", "tikub.version.published"]
    published = next(each.event for each in inbox.got if each.event["type"].endswith("published"))
    assert (published["data"]["process"], published["data"]["version"]) == ("P", 1)


def test_failures_messages_and_cancellations_are_told(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    throw = node("intermediateThrowEvent", "dire", '<messageEventDefinition messageRef="m"/>')
    api.publish(diagram(start(), throw, user("suite"), end(), chain("start", "dire", "suite", "end"), extra='<message id="m" name="nouvelle"/>'))
    subscribe(types=("message.sent", "instance.cancelled", "instance.failed", "incident.opened"))
    case = api.start("P")
    api.post(f"/instances/{case['id']}/cancel", {"reason": "essai"})
    _settle(running)
    assert sorted(inbox.types()) == ["tikub.instance.cancelled", "tikub.message.sent"]
    sent = next(each.event for each in inbox.got if each.event["type"].endswith("sent"))
    assert sent["data"]["name"] == "nouvelle"


def test_what_is_rolled_back_is_told_to_nobody(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    subscribe()
    with running.sessions.begin() as session:
        nested = session.begin_nested()
        instances.start(session, "P", {}, actor=SYSTEM, now=running.clock.now(session))
        nested.rollback()
        assert not history.take_written(session)

    def start_and_fail() -> None:
        with running.sessions.begin() as session:
            instances.start(session, "P", {}, actor=SYSTEM, now=running.clock.now(session))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        start_and_fail()
    _settle(running)
    assert inbox.got == []


def test_nothing_is_kept_where_nobody_subscribed(api: Program, running: Runtime) -> None:
    api.publish(TWO_TASKS)
    _finish(api, api.start("P"))
    with running.sessions.reading() as session:
        assert session.execute(select(func.count()).select_from(delivery)).scalar() == 0


def test_a_filter_that_takes_too_much_is_seen_and_not_lost(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    subscribe(types=("instance.started",), filter="count(for x in 1..100000, y in 1..100000 return x) > 0")
    api.start("P")
    _settle(running)
    assert inbox.got == []
    with running.sessions.reading() as session:
        assert session.execute(select(delivery.c.state, delivery.c.reason)).all() == [("dead", "filter")]


def test_incidents_are_told_when_they_come_and_when_they_go(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    """What the step gives its connector is no SIRET: it is stuck until somebody ends the case."""
    calling = node("serviceTask", "appel", props={"connector": "entreprises", "connectorInput": '{siret: "1"}'})
    api.publish(diagram(start(), calling, end(), chain("start", "appel", "end")))
    subscribe(types=("incident.opened", "incident.resolved"))
    case = api.start("P")
    _settle(running)
    opened = inbox.got[0].event
    assert (opened["type"], opened["data"]["step"], opened["data"]["code"]) == ("tikub.incident.opened", "appel", "SIRET_INVALID")
    api.post(f"/instances/{case['id']}/cancel", {"reason": "essai"})
    _settle(running)
    assert inbox.types() == ["tikub.incident.opened", "tikub.incident.resolved"]

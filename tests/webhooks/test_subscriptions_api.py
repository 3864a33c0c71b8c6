"""Integrators over HTTP: subscriptions, their deliveries, replays, and events to fetch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from engine import instances
from engine.actors import SYSTEM
from engine.tables import delivery, idempotency, subscription_secret
from tests.api.conftest import person, program
from tests.api.program import TWO_TASKS, Program
from tests.webhooks.receiver import Receiver, answer, verify
from web.runtime import Runtime


def _settle(running: Runtime) -> None:
    running.worker.run_until_quiet()


def _subscribe(api: Program, inbox: Receiver | None, **order: Any) -> dict[str, Any]:
    return dict(api.post("/subscriptions", {"name": "essai", "url": inbox and inbox.url, **order}))


def test_a_subscription_is_made_read_changed_and_removed(api: Program, running: Runtime, inbox: Receiver) -> None:
    made = _subscribe(api, inbox, types=["instance.started"], fields=["variables.montant"], process="P")
    assert made["secret"].startswith("whsec_")
    read = api.get(f"/subscriptions/{made['id']}")
    assert "secret" not in read
    assert (read["state"], read["types"], read["fields"], read["process"]) == ("active", ["instance.started"], ["variables.montant"], "P")
    assert [each["type"] for each in read["history"]] == ["created"]
    changed = api.call("PUT", f"/subscriptions/{made['id']}", json={"name": "autre", "url": inbox.url, "types": ["task.created"]})
    assert changed.status_code == 200
    assert (changed.json["types"], changed.json["process"]) == (["task.created"], None)
    api.publish(TWO_TASKS)
    api.start("P")
    _settle(running)
    assert inbox.types() == ["tikub.task.created"]
    assert api.get("/subscriptions")["items"][0]["name"] == "autre"
    assert api.call("DELETE", f"/subscriptions/{made['id']}").status_code == 204
    assert api.call("GET", f"/subscriptions/{made['id']}").status_code == 404
    api.start("P")
    _settle(running)
    assert len(inbox.got) == 1


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ({"url": "http://exemple.bzh/"}, "url"),
        ({"url": "https://user:pass@exemple.bzh/"}, "url"),
        ({"url": "ftp://exemple.bzh/"}, "url"),
        ({"url": "https://exemple.bzh:99999/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"types": ["inconnu"]}, "types.0"),
        ({"fields": ["variables"]}, "fields.0"),
        ({"filter": "1 +"}, "filter"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_at_its_field(api: Program, order: dict[str, Any], named: str) -> None:
    refused = api.call("POST", "/subscriptions", json={"name": "essai", "url": "https://exemple.bzh/", **order})
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == [named]
    assert api.get("/subscriptions")["items"] == []


def test_a_secret_is_encrypted_and_not_kept_for_a_repeated_request(api: Program, running: Runtime, inbox: Receiver) -> None:
    order, key = {"name": "essai", "url": inbox.url}, {"Idempotency-Key": "une-fois"}
    first = api.call("POST", "/subscriptions", json=order, headers=key)
    again = api.call("POST", "/subscriptions", json=order, headers=key)
    assert first.json["id"] == again.json["id"]
    assert again.json["secret"] is None
    secret = first.json["secret"].encode()
    with running.sessions.reading() as session:
        assert secret not in session.execute(select(idempotency.c.body)).scalar_one()
        assert secret not in session.execute(select(subscription_secret.c.secret)).scalar_one()


def test_a_delivery_is_read_with_its_body_and_its_attempts(api: Program, running: Runtime, inbox: Receiver) -> None:
    api.publish(TWO_TASKS)
    made = _subscribe(api, inbox, types=["instance.started"])
    inbox.behaviour = answer(500, b"panne")
    case = api.start("P")
    _settle(running)
    (row,) = api.get("/deliveries", subscription=made["id"])["items"]
    assert (row["state"], row["instance_id"], row["attempts"]) == ("pending", case["id"], 1)
    assert row["due"] is not None
    read = api.get(f"/deliveries/{row['id']}")
    assert read["body"] == inbox.got[0].event
    assert [(each["number"], each["status"], each["answer"]) for each in read["log"]] == [(1, 500, "panne")]
    assert made["secret"] not in str(read)
    assert api.get("/deliveries", subscription=made["id"], state="dead")["items"] == []


def test_deliveries_are_replayed_by_id_and_by_time(api: Program, running: Runtime, inbox: Receiver) -> None:
    api.publish(TWO_TASKS)
    made = _subscribe(api, inbox, types=["instance.started"])
    for _ in range(3):
        api.start("P")
        api.advance(3600)
    rows = api.get("/deliveries", subscription=made["id"])["items"]
    assert [each["state"] for each in rows] == ["delivered"] * 3
    inbox.got.clear()
    order = {"subscription": made["id"], "states": ["delivered"]}
    assert api.post("/deliveries/replay", {**order, "deliveries": [rows[0]["id"]]}) == {"replayed": 1}
    _settle(running)
    assert [each.id for each in inbox.got] == [rows[0]["event_id"]]
    assert api.post("/deliveries/replay", {**order, "since": rows[1]["created_at"], "until": rows[0]["created_at"]}) == {"replayed": 1}
    _settle(running)
    assert [each.id for each in inbox.got] == [rows[0]["event_id"], rows[1]["event_id"]]
    assert api.post("/deliveries/replay", {"subscription": made["id"]}) == {"replayed": 0}


def test_a_test_event_a_pause_and_a_new_secret(api: Program, running: Runtime, inbox: Receiver) -> None:
    api.publish(TWO_TASKS)
    made = _subscribe(api, inbox, types=["instance.started"])
    tried = api.post(f"/subscriptions/{made['id']}/test")
    _settle(running)
    assert inbox.types() == ["tikub.test"]
    verify(inbox.got[0], made["secret"])
    assert api.get(f"/deliveries/{tried['delivery']}")["state"] == "delivered"
    fresh = api.post(f"/subscriptions/{made['id']}/rotate")["secret"]
    assert api.post(f"/subscriptions/{made['id']}/pause")["state"] == "paused"
    api.start("P")
    _settle(running)
    assert len(inbox.got) == 1
    assert api.post(f"/subscriptions/{made['id']}/enable")["state"] == "active"
    api.start("P")
    _settle(running)
    verify(inbox.got[1], made["secret"])
    verify(inbox.got[1], fresh)
    assert [each["type"] for each in api.get(f"/subscriptions/{made['id']}")["history"]] == ["enabled", "paused", "rotated", "created"]


def test_events_are_fetched_from_where_the_reader_stands(api: Program) -> None:
    api.publish(TWO_TASKS)
    made = _subscribe(api, None, types=["instance.started"], filter="variables.n > 1")
    assert made["secret"] is None
    cases = [api.start("P", n=number)["id"] for number in range(1, 6)]
    first = api.get("/events", subscription=made["id"], limit=3)
    assert [each["subject"] for each in first["items"]] == cases[1:4]
    again = api.get("/events", subscription=made["id"], limit=3)
    assert again == first
    rest = api.get("/events", subscription=made["id"], after=first["last"])
    assert [each["subject"] for each in rest["items"]] == cases[4:]
    assert api.get("/events", subscription=made["id"], after=rest["last"]) == {"items": [], "last": rest["last"]}
    refused = api.call("POST", f"/subscriptions/{made['id']}/rotate", json={})
    assert refused.status_code == 422


def test_a_subscription_that_sends_has_nothing_to_fetch(api: Program, inbox: Receiver) -> None:
    made = _subscribe(api, inbox)
    assert api.call("GET", "/events", query_string={"subscription": made["id"]}).status_code == 422


def test_an_event_that_commits_late_comes_after_what_was_fetched(api: Program, running: Runtime, database_kind: str) -> None:
    """Its id is older than that of an event fetched already; its number is not."""
    if database_kind == "sqlite":
        pytest.skip("one writer at a time: they cannot cross")
    api.publish(TWO_TASKS)
    made = _subscribe(api, None, types=["instance.started"])
    with running.sessions.begin() as late:
        now = running.clock.now(late)
        slow = instances.start(late, "P", {}, actor=SYSTEM, now=now - timedelta(seconds=30)).id
        running.sessions.before_commit(late)
        quick = api.start("P")["id"]
        first = api.get("/events", subscription=made["id"])
        assert [each["subject"] for each in first["items"]] == [quick]
    rest = api.get("/events", subscription=made["id"], after=first["last"])
    assert [each["subject"] for each in rest["items"]] == [slow]
    with running.sessions.reading() as session:
        rows = session.execute(select(delivery.c.number).order_by(delivery.c.id)).scalars().all()
    assert rows == [2, 1]


def test_only_operators_and_programs_with_the_scope_may(app: Flask, api: Program, inbox: Receiver) -> None:
    made = _subscribe(api, inbox)
    order = {"name": "x", "url": "https://exemple.bzh/"}
    assert program(app, "tasks").call("POST", "/subscriptions", json=order).status_code == 403
    assert program(app, "read").call("POST", "/subscriptions", json=order).status_code == 403
    assert program(app, "read").call("GET", f"/subscriptions/{made['id']}").status_code == 200
    assert program(app, "webhooks").call("GET", f"/subscriptions/{made['id']}").status_code == 200
    assert person(app, "agent@exemple.bzh", "agents").call("GET", "/subscriptions").status_code == 403

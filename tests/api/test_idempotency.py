"""A repeated request with its key happens once and gets the same answer."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from flask import Flask

from tests.api.conftest import program
from tests.api.program import TWO_TASKS, Program
from web.runtime import Runtime


def _start(api: Program, key: str, **body: Any) -> Any:
    return api.call("POST", "/processes/P/instances", json=body, headers={"Idempotency-Key": key})


def test_a_repeated_start_starts_once(api: Program) -> None:
    api.publish(TWO_TASKS)
    first, second = _start(api, "k1", variables={"a": 1}), _start(api, "k1", variables={"a": 1})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(api.get("/instances")["items"]) == 1


def test_a_repeated_completion_gets_its_answer_not_a_conflict(api: Program) -> None:
    api.publish(TWO_TASKS)
    task = api.start()["tasks"][0]
    options = {"json": {"data": {"avis": "oui"}}, "headers": {"Idempotency-Key": "k"}}
    answers = [api.call("POST", f"/tasks/{task['id']}/complete", **options) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].get_data() == answers[1].get_data()


def test_another_request_with_the_key_is_refused(api: Program) -> None:
    api.publish(TWO_TASKS)
    _start(api, "k1", variables={"a": 1})
    other = _start(api, "k1", variables={"a": 2})
    assert (other.status_code, other.mimetype) == (422, "application/problem+json")
    assert len(api.get("/instances")["items"]) == 1


def test_a_key_belongs_to_its_caller_and_its_address(app: Flask, api: Program) -> None:
    api.publish(TWO_TASKS)
    first = _start(api, "k1")
    task = first.get_json()["tasks"][0]
    elsewhere = api.call("POST", f"/tasks/{task['id']}/complete", json={}, headers={"Idempotency-Key": "k1"})
    assert elsewhere.status_code == 200


def test_a_refused_request_may_be_repeated_with_its_key(api: Program) -> None:
    refused = _start(api, "k1")
    assert refused.status_code == 404
    api.publish(TWO_TASKS)
    assert _start(api, "k1").status_code == 201


def test_a_repeated_publication_publishes_once(api: Program) -> None:
    """The boundary of the parts differs each time; the parts do not."""
    answers = [api.send_files(TWO_TASKS, headers={"Idempotency-Key": "p"}) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_an_answer_is_forgotten_after_its_time(api: Program, running: Runtime) -> None:
    api.publish(TWO_TASKS)
    first = _start(api, "k1").get_json()["id"]
    api.advance((running.settings.idempotency_ttl + timedelta(seconds=1)).total_seconds())
    assert _start(api, "k1").get_json()["id"] != first


def test_a_malformed_key_is_refused(api: Program) -> None:
    for key in ("", "a b", "a" * 256):
        assert _start(api, key).status_code == 400, key


def test_of_repetitions_at_once_one_happens(app: Flask, api: Program) -> None:
    api.publish(TWO_TASKS)
    answers: list[tuple[int, str | None]] = []

    def start() -> None:
        answer = _start(Program(app.test_client(), api.token), "k1", variables={})
        answers.append((answer.status_code, answer.get_json().get("id")))

    threads = [threading.Thread(target=start) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers} <= {201, 409}
    assert len({made for status, made in answers if status == 201}) == 1
    assert len(api.get("/instances")["items"]) == 1


def test_each_token_has_keys_of_its_own(app: Flask, api: Program) -> None:
    other = program(app, "instances")
    api.publish(TWO_TASKS)
    assert _start(api, "k1").get_json()["id"] != _start(other, "k1").get_json()["id"]


def test_an_answer_that_is_forgotten_takes_no_id_of_a_delivery_with_it(app: Flask, running: Runtime) -> None:
    """Answers are kept for a day, ids of deliveries for longer."""
    from engine import idempotency

    with running.sessions.begin() as session:
        now = running.clock.now(session)
        week, day = timedelta(days=7), timedelta(days=1)
        assert idempotency.first_time(session, "delivery", now=now, lifetime=week)
        later = now + timedelta(days=2)
        idempotency.keep(session, "answer", idempotency.Kept("asked", 200, b"{}"), now=later, lifetime=day)
        assert not idempotency.first_time(session, "delivery", now=later, lifetime=week)
        assert idempotency.first_time(session, "delivery", now=now + timedelta(days=8), lifetime=week)
        assert idempotency.find(session, "answer", now=later, lifetime=day) is not None

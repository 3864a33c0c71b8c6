"""Webhooks of steps, sent by the reference library as outside systems do."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from tests.api.conftest import program
from tests.api.program import FORM, WITH_FORM, Program
from tests.api.test_messages import MESSAGE_START, WAITING
from tests.spiff.driver import boundary, chain, diagram, end, node, start, user
from web.runtime import Runtime
from webhooks.secrets import Cipher, renew

EXTERNAL = diagram(
    start(),
    node("serviceTask", "payer", props={"connector": "external", "connectorInput": "{dossier: dossier}", "resultVariable": "recu"}),
    boundary("refus", "payer", '<errorEventDefinition errorRef="r"/>'),
    user("suite"),
    user("relancer"),
    end(),
    chain("start", "payer", "suite", "end"),
    chain("refus", "relancer", "end"),
    extra='<error id="r" name="Refus" errorCode="REFUS"/>',
)


class Sender:
    """An outside system with a secret. Its clock is that of the server, shifted by `late` seconds."""

    def __init__(self, running: Runtime, api: Program, process: str = "P") -> None:
        self._running = running
        self._api = api
        self.secret = self.renewed(process)

    def renewed(self, process: str) -> str:
        with self._running.sessions.begin() as session:
            now = self._running.clock.now(session)
            return renew(session, process, Cipher(self._running.settings.secret_key), now=now)

    def send(
        self, path: str, body: Any, *, identifier: str = "evt-1", late: float = 0, secret: str | None = None, **headers: str
    ) -> TestResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = self._now() - timedelta(seconds=late)
        signature = Webhook(secret or self.secret).sign(identifier, at, content.decode("utf-8", "surrogateescape"))
        given = {
            "webhook-id": identifier,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
            "Content-Type": "application/json",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return self._api.client.post(f"/hooks/{path}", data=content, headers=given)

    def _now(self) -> datetime:
        with self._running.sessions.reading() as session:
            return self._running.clock.now(session)


@pytest.fixture
def sender(running: Runtime, api: Program) -> Sender:
    return Sender(running, api)


def test_a_webhook_starts_a_process(api: Program, sender: Sender) -> None:
    api.publish(MESSAGE_START)
    answer = sender.send("P/start", {"payload": {"titre": "Korrigo"}})
    assert answer.status_code == 202
    assert (answer.get_json()["matched"], answer.get_json()["duplicate"]) == (1, False)
    (case,) = api.get("/instances")["items"]
    assert (case["variables"], len(case["tasks"])) == ({"titre": "Korrigo"}, 1)


def test_a_webhook_reaches_the_one_that_waits(api: Program, sender: Sender) -> None:
    api.publish(WAITING)
    first, second = api.start("P", dossier="a"), api.start("P", dossier="b")
    answer = sender.send("P/attendre", {"correlation": {"dossier": "b"}, "payload": {"montant": 12}})
    assert answer.get_json()["matched"] == 1
    assert api.get(f"/instances/{second['id']}")["variables"]["montant"] == 12
    assert api.get(f"/instances/{first['id']}")["tasks"] == []


def test_a_plain_object_is_the_payload_and_holds_the_keys(api: Program, sender: Sender) -> None:
    api.publish(WAITING)
    case = api.start("P", dossier="a")
    assert sender.send("P/attendre", {"dossier": "a", "montant": 12}).get_json()["matched"] == 1
    assert api.get(f"/instances/{case['id']}")["variables"] == {"dossier": "a", "montant": 12}


def test_an_early_webhook_waits(api: Program, sender: Sender) -> None:
    api.publish(WAITING)
    answer = sender.send("P/attendre", {"dossier": "a", "montant": 12})
    assert (answer.status_code, answer.get_json()["matched"]) == (202, 0)
    assert len(api.start("P", dossier="a")["tasks"]) == 1


def test_a_replayed_webhook_changes_nothing(api: Program, sender: Sender) -> None:
    api.publish(MESSAGE_START)
    first = sender.send("P/start", {"payload": {}})
    again = sender.send("P/start", {"payload": {}}, late=120)
    assert (again.status_code, again.get_json()["duplicate"]) == (202, True)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert len(api.get("/instances")["items"]) == 1


@pytest.mark.parametrize("late", [298, -298])
def test_a_webhook_within_five_minutes_is_accepted(api: Program, sender: Sender, late: int) -> None:
    api.publish(MESSAGE_START)
    assert sender.send("P/start", {}, late=late).status_code == 202


@pytest.mark.parametrize(
    "wrong",
    [
        {"late": 302},
        {"late": -302},
        {"secret": "whsec_" + "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="},
        {"webhook_id": "autre"},
        {"webhook_id": ""},
        {"webhook_timestamp": "0"},
        {"webhook_timestamp": "demain"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,é"},
        {"webhook_signature": "v1,AAAA v1,BBBB"},
        {"webhook_signature": "v1a,AAAA"},
    ],
)
def test_a_webhook_with_a_wrong_signature_is_refused(api: Program, sender: Sender, wrong: dict[str, Any]) -> None:
    api.publish(MESSAGE_START)
    answer = sender.send("P/start", {"payload": {}}, **wrong)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert api.get("/instances")["items"] == []


def test_an_unsigned_webhook_is_refused(api: Program, sender: Sender) -> None:
    api.publish(MESSAGE_START)
    answer = api.client.post("/hooks/P/start", json={})
    assert answer.status_code == 401
    assert api.get("/instances")["items"] == []


def test_the_secret_of_another_process_opens_nothing(api: Program, sender: Sender) -> None:
    api.publish(MESSAGE_START)
    other = sender.renewed("Q")
    assert sender.send("P/start", {}, secret=other).status_code == 401


def test_the_old_secret_serves_for_a_day(api: Program, sender: Sender) -> None:
    api.publish(MESSAGE_START)
    old, new = sender.secret, sender.renewed("P")
    assert [sender.send("P/start", {}, identifier=each, secret=each).status_code for each in (old, new)] == [202, 202]
    api.advance(86_401)
    assert sender.send("P/start", {}, identifier="x", secret=old).status_code == 401
    assert sender.send("P/start", {}, identifier="y", secret=new).status_code == 202


def test_a_signature_is_verified_before_the_body_is_read(api: Program, sender: Sender) -> None:
    api.publish(MESSAGE_START)
    assert sender.send("P/start", b"{", secret=sender.renewed("Q")).status_code == 401
    assert sender.send("P/start", b"{").status_code == 400


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b'{"a": 1, "a": 2}', {}, 400),
        (b'{"a": NaN}', {}, 400),
        (b'"texte"', {}, 422),
        (b"[1]", {}, 422),
        (b'{"payload": [1]}', {}, 422),
        (b'{"correlation": 1, "payload": {}}', {}, 422),
        (b"{}", {"Content_Type": "text/plain"}, 415),
        (b'{"a": "' + b"x" * 300_000 + b'"}', {}, 413),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_bad_body_is_refused(
    api: Program,
    sender: Sender,
    body: bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    api.publish(MESSAGE_START)
    answer = sender.send("P/start", body, **headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert api.get("/instances")["items"] == []


@pytest.mark.parametrize("path", ["P/autre", "P/end", "Q/start", "P/%00"])
def test_a_step_that_nothing_reaches_is_not_found(api: Program, sender: Sender, path: str) -> None:
    api.publish(MESSAGE_START)
    assert sender.send(path, {}).status_code in (400, 404)


def test_a_program_with_a_token_needs_no_signature(app: Any, api: Program) -> None:
    api.publish(MESSAGE_START)
    allowed, denied = program(app, "messages"), program(app, "instances")
    assert allowed.call("POST", "/hooks/P/start", json={"payload": {"titre": "x"}}).status_code == 202
    assert denied.call("POST", "/hooks/P/start", json={}).status_code == 403
    assert Program(app.test_client(), "faux").call("POST", "/hooks/P/start", json={}).status_code == 401
    assert len(api.get("/instances")["items"]) == 1


def test_work_done_outside_comes_back_by_a_webhook(api: Program, sender: Sender) -> None:
    api.publish(EXTERNAL)
    first, second = api.start("P", dossier="a"), api.start("P", dossier="b")
    body = {"correlation": {"dossier": "b"}, "result": {"numero": 7}}
    assert sender.send("P/payer", body).get_json()["matched"] == 1
    done = api.get(f"/instances/{second['id']}")
    assert (done["variables"]["recu"], [each["element_id"] for each in done["tasks"]]) == ({"numero": 7}, ["suite"])
    assert api.get(f"/instances/{first['id']}")["tasks"] == []
    again = sender.send("P/payer", body)
    assert (again.status_code, again.get_json()["duplicate"]) == (202, True)


def test_work_that_failed_outside_goes_to_its_boundary(api: Program, sender: Sender) -> None:
    api.publish(EXTERNAL)
    case = api.start("P", dossier="a")
    sender.send("P/payer", {"correlation": {"dossier": "a"}, "error": {"code": "REFUS", "message": "Provision insuffisante"}})
    assert [each["element_id"] for each in api.get(f"/instances/{case['id']}")["tasks"]] == ["relancer"]


def test_work_that_nobody_waits_for_is_not_found(api: Program, sender: Sender) -> None:
    api.publish(EXTERNAL)
    api.start("P", dossier="a")
    answers = [
        sender.send("P/payer", {"correlation": {"dossier": "z"}, "result": 1}),
        sender.send("P/payer", {"correlation": {}, "result": 1, "error": {}}),
        sender.send("P/payer", {"correlation": {}, "error": {}}),
    ]
    assert [each.status_code for each in answers] == [404, 422, 422]


def test_secrets_are_unreadable_in_the_database(running: Runtime, sender: Sender) -> None:
    from sqlalchemy import select

    from engine.tables import hook_secret

    with running.sessions.reading() as session:
        stored = session.execute(select(hook_secret.c.secret)).scalars().all()
    assert stored
    assert all(sender.secret.encode()[6:] not in each for each in stored)
    assert Cipher("k" * 32).decrypt(stored[0]) is None


def test_a_task_is_completed_from_outside(api: Program, sender: Sender) -> None:
    api.publish(WITH_FORM, form=FORM)
    first, second = (api.post("/processes/P/instances", {"business_key": key}) for key in ("D-1", "D-2"))
    refused = sender.send("P/saisir", {"correlation": {"business_key": "D-1"}, "data": {"montant": "mille"}})
    assert (refused.status_code, set(refused.get_json()["errors"])) == (422, {"titre", "montant"})
    body = {"correlation": {"business_key": "D-1"}, "data": {"titre": "Korrigo"}}
    answers = [sender.send("P/saisir", body) for _ in range(2)]
    assert [(each.status_code, each.get_json()["duplicate"]) for each in answers] == [(202, False), (202, True)]
    assert api.get(f"/instances/{first['id']}")["variables"] == {"titre": "Korrigo"}
    by_task = {"correlation": {"task": second["tasks"][0]["id"], "instance": second["id"]}, "data": {"titre": "b"}}
    assert sender.send("P/saisir", by_task, identifier="evt-2").status_code == 202
    assert api.get(f"/instances/{second['id']}")["state"] == "completed"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": {}}, 422),
        ({"correlation": {}, "data": {}}, 422),
        ({"correlation": {"titre": "x"}, "data": {}}, 422),
        ({"correlation": {"business_key": "D-1"}, "data": []}, 422),
        ({"correlation": {"business_key": "D-9"}, "data": {}}, 404),
        ({"correlation": {"task": "1"}, "data": {}}, 404),
        ({"correlation": {"instance": "x"}, "data": {}}, 404),
        ({"correlation": {"business_key": "D-1"}, "data": {"titre": "x"}}, 409),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_completion_that_fits_no_single_task_is_refused(api: Program, sender: Sender, body: Any, status: int) -> None:
    api.publish(WITH_FORM, form=FORM)
    for _ in range(2):
        api.post("/processes/P/instances", {"business_key": "D-1"})
    assert sender.send("P/saisir", body).status_code == status
    assert {each["state"] for each in api.get("/instances")["items"]} == {"running"}


@pytest.mark.parametrize("step", ["saisir", "payer", "start"])
def test_of_one_delivery_that_comes_many_times_at_once_one_counts(app: Any, api: Program, sender: Sender, step: str) -> None:
    """Every sender is told that it arrived: none of them has reason to send again."""
    api.publish({"saisir": WITH_FORM, "payer": EXTERNAL, "start": MESSAGE_START}[step], form=FORM)
    case = api.start("P", dossier="a") if step != "start" else {"id": "-"}
    body = {
        "saisir": {"correlation": {"instance": case["id"]}, "data": {"titre": "x"}},
        "payer": {"correlation": {"instance": case["id"]}, "result": 1},
        "start": {"payload": {}},
    }[step]
    answers: list[tuple[int, bool]] = []

    def send() -> None:
        caller = Program(app.test_client(), api.token)
        answer = caller.call("POST", f"/hooks/P/{step}", json=body, headers={"webhook-id": "evt-9"})
        answers.append((answer.status_code, answer.get_json().get("duplicate")))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(202, False)] + [(202, True)] * 5
    assert len(api.get("/instances")["items"]) == 1


def test_a_step_that_a_newer_version_dropped_still_reaches_the_running(api: Program, sender: Sender) -> None:
    api.publish(WAITING)
    case = api.start("P", dossier="a")
    api.publish(MESSAGE_START)
    assert sender.send("P/attendre", {"dossier": "a"}).get_json()["matched"] == 1
    assert len(api.get(f"/instances/{case['id']}")["tasks"]) == 1

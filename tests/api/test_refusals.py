"""Bad requests: each gets problem details in the caller's language, says nothing of the inside, and changes nothing."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from engine import people
from tests.api.conftest import program
from tests.api.program import TWO_TASKS, Program
from tests.spiff.driver import chain, definitions, diagram, end, node, process, start, user
from web.runtime import Runtime

ON_ONE_DATABASE = pytest.mark.parametrize("database_kind", ["sqlite"])
"""For what is refused before any database is asked."""
DETAILS = "application/problem+json"


@ON_ONE_DATABASE
def test_a_call_without_a_token_is_told_how(app: Flask) -> None:
    answer = Program(app.test_client(), None).call("GET", "/instances")
    assert (answer.status_code, answer.mimetype) == (401, DETAILS)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Ti Kub"'


@ON_ONE_DATABASE
@pytest.mark.parametrize("header", ["Bearer faux", "Bearer ", "Basic eDp5", "bearer tikub_", "Bearer a b", "Bearer é"])
def test_a_wrong_token_opens_nothing(app: Flask, header: str) -> None:
    answer = app.test_client().get("/api/v1/instances", headers={"Authorization": header})
    assert (answer.status_code, answer.mimetype) == (401, DETAILS)


def test_an_expired_or_revoked_token_opens_nothing(app: Flask, running: Runtime) -> None:
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        old = people.create_token(session, "vieux", ["read"], expires_at=now + timedelta(hours=1), now=now)
        revoked = people.create_token(session, "revoque", ["read"], now=now)
        people.revoke_token(session, "revoque", now=now)
    assert Program(app.test_client(), old).call("GET", "/instances").status_code == 200
    program(app, "admin").advance(3600)
    for token in (old, revoked):
        answer = Program(app.test_client(), token).call("GET", "/instances")
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


READS = [("/processes", "publish"), ("/instances", "instances"), ("/tasks", "tasks")]
WRITES = [
    ("/processes", "publish"),
    ("/processes/P/instances", "instances"),
    ("/instances/1/cancel", "instances"),
    ("/tasks/1/claim", "tasks"),
    ("/tasks/1/unclaim", "tasks"),
    ("/tasks/1/assign", "tasks"),
    ("/tasks/1/complete", "tasks"),
    ("/messages", "messages"),
    ("/signals", "messages"),
    ("/decisions/x/evaluate", "decisions"),
    ("/decisions/evaluate", "decisions"),
    ("/clock", "admin"),
]


@ON_ONE_DATABASE
def test_a_scope_opens_its_calls_alone(app: Flask) -> None:
    scopes = ("publish", "instances", "tasks", "messages", "decisions", "read")
    programs = {scope: program(app, scope) for scope in scopes}
    for scope, caller in programs.items():
        for path, needed in READS:
            assert (caller.call("GET", path).status_code == 403) == (scope not in (needed, "read")), (scope, path)
        for path, needed in WRITES:
            answer = caller.call("POST", path, json={})
            assert (answer.status_code == 403) == (scope != needed), (scope, path)
            if answer.status_code == 403:
                assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"name": "a", "name": "b"}', "application/json", 400),
        (b'{"name": "a", "payload": {"x": NaN}}', "application/json", 400),
        (b'{"name": "a", "payload": {"x": Infinity}}', "application/json", 400),
        (b'{"name": "a", "payload": {"x": 1e999}}', "application/json", 400),
        (b'{"name": "a", "payload": {"x": "\\u0000"}}', "application/json", 400),
        (b'{"name": "a", "payload": {"\\u0000": 1}}', "application/json", 400),
        (b'{"name": "a", "payload": {"x": "\\ud800"}}', "application/json", 400),
        (b'{"name": "a", "payload": {"x": ' + b"[" * 100 + b"]" * 100 + b"}}", "application/json", 400),
        (b'{"name": "a", "payload": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}", "application/json", 400),
        (b'{"name": "a", "payload": {"x": "' + b"a" * 1_100_000 + b'"}}', "application/json", 413),
        (b'{"name": "a"}', "text/plain", 415),
        (b"name=a", "application/x-www-form-urlencoded", 415),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"a"', "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"name": null}', "application/json", 422),
        (b'{"name": 7}', "application/json", 422),
        (b'{"name": ""}', "application/json", 422),
        (b'{"name": "' + b"a" * 256 + b'"}', "application/json", 422),
        (b'{"name": "a", "payload": []}', "application/json", 422),
        (b'{"name": "a", "correlation": "x"}', "application/json", 422),
        (b'{"name": "a", "autre": 1}', "application/json", 422),
    ],
    ids=range(26),
)
@ON_ONE_DATABASE
def test_a_bad_body_is_refused(api: Program, body: bytes, content_type: str, status: int) -> None:
    answer = api.call("POST", "/messages", data=body, content_type=content_type)
    assert (answer.status_code, answer.mimetype) == (status, DETAILS)
    problem = answer.get_json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


def test_two_levels_short_of_the_deepest_are_accepted(api: Program) -> None:
    deep: Any = 1
    for _ in range(60):
        deep = [deep]
    assert api.post("/messages", {"name": "a", "payload": {"x": deep}})["matched"] == 0


def test_an_escaped_backslash_before_u0000_is_text(api: Program) -> None:
    answer = api.call("POST", "/messages", data=b'{"name": "a", "payload": {"x": "\\\\u0000"}}', content_type="application/json")
    assert answer.status_code == 202


@ON_ONE_DATABASE
def test_messages_of_fields_name_them(api: Program) -> None:
    answer = api.call("POST", "/messages", json={"payload": {}, "autre": 1})
    assert answer.get_json()["errors"] == {
        "name": ["Cette donnée est obligatoire."],
        "autre": ["Cette donnée n’est pas attendue."],
    }


@ON_ONE_DATABASE
def test_a_problem_speaks_the_language_of_the_caller(api: Program) -> None:
    for accepted, expected in (
        ("fr-FR,fr;q=0.9", "fr"),
        ("fr-CA, en", "fr"),
        ("fr;q=0.5, en-US", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("en-GB", "en"),
        ("EN", "en"),
        ("br", "fr"),
        ("br, en;q=0.1", "en"),
        ("*", "fr"),
        ("garbage;;q=x", "fr"),
        ("", "fr"),
    ):
        answer = api.call("GET", "/instances/1", headers={"Accept-Language": accepted})
        french = answer.get_json()["title"] == "Introuvable"
        assert french == (expected == "fr"), accepted
        assert answer.headers["Content-Language"] == expected


@ON_ONE_DATABASE
@pytest.mark.parametrize("path", ["/nulle-part", "/instances/1/autre", "/../..", "/tasks/%00", "/tasks?q=%00"])
def test_an_address_that_is_nowhere_is_told_so(api: Program, path: str) -> None:
    answer = api.call("GET", path)
    assert answer.status_code in (400, 404)
    if answer.request.path.startswith("/api"):
        assert answer.mimetype == DETAILS


@ON_ONE_DATABASE
def test_a_wrong_method_is_told_the_right_ones(api: Program) -> None:
    answer = api.call("DELETE", "/instances/1")
    assert (answer.status_code, answer.mimetype) == (405, DETAILS)
    assert "GET" in answer.headers["Allow"]


@ON_ONE_DATABASE
@pytest.mark.parametrize("body", ["{}".encode("utf-16"), b"\xef\xbb\xbf{}", '{"name": "é"}'.encode("latin-1"), b'{"name": "\xed\xa0\x80"}'])
def test_json_in_another_encoding_is_told_so(api: Program, body: bytes) -> None:
    answer = api.call("POST", "/messages", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "UTF-8" in answer.get_json()["detail"]


def test_a_failure_of_ours_shows_nothing_of_the_inside(app: Flask, running: Runtime, api: Program, monkeypatch: Any) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret de fabrication")

    monkeypatch.setattr(type(running.clock), "now", fail)
    answer = api.call("GET", "/instances")
    assert (answer.status_code, answer.mimetype) == (500, DETAILS)
    assert "secret" not in answer.get_data(as_text=True)
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


# Publishing


def test_every_problem_of_the_files_is_told(api: Program) -> None:
    broken = diagram(
        start(),
        user("saisir", props={"formKey": "absente"}),
        node("businessRuleTask", "regle", props={"decisionKey": "absente", "resultVariable": "avis"}),
        node("callActivity", "appel", calledElement="absent"),
        end(),
        chain("start", "saisir", "regle", "appel", "end"),
    )
    answer = api.send_files(broken)
    assert (answer.status_code, answer.mimetype) == (422, DETAILS)
    problems = answer.get_json()["problems"]
    assert {"saisir", "regle", "appel"} <= {each["element_id"] for each in problems}
    for each in problems:
        assert each["code"]
        assert each["message"]
        assert set(each) >= {"element_id", "element_type", "element_name"}
    assert api.get("/processes")["items"] == []


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"pas du xml",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<" + b"a" * 100_000,
        b"<definitions>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</definitions>",
    ],
    ids=["empty", "text", "other", "doctype", "cut", "deep"],
)
def test_what_is_no_diagram_is_refused(api: Program, content: bytes) -> None:
    answer = api.send_files(content)
    assert answer.status_code == 422
    assert answer.get_json()["problems"]


def test_a_publication_needs_a_diagram_and_known_parts(api: Program) -> None:
    no_file = api.call("POST", "/processes", data={"form": (io.BytesIO(b"{}"), "a.form")})
    unknown = api.call("POST", "/processes", data={"diagramme": (io.BytesIO(b"<a/>"), "a.bpmn")})
    as_json = api.call("POST", "/processes", json={"diagram": "<a/>"})
    assert (no_file.status_code, unknown.status_code, as_json.status_code) == (422, 422, 415)


def test_the_same_files_again_are_the_same_version(api: Program) -> None:
    assert api.publish(TWO_TASKS) == api.publish(TWO_TASKS)
    changed = api.publish(diagram(start(), end(), chain("start", "end")))
    assert changed == [{"key": "P", "version": 2, "name": "P"}]
    assert [each["version"] for each in api.get("/processes/P/versions")["items"]] == [2, 1]
    assert api.get("/processes/P")["starts"][0]["element_id"] == "start"


def test_a_diagram_comes_back_byte_for_byte(api: Program) -> None:
    api.publish(TWO_TASKS)
    answer = api.call("GET", "/processes/P/versions/1/diagram")
    assert answer.get_data() == TWO_TASKS
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_each_executable_process_of_a_file_is_published(api: Program) -> None:
    both = definitions(process(start("a"), end("b"), chain("a", "b"), key="A"), process(start("c"), end("d"), chain("c", "d"), key="B"))
    assert {each["key"] for each in api.publish(both)} == {"A", "B"}


def test_files_of_one_name_are_both_published(api: Program) -> None:
    files = [
        (io.BytesIO(definitions(process(start("a"), end("b"), chain("a", "b"), key="A"))), "diagram.bpmn"),
        (io.BytesIO(definitions(process(start("c"), end("d"), chain("c", "d"), key="B"))), "C:\\x\\diagram.bpmn"),
    ]
    answer = api.call("POST", "/processes", data={"diagram": files})
    assert answer.status_code == 201
    assert [each["key"] for each in answer.get_json()["processes"]] == ["A", "B"]


@ON_ONE_DATABASE
def test_a_request_beyond_the_limit_is_refused(api: Program, running: Runtime) -> None:
    content = b"a" * (running.settings.request_bytes + 1)
    answer = api.call("POST", "/processes", data=content, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, answer.mimetype) == (413, DETAILS)


@ON_ONE_DATABASE
@pytest.mark.parametrize(("language", "told"), [("fr", "ne sépare ni ne réunit"), ("en", "neither splits nor merges")])
def test_what_deserves_a_look_comes_with_the_version(app: Flask, language: str, told: str) -> None:
    content = diagram(start(), node("exclusiveGateway", "g", name="Reste"), end(), chain("start", "g", "end"))
    answer = program(app, "publish").send_files(content, headers={"Accept-Language": language})
    assert answer.status_code == 201
    assert answer.json["processes"][0]["key"] == "P"
    (warning,) = answer.json["warnings"]
    assert (warning["code"], warning["element_id"], warning["element_type"]) == ("gateway-without-purpose", "g", "exclusiveGateway")
    assert (warning["element_name"], warning["severity"]) == ("Reste", "warning")
    assert told in warning["message"]
    assert program(app, "publish").send_files(TWO_TASKS).json["warnings"] == []


@ON_ONE_DATABASE
def test_a_connector_that_does_not_exist_is_refused_with_those_that_do(app: Flask) -> None:
    content = diagram(start(), node("serviceTask", "s", props={"connector": "minitel"}), end(), chain("start", "s", "end"))
    answer = program(app, "publish").send_files(content)
    assert answer.status_code == 422
    (problem,) = answer.json["problems"]
    assert problem["code"] == "connector-unknown"
    for known in ("entreprises", "external", "instances.count", "opendatasoft"):
        assert known in problem["remedy"]

"""Drafts on both databases: saved against a revision, published, deleted; hostile and broken files at their doors."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from authoring import drafts
from authoring.importing.translation import Imported, translate
from engine.actors import Actor
from engine.bundle import File
from engine.diagram import MAXIMUM_BYTES
from engine.errors import Conflict, Forbidden, NotFound
from tests.api.conftest import person, program
from tests.api.program import Program
from tests.authoring.snippets import wrap
from web.app import create_app
from web.runtime import EXTENSION, Runtime
from web.settings import Settings

OWNER = Actor("user", 1, "Maëlle Le Goff", roles=frozenset({"owner"}))
AGENT = Actor("user", 2, "Yann Kerbrat", roles=frozenset({"agent"}))
TASK = '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/><userTask id="x" name="Lire" camunda:assignee="${chef}" camunda:asyncBefore="true"/>'
BROKEN = TASK.replace("<userTask", '<serviceTask id="y"/><sequenceFlow id="g" sourceRef="s" targetRef="y"/><userTask')


@pytest.fixture
def app(settings: Settings) -> Any:
    made = create_app(settings)
    made.testing = False
    yield made
    made.extensions[EXTENSION].sessions.close()


@pytest.fixture
def running(app: Flask) -> Runtime:
    found: Runtime = app.extensions[EXTENSION]
    return found


@pytest.fixture
def api(app: Flask) -> Program:
    return program(app, "admin")


@pytest.fixture
def door(server: Flask) -> Program:
    """The API of one server on SQLite, for what does not depend on the database."""
    return program(server, "admin")


def files(content: str = TASK) -> Imported:
    return translate([File("diagram", "essai.bpmn", wrap(content))])


def test_a_draft_keeps_files_and_report(running: Runtime) -> None:
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        made = drafts.create(session, files(), actor=OWNER, now=now)
    with running.sessions.reading() as session:
        found = drafts.find(session, str(made.row.id), actor=OWNER)
        listed = drafts.page(session, actor=OWNER).items
    assert found == made
    assert (found.row.name, found.row.revision, found.row.created_by) == ("P", 1, "Maëlle Le Goff")
    assert [(each.severity, each.code) for each in found.row.report] == [("translated", "assignee"), ("dropped", "setting-asyncbefore")]
    assert b"camunda" not in found.file("essai.bpmn").content
    assert list(listed) == [found.row]


def test_who_saves_names_the_revision_they_changed(running: Runtime) -> None:
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        made = drafts.create(session, files(), actor=OWNER, now=now)
        saved = drafts.save(session, made.row.id, files(BROKEN), expected=1, actor=OWNER, now=now)
        assert saved.row.revision == 2
        assert b"serviceTask" in saved.files[0].content
    with running.sessions.begin() as session, pytest.raises(Conflict) as conflict:
        drafts.save(session, made.row.id, files(), expected=1, actor=OWNER, now=now)
    assert (conflict.value.by, conflict.value.at) == ("Maëlle Le Goff", now)
    with running.sessions.begin() as session, pytest.raises(NotFound):
        drafts.save(session, 1, files(), expected=1, actor=OWNER, now=now)


def test_only_owners_may(running: Runtime) -> None:
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        made = drafts.create(session, files(), actor=OWNER, now=now)
        for act in (
            lambda: drafts.create(session, files(), actor=AGENT, now=now),
            lambda: drafts.find(session, made.row.id, actor=AGENT),
            lambda: drafts.page(session, actor=AGENT),
            lambda: drafts.save(session, made.row.id, files(), expected=1, actor=AGENT, now=now),
            lambda: drafts.remove(session, made.row.id, actor=AGENT),
            lambda: drafts.publish(session, made.row.id, expected=None, connectors={}, actor=AGENT, now=now),
        ):
            with pytest.raises(Forbidden):
                act()


def upload(api: Program, method: str, path: str, *contents: bytes, **fields: str) -> Any:
    parts: dict[str, Any] = {"diagram": [FileStorage(io.BytesIO(each), f"{n}.bpmn") for n, each in enumerate(contents)], **fields}
    # Encoded in memory: the test client would leave a file of its own open for large bodies.
    boundary, body = encode_multipart(parts)
    return api.call(method, path, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def test_life_of_a_draft_over_the_api(api: Program) -> None:
    made = upload(api, "POST", "/imports", wrap(BROKEN)).get_json()
    path = f"/drafts/{made['draft']}"
    assert [(each["code"], each["element_id"]) for each in made["problems"] if each["severity"] == "error"] == [("connector-missing", "y")]
    refused = api.call("POST", f"{path}/publish", json={})
    assert refused.status_code == 422
    assert refused.get_json()["problems"][0]["remedy"]
    saved = upload(api, "PUT", path, wrap(TASK), revision="1")
    assert (saved.status_code, saved.get_json()["revision"], saved.get_json()["published_at"]) == (200, 2, None)
    late = upload(api, "PUT", path, wrap(BROKEN), revision="1")
    assert late.status_code == 409
    assert api.call("POST", f"{path}/publish", json={"revision": 1}).status_code == 409
    assert api.post(f"{path}/publish", {"revision": 2}) == {"processes": [{"key": "P", "version": 1, "name": "P"}], "warnings": []}
    assert api.post(f"{path}/publish")["processes"][0]["version"] == 1
    assert api.get(path)["published_at"] is not None
    (name,) = (each["name"] for each in api.get(path)["files"])
    answer = api.call("GET", f"{path}/files/{name}")
    assert (answer.status_code, answer.mimetype) == (200, "application/octet-stream")
    assert b"spiffworkflow:property" in answer.data
    assert api.call("GET", f"{path}/files/autre.bpmn").status_code == 404
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404
    assert api.call("DELETE", path).status_code == 404
    assert api.get("/processes/P")["version"] == 1


def test_drafts_are_listed_in_pages_the_last_saved_first(api: Program) -> None:
    made = []
    for _ in range(5):
        made.append(upload(api, "POST", "/imports", wrap(TASK)).get_json()["draft"])
        api.advance(1)
    upload(api, "PUT", f"/drafts/{made[0]}", wrap(TASK), revision="1")
    found, cursor = [], None
    while True:
        page = api.get("/drafts", limit=2, **({"cursor": cursor} if cursor else {}))
        found += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [made[0], *reversed(made[1:])]


def test_an_import_that_is_repeated_with_its_key_happens_once(api: Program) -> None:
    answers = [
        api.call("POST", "/imports", data={"diagram": (io.BytesIO(wrap(TASK)), "a.bpmn")}, headers={"Idempotency-Key": "k1"}).get_json()
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(api.get("/drafts")["items"]) == 1


def test_the_report_speaks_the_callers_language(api: Program) -> None:
    data = {"diagram": (io.BytesIO(wrap(TASK)), "a.bpmn")}
    made = api.call("POST", "/imports", data=data, headers={"Accept-Language": "en"}).get_json()
    assert "e-mail" in made["report"][0]["message"]
    english = api.call("GET", f"/drafts/{made['draft']}", headers={"Accept-Language": "en"}).get_json()
    french = api.get(f"/drafts/{made['draft']}")
    assert english["report"] == made["report"]
    assert [each["message"] for each in french["report"]] != [each["message"] for each in made["report"]]


def test_agents_and_weak_tokens_stay_outside(app: Flask, api: Program) -> None:
    made = upload(api, "POST", "/imports", wrap(TASK)).get_json()["draft"]
    agent = person(app, "agent@exemple.bzh", "agents")
    assert agent.call("GET", f"/drafts/{made}").status_code == 403
    assert agent.call("GET", "/drafts").status_code == 403
    weak = program(app, "tasks")
    assert upload(weak, "POST", "/imports", wrap(TASK)).status_code == 403
    assert weak.call("DELETE", f"/drafts/{made}").status_code == 403
    assert program(app, "read").call("DELETE", f"/drafts/{made}").status_code == 403


HEAD = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml-syntax"),
        (b"PK\x03\x04", "xml-syntax"),
        (b"<html/>", "not-bpmn"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD + b"&x;</definitions>", "xml-doctype"),
        (HEAD + b"<subProcess>" * 200 + b"</subProcess>" * 200 + b"</definitions>", "xml-depth"),
        (HEAD + b"<task/>" * 25_000 + b"</definitions>", "xml-elements"),
        (HEAD + b" " * MAXIMUM_BYTES + b"</definitions>", "xml-size"),
    ],
)
def test_what_is_no_diagram_is_refused_and_keeps_nothing(door: Program, content: bytes, code: str) -> None:
    before = door.get("/drafts")["items"]
    answer = upload(door, "POST", "/imports", wrap(TASK), content)
    assert answer.status_code == 422
    assert [each["code"] for each in answer.get_json()["problems"]] == [code]
    assert "import" in answer.get_json()["detail"].lower()
    assert door.get("/drafts")["items"] == before


HOSTILE = {
    "an expression without end": f'<userTask id="x" camunda:assignee="${{{"(" * 5_000}"/>',
    "an expression of many terms": f'<userTask id="x" camunda:assignee="${{{"a+" * 5_000}a}}"/>',
    "a condition of many negations": f'<userTask id="x" camunda:assignee="${{{"not " * 2_000}a}}"/>',
    "texts that fight the pattern": f'<userTask id="x" camunda:assignee="{"${" * 5_000}"/>',
    "quotes that never close": f"""<userTask id="x" camunda:assignee="${{'{"a" * 100_000}}}"/>""",
    "a deep form": '<userTask id="x" camunda:formKey="a"/>',
    "many parameters": '<serviceTask id="x" camunda:type="external" camunda:topic="t"><extensionElements><camunda:inputOutput>'
    + "".join(f'<camunda:inputParameter name="p{n}">${{v{n}}}</camunda:inputParameter>' for n in range(1_000))
    + "</camunda:inputOutput></extensionElements></serviceTask>",
    "names of all kinds": '<serviceTask id="x" camunda:type="external" camunda:topic="t"><extensionElements><camunda:inputOutput>'
    '<camunda:inputParameter name=""/><camunda:inputParameter name="a b">x</camunda:inputParameter><camunda:inputParameter/><camunda:outputParameter name="&quot;}">1</camunda:outputParameter>'
    "</camunda:inputOutput></extensionElements></serviceTask>",
    "empty words": '<userTask id="x" camunda:assignee="" camunda:candidateGroups="" camunda:dueDate="" camunda:priority="" camunda:formKey=""/>',
    "zeebe without its parts": '<userTask id="x"><extensionElements><zeebe:assignmentDefinition/><zeebe:taskSchedule/><zeebe:ioMapping><zeebe:input/><zeebe:output/></zeebe:ioMapping><zeebe:formDefinition/><zeebe:script/><zeebe:calledDecision/><zeebe:loopCharacteristics/></extensionElements></userTask><scriptTask id="y"><extensionElements><zeebe:script/></extensionElements></scriptTask><businessRuleTask id="z"><extensionElements><zeebe:calledDecision/></extensionElements></businessRuleTask><callActivity id="c"><extensionElements><zeebe:calledElement/></extensionElements></callActivity>',
    "elements without ids": '<userTask camunda:assignee="${a}"/><serviceTask camunda:class="x"/><sequenceFlow><conditionExpression>${a}</conditionExpression></sequenceFlow><exclusiveGateway camunda:asyncBefore="true"/><callActivity/><startEvent/>',
    "a process inside nothing": '<multiInstanceLoopCharacteristics camunda:collection="a"/><messageEventDefinition/><extensionElements><camunda:formData/></extensionElements>',
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_become_rows_or_problems(door: Program, name: str) -> None:
    answer = upload(door, "POST", "/imports", wrap(HOSTILE[name]))
    assert answer.status_code == 201, answer.text
    assert all(each["message"] and len(each["original"]) <= 400 for each in answer.get_json()["report"])


@pytest.mark.parametrize("revision", ["", "x", "0", "-1", "1.0", "9" * 40])
def test_a_revision_that_is_none_is_refused(door: Program, revision: str) -> None:
    made = upload(door, "POST", "/imports", wrap(TASK)).get_json()["draft"]
    assert upload(door, "PUT", f"/drafts/{made}", wrap(TASK), revision=revision).status_code == 422


@pytest.mark.parametrize("ident", ["0", "x", "9" * 30, "-1", "é", "1%00"])
def test_ids_of_nothing_are_not_found(door: Program, ident: str) -> None:
    assert door.call("GET", f"/drafts/{ident}").status_code in (400, 404)
    assert door.call("DELETE", f"/drafts/{ident}").status_code in (400, 404)


@pytest.mark.corpora
def test_reference_diagrams_of_other_modelers_open_with_a_list_of_what_to_add(door: Program, corpora: Path) -> None:
    found = sorted((corpora / "bpmn-miwg").glob("*.bpmn"))
    assert len(found) == 13
    for file in found:
        made = upload(door, "POST", "/imports", file.read_bytes()).get_json()
        codes = {each["code"] for each in made["problems"]}
        assert not codes & {"vendor-extension", "vendor-ignored", "extension-unsupported"}, file.name
        errors = [each for each in made["problems"] if each["severity"] == "error"]
        published = door.call("POST", f"/drafts/{made['draft']}/publish", json={})
        assert published.status_code == (422 if errors else 201), file.name

"""Texts that try to be code, posts that nobody's page sent, addresses that lead nowhere: every page, SQLite alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from lxml import html

from engine import instances, versions
from engine.actors import SYSTEM
from engine.bundle import File
from tests.pages.office import FILES, Office, Visitor
from tests.pages.test_site import walk
from tests.spiff.driver import boundary, chain, definitions, end, flow, node, process, start, user

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;b&gt;{{ 7*7 }}{% x %}%(x)s ${7*7} javascript:alert(3) \u202e"
LABEL = EVIL.replace("{{ 7*7 }}", "")
"""What authors of forms write may hold templates; what others write may not."""
FIELDS: list[dict[str, Any]] = [
    {"type": "textfield", "id": "f1", "key": "titre", "label": LABEL, "description": LABEL, "validate": {"required": True}},
    {"type": "select", "id": "f2", "key": "choix", "label": LABEL, "values": [{"label": LABEL, "value": EVIL}]},
    {"type": "radio", "id": "f3", "key": "un", "label": LABEL, "values": [{"label": LABEL, "value": "a"}, {"label": "B", "value": "b"}]},
    {"type": "text", "id": "f4", "text": f"# {LABEL}\n\n[lien](javascript:alert(4)) <iframe src=x></iframe> {{{{ titre }}}}"},
    {"type": "textarea", "id": "f5", "key": "avis", "label": "Avis", "properties": {"hint": LABEL}},
]


def form(key: str) -> File:
    content = {"id": key, "type": "default", "schemaVersion": 19, "components": FIELDS}
    return File("form", f"{EVIL.replace('/', '')}{key}.form", json.dumps(content).encode())


def hostile_process() -> bytes:
    named = {"name": EVIL}
    note = f"<documentation>{html.tostring(html.Element('i'), encoding='unicode') and EVIL.replace('&', '&amp;').replace('<', '&lt;')}</documentation>"
    lanes = '<laneSet><lane id="l" name="instructeurs"><flowNodeRef>u</flowNodeRef><flowNodeRef>v</flowNodeRef></lane></laneSet>'
    inside = (
        lanes
        + start("s", note, props={"formKey": "debut", "publicPath": "mauvais", "publicTitle": EVIL, "candidateGroups": "instructeurs"}, **named)
        + user("u", note, props={"formKey": "suite", "candidateGroups": "instructeurs", "dueIn": "P1D"}, **named)
        + boundary("b", "u", '<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>', interrupting=False, **named)
        + node("task", "t", **named)
        + user("v", props={"candidateGroups": "instructeurs", "taskTitle": "titre", "applicant": "true"}, **named)
        + node("receiveTask", "r", messageRef="m", props={"correlation": "{clé: titre}"}, **named)
        + end("e")
        + chain("s", "u", "v", "r", "e")
        + flow("b", "t")
    )  # fmt: skip
    key = process(inside, key="hostile", props={"title": "titre", "businessKey": "titre"}).replace('name="hostile"', "", 1)
    named_process = key.replace(
        '<process id="hostile"',
        f'<process id="hostile" name="{EVIL.replace("&", "&amp;").replace("<", "&lt;").replace(chr(34), "&quot;")}"',
        1,
    )
    message = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return definitions(named_process, extra=f'<message id="m" name="{message}"/>')


def harmless(visitor: Visitor) -> None:
    """Nothing of the text became code."""
    raw = visitor.answer.get_data(as_text=True)
    where = visitor.path
    assert "<script>alert" not in raw, where
    assert "<img src=x" not in raw, where
    assert "<iframe" not in raw, where
    assert not visitor.page.xpath("//script[not(@src)] | //@*[starts-with(name(), 'on')]"), where
    assert not [each for each in visitor.page.xpath("//@href | //@src | //@action") if each.strip().lower().startswith("javascript")], where
    assert not re.search(r"\b49\b", visitor.text), where


@pytest.fixture
def hostile(office: Office) -> Office:
    """The office with a process in which every text is hostile, and one case of it."""
    with office.runtime.sessions.begin() as session:
        now = office.runtime.clock.now(session)
        versions.publish(session, [File("diagram", f"{EVIL}.bpmn", hostile_process()), form("debut"), form("suite")], actor=SYSTEM, now=now)
        answers = {"titre": EVIL, "choix": EVIL, EVIL: [EVIL, {EVIL: EVIL}]}
        instances.start(session, "hostile", answers, business_key=EVIL, actor=SYSTEM, now=now)
    return office


def test_a_process_of_hostile_texts_is_accepted_as_text(hostile: Office) -> None:
    assert hostile.signed_in("Ronan").open("/processus/hostile").status == 200


@pytest.mark.parametrize("name", ["", "Maëlle", "Ronan"])
def test_hostile_texts_stay_texts_on_every_page(hostile: Office, name: str) -> None:
    visitor = hostile.signed_in(name) if name else hostile.visitor()
    seen: list[str] = []
    kept = visitor._keep

    def keep(answer: Any) -> Visitor:
        kept(answer)
        if answer.mimetype == "text/html":
            seen.append(visitor.path)
            harmless(visitor)
        return visitor

    visitor._keep = keep  # type: ignore[method-assign]
    found = walk(visitor, "/taches" if name else "/")
    assert {path: status for path, status in found.items() if status != 200} == {}
    assert len(seen) > (8 if name else 4)


def test_hostile_answers_stay_texts_through_a_task(hostile: Office) -> None:
    visitor = hostile.signed_in("Maëlle").open("/taches")
    (path,) = {each for each in visitor.links() if re.fullmatch(r"/taches/\d+", each)}
    visitor.open(path)
    harmless(visitor)
    visitor.press("Terminer la tâche" if "Terminer la tâche" in visitor.text else buttons(visitor)[-1], titre=EVIL, avis=EVIL)
    harmless(visitor)


def buttons(visitor: Visitor) -> list[str]:
    """The visible buttons of the task's own form."""
    return [" ".join("".join(each.itertext()).split()) for each in visitor.page.xpath("//main//form//button")]


def routes(app: Flask, method: str) -> list[str]:
    """The addresses of pages that take a method."""
    rules = [each for each in app.url_map.iter_rules() if method in (each.methods or ())]
    return sorted(str(each) for each in rules if not str(each).startswith(("/api", "/hooks", "/static", "/readyz")))


def filled(rule: str, value: str) -> str:
    """The rule with a value in the place of each part; numbers where only numbers fit."""
    number = value if value.isdecimal() else "1"
    return re.sub(r"<(\w+:)?\w+>", lambda part: number if (part[1] or "").startswith("int") else value, rule)


@pytest.mark.parametrize("name", ["", "Maëlle"])
def test_no_page_takes_a_post_that_it_did_not_draw(office: Office, name: str) -> None:
    visitor = office.signed_in(name) if name else office.visitor()
    before = office.runtime.sessions
    posted = routes(office.app, "POST")
    assert len(posted) > 12
    for rule in posted:
        for data in ({}, {"csrf_token": "faux"}, {"csrf_token": "a" * 5000, "_do": "send", "titre": "x"}):
            answer = visitor.client.post(filled(rule, "1"), data=data)
            assert answer.status_code == 400, rule
            assert "<h1" in answer.get_data(as_text=True)
    with before.reading() as session:
        assert instances.page(session, SYSTEM).items == []


@pytest.mark.parametrize(
    "value",
    ["0", "-1", "1.5", "99999999999999999999999999", "a" * 3000, "..%2f..%2fetc%2fpasswd", "%2e%2e", "%00", "%ff%fe", "%F0%9F%98%80", "%E2%80%AE", "'%22%3E%3Cscript%3E", "null", "%0d%0aX-Evil:%201"],
)  # fmt: skip
def test_no_address_breaks_a_page(office: Office, value: str) -> None:
    visitor = office.signed_in("Ronan")
    for rule in routes(office.app, "GET"):
        for path in (
            filled(rule, value),
            f"{filled(rule, value)}?page={value}&q={value}&curseur={value}&etat={value}&suite={value}&etape={value}",
        ):
            visitor._keep(visitor.client.get(path))
            assert visitor.status < 500, path
            assert "X-Evil" not in visitor.answer.headers
            if visitor.answer.mimetype == "text/html":
                harmless(visitor)


def test_hostile_posts_are_refused_in_words(office: Office) -> None:
    """A public form, posted by a program that has a page's token."""
    visitor = office.visitor().open("/public/demander-du-materiel")
    token = visitor.page.xpath("//input[@name='csrf_token']/@value")[0]
    bodies: list[dict[str, Any]] = [
        {"titre": "x" * 500_000},
        {"titre": "a\x00b"},
        {"titre": "\ud7ff\u202e\x01"},
        {"inconnu": "1"},
        {"titre": ["un", "deux"], "urgence": ["oui", "non"]},
        {"urgence": "peut-être"},
        {"__class__": "1", "constructor.prototype": "1"},
        {f"c{number}": "1" for number in range(1500)},
        {"_do": "send"},
        {"_do": EVIL},
        {"_page": "-1"},
    ]
    for body in bodies:
        for path in ("/public/demander-du-materiel/1", "/public/demander-du-materiel/verifier", "/public/demander-du-materiel/99999999999"):
            visitor._keep(visitor.client.post(path, data={"csrf_token": token, **body}))
            assert visitor.status < 500, (path, list(body)[:3])
            if visitor.answer.mimetype == "text/html":
                harmless(visitor)
    with office.runtime.sessions.reading() as session:
        assert instances.page(session, SYSTEM).items == []


def test_methods_and_heads(office: Office) -> None:
    visitor = office.visitor()
    for method, status in (("PUT", 405), ("DELETE", 405), ("PATCH", 405), ("TRACE", 405), ("HEAD", 200), ("OPTIONS", 200)):
        answer = visitor.client.open("/public/demander-du-materiel", method=method)
        assert answer.status_code in (status, 302), method
        assert method != "HEAD" or not answer.get_data()
    assert FILES

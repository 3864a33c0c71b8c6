"""Hostile files, bodies and addresses at every call: refused in words, quickly enough, and nothing changed."""

from __future__ import annotations

import gc
import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.cases import play
from tests.api.conftest import program
from tests.api.program import Program
from tests.spiff.driver import chain, definitions, diagram, end, flow, node, process, start, user

DETAILS = "application/problem+json"
INSIDE = ("Traceback", "lxml", "sqlalchemy", "SpiffWorkflow", "/work/", ".py", "root:")


@pytest.fixture
def api(server: Flask) -> Program:
    return program(server, "admin")


def refused(answer: TestResponse, *statuses: int) -> dict[str, Any]:
    """The problem details of a refusal that tells nothing of the inside."""
    assert answer.status_code in (statuses or range(400, 500)), (answer.request.path, answer.status_code, answer.text[:500])
    assert answer.mimetype == DETAILS
    found: dict[str, Any] = answer.json
    assert found["status"] == answer.status_code
    assert found["title"]
    assert found["detail"]
    assert not [word for word in INSIDE if word in answer.text]
    return found


# Files


def sent(api: Program, content: bytes) -> TestResponse:
    """A file as a multipart body in memory: the client's own encoder leaves a temporary file open for large ones."""
    part = b'--x\r\nContent-Disposition: form-data; name="diagram"; filename="a.bpmn"\r\n\r\n'
    return api.call("POST", "/processes", data=part + content + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x")


GOOD = diagram(start(), node("task", "a", name="x"), chain("start", "a")).decode()
TASK = '<task id="a" name="x"></task>'
assert TASK in GOOD


def instead(text: str) -> bytes:
    return GOOD.replace(TASK, text).encode()


FILES: dict[str, tuple[bytes, str]] = {
    "doctype": (b"<!DOCTYPE definitions>" + GOOD.encode(), "xml-doctype"),
    "external entity": (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + instead('<task id="a"><documentation>&x;</documentation></task>'), "xml-doctype"),
    "external entity in an attribute": (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + instead('<task id="a" name="&x;"/>'), "xml-syntax"),
    "external subset": (b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">' + GOOD.encode(), "xml-doctype"),
    "parameter entity": (b'<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>' + GOOD.encode(), "xml-doctype"),
    "billion laughs": (
        b'<!DOCTYPE d [<!ENTITY a0 "ha">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)) + b"]><d>&a11;</d>",
        "xml-syntax",
    ),
    "ten megabytes": (instead("<!--" + "x" * 10_000_000 + "-->"), "xml-size"),
    "ten thousand levels": (instead("<documentation>" * 10_000 + "</documentation>" * 10_000), "xml-syntax"),
    "two hundred levels": (instead("<documentation>" * 200 + "</documentation>" * 200), "xml-depth"),
    "fifty thousand elements": (instead("".join(f'<task id="t{n}"/>' for n in range(50_000))), "xml-elements"),
    "a hundred thousand attributes": (instead('<task id="a" ' + " ".join(f'x{n}="1"' for n in range(100_000)) + "/>"), "xml-attributes"),
    "NUL": (instead('<task id="a\0"/>'), "xml-syntax"),
    "reference to NUL": (instead('<task id="a" name="&#0;"/>'), "xml-syntax"),
    "bytes of no encoding": (instead(TASK).replace(b'name="x"', b'name="\xff\xfe"'), "xml-syntax"),
    "another encoding than declared": (b'<?xml version="1.0" encoding="UTF-16"?>' + GOOD.encode(), "xml-syntax"),
    "an encoding that nobody knows": (b'<?xml version="1.0" encoding="KOI-99"?>' + GOOD.encode(), "xml-syntax"),
    "undeclared prefix": (instead('<task id="a" x:y="z"/>'), "xml-syntax"),
    "cut": (GOOD.encode()[:-20], "xml-syntax"),
    "empty": (b"", "xml-syntax"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "xml-syntax"),
    "a page": (b"<html><body/></html>", "not-bpmn"),
    "JSON": (b"{}", "xml-syntax"),
    "the elements of another namespace": (GOOD.replace("BPMN/20100524/MODEL", "BPMN/19990101/MODEL").encode(), "not-bpmn"),
    "deep FEEL": (instead(f'<scriptTask id="a"><script>{"(" * 5000}1{")" * 5000}</script></scriptTask>'), "feel-syntax"),
    "long FEEL": (instead(f'<scriptTask id="a"><script>{"1+" * 200_000}1</script></scriptTask>'), "feel-syntax"),
    "a cycle without length": (instead('<startEvent id="a"><timerEventDefinition><timeCycle>R/PT0S</timeCycle></timerEventDefinition></startEvent>'), "timer-syntax"),
    "a duration without end": (instead('<startEvent id="a"><timerEventDefinition><timeDuration>P99999999999999999999Y</timeDuration></timerEventDefinition></startEvent>'), "timer-syntax"),
    "a million tokens": (instead('<task id="a" completionQuantity="1000000"/>'), "quantity-invalid"),
    "a key that is a path": (GOOD.replace('id="P"', 'id="../../P"').encode(), "process-key"),
    "a key without end": (GOOD.replace('id="P"', f'id="{"P" * 300}"').encode(), "process-key"),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_hostile_file_is_refused(api: Program, what: str) -> None:
    content, code = FILES[what]
    problems = refused(sent(api, content), 422)["problems"]
    assert code in {each["code"] for each in problems}
    assert api.get("/processes")["items"] == []


@pytest.mark.filterwarnings("ignore:.*nclosed file:ResourceWarning")  # the parser of the framework lets go of the parts it had read
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_parts_without_number_or_end_are_refused(api: Program) -> None:
    boundary = "--x\r\nContent-Disposition: form-data; name=%s; filename=a\r\n\r\nx\r\n"
    many = (boundary % "diagram" * 5000 + "--x--\r\n").encode()
    for body in (many, b"--x\r\nbroken", b"--x", b"", many[:-9]):
        refused(api.call("POST", "/processes", data=body, content_type="multipart/form-data; boundary=x"))
    refused(api.call("POST", "/processes", data=many, content_type="multipart/form-data"))
    gc.collect()


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "a\x01\u202e.bpmn", "é" * 5000, 'a"; x="b', "", "C:\\x\\..", ".", "con"])
def test_name_of_a_file_is_only_a_name(api: Program, name: str) -> None:
    answer = api.call("POST", "/processes", data={"diagram": [(io.BytesIO(definitions(process(user("u"), key="named"))), name)]})
    assert answer.status_code in (201, 422), answer.text
    if answer.status_code == 201:
        kept = api.call("GET", "/processes/named/versions/1/diagram").headers["Content-Disposition"]
        assert kept == "attachment; filename=named-1.bpmn"


RUNAWAYS = {
    "fork": start() + node("task", "a") + flow("start", "a") + flow("a", "a") + flow("a", "a"),
    "nested lists": node("subProcess", "a", node("subProcess", "b", user("u"), "<multiInstanceLoopCharacteristics><loopCardinality>10000</loopCardinality></multiInstanceLoopCharacteristics>"),
                         "<multiInstanceLoopCharacteristics><loopCardinality>10000</loopCardinality></multiInstanceLoopCharacteristics>"),
}  # fmt: skip


@pytest.mark.parametrize("what", RUNAWAYS)
def test_diagram_that_multiplies_is_stopped_and_leaves_nothing(api: Program, what: str) -> None:
    key = what.replace(" ", "-")
    api.publish(definitions(process(RUNAWAYS[what], key=key)))
    refused(api.call("POST", f"/processes/{key}/instances", json={}), 422)
    assert api.get("/instances", process=key)["items"] == []


def test_process_that_calls_itself_ends(api: Program) -> None:
    api.publish(definitions(process(start(), node("callActivity", "c", calledElement="me"), end(), chain("start", "c", "end"), key="me")))
    assert api.post("/processes/me/instances")["state"] == "failed"


# Bodies and addresses, at every call


def paths(api: Program, method: str) -> list[str]:
    """The addresses of the API that take a method, from its own document."""
    document = api.get("/openapi.json")
    return sorted(path.removeprefix("/api/v1") for path, calls in document["paths"].items() if method in calls)


def filled(path: str, value: str) -> str:
    return re.sub(r"\{number\}", "1", re.sub(r"\{(?!number)\w+\}", value, path))


BODIES: dict[str, tuple[bytes, str]] = {
    "broken": (b'{"a":', "application/json"),
    "NaN": (b'{"x": NaN}', "application/json"),
    "twice": (b'{"x": 1, "\\u0078": 2}', "application/json"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "application/json"),
    "beyond numbers": (b'{"x": 1e400}', "application/json"),
    "half a character": (b'{"x": "\\ud800"}', "application/json"),
    "NUL": (b'{"x": "\\u0000"}', "application/json"),
    "other bytes": ('{"x": "é"}'.encode("latin-1"), "application/json"),
    "byte order": ("{}".encode("utf-16"), "application/json"),
    "huge": (b'{"x": "' + b"x" * 2_000_000 + b'"}', "application/json"),
    "a list": (b"[]", "application/json"),
    "unknown": (b'{"__proto__": {}}', "application/json"),
    "XML": (b"<a/>", "application/xml"),
    "form": (b"a=1", "application/x-www-form-urlencoded"),
    "packed": (b"\x1f\x8b\x08", "application/json"),
}


@pytest.mark.parametrize("what", BODIES)
def test_no_call_takes_a_hostile_body(api: Program, what: str) -> None:
    body, content_type = BODIES[what]
    posts = paths(api, "post")
    assert len(posts) >= 11
    for path in posts:
        refused(
            api.call(
                "POST",
                filled(path, "1"),
                data=body,
                content_type=content_type,
                headers={"Content-Encoding": "gzip"} if what == "packed" else {},
            )
        )


@pytest.mark.parametrize(
    "value",
    ["0", "-1", "1.5", "99999999999999999999999999", "9223372036854775808", "a" * 3000, "..%2f..%2fetc%2fpasswd", "%2e%2e", "%00", "%ff%fe", "%F0%9F%98%80", "%E2%80%AE",
     "'%22%3E%3Cscript%3E", "null", "1;DROP", "%25s"],
)  # fmt: skip
def test_no_address_breaks_a_call(api: Program, value: str) -> None:
    for path in [each for each in paths(api, "get") if "{" in each]:
        refused(api.call("GET", filled(path, value)), 400, 404)
        refused(api.call("GET", re.sub(r"\{(?!number)\w+\}", "P", path).replace("{number}", value)), 400, 404)
    for path in [each for each in paths(api, "post") if "{" in each]:
        refused(api.call("POST", filled(path, value), json={"assignee": "a@b.c"} if "assign" in path else {}), 400, 404)


@pytest.mark.parametrize("value", ["", "0", "-1", "1e3", "9" * 40, "a" * 600, "%00", "W10", "WzFd", "WzFlNDAwXQ", "W251bGxd", "WyJhIl0", "W1tdXQ", "WzEsMl0", "nan", "0001-01-01T00:00:00+14:00",
                                   "9999-12-31T23:59:59-14:00", "2019-02-30T00:00:00Z"])  # fmt: skip
def test_no_query_breaks_a_list(api: Program, value: str) -> None:
    for path in ("/instances", "/tasks", "/processes", "/processes/P/versions"):
        for name in (
            "cursor",
            "limit",
            "state",
            "process",
            "due_before",
            "q",
            "assignee",
            "group",
            "business_key",
            "instance",
            "children",
            "type",
        ):
            answer = api.call("GET", path, query_string={name: value})
            assert answer.status_code < 500, (path, name, answer.text)
            if answer.status_code != 200:
                refused(answer)


def test_a_method_that_is_not_there_is_told_the_right_ones(api: Program) -> None:
    for path in ("/instances", "/tasks/1/complete", "/processes"):
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW"):
            answer = api.call(method, path)
            refused(answer, 405)
            assert {"GET", "POST"} & set(re.split(r", ?", answer.headers["Allow"]))
    head = api.call("HEAD", "/instances")
    assert (head.status_code, head.data) == (200, b"")
    assert api.call("OPTIONS", "/instances").status_code == 200
    assert api.call("GET", "/tasks", headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 200


@pytest.mark.parametrize(
    "given",
    ["Bearer", "Bearer  ", "Basic YTpi", "Bearer x", "Bearer é", "Bearer " + "x" * 10_000, "token", "Bearer a, Bearer b", "Bearer null"],
)
def test_what_is_no_token_opens_nothing(api: Program, given: str) -> None:
    for method, path in (("GET", "/instances"), ("POST", "/processes"), ("POST", "/messages"), ("POST", "/clock")):
        answer = api.call(method, path, headers={"Authorization": given})
        refused(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scope", ["read", "decisions", "messages", "tasks", "instances", "publish"])
def test_a_weak_token_opens_its_own_calls_alone(server: Flask, api: Program, scope: str) -> None:
    opens = {"tasks": "/tasks", "instances": "/instances", "publish": "/processes", "messages": "/messages", "decisions": "/decisions"}
    weak = program(server, scope)
    for path in paths(api, "post"):
        own = path.startswith(opens.get(scope, "/nothing")) or (scope == "messages" and path == "/signals")
        if scope == "instances":
            own = path.startswith("/instances") or path.endswith("/instances")
        if scope == "publish":
            own = path == "/processes" or path.startswith(("/imports", "/drafts")) or "/migrations" in path
        status = weak.call("POST", filled(path, "1"), json={}).status_code
        assert (status != 403) == own, (scope, path, status)
    refused(weak.call("POST", "/clock", json={"advance": 1}), 403)


# What is kept stays readable


@pytest.mark.parametrize("depth", [45, 55, 60])
def test_values_that_a_message_brought_never_close_a_list(api: Program, depth: int) -> None:
    extra = '<message id="M" name="deep"/>'
    api.publish(definitions(process(node("receiveTask", "r", messageRef="M"), user("u"), chain("r", "u"), key="deep"), extra=extra))
    case = play(api, "deep", {}, [])
    value: Any = []
    for _ in range(depth):
        value = [value]
    assert api.call("POST", "/messages", json={"name": "deep", "payload": {"a": value}}).status_code in (202, 400, 422)
    for path in ("/instances", f"/instances/{case.id}", f"/instances/{case.id}/events", "/tasks"):
        assert api.call("GET", path).status_code == 200


def test_odd_names_and_values_come_back_as_they_were(api: Program) -> None:
    odd = {
        "": 1,
        " ": 2,
        "__proto__": {"$": "decimal", "v": "x"},
        "$x": [{"$": "Date"}],
        "now": "null",
        "true": None,
        "a b": 1,
        "é\u202e": "<script>",
        "loopCounter": -1,
    }
    api.publish(definitions(process(user("u"), user("v"), chain("u", "v"), key="odd")))
    case = play(api, "odd", odd, [])
    assert case.read()["variables"] == odd
    (task,) = case.tasks()
    api.post(f"/tasks/{task['id']}/complete", {"data": {"x": odd}})
    assert case.read()["variables"] == odd | {"x": odd}


def test_clock_goes_no_further_than_ids_can_say(api: Program) -> None:
    for wrong in (-1, "NaN", 1e300, True, None, [], 3_200_000_001):
        refused(api.call("POST", "/clock", json={"advance": wrong}), 422)
    raw = api.call("POST", "/clock", data=json.dumps({"advance": 10**300}), content_type="application/json")
    refused(raw, 422)

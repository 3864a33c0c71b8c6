"""The OpenAPI document: valid, complete, and true of real answers."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.api.program import DECISION, FORM, TWO_TASKS, WITH_FORM, Program
from web.runtime import Runtime

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

CALLS = {
    ("post", "/processes"),
    ("get", "/processes"),
    ("get", "/processes/{key}"),
    ("get", "/processes/{key}/versions"),
    ("get", "/processes/{key}/versions/{number}/diagram"),
    ("post", "/processes/{key}/instances"),
    ("get", "/instances"),
    ("get", "/instances/{instance_id}"),
    ("get", "/instances/{instance_id}/events"),
    ("post", "/instances/{instance_id}/cancel"),
    ("get", "/tasks"),
    ("get", "/tasks/{task_id}"),
    ("post", "/tasks/{task_id}/claim"),
    ("post", "/tasks/{task_id}/unclaim"),
    ("post", "/tasks/{task_id}/assign"),
    ("post", "/tasks/{task_id}/complete"),
    ("post", "/messages"),
    ("post", "/signals"),
    ("post", "/decisions/{key}/evaluate"),
    ("post", "/decisions/evaluate"),
    ("post", "/clock"),
    ("post", "/imports"),
    ("get", "/processes/{key}/migrations"),
    ("post", "/processes/{key}/migrations"),
    ("post", "/processes/{key}/migrations/assess"),
    ("get", "/migrations/{migration}"),
    ("get", "/migrations/{migration}/instances"),
    ("post", "/migrations/{migration}/undo"),
    ("get", "/drafts"),
    ("get", "/drafts/{draft_id}"),
    ("put", "/drafts/{draft_id}"),
    ("delete", "/drafts/{draft_id}"),
    ("get", "/drafts/{draft_id}/files/{name}"),
    ("post", "/drafts/{draft_id}/publish"),
    ("get", "/subscriptions"),
    ("post", "/subscriptions"),
    ("get", "/subscriptions/{key}"),
    ("put", "/subscriptions/{key}"),
    ("delete", "/subscriptions/{key}"),
    ("post", "/subscriptions/{key}/pause"),
    ("post", "/subscriptions/{key}/enable"),
    ("post", "/subscriptions/{key}/rotate"),
    ("post", "/subscriptions/{key}/test"),
    ("get", "/deliveries"),
    ("get", "/deliveries/{key}"),
    ("post", "/deliveries/replay"),
    ("get", "/events"),
}


@pytest.fixture
def document(api: Program) -> Any:
    return api.client.get("/api/v1/openapi.json").get_json()


def test_the_document_is_valid_and_of_version_3_1(document: Any) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_call_is_described(document: Any) -> None:
    described = {(method, path.removeprefix("/api/v1")) for path, item in document["paths"].items() for method in item}
    assert {call for call in described if call[0] in ("get", "post", "put", "delete")} == CALLS


def test_every_call_names_its_errors_and_how_to_identify(document: Any) -> None:
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "delete"):
                assert {"401", "403"} <= set(operation["responses"]), path
                assert operation["summary"], path


def test_a_repetition_under_way_is_described(document: Any) -> None:
    """What takes an Idempotency-Key may answer 409: its first request is not done yet."""
    taking = 0
    for path, item in document["paths"].items():
        keys = [each["name"] for each in item.get("post", {}).get("parameters", ()) if each["in"] == "header"]
        taking += "Idempotency-Key" in keys
        assert "Idempotency-Key" not in keys or "409" in item["post"]["responses"], path
    assert taking >= 9


def _holds(document: Any, path: str, method: str, status: int, answer: Any) -> None:
    operation = document["paths"][f"/api/v1{path}"][method]
    (content,) = operation["responses"][str(status)]["content"].values()
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    schema = _rooted(content["schema"])
    registry: Registry[Any] = Registry().with_resource("urn:api", resource)
    errors = [error.message for error in Draft202012Validator(schema, registry=registry).iter_errors(answer)]
    assert errors == [], (path, answer)


def _rooted(schema: Any) -> Any:
    """References inside the document, made absolute."""
    if isinstance(schema, dict):
        return {key: f"urn:api{value}" if key == "$ref" else _rooted(value) for key, value in schema.items()}
    return schema


def test_answers_are_as_described(document: Any, api: Program) -> None:
    api.publish(WITH_FORM, form=FORM, decision=DECISION)
    case = api.start("P", montant=3)
    task = case["tasks"][0]["id"]
    answers = [
        ("/processes", "get", 200, api.get("/processes")),
        ("/processes/{key}", "get", 200, api.get("/processes/P")),
        ("/processes/{key}/versions", "get", 200, api.get("/processes/P/versions")),
        ("/processes/{key}/instances", "post", 201, case),
        ("/instances", "get", 200, api.get("/instances")),
        ("/instances/{instance_id}", "get", 200, api.get(f"/instances/{case['id']}")),
        ("/instances/{instance_id}/events", "get", 200, api.get(f"/instances/{case['id']}/events")),
        ("/tasks", "get", 200, api.get("/tasks")),
        ("/tasks/{task_id}", "get", 200, api.get(f"/tasks/{task}")),
        ("/tasks/{task_id}/complete", "post", 422, api.call("POST", f"/tasks/{task}/complete", json={}).get_json()),
        ("/tasks/{task_id}/complete", "post", 200, api.post(f"/tasks/{task}/complete", {"data": {"titre": "x"}})),
        ("/tasks/{task_id}/complete", "post", 409, api.call("POST", f"/tasks/{task}/complete", json={}).get_json()),
        ("/messages", "post", 202, api.post("/messages", {"name": "x"})),
        ("/signals", "post", 202, api.post("/signals", {"name": "x"})),
        ("/decisions/{key}/evaluate", "post", 200, api.post("/decisions/avis/evaluate", {"inputs": {"score": 1}})),
        ("/clock", "post", 200, api.post("/clock", {"advance": 1})),
        ("/processes", "post", 422, api.send_files(b"").get_json()),
    ]
    for path, method, status, answer in answers:
        _holds(document, path, method, status, answer)


def test_answers_about_subscriptions_are_as_described(api: Program, document: Any) -> None:
    made = api.post("/subscriptions", {"name": "essai"})
    api.publish(TWO_TASKS)
    api.start("P")
    key, listed = made["id"], api.get("/deliveries", subscription=made["id"])
    answers = [
        ("/subscriptions", "post", 201, made),
        ("/subscriptions", "post", 422, api.call("POST", "/subscriptions", json={"name": "x", "url": "http://x/"}).get_json()),
        ("/subscriptions", "get", 200, api.get("/subscriptions")),
        ("/subscriptions/{key}", "get", 200, api.get(f"/subscriptions/{key}")),
        ("/subscriptions/{key}", "put", 200, api.call("PUT", f"/subscriptions/{key}", json={"name": "y"}).get_json()),
        ("/subscriptions/{key}/pause", "post", 200, api.post(f"/subscriptions/{key}/pause")),
        ("/subscriptions/{key}/enable", "post", 200, api.post(f"/subscriptions/{key}/enable")),
        ("/subscriptions/{key}/test", "post", 202, api.post(f"/subscriptions/{key}/test")),
        ("/deliveries", "get", 200, listed),
        ("/deliveries/{key}", "get", 200, api.get(f"/deliveries/{listed['items'][0]['id']}")),
        ("/deliveries/replay", "post", 202, api.post("/deliveries/replay", {"subscription": key})),
        ("/events", "get", 200, api.get("/events", subscription=key)),
    ]
    assert listed["items"]
    for path, method, status, answer in answers:
        _holds(document, path, method, status, answer)


def test_the_description_holds_no_secret_of_the_server(document: Any, running: Runtime) -> None:
    assert running.settings.secret_key not in str(document)
    telling = {name for name, schema in document["components"]["schemas"].items() if "secret" in schema.get("properties", {})}
    assert telling == {"Secret", "SubscriptionMade"}

"""Start, follow and end instances over the API, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.api.program import FORM, TWO_TASKS, WITH_FORM, Program
from tests.spiff.driver import chain, definitions, diagram, end, node, process, start, user


def test_an_instance_runs_from_its_start_to_its_end(api: Program) -> None:
    assert api.publish(TWO_TASKS) == [{"key": "P", "version": 1, "name": "P"}]
    case = api.post("/processes/P/instances", {"variables": {"titre": "Korrigo"}, "business_key": "D-7"})
    assert (case["state"], case["process"], case["version"], case["business_key"]) == ("running", "P", 1, "D-7")
    assert case["variables"] == {"titre": "Korrigo"}
    (task,) = case["tasks"]
    assert (task["element_id"], task["name"], task["groups"]) == ("saisir", "Saisir la demande", ["accueil"])
    done = api.post(f"/tasks/{task['id']}/complete", {"data": {"avis": "oui"}})
    assert done["task"]["state"] == "completed"
    (following,) = done["instance"]["tasks"]
    ended = api.post(f"/tasks/{following['id']}/complete", {"data": {}})["instance"]
    assert (ended["state"], ended["tasks"]) == ("completed", [])
    assert ended["variables"] == {"titre": "Korrigo", "avis": "oui"}
    assert ended["ended_at"] is not None


def test_events_tell_each_element_once_and_in_order(api: Program) -> None:
    api.publish(TWO_TASKS)
    case = api.start()
    for _ in range(2):
        (task,) = api.get(f"/instances/{case['id']}")["tasks"]
        api.post(f"/tasks/{task['id']}/complete", {"data": {}})
    events = api.get(f"/instances/{case['id']}/events")["items"]
    passed = [each["element_id"] for each in events if each["type"] == "element.completed"]
    assert passed == ["start", "saisir", "valider", "end"]
    assert [each["seq"] for each in events] == sorted({each["seq"] for each in events})
    assert set(events[0]) >= {"seq", "type", "element_id", "element_type", "at", "actor", "data"}


def test_events_are_paged_without_gap_or_repetition(api: Program) -> None:
    api.publish(TWO_TASKS)
    path = f"/instances/{api.start()['id']}/events"
    whole = [each["seq"] for each in api.get(path)["items"]]
    page = api.get(path, limit=1)
    paged = [each["seq"] for each in page["items"]]
    while page["next_cursor"]:
        page = api.get(path, limit=1, cursor=page["next_cursor"])
        paged += [each["seq"] for each in page["items"]]
    assert paged == whole


def test_events_of_called_processes_are_told_when_asked_for(api: Program) -> None:
    called = process(start("s2"), user("dedans"), end("e2"), chain("s2", "dedans", "e2"), key="Q")
    calling = process(start(), node("callActivity", "appel", calledElement="Q"), end(), chain("start", "appel", "end"))
    api.publish(definitions(called, calling))
    case = api.start("P")
    (child,) = api.get("/instances", process="Q")["items"]
    assert child["parent_id"] == case["id"]
    api.post(f"/tasks/{child['tasks'][0]['id']}/complete")
    own = {each["instance_id"] for each in api.get(f"/instances/{case['id']}/events")["items"]}
    events = api.get(f"/instances/{case['id']}/events", children=1)["items"]
    assert own == {case["id"]}
    assert {each["instance_id"] for each in events} == {case["id"], child["id"]}
    passed = [each["element_id"] for each in events if each["type"] == "element.completed"]
    assert passed == ["start", "s2", "dedans", "e2", "appel", "end"]


def test_an_instance_that_meets_nobody_ends_within_its_start(api: Program) -> None:
    api.publish(diagram(start(), end(), chain("start", "end")))
    assert api.start()["state"] == "completed"


def test_instances_are_found_by_process_business_key_and_state(api: Program) -> None:
    api.publish(TWO_TASKS)
    made = {key: api.post("/processes/P/instances", {"business_key": key})["id"] for key in ("a", "b", "c")}
    api.post(f"/instances/{made['c']}/cancel", {"reason": "Doublon"})
    (found,) = api.get("/instances", business_key="b")["items"]
    assert (found["id"], found["tasks"][0]["element_id"], found["incidents"]) == (made["b"], "saisir", [])
    assert [each["id"] for each in api.get("/instances", state="cancelled")["items"]] == [made["c"]]
    assert api.get("/instances", process="autre") == {"items": [], "next_cursor": None}


def test_a_list_is_paged(api: Program) -> None:
    api.publish(TWO_TASKS)
    made = [api.start()["id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = api.get("/instances", limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= 2
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_cancelled_instance_is_over(api: Program) -> None:
    api.publish(TWO_TASKS)
    case = api.start()
    cancelled = api.post(f"/instances/{case['id']}/cancel", {"reason": "Retirée"})
    assert (cancelled["state"], cancelled["tasks"]) == ("cancelled", [])
    again = api.call("POST", f"/instances/{case['id']}/cancel", json={"reason": "Encore"})
    assert (again.status_code, again.get_json()["title"]) == (409, "Quelqu’un ou quelque chose est passé avant")
    late = api.call("POST", f"/tasks/{case['tasks'][0]['id']}/complete", json={"data": {}})
    assert late.status_code == 409


@pytest.mark.parametrize("identifier", ["1", "0", "-1", "abc", "99999999999999999999999", "1.5", "%20", "١"])
def test_an_unknown_instance_is_not_found(api: Program, identifier: str) -> None:
    for path in (f"/instances/{identifier}", f"/instances/{identifier}/events", f"/tasks/{identifier}"):
        answer = api.call("GET", path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path


def test_an_unknown_process_is_not_found(api: Program) -> None:
    for method, path in (("GET", ""), ("GET", "/versions"), ("GET", "/versions/1/diagram"), ("POST", "/instances")):
        answer = api.call(method, f"/processes/inconnu{path}", json={} if method == "POST" else None)
        assert answer.status_code == 404, path


def test_a_start_event_is_named_where_there_are_several(api: Program) -> None:
    api.publish(diagram(start("a"), start("b"), user("t"), end(), chain("a", "t", "end"), chain("b", "t")))
    answer = api.call("POST", "/processes/P/instances", json={"start_event": "c"})
    assert answer.status_code == 422
    assert "c" in answer.get_json()["detail"]


def test_a_message_start_may_be_named_by_a_program(api: Program) -> None:
    api.publish(WITH_FORM, form=FORM)
    assert api.post("/processes/P/instances", {"start_event": "start"})["state"] == "running"


def test_timers_fire_at_their_own_time_while_the_clock_moves(api: Program) -> None:
    """Two timers in a row: each is late by nothing, although the clock moves in one go."""
    wait = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"
    api.publish(
        diagram(
            start(),
            node("intermediateCatchEvent", "un", wait.format("PT1H")),
            node("intermediateCatchEvent", "deux", wait.format("P1D")),
            user("enfin"),
            end(),
            chain("start", "un", "deux", "enfin", "end"),
        )
    )
    case = api.start()
    assert case["tasks"] == []
    api.advance(3600 * 24)
    assert api.get(f"/instances/{case['id']}")["tasks"] == []
    api.advance(3600)
    found = api.get(f"/instances/{case['id']}")
    assert [each["element_id"] for each in found["tasks"]] == ["enfin"]
    at = {
        each["element_id"]: each["at"]
        for each in api.get(f"/instances/{case['id']}/events")["items"]
        if each["type"] == "element.completed"
    }
    begun, first, second = (datetime.fromisoformat(at[name]) for name in ("start", "un", "deux"))
    assert first - begun == timedelta(hours=1)
    assert second - first == timedelta(days=1)

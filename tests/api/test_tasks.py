"""Tasks over the API: who gets them, who is first, what is refused and how."""

from __future__ import annotations

import base64
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import person, program
from tests.api.program import FORM, TWO_TASKS, WITH_FORM, Program
from web.api.fields import Moment


def _task(api: Program) -> dict[str, Any]:
    api.publish(TWO_TASKS)
    return dict(api.start()["tasks"][0])


def test_second_completion_is_refused(api: Program) -> None:
    task = _task(api)
    api.post(f"/tasks/{task['id']}/complete", {"data": {}})
    again = api.call("POST", f"/tasks/{task['id']}/complete", json={"data": {}})
    assert (again.status_code, again.mimetype) == (409, "application/problem+json")
    assert "terminé" in again.get_json()["detail"]


def test_of_many_completions_at_once_one_wins(app: Flask, api: Program) -> None:
    task = _task(api)
    statuses: list[int] = []

    def complete() -> None:
        program = Program(app.test_client(), api.token)
        statuses.append(program.call("POST", f"/tasks/{task['id']}/complete", json={"data": {}}).status_code)

    threads = [threading.Thread(target=complete) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]


def test_answers_are_checked_by_the_form(api: Program) -> None:
    api.publish(WITH_FORM, form=FORM)
    task = api.start()["tasks"][0]
    path = f"/tasks/{task['id']}/complete"
    refused = api.call("POST", path, json={"data": {"titre": "beaucoup trop long", "montant": "mille"}})
    assert refused.status_code == 422
    assert set(refused.get_json()["errors"]) == {"titre", "montant"}
    assert set(api.call("POST", path, json={"data": {}}).get_json()["errors"]) == {"titre"}
    done = api.post(path, {"data": {"titre": "Korrigo", "montant": 12.5}})
    assert done["instance"]["variables"] == {"titre": "Korrigo", "montant": 12.5}


def test_refused_answers_change_nothing(api: Program) -> None:
    api.publish(WITH_FORM, form=FORM)
    case = api.start()
    before = api.get(f"/instances/{case['id']}"), api.get(f"/instances/{case['id']}/events")
    api.call("POST", f"/tasks/{case['tasks'][0]['id']}/complete", json={"data": {"montant": 1000}})
    assert (api.get(f"/instances/{case['id']}"), api.get(f"/instances/{case['id']}/events")) == before


def test_a_task_shows_its_form_and_what_it_sees(api: Program) -> None:
    api.publish(WITH_FORM, form=FORM)
    task = api.start("P", montant=3)["tasks"][0]
    found = api.get(f"/tasks/{task['id']}")
    assert (found["form"], found["variables"], found["form_key"]) == (FORM, {"montant": 3}, "demande")


def test_people_claim_and_give_back(app: Flask, api: Program) -> None:
    task = _task(api)
    maelle, yann = person(app, "maelle@exemple.bzh", "accueil"), person(app, "yann@exemple.bzh", "accueil", name="Yann")
    assert maelle.post(f"/tasks/{task['id']}/claim")["assignee"] == "maelle@exemple.bzh"
    lost = yann.call("POST", f"/tasks/{task['id']}/claim")
    assert lost.status_code in (404, 409)
    assert maelle.get("/tasks", assignee="me")["items"][0]["id"] == task["id"]
    assert maelle.post(f"/tasks/{task['id']}/unclaim")["assignee"] is None
    assert yann.post(f"/tasks/{task['id']}/claim")["assignee"] == "yann@exemple.bzh"
    assert yann.post(f"/tasks/{task['id']}/complete", {"data": {}})["task"]["completed_by"] == "Yann"


def test_a_task_is_assigned_by_address(app: Flask, api: Program) -> None:
    task = _task(api)
    person(app, "maelle@exemple.bzh", "accueil")
    assert api.post(f"/tasks/{task['id']}/assign", {"assignee": "maelle@exemple.bzh"})["assignee"] == "maelle@exemple.bzh"
    unknown = api.call("POST", f"/tasks/{task['id']}/assign", json={"assignee": "personne@exemple.bzh"})
    assert unknown.status_code == 422
    assert [each["id"] for each in api.get("/tasks", assignee="maelle@exemple.bzh")["items"]] == [task["id"]]


def test_strangers_do_not_see_a_task(app: Flask, api: Program) -> None:
    task = _task(api)
    stranger = person(app, "loin@exemple.bzh", "ailleurs")
    assert stranger.get("/tasks")["items"] == []
    for method, path in (("GET", ""), ("POST", "/claim"), ("POST", "/complete")):
        assert stranger.call(method, f"/tasks/{task['id']}{path}", json={} if method == "POST" else None).status_code == 404


def test_tasks_are_filtered(api: Program) -> None:
    api.publish(TWO_TASKS)
    first, second = api.start("P", titre="un"), api.start("P", titre="deux")
    api.post(f"/tasks/{first['tasks'][0]['id']}/complete", {"data": {}})
    soon = (datetime.fromisoformat(api.advance()) + timedelta(days=3)).isoformat()

    def found(**query: Any) -> list[str]:
        return [each["element_id"] for each in api.get("/tasks", **query)["items"]]

    assert sorted(found()) == ["saisir", "valider"]
    assert found(group="accueil") == ["saisir"]
    assert found(group="valideurs") == ["valider"]
    assert found(process="Q") == []
    assert found(due_before=soon) == ["saisir"]
    assert found(q="Valider") == ["valider"]
    assert found(state="completed") == ["saisir"]
    assert found(instance=second["id"]) == ["saisir"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "beaucoup"},
        {"state": "inconnu"},
        {"due_before": "demain"},
        {"due_before": "2026-02-30"},
        {"cursor": "cassé"},
        {"cursor": "W10"},
        {"cursor": "x" * 501},
        {"q": "x" * 201},
    ],
)
def test_a_wrong_query_is_refused(api: Program, query: dict[str, str]) -> None:
    answer = api.call("GET", "/tasks", query_string=query)
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "given", ["2026-11-27", "2026-11-27T00:00", "2026-11-27T00:00:00+01:00", "2026-11-27T00:00:00 01:00", "2026-11-26T23:00:00Z"]
)
def test_a_moment_without_offset_is_on_the_clocks_of_paris(given: str) -> None:
    """The last but one is what a plus sign becomes in an address that does not escape it."""
    assert Moment().deserialize(given) == datetime(2026, 11, 26, 23, tzinfo=UTC)


def test_tasks_are_found_by_a_day(api: Program) -> None:
    due = datetime.fromisoformat(_task(api)["due_at"])
    assert api.get("/tasks", due_before=(due + timedelta(days=2)).date().isoformat())["items"]
    assert not api.get("/tasks", due_before=(due - timedelta(days=1)).date().isoformat())["items"]


def test_a_page_is_never_longer_than_the_longest(api: Program) -> None:
    _task(api)
    assert len(api.get("/tasks", limit=100_000)["items"]) == 1
    assert [api.call("GET", "/tasks", query_string={"limit": each}).status_code for each in ("0", "-1", "1.5", "x")] == [400] * 4


@pytest.mark.parametrize("number", [9 * 10**18, -(9 * 10**18), 10**18, 2**63, True, 1.5, None, "1"])
@pytest.mark.parametrize("state", ["open", "completed", "cancelled"])
def test_a_cursor_beyond_the_calendar_is_refused(api: Program, state: str, number: object) -> None:
    place = [number, 1] if state != "open" else [0, number, 1]
    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    answer = api.call("GET", "/tasks", query_string={"state": state, "cursor": cursor})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_tasks_are_paged(api: Program) -> None:
    api.publish(TWO_TASKS)
    made = {api.start()["tasks"][0]["id"] for _ in range(5)}
    page = api.get("/tasks", limit=2)
    seen = [each["id"] for each in page["items"]]
    while page["next_cursor"]:
        page = api.get("/tasks", limit=2, cursor=page["next_cursor"])
        seen += [each["id"] for each in page["items"]]
    assert (len(seen), set(seen)) == (5, made)


def test_a_program_claims_in_its_own_name(app: Flask, api: Program) -> None:
    path = f"/tasks/{_task(api)['id']}"
    portal, yann = program(app, "tasks", name="portail"), person(app, "yann@exemple.bzh", "accueil", name="Yann")
    claims = [portal.post(f"{path}/claim") for _ in range(2)]
    assert [each["assignee"] for each in claims] == ["portail", "portail"]
    assert [each["assignee"] for each in portal.get("/tasks", assignee="me")["items"]] == ["portail"]
    assert [len(api.get("/tasks", assignee=each)["items"]) for each in ("portail", "autre", "me")] == [1, 0, 0]
    late = yann.call("POST", f"{path}/claim"), api.call("POST", f"{path}/claim"), yann.call("POST", f"{path}/complete", json={})
    assert [each.status_code for each in late] == [409, 409, 409]
    assert "portail" in late[0].get_json()["detail"]
    assert portal.post(f"{path}/unclaim")["assignee"] is None
    assert yann.post(f"{path}/claim")["assignee"] == "yann@exemple.bzh"
    claimed = [each["actor"] for each in api.get(f"/instances/{claims[0]['instance_id']}/events", type="task.claimed")["items"]]
    assert claimed == ["token:portail", "user:Yann"]


def test_what_a_program_has_is_assigned_or_completed_by_it(app: Flask, api: Program) -> None:
    task = _task(api)
    portal = program(app, "tasks", name="portail")
    person(app, "yann@exemple.bzh", "accueil", name="Yann")
    portal.post(f"/tasks/{task['id']}/claim")
    assert portal.post(f"/tasks/{task['id']}/assign", {"assignee": "yann@exemple.bzh"})["assignee"] == "yann@exemple.bzh"
    portal.post(f"/tasks/{task['id']}/unclaim")
    portal.post(f"/tasks/{task['id']}/claim")
    assert portal.post(f"/tasks/{task['id']}/complete", {"data": {}})["task"]["completed_by"] == "portail"


def test_of_programs_that_claim_at_once_one_has_it(app: Flask, api: Program) -> None:
    task = _task(api)
    programs = [program(app, "tasks", name=f"portail {number}") for number in range(6)]
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda each=each: answers.append(each.call("POST", f"/tasks/{task['id']}/claim"))) for each in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409, 409, 409]
    (won,) = [each.get_json()["assignee"] for each in answers if each.status_code == 200]
    assert api.get(f"/tasks/{task['id']}")["assignee"] == won

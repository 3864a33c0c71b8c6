"""Running instances go on in another version, over the API, on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from engine.tables import timer
from tests.api.conftest import person, program
from tests.api.program import Program
from tests.spiff.driver import boundary, chain, definitions, diagram, end, node, process, start, user
from web.runtime import Runtime

LATE = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"


def version(*steps: str, more: str = "") -> bytes:
    return diagram(start(), *(user(each, name=f"Étape {each}") for each in steps), more, end(), chain("start", *steps, "end"))


def late(host: str, duration: str = "P3D") -> str:
    return boundary("late", host, LATE.format(duration)) + user("relance") + chain("late", "relance", "end")


def migrate(api: Program, running: Runtime, **order: Any) -> Any:
    made = api.post("/processes/P/migrations", order)
    running.worker.run_until_quiet()
    return api.get(f"/migrations/{made['id']}")


def timers(running: Runtime, case: Any) -> list[tuple[str, datetime]]:
    """What an instance's timers wait for, and when."""
    with running.sessions.reading() as session:
        rows = session.execute(select(timer).where(timer.c.instance_id == int(case["id"])))
        return [(row.element, row.due) for row in rows]


def undo(api: Program, running: Runtime, made: Any) -> Any:
    number = api.post(f"/migrations/{made['id']}/undo")["instances"]
    running.worker.run_until_quiet()
    return number, api.get(f"/migrations/{made['id']}")["counts"]


def test_a_hundred_instances_move_and_are_taken_back(api: Program, running: Runtime) -> None:
    api.publish(version("a", "b"))
    cases = [api.start()["id"] for _ in range(100)]
    api.publish(version("a", "c", more=late("a")))
    told = api.post("/processes/P/migrations/assess", {})
    assert (told["version"], told["counts"]) == (2, {"moves": 100})
    assert told["instances"][0]["elements"] == ["a"]
    made = migrate(api, running)
    assert made["counts"] == {"done": 100}
    case = api.get(f"/instances/{cases[0]}")
    assert (case["version"], [element for element, _ in timers(running, case)]) == (2, ["late"])
    done = api.post(f"/tasks/{case['tasks'][0]['id']}/complete")["instance"]
    assert [each["element_id"] for each in done["tasks"]] == ["c"]
    assert undo(api, running, made) == (100, {"undone": 99, "kept": 1})
    back = api.get(f"/instances/{cases[1]}")
    assert (back["version"], timers(running, back)) == (1, [])
    done = api.post(f"/tasks/{back['tasks'][0]['id']}/complete")["instance"]
    assert [each["element_id"] for each in done["tasks"]] == ["b"]
    types = [each["type"] for each in api.get(f"/instances/{cases[1]}/events")["items"]]
    assert [each for each in types if "migrat" in each] == ["instance.migrated", "instance.migration-undone"]


def test_tasks_keep_their_people_and_answers_and_show_the_new_form(app: Flask, api: Program, running: Runtime) -> None:
    agent = person(app, "maelle@example.org", "agents")
    api.publish(version("a"))
    case = api.start()
    task = case["tasks"][0]["id"]
    agent.post(f"/tasks/{task}/claim")
    api.publish(version("z"))
    assert migrate(api, running)["counts"] == {"refused": 1}
    made = migrate(api, running, mapping={"a": "z"})
    assert made["counts"] == {"done": 1}
    shown = api.get(f"/tasks/{task}")
    assert (shown["element_id"], shown["name"], shown["assignee"]) == ("z", "Étape z", "maelle@example.org")
    assert undo(api, running, made) == (1, {"undone": 1})
    shown = api.get(f"/tasks/{task}")
    assert (shown["element_id"], shown["name"], shown["assignee"]) == ("a", "Étape a", "maelle@example.org")


def test_timers_keep_their_moments_and_come_back_as_they_were(api: Program, running: Runtime) -> None:
    api.publish(version("a", more=late("a")))
    case = api.start()
    (before,) = timers(running, case)
    api.publish(version("a", more=late("a", "P30D")))
    migrate(api, running)
    assert timers(running, case) == [before]
    api.publish(version("a"))
    made = migrate(api, running)
    assert timers(running, case) == []
    assert undo(api, running, made) == (1, {"undone": 1})
    assert timers(running, case) == [before]
    api.advance(3 * 86_400)
    assert [each["element_id"] for each in api.get(f"/instances/{case['id']}")["tasks"]] == ["relance"]


def test_what_cannot_says_why_in_the_callers_language_and_stays(api: Program, running: Runtime) -> None:
    api.publish(version("a"))
    case = api.start()
    api.publish(diagram(start(), node("manualTask", "a"), end(), chain("start", "a", "end")))
    told = api.post("/processes/P/migrations/assess", {})
    (fate,) = told["instances"]
    assert (told["counts"], fate["hurdles"][0]["code"]) == ({"cannot": 1}, "other-kind")
    assert fate["hurdles"][0]["detail"] == "«\u00a0Étape a\u00a0» n’est plus une étape du même genre."
    english = api.call("POST", "/processes/P/migrations/assess", json={}, headers={"Accept-Language": "en"}).get_json()
    assert "Étape a" in english["instances"][0]["hurdles"][0]["detail"]
    assert "n’est" not in english["instances"][0]["hurdles"][0]["detail"]
    made = migrate(api, running)
    assert made["counts"] == {"refused": 1}
    (step,) = api.get(f"/migrations/{made['id']}/instances", state="refused")["items"]
    assert (step["id"], step["from_version"], step["to_version"]) == (case["id"], 1, 2)
    assert api.get(f"/instances/{case['id']}")["version"] == 1


def test_some_move_to_an_earlier_version(api: Program, running: Runtime) -> None:
    api.publish(version("a", "b"))
    api.publish(version("a", "c"))
    first, second = (api.start()["id"] for _ in range(2))
    made = migrate(api, running, version=1, instances=[first])
    assert (made["version"], made["counts"]) == (1, {"done": 1})
    assert [api.get(f"/instances/{each}")["version"] for each in (first, second)] == [1, 2]
    assert api.get("/processes/P/migrations")["items"] == [made]


def test_called_instances_move_too_when_asked(api: Program, running: Runtime) -> None:
    def files(*steps: str) -> bytes:
        called = process(start("s2"), *(user(each) for each in steps), end("e2"), chain("s2", *steps, "e2"), key="Q")
        return definitions(called, process(start(), node("callActivity", "appel", calledElement="Q"), user(steps[-1] + "2"), end(),
                                           chain("start", "appel", steps[-1] + "2", "end")))  # fmt: skip

    api.publish(files("x"))
    api.start("P")
    api.start("P")
    api.publish(files("x", "y"))
    assert migrate(api, running, called=True)["counts"] == {"done": 4}
    child = api.get("/instances", process="Q")["items"][0]
    assert child["version"] == 2
    done = api.post(f"/tasks/{child['tasks'][0]['id']}/complete")["instance"]
    api.post(f"/tasks/{done['tasks'][0]['id']}/complete")
    parent = api.get(f"/instances/{child['parent_id']}")
    assert [each["element_id"] for each in parent["tasks"]] == ["y2"]


def test_wrong_orders_are_refused_whole(app: Flask, api: Program) -> None:
    api.publish(version("a"))
    api.start()
    none = api.call("POST", "/processes/P/migrations", json={})
    assert (none.status_code, none.get_json()["detail"]) == (422, "Aucun de ces dossiers n’est en cours dans une autre version.")
    api.publish(version("b"))
    for mapping, detail in (({"q": "b"}, "Aucune version"), ({"a": "q"}, "La nouvelle version")):
        answer = api.call("POST", "/processes/P/migrations", json={"mapping": mapping})
        assert answer.status_code == 422
        assert detail in answer.get_json()["detail"]
    assert api.call("POST", "/processes/P/migrations", json={"version": 9}).status_code == 404
    assert api.call("POST", "/processes/Q/migrations", json={}).status_code == 404
    assert api.call("GET", "/migrations/17").status_code == 404
    assert api.call("POST", "/migrations/17/undo").status_code == 404
    agent = person(app, "maelle@example.org", "agents")
    assert agent.call("POST", "/processes/P/migrations", json={}).status_code == 403
    assert program(app, "read").call("POST", "/processes/P/migrations", json={}).status_code == 403
    assert api.get("/processes/P/migrations")["items"] == []


def test_who_ended_meanwhile_is_left_alone(api: Program, running: Runtime) -> None:
    api.publish(version("a"))
    case = api.start()
    api.publish(version("a", "b"))
    made = api.post("/processes/P/migrations", {})
    api.post(f"/instances/{case['id']}/cancel", {"reason": "Doublon"})
    running.worker.run_until_quiet()
    assert api.get(f"/migrations/{made['id']}")["counts"] == {"over": 1}



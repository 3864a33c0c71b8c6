"""The worker: what it does by itself, what it survives, and how the clock moves."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from engine import calls, timers
from tests.api.program import Program
from tests.api.test_connectors import SIRET, _calling
from tests.spiff.driver import boundary, chain, diagram, end, node, start, user
from tests.webhooks.standin import Standin
from web.runtime import Runtime

DURATION = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"
CYCLE = "<timerEventDefinition><timeCycle>{}</timeCycle></timerEventDefinition>"


@pytest.fixture
def at_work(running: Runtime) -> Iterator[Runtime]:
    """The worker runs in its thread, as in a server."""
    running.worker.start()
    yield running
    running.worker.stop()
    assert not [each for each in threading.enumerate() if each.name == "tikub-worker"]


def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _open(api: Program, case: str) -> list[str]:
    return [each["element_id"] for each in api.get(f"/instances/{case}")["tasks"]]


def test_the_worker_makes_calls_and_fires_timers_by_itself(api: Program, at_work: Runtime) -> None:
    api.publish(_calling("entreprises", "{siret: siret}"))
    called = api.start("P", siret=SIRET)["id"]
    _until(lambda: _open(api, called) == ["suite"])
    api.publish(
        diagram(
            start(),
            node("intermediateCatchEvent", "t", DURATION.format("PT0.3S")),
            user("suite"),
            end(),
            chain("start", "t", "suite", "end"),
        )
    )
    timed = api.start("P")["id"]
    assert _open(api, timed) == []
    _until(lambda: _open(api, timed) == ["suite"])


def test_the_clock_call_answers_when_the_worker_is_quiet_too(api: Program, at_work: Runtime) -> None:
    api.publish(
        diagram(
            start(),
            user("attendre"),
            boundary("rappel", "attendre", CYCLE.format("R3/P1D"), interrupting=False),
            user("relancer"),
            end(),
            chain("start", "attendre", "end"),
            chain("rappel", "relancer"),
        )
    )
    case = api.start("P")["id"]
    api.advance(86_400 * 10)
    assert sorted(_open(api, case)) == ["attendre", "relancer", "relancer", "relancer"]


def test_a_calendar_day_is_one_over_the_change_of_the_hour(api: Program, running: Runtime) -> None:
    """P1D from noon in Paris ends at noon in Paris, 23 hours later when the clocks go forward."""
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        running.clock.move(session, now.replace(year=now.year + 1, month=3, day=1))
    api.publish(diagram(start(), node("intermediateCatchEvent", "t", DURATION.format("P60D")), end(), chain("start", "t", "end")))
    case = api.start("P")["id"]
    api.advance(60 * 86_400 - 3_600 - 600)
    assert api.get(f"/instances/{case}")["state"] == "running"
    api.advance(601)
    assert api.get(f"/instances/{case}")["state"] == "completed"


def test_a_timer_that_fails_stops_no_other(api: Program, running: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    api.publish(diagram(start(), node("intermediateCatchEvent", "t", DURATION.format("PT1H")), end(), chain("start", "t", "end")))
    cases = [api.start("P")["id"] for _ in range(3)]
    broken, fire = [], timers.fire

    def sometimes(session: Any, timer_id: int, **options: Any) -> bool:
        broken[:] = broken or [timer_id]
        if timer_id in broken:
            raise RuntimeError("broken timer")
        return fire(session, timer_id, **options)

    monkeypatch.setattr(timers, "fire", sometimes)
    running.worker.advance(timedelta(hours=1))
    assert sorted(api.get(f"/instances/{case}")["state"] for case in cases) == ["completed", "completed", "running"]
    monkeypatch.undo()
    running.worker.advance(timedelta(minutes=15))
    assert {api.get(f"/instances/{case}")["state"] for case in cases} == {"completed"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_worker_survives_a_silent_database(api: Program, at_work: Runtime, outside: Standin) -> None:
    api.publish(_calling("entreprises", "{siret: siret}"))
    silent = True

    def refuse(*_: Any) -> None:
        if silent and threading.current_thread().name == "tikub-worker":
            raise OSError("no database")

    event.listen(at_work.sessions.engine, "before_cursor_execute", refuse)
    case = api.start("P", siret=SIRET)["id"]
    time.sleep(0.2)
    assert outside.asked == []
    silent = False
    _until(lambda: _open(api, case) == ["suite"])


def test_two_workers_make_a_call_once(api: Program, running: Runtime, outside: Standin) -> None:
    from web.assembly import worker_of

    api.publish(_calling("entreprises", "{siret: siret}"))
    for _ in range(5):
        api.start("P", siret=SIRET)
    workers = [running.worker, worker_of(running.settings, running.sessions, running.clock)]
    threads = [threading.Thread(target=each.run_until_quiet) for each in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outside.asked) == 5
    assert {each["tasks"][0]["element_id"] for each in api.get("/instances")["items"]} == {"suite"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_a_killed_process_of_this_machine_held_is_taken_over_at_once(api: Program, running: Runtime, outside: Standin) -> None:
    """A process that ended cannot live again under its number while its parent has not asked for it."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    api.publish(_calling("entreprises", "{siret: siret}"))
    held, foreign = (api.start("P", siret=SIRET)["id"] for _ in range(2))
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        for name in (f"{socket.gethostname()}/{ended.pid}/0000", f"elsewhere/{ended.pid}/0000"):
            assert len(calls.claim(session, now=now, worker=name, limit=1)) == 1
    running.worker.run_until_quiet()
    assert (_open(api, held), _open(api, foreign)) == (["suite"], [])


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_worker_holds_no_more_calls_than_it_can_make(api: Program, running: Runtime, outside: Standin) -> None:
    """All 20 are made, though only a few are claimed at a time."""
    api.publish(_calling("entreprises", "{siret: siret}"))
    cases = [api.start("P", siret=SIRET)["id"] for _ in range(20)]
    most = 0
    claim = calls.claim

    def counting(*arguments: Any, **options: Any) -> Any:
        nonlocal most
        most = max(most, options["limit"])
        return claim(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "claim", counting)
        running.worker.run_until_quiet()
    assert most <= 8
    assert (len(outside.asked), {each for case in cases for each in _open(api, case)}) == (20, {"suite"})


def test_the_clock_moves_only_where_it_may(running: Runtime, api: Program) -> None:
    for wrong in (-1, "demain", None, 1e30, True):
        assert api.call("POST", "/clock", json={"advance": wrong}).status_code == 422, wrong
    assert api.call("POST", "/clock", json={}).status_code == 422


def test_an_ordinary_server_has_no_clock_call(running: Runtime) -> None:
    import dataclasses

    from web.app import create_app
    from web.runtime import EXTENSION

    app = create_app(dataclasses.replace(running.settings, test_clock=False))
    assert app.test_client().post("/api/v1/clock", json={"advance": 1}).status_code == 404
    assert "/api/v1/clock" not in app.test_client().get("/api/v1/openapi.json").get_json()["paths"]
    app.extensions[EXTENSION].sessions.close()

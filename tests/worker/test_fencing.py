"""A worker that is frozen past its lease writes nothing when it wakes: real processes, SIGSTOP and SIGCONT."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from tests.spiff.driver import chain, definitions, end, node, process, start
from tests.worker.conftest import Site, hang, until
from tests.worker.test_waking import CALLING, SIRET, THROWING, _timed


def _completions(site: Site, case: str, element: str) -> int:
    events = site.api.get(f"/instances/{case}/events", limit=200)["items"]
    return sum(each["type"] == "element.completed" and each["element_id"] == element for each in events)


def test_a_worker_frozen_during_a_call_throws_its_result_away(site: Site) -> None:
    site.api.publish(CALLING)
    go = hang(site.outside, 1)
    frozen = site.worker(TIKUB_LEASE="3")
    case = site.api.start("P", siret=SIRET)["id"]
    until(lambda: site.outside.asked)
    frozen.send_signal(signal.SIGSTOP)
    site.worker(TIKUB_LEASE="3")
    until(lambda: site.state(case) == "completed")
    before = site.api.get(f"/instances/{case}/events", limit=200)["items"]
    go.set()
    frozen.send_signal(signal.SIGCONT)
    until(lambda: "was lost" in site.log(0))
    assert len(site.outside.asked) == 2
    assert site.api.get(f"/instances/{case}/events", limit=200)["items"] == before


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_worker_frozen_in_a_transaction_loses_it_and_its_locks(site: Site) -> None:
    site.api.publish(_timed("PT2S"))
    frozen = site.worker(TIKUB_LEASE="3")
    case = _freeze_in_transaction(site, frozen.pid)
    site.worker(TIKUB_LEASE="3")
    until(lambda: site.state(case) == "completed")
    frozen.send_signal(signal.SIGCONT)
    until(lambda: "the lease of timer" in site.log(0))
    assert _completions(site, case, "t") == 1
    site.workers[1].terminate()
    site.workers[1].wait(20)
    again = site.api.start("T")["id"]
    until(lambda: site.state(again) == "completed")


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_step_that_the_database_broke_off_is_done_long_before_its_lease_ends(site: Site) -> None:
    site.api.publish(_timed("PT2S"))
    site.worker(TIKUB_LEASE="600")
    case = site.api.start("T")["id"]
    with psycopg.connect(site.url.replace("postgresql+psycopg", "postgresql")) as gate:
        gate.execute("LOCK TABLE event IN EXCLUSIVE MODE")
        ((backend,),) = until(lambda: site.sql(WAITING))
        site.sql(f"SELECT pg_terminate_backend({backend})")
        until(lambda: "the queue timers stops" in site.log(0))
    until(lambda: site.state(case) == "completed")
    assert _completions(site, case, "t") == 1


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_an_outside_system_is_not_asked_again_because_the_database_was_silent(site: Site) -> None:
    site.api.publish(CALLING)
    go = hang(site.outside, 1)
    site.worker()
    case = site.api.start("P", siret=SIRET)["id"]
    until(lambda: site.outside.asked)
    with psycopg.connect(site.url.replace("postgresql+psycopg", "postgresql")) as gate:
        gate.execute("LOCK TABLE event IN EXCLUSIVE MODE")
        go.set()
        ((backend,),) = until(lambda: site.sql(WAITING))
        site.sql(f"SELECT pg_terminate_backend({backend})")
        until(lambda: "could not be written" in site.log(0))
    until(lambda: site.state(case) == "completed")
    assert len(site.outside.asked) == 1


WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def _freeze_in_transaction(site: Site, pid: int) -> str:
    """Stop the worker when the database has done its last statement and it holds the lock of an instance; that instance."""
    address = site.url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as gate:
        while True:
            case = str(site.api.start("T")["id"])
            gate.execute("LOCK TABLE event IN EXCLUSIVE MODE")
            until(lambda case=case: site.sql(WAITING) or site.state(case) == "completed")  # type: ignore[misc]
            waiting = site.sql(WAITING)
            if not waiting:  # the timer was faster than the lock
                gate.commit()
                continue
            os.kill(pid, signal.SIGSTOP)
            gate.commit()
            time.sleep(0.3)
            if (waiting[0][0], "idle in transaction") in site.sql("SELECT pid, state FROM pg_stat_activity"):
                return case
            os.kill(pid, signal.SIGCONT)


SIGNALLING = definitions(
    process(
        start(),
        node("intermediateThrowEvent", "dire", '<signalEventDefinition signalRef="s"/>'),
        end(),
        chain("start", "dire", "end"),
        key="S",
    ),
    process(start("d", '<signalEventDefinition signalRef="s"/>'), end("fin"), chain("d", "fin"), key="D"),
    extra='<signal id="s" name="alerte"/>',
)
#: A kind of row: the diagrams, the process that makes such a row, the element that it completes once, and the process that it starts.
ROWS = {
    "timer": (_timed("PT0.2S"), "T", "t", None),
    "message": (THROWING, "M", "dire", "R"),
    "signal": (SIGNALLING, "S", "dire", "D"),
}


def _is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _everything(site: Site, *keys: str) -> list[object]:
    cases = [case["id"] for key in keys for case in site.api.get("/instances", process=key)["items"]]
    return [site.api.get(f"/instances/{case}/events", limit=200)["items"] for case in cases]


@pytest.mark.parametrize("kind", ROWS)
def test_a_worker_frozen_after_it_claimed_writes_nothing_when_it_wakes(site: Site, kind: str) -> None:
    published, key, element, started = ROWS[kind]
    site.api.publish(published)
    frozen = site.worker(TIKUB_LEASE="3", TIKUB_FAULTS=f"{kind}-claimed=stop@1")
    time.sleep(1.5)  # its first look is over, at which tidying tries what it finds without a claim
    case = site.api.start(key)["id"]
    until(lambda: _is_stopped(frozen.pid))
    site.worker(TIKUB_LEASE="3")
    keys = [key, *([started] if started else [])]
    until(lambda: site.state(case) == "completed" and all(site.api.get("/instances", process=each)["items"] for each in keys))
    before = _everything(site, *keys)
    frozen.send_signal(signal.SIGCONT)
    until(lambda: f"the lease of {kind}" in site.log(0))
    assert _everything(site, *keys) == before
    assert _completions(site, case, element) == 1
    assert len(before) == len(keys)


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_worker_frozen_before_its_commit_loses_what_it_did(site: Site, kind: str) -> None:
    published, key, element, started = ROWS[kind]
    site.api.publish(published)
    frozen = site.worker(TIKUB_LEASE="3", TIKUB_FAULTS=f"{kind}-done=stop@1")
    time.sleep(1.5)  # its first look is over, at which tidying tries what it finds without a claim
    case = site.api.start(key)["id"]
    until(lambda: _is_stopped(frozen.pid))
    site.worker(TIKUB_LEASE="3")
    keys = [key, *([started] if started else [])]
    until(lambda: site.state(case) == "completed" and all(site.api.get("/instances", process=each)["items"] for each in keys))
    before = _everything(site, *keys)
    frozen.send_signal(signal.SIGCONT)
    until(lambda: f"the lease of {kind}" in site.log(0))
    site.workers[1].terminate()
    site.workers[1].wait(30)
    again = site.api.start(key)["id"]
    until(lambda: site.state(again) == "completed")
    assert [each for each in _everything(site, *keys) if each in before] == before
    assert _completions(site, case, element) == 1


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_worker_that_dies_before_its_commit_did_nothing(site: Site, kind: str) -> None:
    published, key, element, started = ROWS[kind]
    site.api.publish(published)
    dying = site.worker(TIKUB_FAULTS=f"{kind}-done=kill@1")
    case = site.api.start(key)["id"]
    dying.wait(60)
    site.worker()
    keys = [key, *([started] if started else [])]
    until(lambda: site.state(case) == "completed" and all(site.api.get("/instances", process=each)["items"] for each in keys))
    assert _completions(site, case, element) == 1
    assert len(_everything(site, *keys)) == len(keys)

"""A worker that is frozen past its lease writes nothing when it wakes: real processes, SIGSTOP and SIGCONT."""

from __future__ import annotations

import os
import signal
import time

import psycopg
import pytest

from tests.worker.conftest import Site, hang, until
from tests.worker.test_waking import CALLING, SIRET, _timed


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
    site.api.publish(_timed("PT0.5S"))
    frozen = site.worker(TIKUB_LEASE="3")
    case = site.api.start("T")["id"]
    _freeze_in_transaction(site, frozen.pid)
    site.worker(TIKUB_LEASE="3")
    until(lambda: site.state(case) == "completed")
    frozen.send_signal(signal.SIGCONT)
    until(lambda: any(f"{ended} connection" in site.log(0) for ended in ("terminating", "closed the")))
    assert _completions(site, case, "t") == 1
    site.workers[1].terminate()
    site.workers[1].wait(20)
    again = site.api.start("T")["id"]
    until(lambda: site.state(again) == "completed")


def _freeze_in_transaction(site: Site, pid: int) -> None:
    """Stop the worker when the database has done its last statement and it holds the lock of an instance."""
    address = site.url.replace("postgresql+psycopg", "postgresql")
    waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(address) as gate:
        while True:
            gate.execute("LOCK TABLE event IN EXCLUSIVE MODE")
            (backend,) = until(lambda: site.sql(waiting))[0]
            os.kill(pid, signal.SIGSTOP)
            gate.commit()
            time.sleep(0.3)
            if (backend, "idle in transaction") in site.sql("SELECT pid, state FROM pg_stat_activity"):
                return
            os.kill(pid, signal.SIGCONT)

"""Jobs wake workers of other processes on PostgreSQL, and nothing depends on them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from engine import wakes
from tests.spiff.driver import chain, definitions, diagram, end, node, process, start, user
from tests.worker.conftest import Site, hang, until

SIRET = "23350001600040"
PROPS = {"connector": "entreprises", "connectorInput": "{siret: siret}", "resultVariable": "recu", "retries": "3"}
CALLING = diagram(start(), node("serviceTask", "appeler", props=PROPS), end(), chain("start", "appeler", "end"))
DURATION = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"


def _timed(duration: str, key: str = "T") -> bytes:
    event = node("intermediateCatchEvent", "t", DURATION.format(duration))
    return definitions(process(start(), event, end(), chain("start", "t", "end"), key=key))


THROWING = definitions(
    process(
        start(),
        node("intermediateThrowEvent", "dire", '<messageEventDefinition messageRef="m"/>'),
        end(),
        chain("start", "dire", "end"),
        key="M",
    ),
    process(start("s", '<messageEventDefinition messageRef="m"/>'), user("lire"), end("fin"), chain("s", "lire", "fin"), key="R"),
    extra='<message id="m" name="bonjour"/>',
)


def _all_completed(site: Site, cases: list[str]) -> bool:
    return {site.state(case) for case in cases} == {"completed"}


def test_workers_do_what_another_process_wrote(site: Site) -> None:
    for each in (CALLING, _timed("PT1S"), THROWING):
        site.api.publish(each)
    site.worker()
    site.worker()
    cases = [site.api.start(key, siret=SIRET)["id"] for key in "PTM" for _ in range(3)]
    until(lambda: _all_completed(site, cases))
    until(lambda: len(site.api.get("/instances", process="R")["items"]) == 3)
    assert len(site.outside.asked) == 3


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_jobs_are_written_with_their_rows_and_are_used_up(site: Site) -> None:
    site.api.publish(CALLING)
    case = site.api.start("P", siret=SIRET)["id"]
    assert site.sql("SELECT queue_name, task_name, args::text FROM procrastinate_jobs") == [("calls", "tikub.wake", "{}")]
    site.worker()
    until(lambda: site.state(case) == "completed" and not site.sql("SELECT 1 FROM procrastinate_jobs"))


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_what_is_rolled_back_wakes_nobody(site: Site) -> None:
    def write() -> None:
        with site.runtime.sessions.begin() as session:
            wakes.note(session, wakes.CALLS)
            site.runtime.sessions.before_commit(session)
            raise OSError("afterwards")

    with pytest.raises(OSError, match="afterwards"):
        write()
    assert site.sql("SELECT 1 FROM procrastinate_jobs") == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_emptying_the_tables_of_jobs_loses_nothing(site: Site) -> None:
    empty = "TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_events, procrastinate_periodic_defers"
    for each in (CALLING, _timed("PT1S"), THROWING):
        site.api.publish(each)
    before = [site.api.start(key, siret=SIRET)["id"] for key in "PTM" for _ in range(5)]
    site.sql(empty)
    site.worker()
    until(lambda: _all_completed(site, before))
    after = []
    for _ in range(5):
        after += [site.api.start(key, siret=SIRET)["id"] for key in "PTM"]
        site.sql(empty)
    until(lambda: _all_completed(site, after))
    until(lambda: len(site.api.get("/instances", process="R")["items"]) == 10)
    assert len(site.outside.asked) == 10


def test_a_slow_outside_system_does_not_hold_up_timers(site: Site) -> None:
    site.api.publish(CALLING)
    site.api.publish(_timed("PT0.5S"))
    go = hang(site.outside, 50)
    site.worker()
    slow = [site.api.start("P", siret=SIRET)["id"] for _ in range(12)]
    until(lambda: len(site.outside.asked) >= 4)
    timed = [site.api.start("T")["id"] for _ in range(3)]
    until(lambda: _all_completed(site, timed))
    assert {site.state(case) for case in slow} == {"running"}
    go.set()
    until(lambda: _all_completed(site, slow))


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_an_instance_that_somebody_holds_does_not_stop_the_others(site: Site) -> None:
    """Its steps fill no queue: each waits a second for the lock and comes back later."""
    site.api.publish(_timed("PT0.5S"))
    held = [site.api.start("T")["id"] for _ in range(8)]
    with site.runtime.sessions.begin() as session:
        session.execute(text("SELECT id FROM instance FOR UPDATE"))
        site.worker()
        free = site.api.start("T")["id"]
        until(lambda: site.state(free) == "completed")
        assert {site.state(case) for case in held} == {"running"}
    until(lambda: _all_completed(site, held))

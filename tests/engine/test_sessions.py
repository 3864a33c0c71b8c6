"""Transactions and the clock: what is begun ends whole or not at all, in one thread, in several, in several processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import instances, leases, messages, people
from engine.actors import SYSTEM
from engine.clock import Clock, TestClock
from engine.sessions import Sessions, create_engine
from engine.statements import execute
from engine.tables import clock_offset, metadata
from tests.engine.test_messages import WAITS
from tests.engine.test_tasks import race
from tests.engine.world import NOW, World

COUNT = """
import sys
from sqlalchemy import select, update
from engine.sessions import Sessions, create_engine
from engine.tables import clock_offset
sessions = Sessions(create_engine(sys.argv[1]))
for _ in range(25):
    with sessions.begin() as session:
        seen = session.execute(select(clock_offset.c.microseconds).with_for_update()).scalar()
        session.execute(update(clock_offset).values(microseconds=seen + 1))
sessions.close()
"""


def count_up(session: Session) -> None:
    seen = session.execute(select(clock_offset.c.microseconds).with_for_update()).scalar()
    session.execute(update(clock_offset).values(microseconds=(seen or 0) + 1))


def counted(session: Session) -> int | None:
    return session.execute(select(clock_offset.c.microseconds)).scalar()


def test_what_is_read_to_be_written_is_not_read_by_two(world: World) -> None:
    world.do(lambda session: session.execute(clock_offset.insert().values(id=1, microseconds=0)))

    def several() -> None:
        for _ in range(20):
            world.do(count_up)

    race([several] * 4)
    assert world.ask(counted) == 80


def test_several_processes_write_one_after_the_other(world: World, database_url: str) -> None:
    world.do(lambda session: session.execute(clock_offset.insert().values(id=1, microseconds=0)))
    started = [subprocess.Popen([sys.executable, "-c", COUNT, database_url]) for _ in range(3)]
    assert [each.wait(60) for each in started] == [0, 0, 0]
    assert world.ask(counted) == 75


def test_a_reader_sees_one_moment_and_stops_no_writer(world: World) -> None:
    world.do(people.create_group, "a", "A")
    with world.sessions.reading() as session:
        assert len(people.groups(session)) == 1
        writer = threading.Thread(target=partial(world.do, people.create_group, "b", "B"))
        writer.start()
        writer.join(5)
        assert not writer.is_alive()
    assert len(world.ask(people.groups)) == 2


def test_a_reading_session_keeps_nothing(world: World) -> None:
    with world.sessions.reading() as session:
        people.create_group(session, "a", "A")
    assert world.ask(people.groups) == []


def test_a_failure_in_a_transaction_leaves_nothing_and_frees_the_next(world: World) -> None:
    def fail(session: Session) -> None:
        people.create_group(session, "a", "A")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.do(fail)
    world.do(people.create_group, "b", "B")
    assert [each.key for each in world.ask(people.groups)] == ["b"]


def test_a_connection_that_died_while_idle_is_replaced(world: World, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if database_kind == "sqlite":
        pytest.skip("no server that could end a connection")
    monkeypatch.setattr("engine.sessions.IDLE", 0)
    with world.sessions.reading() as one, world.sessions.begin() as other:
        process = one.execute(text("SELECT pg_backend_pid()")).scalar()
        other.execute(text("SELECT 1"))
    world.do(lambda session: session.execute(text("SELECT pg_terminate_backend(:it)"), {"it": process}))
    for _ in range(3):
        with world.sessions.begin() as one, world.sessions.begin() as other:
            assert people.groups(one) == people.groups(other) == []


def test_a_glance_sees_what_is_committed_meanwhile(world: World) -> None:
    token = world.do(people.create_token, "a", ["admin"], now=NOW)
    with world.sessions.glancing() as session:
        assert people.token_actor(session, token, now=NOW) is not None
        world.do(people.revoke_token, "a", now=NOW)
        assert people.token_actor(session, token, now=NOW) is None


def test_a_connection_is_as_before_after_a_glance(world: World) -> None:
    with world.sessions.glancing() as session:
        people.token_actor(session, "unknown", now=NOW)
    test_a_reading_session_keeps_nothing(world)
    test_a_failure_in_a_transaction_leaves_nothing_and_frees_the_next(world)


def test_a_glance_on_a_dead_connection_fails_as_others_do_and_spares_the_next(world: World, database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("no server that could end a connection")
    with world.sessions.glancing() as session:
        process = execute(session, "SELECT pg_backend_pid()").fetchone()[0]
        world.do(lambda other: other.execute(text("SELECT pg_terminate_backend(:it)"), {"it": process}))
        with pytest.raises(OperationalError):
            people.token_actor(session, "unknown", now=NOW)
    with world.sessions.glancing() as session:
        assert people.token_actor(session, "unknown", now=NOW) is None


def test_a_glance_at_a_database_that_is_gone_fails_as_others_do(database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("no server that could be gone")
    gone = Sessions(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    with pytest.raises(OperationalError), gone.glancing():
        pass


def test_a_message_and_a_wait_that_cross_find_each_other_later(world: World, database_kind: str) -> None:
    """On PostgreSQL both transactions may be open at once, and neither sees the other's row: the next look brings them together."""
    if database_kind == "sqlite":
        pytest.skip("one writer at a time: they cannot cross")
    world.publish(WAITS)
    with world.sessions.begin() as one, world.sessions.begin() as other:
        case = instances.start(one, "P", {"dossier": "A"}, actor=SYSTEM, now=NOW)
        received = messages.receive(other, "paiement", {"dossier": "A"}, {}, now=NOW)
        assert received.matched == 0
    (kept,) = world.ask(messages.pending, now=NOW)
    assert world.do(messages.correlate, kept, now=NOW).instance_ids == (case.id,)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_worker_tries_a_message_again_that_crossed_its_wait(world: World) -> None:
    world.publish(WAITS)
    with world.sessions.begin() as one, world.sessions.begin() as other:
        case = instances.start(one, "P", {"dossier": "A"}, actor=SYSTEM, now=NOW)
        messages.receive(other, "paiement", {"dossier": "A"}, {}, now=NOW)
    (held,) = world.do(leases.MESSAGES.claim, now=NOW, worker="w", limit=9)
    assert world.do(messages.correlate, held.id, now=NOW, token=held.token).instance_ids == (case.id,)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_message_that_nobody_waits_for_is_tried_twice_again_and_then_kept(world: World) -> None:
    world.publish(WAITS)
    world.do(messages.receive, "paiement", {"dossier": "A"}, {}, now=NOW)
    for later in (NOW, NOW + timedelta(seconds=2)):
        (held,) = world.do(leases.MESSAGES.claim, now=later, worker="w", limit=9)
        assert world.do(messages.correlate, held.id, now=later, token=held.token).matched == 0
    assert world.do(leases.MESSAGES.claim, now=NOW + timedelta(days=1), worker="w", limit=9) == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_cases_that_start_at_once_take_each_its_own_early_message(world: World) -> None:
    """The messages of one name are many people's: who takes one must not hold the others."""
    world.publish(WAITS)
    world.start("P", {"dossier": "Z"})  # the first of all waits for a name writes what its keys are
    for each in "AB":
        world.do(messages.receive, "paiement", {"dossier": each}, {}, now=NOW)
    with world.sessions.begin() as one, world.sessions.begin() as other:
        cases = [instances.start(session, "P", {"dossier": each}, actor=SYSTEM, now=NOW) for session, each in ((one, "A"), (other, "B"))]
    assert [[task.element_id for task in world.case(case.id).tasks] for case in cases] == [["suite"], ["suite"]]


# The clock


def test_the_clock_of_the_system_does_not_move(world: World) -> None:
    now = world.ask(Clock().now)
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
    with pytest.raises(RuntimeError):
        world.do(Clock().move, now)


@pytest.mark.parametrize("to", [datetime(2019, 10, 21, 8, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
def test_the_test_clock_moves_for_everybody_and_goes_on(world: World, database_url: str, to: datetime) -> None:
    world.do(TestClock().move, to)
    other = Sessions(create_engine(database_url))
    with other.reading() as session:
        assert timedelta(0) <= TestClock().now(session) - to < timedelta(minutes=1)
    other.close()
    before = world.ask(TestClock().now)
    assert world.ask(TestClock().now) >= before


def test_every_table_of_the_schema_is_on_both_databases(world: World) -> None:
    assert world.rows() == {}
    assert {"task_candidate", "wait", "timer", "event"} <= set(metadata.tables)

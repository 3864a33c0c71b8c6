"""A thousand rows of one instance never stand before the single row of another."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from engine import calls, leases
from engine.ids import new_id
from engine.sessions import Sessions
from engine.tables import call, signal
from tests.engine.world import World
from tests.spiff.driver import NOW, chain, diagram, end, start, user

MANY = 300


def _two_instances(world: World) -> list[int]:
    world.publish(diagram(start(), user("t"), end(), chain("start", "t", "end")))
    return [int(world.start("P").id) for _ in range(2)]


def _write_calls(sessions: Sessions, instance_id: int, number: int) -> None:
    row = {"process": "P", "element": "a", "connector": "x", "input": {}, "attempts": 0, "retries": 0, "fence": 0}
    row |= {"instance_id": instance_id, "due": NOW, "created_at": NOW}
    with sessions.begin() as session:
        session.execute(insert(call), [row | {"id": new_id(NOW), "ref": f"r{each}"} for each in range(number)])


def test_the_call_of_another_instance_is_among_the_next(world: World, sessions: Sessions) -> None:
    busy, other = _two_instances(world)
    _write_calls(sessions, busy, MANY)
    _write_calls(sessions, other, 1)
    claimed = world.do(calls.claim, now=NOW, worker="w", limit=2)
    assert {each.instance_id for each in claimed} == {busy, other}


def test_what_is_under_way_counts(world: World, sessions: Sessions) -> None:
    busy, other = _two_instances(world)
    _write_calls(sessions, busy, MANY)
    assert len(world.do(calls.claim, now=NOW, worker="w", limit=3)) == 3
    _write_calls(sessions, other, 1)
    (following,) = world.do(calls.claim, now=NOW, worker="w", limit=1)
    assert following.instance_id == other


def test_a_claimed_row_is_free_again_when_its_lease_ran_out(world: World, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(insert(signal), {"id": new_id(NOW), "name": "s", "payload": {}, "thrown_at": NOW})
    (first,) = world.do(leases.SIGNALS.claim, now=NOW, worker="w", limit=9)
    assert world.do(leases.SIGNALS.claim, now=NOW, worker="v", limit=9) == []
    (second,) = world.do(leases.SIGNALS.claim, now=NOW + leases.LEASE, worker="v", limit=9)
    assert (second.id, second.token) == (first.id, first.token + 1)
    assert not world.do(leases.SIGNALS.delay, first, until=NOW + timedelta(days=1))
    assert world.do(leases.SIGNALS.delay, second, until=NOW + timedelta(days=1))

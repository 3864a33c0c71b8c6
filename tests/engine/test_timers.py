"""Timers: due at their moment, once, by the calendar of Paris, whoever looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from engine import leases, timers
from tests.engine.test_tasks import race
from tests.engine.world import NOW, World
from tests.spiff.driver import boundary, chain, definitions, diagram, flow, node, process, start, user


def timed(kind: str, text: str) -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def waiting(kind: str, text: str) -> bytes:
    catch = node("intermediateCatchEvent", "attendre", timed(kind, text))
    return diagram(start(), catch, user("suite"), chain("start", "attendre", "suite"))


def fire_due(world: World) -> int:
    return sum(world.do(timers.fire, each, now=world.now) for each in world.ask(timers.due, now=world.now))


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("timeDuration", "PT10M", NOW + timedelta(minutes=10)),
        ("timeDuration", "duration(&quot;P1D&quot;)", NOW + timedelta(days=1)),
        ("timeDate", "2019-06-20", datetime(2019, 6, 19, 22, tzinfo=UTC)),
        ("timeDate", "date(cloture)", datetime(2019, 10, 27, 22, tzinfo=UTC) - timedelta(days=1)),
        ("timeDuration", "P5M", datetime(2019, 11, 13, 9, tzinfo=UTC)),
    ],
)
def test_a_timer_fires_at_its_moment_and_never_before(world: World, kind: str, text: str, due: datetime) -> None:
    world.publish(waiting(kind, text))
    case = world.start(variables={"cloture": "2019-10-27"})
    assert [each.due for each in case.timers] == [due]
    assert world.ask(timers.next_due) == due
    world.now = due - timedelta(microseconds=1)
    assert world.ask(timers.due, now=world.now) == []
    assert world.do(timers.fire, timer_id(world, due), now=world.now) is False
    world.now = due
    assert fire_due(world) == 1
    assert world.task(case.id).element_id == "suite"
    assert world.ask(timers.next_due) is None


def timer_id(world: World, due: datetime) -> int:
    (found,) = world.ask(timers.due, now=due)
    return found


def test_a_timer_that_several_workers_see_fires_once(world: World) -> None:
    world.publish(waiting("timeDuration", "PT1M"))
    for _ in range(6):
        case = world.start()
        due = world.now + timedelta(minutes=1)
        timer = timer_id(world, due)
        outcomes = race([partial(world.do, timers.fire, timer, now=due)] * 3)
        assert sorted(outcomes) == [False, False, True]
        assert world.task(case.id).element_id == "suite"


def test_a_timer_whose_step_is_done_is_gone(world: World) -> None:
    late = boundary("tard", "travail", timed("timeDuration", "P1D"))
    world.publish(diagram(start(), user("travail"), late, user("relance"), chain("start", "travail"), flow("tard", "relance")))
    case = world.start()
    timer = timer_id(world, NOW + timedelta(days=1))
    world.complete(world.task(case.id).id)
    world.now += timedelta(days=1)
    assert world.ask(timers.due, now=world.now) == []
    assert world.do(timers.fire, timer, now=world.now) is False
    assert world.case(case.id).state == "completed"


def test_a_repeating_reminder_comes_each_time(world: World) -> None:
    again = boundary("rappel", "travail", timed("timeCycle", "R3/P1D"), interrupting=False)
    world.publish(diagram(start(), user("travail"), again, user("relance"), chain("start", "travail"), flow("rappel", "relance")))
    case = world.start()
    seen = []
    for _ in range(5):
        world.now += timedelta(days=1)
        fire_due(world)
        seen.append(sum(each.element_id == "relance" for each in world.case(case.id).tasks))
    assert seen == [1, 2, 3, 3, 3]
    assert "timer" not in world.rows()


def test_a_process_can_start_by_the_clock(world: World) -> None:
    world.publish(diagram(start("tous_les_jours", timed("timeCycle", "R/P1D")), user("u"), chain("tous_les_jours", "u")))
    begun = []
    for _ in range(3):
        world.now += timedelta(days=1)
        fire_due(world)
        begun.append(world.rows().get("instance", 0))
    assert begun in ([1, 2, 3], [2, 3, 4])
    world.publish(diagram(start(), user("u"), chain("start", "u")))
    world.now += timedelta(days=5)
    assert fire_due(world) == 0
    assert "timer" not in world.rows()


def test_a_day_is_a_day_in_paris_when_the_clocks_change(world: World) -> None:
    world.publish(waiting("timeDuration", "P1D"))
    world.publish(
        definitions(process(start(), node("intermediateCatchEvent", "a", timed("timeDuration", "PT24H")), chain("start", "a"), key="H"))
    )
    world.now = datetime(2019, 10, 26, 10, tzinfo=UTC)  # noon in Paris, the day before winter time
    assert [each.due for each in world.start("P").timers] == [datetime(2019, 10, 27, 11, tzinfo=UTC)]
    assert [each.due for each in world.start("H").timers] == [datetime(2019, 10, 27, 10, tzinfo=UTC)]


def test_a_postponed_timer_waits_longer_each_time(world: World) -> None:
    world.publish(waiting("timeDuration", "PT1M"))
    world.start()
    due = NOW + timedelta(minutes=1)
    timer = timer_id(world, due)
    pauses = []
    for _ in range(3):
        world.do(timers.postpone, timer, now=due)
        next_due = world.ask(timers.next_due)
        assert next_due is not None
        pauses.append(next_due - due)
    assert pauses == sorted(pauses)
    assert pauses[0] > timedelta(0)


def test_a_worker_that_lost_its_lease_postpones_nothing(world: World) -> None:
    world.publish(waiting("timeDuration", "PT1M"))
    world.start()
    due = NOW + timedelta(minutes=1)
    claim = partial(world.do, leases.TIMERS.claim, limit=1, lease=timedelta(seconds=5))
    (late,) = claim(now=due, worker="slow")
    (held,) = claim(now=due + timedelta(seconds=6), worker="quick")
    world.do(timers.postpone, late.id, now=due + timedelta(seconds=7), token=late.token)
    assert world.ask(timers.next_due) == due
    assert world.do(timers.fire, held.id, now=due + timedelta(seconds=7), token=held.token) is True

"""What the clock may do to timers: go back and forth, skip an hour, have one twice, come to 29 February, and wait ten years.

Never early, exactly once: every look at the case is made just before and just after its moment, and after the clock went back and came again.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.api.program import Program
from tests.spiff.driver import boundary, chain, diagram, end, node, start, user
from web.runtime import Runtime

TIMER = "<timerEventDefinition><{0}>{1}</{0}></timerEventDefinition>"
SECOND = timedelta(seconds=1)


def _waiting(kind: str, text: str) -> bytes:
    return diagram(start(), node("intermediateCatchEvent", "t", TIMER.format(kind, text)), end(), chain("start", "t", "end"))


def _set(running: Runtime, to: datetime) -> None:
    """Let it be this moment, and the worker do what is due."""
    with running.sessions.begin() as session:
        running.clock.move(session, to)
    running.worker.run_until_quiet()


def _fired(api: Program, case: str, element: str = "t") -> int:
    events = api.get(f"/instances/{case}/events", limit=200)["items"]
    return sum(each["type"] == "element.completed" and each["element_id"] == element for each in events)


def _moments(api: Program, process: str = "P") -> list[datetime]:
    found = api.get("/instances", process=process, limit=200)["items"]
    return sorted(datetime.fromisoformat(each["created_at"]) for each in found)


def test_a_clock_that_goes_back_an_hour_and_comes_again_fires_nothing_twice(api: Program, running: Runtime) -> None:
    begun = datetime(2026, 6, 15, 8, tzinfo=UTC)
    _set(running, begun)
    api.publish(_waiting("timeDuration", "PT30M"))
    case = api.start()["id"]
    seen = []
    for minutes in (20, -40, 20, 29.9, -30, 30.1, -29, 31, 90, -60, 31):
        _set(running, begun + timedelta(minutes=minutes))
        seen.append(_fired(api, case))
    assert seen == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert api.get(f"/instances/{case}")["state"] == "completed"


def test_a_cycle_repeats_as_often_as_it_says_whatever_the_clock_does(api: Program, running: Runtime) -> None:
    begun = datetime(2026, 6, 15, 8, tzinfo=UTC)
    _set(running, begun)
    again = boundary("rappel", "travail", TIMER.format("timeCycle", "R3/PT10M"), interrupting=False)
    api.publish(diagram(start(), user("travail"), again, end("fin"), end(), chain("start", "travail", "end"), chain("rappel", "fin")))
    case = api.start()["id"]
    seen = []
    for minutes in (9, 11, -49, 11, 21, -39, 9, 21, 29, 31, -29, 31, 120):
        _set(running, begun + timedelta(minutes=minutes))
        seen.append(_fired(api, case, "fin"))
    assert seen == [0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3]


#: When the timer begins, its kind and text, and when it is due, each on the clocks of UTC.
DUE = {
    "a day into the night that has no 02:30": ("2026-03-28T01:30", "timeDuration", "P1D", "2026-03-29T01:30"),
    "24 hours into that night": ("2026-03-28T00:30", "timeDuration", "PT24H", "2026-03-29T00:30"),
    "an hour over the gap": ("2026-03-29T00:30", "timeDuration", "PT1H", "2026-03-29T01:30"),
    "a moment that there is not": ("2026-03-28T12:00", "timeDate", "2026-03-29T02:30:00", "2026-03-29T01:30"),
    "a day into the night that has 02:30 twice": ("2026-10-24T00:30", "timeDuration", "P1D", "2026-10-25T00:30"),
    "an hour from the first 02:30 to the second": ("2026-10-25T00:30", "timeDuration", "PT1H", "2026-10-25T01:30"),
    "a day from the second 02:30": ("2026-10-25T01:30", "timeDuration", "P1D", "2026-10-26T01:30"),
    "a moment that there is twice": ("2026-10-24T12:00", "timeDate", "2026-10-25T02:30:00", "2026-10-25T00:30"),
    "a year from 29 February": ("2024-02-29T09:00", "timeDuration", "P1Y", "2025-02-28T09:00"),
    "a month to 29 February": ("2024-01-31T09:00", "timeDuration", "P1M", "2024-02-29T09:00"),
    "a day to 29 February": ("2024-02-28T09:00", "timeDuration", "P1D", "2024-02-29T09:00"),
    "four years to the next": ("2024-02-29T09:00", "timeDuration", "P4Y", "2028-02-29T09:00"),
    "ten years": ("2026-07-01T08:00", "timeDuration", "P10Y", "2036-07-01T08:00"),
    "a date in ten years": ("2026-07-01T08:00", "timeDate", "2036-12-25", "2036-12-24T23:00"),
}


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("what", DUE)
def test_a_timer_is_never_early_and_fires_once(api: Program, running: Runtime, what: str) -> None:
    begins, kind, text, due = DUE[what]
    _set(running, _utc(begins))
    api.publish(_waiting(kind, text))
    case = api.start()["id"]
    moment, begun = _utc(due), _utc(begins)
    seen = []
    for look in (begun + (moment - begun) / 2, moment - SECOND, begun, moment - SECOND, moment + SECOND, moment - timedelta(hours=1), moment + SECOND * 2):
        _set(running, look)
        seen.append(_fired(api, case))
    # What is due one second before its moment by the database's clock is due by nobody's; a start takes some of that second.
    assert seen[:4] == [0, 0, 0, 0], what
    _set(running, moment + timedelta(minutes=1))
    assert (_fired(api, case), api.get(f"/instances/{case}")["state"]) == (1, "completed")


@pytest.mark.parametrize(
    ("published", "until", "hours"),
    [
        ("2026-03-26T01:30", "2026-04-02T12:00", {23: 0, 24: 0}),
        ("2026-10-22T00:30", "2026-10-29T12:00", {}),
    ],
)
def test_a_daily_start_comes_once_each_night_at_the_same_hour(
    api: Program, running: Runtime, published: str, until: str, hours: dict[int, int]
) -> None:
    """At 02:30 in Paris; in the night without it, at 03:30, and the nights after that at 02:30 again."""
    _set(running, _utc(published))
    api.publish(diagram(start("tous_les_jours", TIMER.format("timeCycle", "R/P1D")), end(), chain("tous_les_jours", "end")))
    with running.sessions.reading() as session:
        now = running.clock.now(session)
    running.worker.advance(_utc(until) - now)
    starts = _moments(api)
    assert Counter((later - earlier).days for earlier, later in pairwise(starts)).keys() <= {0, 1}
    assert len(starts) == 7
    local = [_paris(each) for each in starts]
    assert len({each.date() for each in local}) == 7
    assert {f"{each:%H:%M}" for each in local if each.date().isoformat() != "2026-03-29"} == {"02:30"}


def _paris(moment: datetime) -> Any:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("Europe/Paris"))


def test_a_yearly_start_from_29_february_comes_back_to_it(api: Program, running: Runtime) -> None:
    _set(running, _utc("2024-02-29T09:00"))
    api.publish(diagram(start("tous_les_ans", TIMER.format("timeCycle", "R5/P1Y")), end(), chain("tous_les_ans", "end")))
    running.worker.advance(timedelta(days=366 * 8))
    assert [f"{each:%Y-%m-%d}" for each in _moments(api)] == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"]


def test_a_start_that_repeats_until_a_date_ends_with_it(api: Program, running: Runtime) -> None:
    _set(running, _utc("2026-06-01T09:00"))
    api.publish(diagram(start("jusque", TIMER.format("timeCycle", "R/P1D/2026-06-04T23:00:00")), end(), chain("jusque", "end")))
    running.worker.advance(timedelta(days=30))
    assert [f"{each:%m-%d}" for each in _moments(api)] == ["06-02", "06-03", "06-04"]

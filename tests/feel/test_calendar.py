"""Timers by the calendar of Paris, over the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feel.calendar import add_to, moment, parse_cycle
from feel.errors import EvaluationError
from feel.expression import evaluate
from feel.zones import zone


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone("Europe/Paris"))


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2024-03-30T08:00", "P1D", "2024-03-31T08:00"),
        ("2024-03-30T08:00", "PT24H", "2024-03-31T09:00"),
        ("2024-10-26T08:00", "P1D", "2024-10-27T08:00"),
        ("2024-10-26T08:00", "PT24H", "2024-10-27T07:00"),
        ("2024-03-30T02:30", "P1D", "2024-03-31T03:30"),
        ("2024-01-31T08:00", "P1M", "2024-02-29T08:00"),
        ("2024-02-29T08:00", "P1Y", "2025-02-28T08:00"),
        ("2024-03-01T08:00", "P2W", "2024-03-15T08:00"),
        ("2024-03-01T08:00", "P1DT90M", "2024-03-02T09:30"),
        ("2024-03-01T08:00", "-PT30M", "2024-03-01T07:30"),
        ("2024-03-01T08:00", "PT1.5S", "2024-03-01T08:00:01.500"),
        ("2024-06-30T00:30", "P1M", "2024-07-30T00:30"),
    ],
)
def test_duration_is_added_by_the_calendar(start: str, duration: str, expected: str) -> None:
    assert add_to(paris(start), duration) == paris(expected)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [('duration("P1D")', "2024-03-31T08:00"), ('duration("P1M")', "2024-04-30T08:00"), ('@"PT2H"', "2024-03-30T10:00")],
)
def test_duration_of_an_expression_is_added(duration: str, expected: str) -> None:
    assert add_to(paris("2024-03-30T08:00"), evaluate(duration)) == paris(expected)


@pytest.mark.parametrize("text", ["", "P", "PT", "1D", "P1H", "PT1D", "P1.5D", "P-1D", "P99999999999D", "demain"])
def test_wrong_duration_is_refused(text: str) -> None:
    with pytest.raises(EvaluationError):
        add_to(paris("2024-03-30T08:00"), text)


def test_duration_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(EvaluationError):
        add_to(paris("2024-03-30T08:00"), "P999999Y")
    with pytest.raises(EvaluationError):
        add_to(paris("2024-03-30T08:00"), "PT999999999H")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-06-13", "2019-06-12T22:00:00"),
        ("2019-01-13", "2019-01-12T23:00:00"),
        ("2019-06-13T10:00", "2019-06-13T08:00:00"),
        ("2019-06-13T10:00:00Z", "2019-06-13T10:00:00"),
        ("2019-06-13T10:00+0200", "2019-06-13T08:00:00"),
        ("2019-06-13T10:00:00@America/New_York", "2019-06-13T14:00:00"),
        ("2024-03-31T02:30:00", "2024-03-31T01:30:00"),
        ("2024-10-27T02:30:00", "2024-10-27T00:30:00"),
    ],
)
def test_date_means_a_moment_in_paris(text: str, expected: str) -> None:
    assert moment(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert moment(text).tzinfo is UTC


def test_date_of_an_expression_means_a_moment() -> None:
    assert moment(evaluate('date("2019-06-13") + @"P1D"')) == paris("2019-06-14T00:00")


@pytest.mark.parametrize("value", ["", "13/06/2019", "2019-02-30", None, 5, "2019-06-13T25:00", "99999-01-01"])
def test_wrong_date_is_refused(value: object) -> None:
    with pytest.raises(EvaluationError):
        moment(value)


def fired(text: str, anchor: str, most: int = 5) -> list[str]:
    """The moments of a cycle as Paris clocks show them."""
    cycle, found, number = parse_cycle(text), [], 0
    while len(found) < most and (occurrence := cycle.following(number, paris(anchor))):
        found.append(occurrence.due.astimezone(zone("Europe/Paris")).strftime("%Y-%m-%d %H:%M"))
        number = occurrence.number
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R3/PT10M", ["2024-03-30 08:10", "2024-03-30 08:20", "2024-03-30 08:30"]),
        ("R/P1D", ["2024-03-31 08:00", "2024-04-01 08:00", "2024-04-02 08:00", "2024-04-03 08:00", "2024-04-04 08:00"]),
        ("R2/2024-05-31T09:00/P1M", ["2024-05-31 09:00", "2024-06-30 09:00"]),
        ("R2/P1D/2024-04-10", ["2024-04-09 00:00", "2024-04-10 00:00"]),
        ("R/P1D/2024-04-01T12:00", ["2024-03-31 08:00", "2024-04-01 08:00"]),
        ("R0/PT1H", []),
        ("R3/2019-06-13T10:00/P1D", []),
    ],
)
def test_cycle_fires(text: str, expected: list[str]) -> None:
    assert fired(text, "2024-03-30T08:00") == expected


def test_cycle_does_not_drift_to_short_months() -> None:
    assert fired("R/2019-01-31T08:00/P1M", "2024-01-01T00:00", 3) == [
        "2024-01-31 08:00",
        "2024-02-29 08:00",
        "2024-03-31 08:00",
    ]


def test_cycle_that_started_long_ago_is_found_at_once() -> None:
    assert fired("R/1970-01-01T00:00:00Z/PT1S", "2024-03-30T08:00", 1) == ["2024-03-30 08:00"]


@pytest.mark.parametrize("text", ["R", "R3", "P1D", "R/", "R3/PT0S", "R3/-P1D", "R3/P1D/P1D/P1D", "Rx/P1D", "R-1/P1D"])
def test_wrong_cycle_is_refused(text: str) -> None:
    with pytest.raises(EvaluationError):
        parse_cycle(text)

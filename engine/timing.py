"""When a timer start event is due: its first moment at publication, and the next one of a cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feel.calendar import Cycle, add_to, moment, parse_cycle
from feel.errors import FeelError
from feel.expression import compile as compile_expression


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that is due and how many follow it; None: for ever. `cycle`: the ISO 8601 text of what repeats."""

    due: datetime
    remaining: int | None
    cycle: str = ""


def first_moment(timer: str, now: datetime) -> Moment | None:
    """The first moment of an ISO 8601 date, duration or cycle, or of FEEL that gives one; None when there is none."""
    try:
        return _of_text(timer.strip(), now)
    except (FeelError, ValueError):
        pass
    try:
        value = compile_expression(timer.removeprefix("=")).evaluate(now=now)
        return _of_text(value, now) if isinstance(value, str) else _of_value(value, now)
    except (FeelError, ValueError):
        return None


def next_moment(timer: str, due: datetime, remaining: int | None, now: datetime, *, anchor: datetime) -> Moment | None:
    """The moment after `due` of a cycle that has `remaining` more; moments that were missed are not made up for.

    Each is counted from the beginning (`anchor`: when the process was published), not from the one before: what fell on another hour in
    the night without 02:30, or on 28 February, comes back to its own.
    """
    if remaining == 0 or not timer.strip().startswith("R"):
        return None
    cycle = parse_cycle(timer.strip())
    after = max(due, now)
    found = cycle.occurrence(_before(cycle, after, remaining, anchor) + 1, anchor)
    while found is not None and found.due <= after:
        found = cycle.occurrence(found.number + 1, anchor)
    if found is None:
        return None
    return Moment(found.due, None if cycle.repetitions is None else cycle.repetitions - found.number)


def _before(cycle: Cycle, after: datetime, remaining: int | None, anchor: datetime) -> int:
    """The number of an occurrence that is not after `after`, close to it where months and days allow; 0 before the first."""
    done = 0 if cycle.repetitions is None or remaining is None else cycle.repetitions - remaining
    if cycle.end is not None and cycle.repetitions is not None:
        return done
    passed = int((after - (cycle.start or anchor)).total_seconds() / cycle.period.rough_seconds)
    return max(done, passed - 3)


def _of_text(timer: str, now: datetime) -> Moment | None:
    if timer.startswith("R"):
        cycle = parse_cycle(timer)
        first = cycle.occurrence(1, now)
        if first is None:
            return None
        return Moment(first.due, None if cycle.repetitions is None else cycle.repetitions - 1, timer)
    if timer.startswith("P"):
        return Moment(add_to(now, timer), 0)
    return Moment(moment(timer), 0)


def _of_value(value: object, now: datetime) -> Moment:
    try:
        return Moment(moment(value), 0)
    except (FeelError, ValueError):
        return Moment(add_to(now, value), 0)  # type: ignore[arg-type]

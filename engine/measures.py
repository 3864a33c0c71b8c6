"""What the indicators of a process are, over the cases of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from engine.indicators import Indicator
from engine.statistics import Case, Report


@dataclass(frozen=True, slots=True)
class Value:
    """What an indicator is: seconds or a share from 0 to 1, None when no case tells; `cases`: how many do."""

    indicator: Indicator
    value: float | None
    cases: int


def measure(indicators: Sequence[Indicator], report: Report, *, now: datetime) -> list[Value]:
    """What the indicators are over the cases of a report."""
    return [_time(each, report.cases) if each.kind == "time" else _share(each, report.cases, now) for each in indicators]


def _time(indicator: Indicator, cases: Sequence[Case]) -> Value:
    start, end = indicator.elements
    pairs = [(each.passed[start], each.passed[end]) for each in cases if start in each.passed and end in each.passed]
    seconds = [(after - before).total_seconds() for before, after in pairs if after >= before]
    return Value(indicator, median(seconds) if seconds else None, len(seconds))


def _share(indicator: Indicator, cases: Sequence[Case], now: datetime) -> Value:
    counted, reached = 0, 0
    for each in cases:
        began = each.began if indicator.start is None else each.passed.get(indicator.start)
        if began is None:
            continue
        at = each.passed.get(indicator.end)
        limit = began + indicator.within if indicator.within else None
        is_reached = at is not None and (limit is None or at <= limit)
        if limit is not None and not is_reached and each.state == "running" and now < limit:
            continue  # nobody knows yet
        counted += 1
        reached += is_reached
    return Value(indicator, reached / counted if counted else None, counted)

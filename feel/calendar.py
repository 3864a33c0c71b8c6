"""Moments of timers: ISO 8601 texts and FEEL values as moments of the calendar in Europe/Paris (BPMN 2.0.2, 10.5.5.1).

Periods of days, weeks, months and years keep the wall clock of Paris over a change of the clocks; hours, minutes and
seconds are counted as they pass. A date or time without a zone means the clocks of Paris. Moments returned are in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feel.errors import EvaluationError
from feel.iso import parse_date_time
from feel.temporal import DAY, Date, DateTime, DaysTime, YearsMonths, in_paris, to_datetime
from feel.text import text
from feel.zones import PARIS, zone

_PERIOD = re.compile(
    r"(?P<sign>[-+])?P(?=[\dT])(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?"
    r"(?:(?P<days>\d{1,7})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,12}(?:[.,]\d{1,9})?)S)?)?",
    re.ASCII,
)
_WITHOUT_SECONDS = re.compile(r"(.*T\d\d:\d\d)(Z|[+-]\d\d(?::?\d\d)?|@.+)?", re.ASCII)
_SHORT_OFFSET = re.compile(r"(.*T.*)([+-]\d\d)(?::?(\d\d))?", re.ASCII)
_REPEAT = re.compile(r"R(\d{0,9})", re.ASCII)
_FARTHEST = timedelta(days=366 * 7_000)


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time in three parts that do not mix: months, days of the calendar, and seconds that pass."""

    months: int = 0
    days: int = 0
    seconds: float = 0

    def times(self, count: int) -> Period:
        """The period so many times over, so that the 31st does not drift to the 28th."""
        return Period(self.months * count, self.days * count, self.seconds * count)

    @property
    def rough_seconds(self) -> float:
        """About how long it is: what tells a period that leads forward from one that does not."""
        return self.months * 2_629_746 + self.days * 86_400 + self.seconds


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One moment of a cycle: `number` counts from 1."""

    number: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating timer. `repetitions` is None without bound; `start` and `end` are in UTC."""

    period: Period
    repetitions: int | None = None
    start: datetime | None = None
    end: datetime | None = None

    def occurrence(self, number: int, anchor: datetime) -> Occurrence | None:
        """The occurrence of that number, counted from when the timer began to wait (`anchor`); None after the last.

        With a start, the first occurrence is the start; without one, it is a period after the anchor. With an end and a
        number of repetitions, the last occurrence is the end.
        """
        if number < 1 or (self.repetitions is not None and number > self.repetitions):
            return None
        if self.start is not None:
            due = add_period(self.start, self.period.times(number - 1))
        elif self.end is not None and self.repetitions is not None:
            due = add_period(self.end, self.period.times(number - self.repetitions))
        else:
            due = add_period(anchor, self.period.times(number))
        return None if self.end is not None and due > self.end else Occurrence(number, due)

    def following(self, number: int, anchor: datetime) -> Occurrence | None:
        """The occurrence after `number` (0: none yet) not before the anchor: missed ones are not made up for."""
        if self.start is not None and self.start < anchor:
            passed = int((anchor - self.start).total_seconds() / self.period.rough_seconds)
            number = max(number, passed - 3)  # months and days differ in length: stay before, then step
        found = self.occurrence(number + 1, anchor)
        while found is not None and found.due < anchor:
            found = self.occurrence(found.number + 1, anchor)
        return found


Duration = Period | YearsMonths | DaysTime | timedelta | str


def period(duration: Duration) -> Period:
    """The parts of an ISO 8601 duration (`P1Y2M3DT4H`, `P2W`) or a FEEL one; EvaluationError when it is none.

    Whole days of a FEEL duration are days of the calendar: `duration("P1D")` is the next day at the same hour.
    """
    if isinstance(duration, Period):
        return duration
    if isinstance(duration, YearsMonths):
        return Period(months=duration.months)
    if isinstance(duration, DaysTime):
        sign = -1 if duration.nanoseconds < 0 else 1
        days, rest = divmod(abs(duration.nanoseconds), DAY)
        return Period(days=sign * days, seconds=sign * rest / 1_000_000_000)
    if isinstance(duration, timedelta):
        return Period(seconds=duration.total_seconds())
    return _parsed_period(duration)


def _parsed_period(string: str) -> Period:
    match = _PERIOD.fullmatch(string.strip())
    if not match or not any(match.groups()[1:]):
        raise EvaluationError(text("« %(string)s » n’est pas une durée", string=string[:60]))
    sign = -1 if match["sign"] == "-" else 1
    parts = {name: int(match[name] or 0) for name in ("years", "months", "weeks", "days", "hours", "minutes")}
    seconds = float((match["seconds"] or "0").replace(",", "."))
    seconds += parts["hours"] * 3600 + parts["minutes"] * 60
    months, days = parts["years"] * 12 + parts["months"], parts["weeks"] * 7 + parts["days"]
    return Period(sign * months, sign * days, sign * seconds)


def add_to(moment: datetime, duration: Duration) -> datetime:
    """An aware moment and a duration later, by the calendar of Paris; EvaluationError beyond the calendar."""
    return add_period(moment, period(duration))


def add_period(moment: datetime, length: Period) -> datetime:
    """An aware moment and a period later, by the calendar of Paris."""
    try:
        if length.months or length.days:
            local = in_paris(moment)
            later = DateTime(_later(local.date, length), local.clock, None, PARIS)
            moment = to_datetime(later).replace(fold=_fold(moment))
        return moment.astimezone(UTC) + timedelta(seconds=length.seconds)
    except OverflowError:
        raise EvaluationError(text("cette durée dépasse le calendrier")) from None


def _later(date: Date, length: Period) -> Date:
    return Date.from_days(date.plus_months(length.months).days() + length.days)


def _fold(moment: datetime) -> int:
    """Whether the moment is in the second of the two equal hours of an autumn night: a period of days keeps to it."""
    return moment.astimezone(zone(PARIS)).fold


def moment(value: object) -> datetime:
    """The moment that a timer's date means, in UTC: an ISO 8601 text, a FEEL date or date and time, a host moment.

    A date alone is 00:00 of that day in Paris. EvaluationError for anything else.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone(PARIS)).astimezone(UTC)
    if isinstance(value, str):
        value = parse_date_time(_completed(value.strip()))
    if isinstance(value, Date):
        value = DateTime(value, 0)
    if not isinstance(value, DateTime):
        raise EvaluationError(text("une date est attendue"))
    return to_datetime(value).astimezone(UTC)


def _completed(string: str) -> str:
    """The text with the seconds and the minutes of the offset that ISO 8601 lets people leave out."""
    short = _WITHOUT_SECONDS.fullmatch(string)
    if short:
        string = f"{short[1]}:00{short[2] or ''}"
    offset = _SHORT_OFFSET.fullmatch(string)
    return f"{offset[1]}{offset[2]}:{offset[3] or '00'}" if offset else string


def parse_cycle(string: str) -> Cycle:
    """`R3/PT10M`, `R/P1D`, `R3/2019-06-13T10:00/P1D`, `R3/P1D/2019-06-13`; EvaluationError when it is none.

    The period must lead forward, by a second at least.
    """
    head, *parts = string.strip().split("/")
    repeat = _REPEAT.fullmatch(head)
    if not repeat or len(parts) not in (1, 2):
        raise EvaluationError(text("« %(string)s » n’est pas une répétition", string=string[:60]))
    start = end = None
    if len(parts) == 2 and parts[0].startswith("P"):
        end = moment(parts.pop())
    elif len(parts) == 2:
        start = moment(parts.pop(0))
    length = period(parts[0])
    if length.rough_seconds < 1:
        raise EvaluationError(text("la répétition « %(string)s » n’avance pas", string=string[:60]))
    return Cycle(length, int(repeat[1]) if repeat[1] else None, start, end)

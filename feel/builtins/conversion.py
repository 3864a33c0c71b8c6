"""Built-ins that convert (DMN 1.5, 10.3.4.1), and `not` (10.3.4.2)."""

from __future__ import annotations

import re
from decimal import Decimal

from feel.builtins.signatures import builtin
from feel.errors import EvaluationError
from feel.iso import parse_date, parse_date_time, parse_duration, parse_time
from feel.strings import string_of
from feel.temporal import HOUR, MINUTE, SECOND, Date, DateTime, DaysTime, Time, YearsMonths
from feel.text import text
from feel.values import ARITHMETIC, kind_of, whole
from feel.zones import zone

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
MAX_DIGITS = 400

builtin("date", "from: string")(parse_date)
builtin("date and time", "from: string")(parse_date_time)
builtin("time", "from: string")(parse_time)
builtin("duration", "from: string")(parse_duration)


@builtin("string", "from: any")
def string(value: object) -> str:
    """The text of a value; null for null."""
    written = string_of(value)
    if written is None:
        raise EvaluationError(text("« %(name)s » n’a pas de résultat ici", name="string"))
    return written


def date_of(day: Date | DateTime) -> Date:
    """The date of a date or date and time."""
    return day.date if isinstance(day, DateTime) else day


builtin("date", "from: day")(date_of)


@builtin("date", "year: number, month: number, day: number")
def date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> Date:
    """A date from its numbers."""
    return Date(whole(year), whole(month), whole(day))


@builtin("date and time", "from: date and time")
def date_time_itself(moment: DateTime) -> DateTime:
    """Already one."""
    return moment


@builtin("date and time", "from: date")
def date_time_from_date(date: Date) -> DateTime:
    """The midnight that starts a date, in UTC."""
    return DateTime(date, 0, 0)


@builtin("date and time", "date: day, time: time")
def date_time_from_both(day: Date | DateTime, time: Time) -> DateTime:
    """A date and a time together."""
    return DateTime(date_of(day), time.clock, time.offset, time.zone)


@builtin(
    "date and time",
    "year: number, month: number, day: number, hour: number, minute: number, second: number",
    "year: number, month: number, day: number, hour: number, minute: number, second: number, "
    "offset: days and time duration?",
)
def date_time_from_parts(
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysTime | None = None,
) -> DateTime:
    """A date and time from its numbers."""
    return DateTime(date_from_parts(year, month, day), _clock(hour, minute, second), _offset(offset))


@builtin("date and time", "date: date and time, timezone: string")
def date_time_in_zone(moment: DateTime, timezone: str) -> DateTime:
    """The same instant on the clocks of a zone; without a zone before, the same clock in it."""
    zone(timezone)
    if not moment.is_zoned():
        return DateTime(moment.date, moment.clock, None, timezone)
    return DateTime.from_instant(moment.instant(), timezone)


@builtin("time", "from: clock")
def time_of(moment: Date | DateTime | Time) -> Time:
    """The time of day of a date and time; of a date, midnight in UTC."""
    if isinstance(moment, DateTime):
        return moment.time()
    return moment if isinstance(moment, Time) else Time(0, 0)


@builtin("time", "hour: number, minute: number, second: number, offset?: days and time duration?")
def time_from_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTime | None = None) -> Time:
    """A time from its numbers."""
    return Time(_clock(hour, minute, second), _offset(offset))


def _clock(hour: Decimal, minute: Decimal, second: Decimal) -> int:
    hours, minutes = whole(hour), whole(minute)
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= second < 60):
        raise EvaluationError(text("cette heure n’existe pas"))
    return hours * HOUR + minutes * MINUTE + int(second * SECOND)


def _offset(offset: DaysTime | None) -> int | None:
    return None if offset is None else offset.nanoseconds // SECOND


@builtin("duration", "from: duration")
def duration_itself(duration: YearsMonths | DaysTime) -> YearsMonths | DaysTime:
    """Already one."""
    return duration


@builtin("years and months duration", "from: day, to: day")
def months_between(start: Date | DateTime, end: Date | DateTime) -> YearsMonths:
    """The whole months between two days."""
    first, last = date_of(start), date_of(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsMonths(months)


@builtin("number", "from: string, grouping separator?: string?, decimal separator?: string?")
def number(written: str, grouping: str | None = None, decimal: str | None = None) -> Decimal:
    """The number that a text writes with given separators."""
    if grouping not in (None, " ", ",", ".") or decimal not in (None, ",", ".") or (grouping and grouping == decimal):
        raise EvaluationError(text("ces séparateurs ne conviennent pas"))
    plain = written.replace(grouping, "") if grouping else written
    plain = plain.replace(decimal, ".") if decimal else plain
    if len(written) > MAX_DIGITS or not _NUMBER.fullmatch(plain):
        raise EvaluationError(text("« %(string)s » n’est pas un nombre", string=written[:60]))
    return ARITHMETIC.create_decimal(plain)


@builtin("not", "negand: any")
def negation(negand: object) -> bool:
    """The contrary of a boolean."""
    if isinstance(negand, bool):
        return not negand
    raise EvaluationError(text("« not » n’accepte pas %(kind)s", kind=kind_of(negand)))

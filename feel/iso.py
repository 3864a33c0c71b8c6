"""Reading dates, times and durations as FEEL writes them (DMN 1.5, 10.3.4.1; XML Schema forms, plus `@zone`)."""

from __future__ import annotations

import re

from feel.errors import EvaluationError
from feel.temporal import DAY, HOUR, MINUTE, SECOND, Date, DateTime, DaysTime, Temporal, Time, YearsMonths
from feel.text import Text, text
from feel.zones import zone

_DATE_PATTERN = r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)"
_CLOCK_PATTERN = r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(Z|z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][\w+\-/]*)?"
_DATE = re.compile(_DATE_PATTERN, re.ASCII)
_TIME = re.compile("T?" + _CLOCK_PATTERN, re.ASCII)
_DATE_TIME = re.compile(_DATE_PATTERN + "T" + _CLOCK_PATTERN, re.ASCII)
_YEARS_MONTHS = re.compile(r"(-)?P(?=\d)(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)
_DAYS_TIME = re.compile(
    r"(-)?P(?=.*\d\.?[DHMS])(?:(\d{1,15})D)?(?:T(?=\d)(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,18})(?:\.(\d{0,30}))?S)?)?",
    re.ASCII,
)

Zoning = tuple[int | None, str | None]
"""Offset in seconds and zone name; at most one of them."""


def _unreadable(message: Text) -> EvaluationError:
    return EvaluationError(message)


def parse_date(string: str) -> Date:
    """`2019-06-13`; EvaluationError when it is no date."""
    match = _DATE.fullmatch(string)
    if not match:
        raise _unreadable(text("« %(string)s » n’est pas une date", string=string[:60]))
    return Date(int(match[1]), int(match[2]), int(match[3]))


def parse_time(string: str) -> Time:
    """`10:00:00`, with a fraction, an offset or `@zone`; EvaluationError when it is no time."""
    match = _TIME.fullmatch(string)
    if not match:
        raise _unreadable(text("« %(string)s » n’est pas une heure", string=string[:60]))
    offset, zone_name = _zoning(match[5])
    return Time(_clock(match[1], match[2], match[3], match[4]), offset, zone_name)


def parse_date_time(string: str) -> DateTime:
    """`2019-06-13T10:00:00`, with what a time may have; a date alone is its midnight; EvaluationError otherwise."""
    match = _DATE_TIME.fullmatch(string)
    if not match:
        return DateTime(parse_date(string), 0)
    date = Date(int(match[1]), int(match[2]), int(match[3]))
    offset, zone_name = _zoning(match[8])
    if match.group(4, 5, 6) == ("24", "00", "00"):  # XML Schema: the midnight that ends the day
        return DateTime(Date.from_days(date.days() + 1), 0, offset, zone_name)
    return DateTime(date, _clock(match[4], match[5], match[6], match[7]), offset, zone_name)


def parse_duration(string: str) -> YearsMonths | DaysTime:
    """`P1Y2M` or `P1DT2H3M4.5S`, negative with a leading minus; EvaluationError otherwise."""
    match = _YEARS_MONTHS.fullmatch(string)
    if match:
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _DAYS_TIME.fullmatch(string)
    if not match:
        raise _unreadable(text("« %(string)s » n’est pas une durée", string=string[:60]))
    size = int(match[2] or 0) * DAY + int(match[3] or 0) * HOUR + int(match[4] or 0) * MINUTE
    size += int(match[5] or 0) * SECOND + _fraction(match[6])
    return DaysTime(-size if match[1] else size)


def parse_temporal(string: str) -> Temporal:
    """What an `@` literal holds: a date, a time, a duration or a date and time; EvaluationError when it is none."""
    for parse in (parse_date, parse_time, parse_duration):
        try:
            return parse(string)
        except EvaluationError:
            continue
    return parse_date_time(string)


def _fraction(digits: str | None) -> int:
    return int((digits + "0" * 9)[:9]) if digits else 0


def _clock(hour: str, minute: str, second: str, fraction: str | None) -> int:
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        raise _unreadable(text("cette heure n’existe pas"))
    return int(hour) * HOUR + int(minute) * MINUTE + int(second) * SECOND + _fraction(fraction)


def _zoning(string: str | None) -> Zoning:
    if not string:
        return None, None
    if string[0] == "@":
        zone(string[1:])
        return None, string[1:]
    if string in "Zz":
        return 0, None
    parts = [int(part) for part in string[1:].split(":")]
    if parts[0] > 18 or any(part > 59 for part in parts[1:]):
        raise _unreadable(text("ce décalage horaire n’existe pas"))
    offset = parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)
    return (-offset if string[0] == "-" else offset), None

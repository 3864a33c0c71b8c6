"""FEEL's dates, times, dates with times and durations (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8).

Own types, because `datetime` has no year beyond 9999, no nanoseconds, no months in durations and no zone kept with a
time. Equality of these classes is equality of every part, as `is()` wants; FEEL's `=` is in `feel.operators`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from feel.errors import EvaluationError
from feel.text import text
from feel.zones import PARIS, zone, zone_offset, zone_offset_at

SECOND = 1_000_000_000
"""Nanoseconds in a second, the unit of every clock and duration below."""
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MAX_YEAR = 999_999_999
MAX_OFFSET = 18 * 3600

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the proleptic Gregorian calendar (H. Hinnant's algorithm: any year)."""
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """The inverse of `days_from_civil`: year, month, day."""
    days += 719468
    era = days // 146097
    day_of_era = days - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def days_in_month(year: int, month: int) -> int:
    """How many days the month has."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _MONTH_DAYS[month - 1]


def seconds_of(nanoseconds: int) -> Decimal:
    """Nanoseconds as a FEEL number of seconds."""
    whole, rest = divmod(nanoseconds, SECOND)
    return Decimal(nanoseconds) / SECOND if rest else Decimal(whole)


def fraction_text(nanoseconds: int) -> str:
    """Seconds with as many decimals as needed, such as `5` or `5.25`."""
    seconds, rest = divmod(nanoseconds, SECOND)
    return f"{seconds}." + f"{rest:09d}".rstrip("0") if rest else str(seconds)


def clock_text(nanoseconds: int) -> str:
    """A clock such as `10:05:00.25`."""
    seconds, rest = divmod(nanoseconds, SECOND)
    fraction = "." + f"{rest:09d}".rstrip("0") if rest else ""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def zone_text(offset: int | None, zone_name: str | None) -> str:
    """What follows a clock: `@Europe/Paris`, `Z`, `+02:00` or nothing."""
    if zone_name:
        return "@" + zone_name
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    size = abs(offset)
    seconds = f":{size % 60:02d}" if size % 60 else ""
    return f"{'-' if offset < 0 else '+'}{size // 3600:02d}:{size // 60 % 60:02d}{seconds}"


@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A years and months duration, in months."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) > 24 * MAX_YEAR:
            raise EvaluationError(text("durée trop longue"))

    @property
    def size(self) -> int:
        """What orders such durations."""
        return self.months

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        sign = "-" if self.months < 0 else ""
        return f"{sign}P{f'{years}Y' if years else ''}{f'{months}M' if months or not years else ''}"


@dataclass(frozen=True, slots=True)
class DaysTime:
    """A days and time duration, in nanoseconds."""

    nanoseconds: int

    def __post_init__(self) -> None:
        if abs(self.nanoseconds) > DAY * 732 * MAX_YEAR:
            raise EvaluationError(text("durée trop longue"))

    @property
    def size(self) -> int:
        """What orders such durations."""
        return self.nanoseconds

    def __str__(self) -> str:
        days, rest = divmod(abs(self.nanoseconds), DAY)
        hours, rest = divmod(rest, HOUR)
        minutes, rest = divmod(rest, MINUTE)
        clock = f"{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}"
        clock += f"{fraction_text(rest)}S" if rest else ""
        if not days and not clock:
            return "PT0S"
        return f"{'-' if self.nanoseconds < 0 else ''}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


@dataclass(frozen=True, slots=True)
class Date:
    """A date of the proleptic Gregorian calendar."""

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not (-MAX_YEAR <= self.year <= MAX_YEAR and 1 <= self.month <= 12):
            raise EvaluationError(text("cette date n’existe pas"))
        if not 1 <= self.day <= days_in_month(self.year, self.month):
            raise EvaluationError(text("cette date n’existe pas"))

    @classmethod
    def from_days(cls, days: int) -> Date:
        """The date so many days after 1970-01-01."""
        return cls(*civil_from_days(days))

    def days(self) -> int:
        """Days since 1970-01-01."""
        return days_from_civil(self.year, self.month, self.day)

    @property
    def size(self) -> int:
        """What orders dates."""
        return self.days()

    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.days() + 3) % 7 + 1

    def plus_months(self, months: int) -> Date:
        """So many months later; the day is cut to the length of the month."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        if abs(year) > MAX_YEAR:
            raise EvaluationError(text("cette date n’existe pas"))
        return Date(year, month + 1, min(self.day, days_in_month(year, month + 1)))

    def __str__(self) -> str:
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


def _check_clock(clock: int, offset: int | None) -> None:
    if not 0 <= clock < DAY:
        raise EvaluationError(text("cette heure n’existe pas"))
    if offset is not None and abs(offset) > MAX_OFFSET:
        raise EvaluationError(text("ce décalage horaire n’existe pas"))


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day: `clock` in nanoseconds from midnight, `offset` in seconds or `zone` by name or neither."""

    clock: int
    offset: int | None = None
    zone: str | None = None

    def __post_init__(self) -> None:
        _check_clock(self.clock, self.offset)

    def is_zoned(self) -> bool:
        """Whether the time says which instant of a day it is."""
        return self.offset is not None or self.zone is not None

    def utc_offset(self) -> int | None:
        """Seconds from UTC. A zone without a date takes its standard time: the answer never depends on today."""
        return zone_offset(self.zone, 2000, 1, 1, self.clock // SECOND) if self.zone else self.offset

    @property
    def size(self) -> int:
        """What orders times: the clock brought to UTC."""
        return self.clock - (self.utc_offset() or 0) * SECOND

    def __str__(self) -> str:
        return clock_text(self.clock) + zone_text(self.offset, self.zone)


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date with a time: `clock` in nanoseconds from midnight, `offset` in seconds or `zone` by name or neither.

    `fold` is 1 in the second of the two equal hours that a zone shows when summer time ends; text does not tell it.
    """

    date: Date
    clock: int
    offset: int | None = None
    zone: str | None = None
    fold: int = 0

    def __post_init__(self) -> None:
        _check_clock(self.clock, self.offset)

    @classmethod
    def from_local(cls, nanoseconds: int, offset: int | None = None, zone_name: str | None = None) -> DateTime:
        """From the wall clock: nanoseconds since 1970-01-01T00:00 of its own zone."""
        days, clock = divmod(nanoseconds, DAY)
        return cls(Date.from_days(days), clock, offset, zone_name)

    @classmethod
    def from_instant(cls, nanoseconds: int, zone_name: str) -> DateTime:
        """From the instant: nanoseconds since 1970-01-01T00:00Z, shown on the wall clock of a zone."""
        days, clock = divmod(nanoseconds, DAY)
        offset = zone_offset_at(zone_name, *civil_from_days(days), clock // SECOND)
        moment = cls.from_local(nanoseconds + offset * SECOND, None, zone_name)
        return moment if moment.utc_offset() == offset else replace(moment, fold=1)

    def is_zoned(self) -> bool:
        """Whether it says which instant it is."""
        return self.offset is not None or self.zone is not None

    def utc_offset(self) -> int | None:
        """Seconds from UTC, None without a zone."""
        if not self.zone:
            return self.offset
        return zone_offset(self.zone, self.date.year, self.date.month, self.date.day, self.clock // SECOND, self.fold)

    def local(self) -> int:
        """Nanoseconds of the wall clock since 1970-01-01T00:00."""
        return self.date.days() * DAY + self.clock

    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00Z; without a zone, of the wall clock."""
        return self.local() - (self.utc_offset() or 0) * SECOND

    @property
    def size(self) -> int:
        """What orders dates with times."""
        return self.instant()

    def plus(self, nanoseconds: int) -> DateTime:
        """So much later as instants count: over a change to summer time the wall clock shifts."""
        if self.zone:
            return DateTime.from_instant(self.instant() + nanoseconds, self.zone)
        return DateTime.from_local(self.local() + nanoseconds, self.offset)

    def plus_months(self, months: int) -> DateTime:
        """The same wall clock so many months later."""
        return DateTime(self.date.plus_months(months), self.clock, self.offset, self.zone)

    def time(self) -> Time:
        """The time of day with its zone."""
        return Time(self.clock, self.offset, self.zone)

    def __str__(self) -> str:
        return f"{self.date}T{clock_text(self.clock)}{zone_text(self.offset, self.zone)}"


Temporal = Date | Time | DateTime | YearsMonths | DaysTime
"""Every temporal value."""


def in_paris(moment: datetime) -> DateTime:
    """An aware host moment as a FEEL date and time on the clocks of Paris."""
    local = moment.astimezone(zone(PARIS))
    clock = ((local.hour * 60 + local.minute) * 60 + local.second) * SECOND + local.microsecond * 1000
    return DateTime(Date(local.year, local.month, local.day), clock, None, PARIS, local.fold)


def to_datetime(moment: DateTime, default_zone: str = PARIS) -> datetime:
    """A FEEL date and time as an aware host moment; without a zone it means the clocks of `default_zone`."""
    date = moment.date
    if not 1 <= date.year <= 9999:
        raise EvaluationError(text("date hors du calendrier : %(date)s", date=date))
    seconds, rest = divmod(moment.clock, SECOND)
    naive = datetime(date.year, date.month, date.day, seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1000)  # noqa: DTZ001  the zone follows
    if moment.offset is not None:
        return naive.replace(tzinfo=zone("UTC")) - timedelta(seconds=moment.offset)
    return naive.replace(tzinfo=zone(moment.zone or default_zone), fold=moment.fold)

"""Time zones by name, from the tz database."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from feel.errors import EvaluationError
from feel.limits import spend
from feel.text import text

PARIS = "Europe/Paris"

LOOKUP = 5
"""Steps charged for the offset of a zone at a moment."""

LOCAL = "localtime"
"""A name that some systems give to the zone of the machine: an expression must mean the same everywhere."""


@lru_cache(1)
def zone_names() -> frozenset[str]:
    """The names of the tz database. Only these are looked up: a name in an expression never becomes a path."""
    return frozenset(available_timezones() - {LOCAL})


def zone(name: str) -> ZoneInfo:
    """The zone of that name; EvaluationError when there is none."""
    if name in zone_names():
        return _zone(name)
    raise EvaluationError(text("fuseau horaire inconnu : %(name)s", name=name[:60]))


@lru_cache(1_024)  # more than there are zones: each file is read once
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zone_offset(name: str, year: int, month: int, day: int, second: int, fold: int = 0) -> int:
    """Seconds from UTC that a zone shows at a wall clock (`second` of the day; `fold` 1 in the second of two equal hours)."""
    return _seconds(_moment(year, month, day, second).replace(tzinfo=zone(name), fold=fold))


def zone_offset_at(name: str, year: int, month: int, day: int, second: int) -> int:
    """Seconds from UTC that a zone shows when the clocks of UTC show this."""
    return _seconds(_moment(year, month, day, second).replace(tzinfo=UTC).astimezone(zone(name)))


def _moment(year: int, month: int, day: int, second: int) -> datetime:
    """Beyond what `datetime` holds, a year with the same calendar stands for the year."""
    spend(LOOKUP)
    if not 2 <= year <= 9998:
        year = 2000 + year % 400
    return datetime(year, month, day, second // 3600, second // 60 % 60, second % 60)  # noqa: DTZ001  the zone follows


def _seconds(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0

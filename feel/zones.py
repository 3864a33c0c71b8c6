"""Time zones by name, from the tz database."""

from __future__ import annotations

from datetime import datetime
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


def zone_offset(name: str, year: int, month: int, day: int, second: int) -> int:
    """Seconds from UTC that a zone shows at a wall clock (`second` of the day).

    Beyond what `datetime` holds, a year with the same calendar stands for the year.
    """
    spend(LOOKUP)
    if not 2 <= year <= 9998:
        year = 2000 + year % 400
    wall = datetime(year, month, day, second // 3600, second // 60 % 60, second % 60, tzinfo=zone(name))
    offset = wall.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0

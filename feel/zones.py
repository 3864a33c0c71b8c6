"""Time zones by name, from the tz database."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feel.errors import EvaluationError
from feel.text import text

PARIS = "Europe/Paris"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*")


@lru_cache(256)
def zone(name: str) -> ZoneInfo:
    """The zone of that name; EvaluationError when there is none. A name is never a path: no dots, no leading slash."""
    try:
        if _NAME.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise EvaluationError(text("fuseau horaire inconnu : %(name)s", name=name[:60]))


def zone_offset(name: str, year: int, month: int, day: int, second: int) -> int:
    """Seconds from UTC that a zone shows at a wall clock (`second` of the day).

    Beyond what `datetime` holds, a year with the same calendar stands for the year.
    """
    if not 2 <= year <= 9998:
        year = 2000 + year % 400
    wall = datetime(year, month, day, second // 3600, second // 60 % 60, second % 60, tzinfo=zone(name))
    offset = wall.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0

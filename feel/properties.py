"""The step of a path: an entry of a context, a property of a date, time, duration or range (DMN 1.5, tables 65, 66)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from feel.errors import EvaluationError
from feel.limits import NOWHERE, Origin, explain, spend
from feel.temporal import DAY, HOUR, MINUTE, SECOND, Date, DateTime, DaysTime, Time, YearsMonths, seconds_of
from feel.text import text
from feel.values import Range, kind_of


def property_of(value: object, name: str, origin: Origin = NOWHERE) -> object:
    """`value.name`; over a list, the list of each element's. EvaluationError when there is no such thing.

    An element without it is null in the list; the reason is noted for `origin`.
    """
    if isinstance(value, dict):
        if name in value:
            entry: object = value[name]
            return entry
        raise EvaluationError(text("le contexte n’a pas d’entrée « %(name)s »", name=name))
    if isinstance(value, list):
        spend(len(value))
        return [_or_null(item, name, origin) for item in value if item is not None]
    read = _PROPERTIES.get(type(value), {}).get(name)
    found = None if read is None else read(value)
    if found is None:  # there is none of that name, or this value has none: no zone, no end
        raise EvaluationError(text("%(kind)s n’a pas de propriété « %(name)s »", kind=kind_of(value), name=name))
    return found


def _or_null(value: object, name: str, origin: Origin) -> object:
    try:
        return property_of(value, name, origin)
    except EvaluationError as error:
        explain(error, origin)
        return None


def _signed(size: int, part: int) -> Decimal:
    return Decimal(-part if size < 0 else part)


def _duration_seconds(duration: DaysTime) -> Decimal:
    seconds = seconds_of(abs(duration.nanoseconds) % MINUTE)
    return -seconds if duration.nanoseconds < 0 else seconds


def _offset(moment: Time | DateTime) -> DaysTime | None:
    offset = moment.utc_offset()
    return None if offset is None else DaysTime(offset * SECOND)


Readers = dict[str, Callable[..., object]]

_DATE: Readers = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday()),
}
_CLOCK: Readers = {
    "hour": lambda moment: Decimal(moment.clock // HOUR),
    "minute": lambda moment: Decimal(moment.clock // MINUTE % 60),
    "second": lambda moment: seconds_of(moment.clock % MINUTE),
    "time offset": _offset,
    "timezone": lambda moment: moment.zone,
}


def _of_date(read: Callable[..., object]) -> Callable[..., object]:
    return lambda moment: read(moment.date)


_PROPERTIES: dict[type, Readers] = {
    Date: _DATE,
    Time: _CLOCK,
    DateTime: {name: _of_date(read) for name, read in _DATE.items()} | _CLOCK,
    YearsMonths: {
        "years": lambda duration: _signed(duration.months, abs(duration.months) // 12),
        "months": lambda duration: _signed(duration.months, abs(duration.months) % 12),
    },
    DaysTime: {
        "days": lambda duration: _signed(duration.nanoseconds, abs(duration.nanoseconds) // DAY),
        "hours": lambda duration: _signed(duration.nanoseconds, abs(duration.nanoseconds) // HOUR % 24),
        "minutes": lambda duration: _signed(duration.nanoseconds, abs(duration.nanoseconds) // MINUTE % 60),
        "seconds": _duration_seconds,
    },
    Range: {
        "start": lambda interval: interval.start,
        "end": lambda interval: interval.end,
        "start included": lambda interval: interval.start_included,
        "end included": lambda interval: interval.end_included,
    },
}

PROPERTY_NAMES = frozenset(name for readers in _PROPERTIES.values() for name in readers)
"""Every name that a path may read off a value that is no context."""

"""Between the values of the host (JSON, Python's dates) and the values of FEEL."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from feel.errors import EvaluationError, LimitExceeded
from feel.limits import spend
from feel.strings import string_of
from feel.temporal import SECOND, Date, DateTime, DaysTime, Time, YearsMonths
from feel.text import text
from feel.values import ARITHMETIC, Function, Range

MAX_DEPTH = 50
MAX_WRITTEN_DEPTH = 200
"""What was kept can always be shown: deeper than anything that is read or kept, with what is put around it."""
MAX_BITS = 20_000
_SMALL = 10**34
_HOLDERS = frozenset({list, dict, Range})
"""The values that hold others: `(= [1, 2])` is a range."""
_AS_THEY_ARE = frozenset({type(None), str, bool, Date, Time, DateTime, YearsMonths, DaysTime, Range, Function})


def to_feel(value: object, depth: int = 0) -> object:
    """The FEEL value of a host value: what JSON has, Decimal, Python's dates and durations, FEEL values themselves.

    Keys of mappings become text. EvaluationError for any other object, LimitExceeded for values nested too deeply.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if isinstance(value, dict):
        check_depth(depth)
        return {_key(key): item if type(item) is str else to_feel(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        check_depth(depth)
        return [to_feel(item, depth + 1) for item in value]
    return _to_feel_scalar(value, depth)


def check_depth(depth: int, most: int = MAX_DEPTH) -> None:
    """LimitExceeded when a value is nested too deeply."""
    if depth > most:
        raise LimitExceeded(text("la valeur est trop imbriquée"))


def checked_result(value: object) -> object:
    """The value itself, charged for its size when written out; LimitExceeded when that is too much.

    Lists may be shared inside a value: a small expression can make one that would take for ever to write.
    """
    if type(value) not in _HOLDERS:
        return value
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        parts = _parts(item)
        check_depth(depth)
        spend(len(parts) + 1)
        waiting += [(part, depth + 1) for part in parts if type(part) in _HOLDERS]
    return value


def _parts(value: object) -> Collection[object]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, Range):
        return (value.start, value.end)
    return value if isinstance(value, list) else ()


def _key(key: object) -> str:
    return key if type(key) is str else str(key)


def _to_feel_scalar(value: object, depth: int) -> object:
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime | date | time | timedelta):
        return _temporal(value)
    if isinstance(value, Mapping):
        return to_feel(dict(value), depth)
    raise EvaluationError(text("%(kind)s n’est pas une valeur de FEEL", kind=type(value).__name__))


def _number(value: float | Decimal) -> object:
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        if -_SMALL < value < _SMALL:
            return Decimal(value)
        number = ARITHMETIC.create_decimal(value) if value.bit_length() < MAX_BITS else None
    elif isinstance(value, float):
        number = ARITHMETIC.create_decimal(repr(value)) if value - value == 0 else None
    else:
        number = ARITHMETIC.plus(value) if value.is_finite() else None
    return number


def _temporal(value: datetime | date | time | timedelta) -> object:
    if isinstance(value, timedelta):
        return DaysTime((value.days * 86_400 + value.seconds) * SECOND + value.microseconds * 1_000)
    if isinstance(value, date) and not isinstance(value, datetime):
        return Date(value.year, value.month, value.day)
    clock = ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond * 1_000
    shift = value.utcoffset()
    zone_name: str | None = getattr(value.tzinfo, "key", None)
    if zone_name == "UTC" or shift is None:
        zone_name = None
    offset = None if shift is None or zone_name else int(shift.total_seconds())
    if isinstance(value, datetime):
        fold = value.fold if zone_name else 0
        return DateTime(Date(value.year, value.month, value.day), clock, offset, zone_name, fold)
    return Time(clock, offset, zone_name)


def to_json(value: object, depth: int = 0) -> Any:
    """What JSON can say of a value: whole numbers are int, others float; dates, times and durations are their text."""
    if value is None or isinstance(value, bool | str | int | float):
        return value
    if isinstance(value, Decimal):
        return _json_number(value)
    check_depth(depth, MAX_WRITTEN_DEPTH)
    if isinstance(value, dict):
        return {_key(key): to_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, depth + 1) for item in value]
    if isinstance(value, datetime | date | time | timedelta):
        value = _temporal(value)
    return string_of(value)


def _json_number(number: Decimal) -> int | float | None:
    if not number.is_finite():
        return None
    if number == number.to_integral_value() and number.adjusted() < 308:
        return int(number)
    value = float(number)
    return value if math.isfinite(value) else None

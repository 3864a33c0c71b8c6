"""FEEL's operators on values (DMN 1.5, 10.3.2.13 and tables 41 to 56).

A failing operator raises EvaluationError with the reason; who called it turns that into null and a diagnostic.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal, localcontext

from feel.errors import EvaluationError
from feel.limits import checked_string, spend
from feel.temporal import DAY, SECOND, Date, DateTime, DaysTime, Time, YearsMonths
from feel.text import Text, text
from feel.values import ARITHMETIC, Function, Range, kind_of

POWER, ROOT = 10, 130
"""Steps charged for a power: with a fraction as exponent it takes a logarithm and an exponential."""

MAX_DEPTH = 100
"""Levels of nested lists and contexts that equality follows."""


# ------------------------------------------------------------------------------------------------ equality and order
def equal(left: object, right: object, depth: int = 0) -> bool | None:
    """`left = right`; None when the kinds cannot be compared. A list of one element equals the element."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is type(right):
        same = _EQUAL.get(kind)
        return left == right if same is None else same(left, right, depth)
    if depth >= MAX_DEPTH:
        return None
    if type(left) is list and type(right) is not list and len(left) == 1:
        return equal(left[0], right, depth + 1)
    if type(right) is list and type(left) is not list and len(right) == 1:
        return equal(left, right[0], depth + 1)
    return None


def _equal_lists(left: list[object], right: list[object], depth: int) -> bool | None:
    if left is right:
        return True
    if len(left) != len(right):
        return False
    spend(len(left) + 1)
    if depth > MAX_DEPTH:
        return None
    return all(equal(one, other, depth + 1) is True for one, other in zip(left, right, strict=True))


def _equal_contexts(left: dict[str, object], right: dict[str, object], depth: int) -> bool | None:
    if left is right:
        return True
    if left.keys() != right.keys():
        return False
    spend(len(left) + 1)
    if depth > MAX_DEPTH:
        return None
    return all(equal(left[key], right[key], depth + 1) is True for key in left)


def _equal_ranges(left: Range, right: Range, depth: int) -> bool:
    if (left.start_included, left.end_included, left.operator) != (
        right.start_included,
        right.end_included,
        right.operator,
    ):
        return False
    return equal(left.start, right.start, depth) is True and equal(left.end, right.end, depth) is True


def _equal_clocks(left: Time | DateTime, right: Time | DateTime, depth: int) -> bool:  # noqa: ARG001  table's shape
    """Fractions of a second do not count: DMN defines `=` by the components, which are whole seconds."""
    return left.is_zoned() == right.is_zoned() and left.size // SECOND == right.size // SECOND


def _same_function(left: Function, right: Function, depth: int) -> bool:  # noqa: ARG001  table's shape
    return left is right


_EQUAL: dict[type, Callable[..., bool | None]] = {
    list: _equal_lists,
    dict: _equal_contexts,
    Range: _equal_ranges,
    Time: _equal_clocks,
    DateTime: _equal_clocks,
    Function: _same_function,
}


def compare(left: object, right: object) -> int | None:
    """-1, 0 or 1 as `left` is before, at or after `right`; None when they have no order."""
    if type(left) is not type(right):
        return None
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return (left > right) - (left < right)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if isinstance(left, Time | DateTime) and isinstance(right, Time | DateTime):
        if left.is_zoned() != right.is_zoned():
            return None
        return (left.size > right.size) - (left.size < right.size)
    if isinstance(left, Date | YearsMonths | DaysTime) and isinstance(right, Date | YearsMonths | DaysTime):
        return (left.size > right.size) - (left.size < right.size)
    return None


_ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def compared(operator: str, left: object, right: object) -> bool:
    """`left operator right` for every comparison; EvaluationError when they cannot be compared."""
    if operator in _ORDER:
        return ordered(operator, left, right)
    same = equal(left, right)
    if same is None:
        raise _incomparable(left, right)
    return same if operator == "=" else not same


def ordered(operator: str, left: object, right: object) -> bool:
    """`left < right` and the like; a list of one element stands for the element."""
    sign = compare(left, right)
    if sign is not None:
        return _ORDER[operator](sign)
    if type(left) is list and len(left) == 1 and type(right) is not list:
        return ordered(operator, left[0], right)
    if type(right) is list and len(right) == 1 and type(left) is not list:
        return ordered(operator, left, right[0])
    raise _incomparable(left, right)


def _incomparable(left: object, right: object) -> EvaluationError:
    if type(left) is type(right) and type(left) in (Time, DateTime):
        return EvaluationError(text("une heure avec fuseau et une heure sans fuseau ne se comparent pas"))
    return EvaluationError(
        text("%(left)s et %(right)s ne se comparent pas", left=kind_of(left), right=kind_of(right))
    )


# ------------------------------------------------------------------------------------------------ ranges and membership
def make_range(start: object, end: object, *, start_included: bool, end_included: bool) -> Range:
    """`[start..end]` and the like; EvaluationError when the ends have no order."""
    if start is None and end is None:
        raise EvaluationError(text("un intervalle a besoin d’une borne"))
    if start is not None and end is not None and compare(start, end) is None:
        raise _incomparable(start, end)
    return Range(start, end, start_included and start is not None, end_included and end is not None)


def operator_range(operator: str, bound: object) -> Range:
    """`(< bound)` and the like as a range value."""
    if operator in ("=", "!="):
        return Range(bound, bound, start_included=True, end_included=True, operator=operator)
    if bound is None or type(bound) in (bool, list, dict, Function):
        raise EvaluationError(text("%(kind)s n’a pas d’ordre", kind=kind_of(bound)))
    if operator in ("<", "<="):
        return Range(None, bound, start_included=False, end_included=operator == "<=", operator=operator)
    return Range(bound, None, start_included=operator == ">=", end_included=False, operator=operator)


def contains(interval: Range, value: object) -> bool | None:
    """Whether the value lies in the range; None when that has no answer."""
    start, end = interval.start, interval.end
    if value is None or (not interval.operator and (start is None or end is None)):
        return None
    if interval.operator == "!=":
        same = equal(value, start)
        return None if same is None else not same
    if start is None and end is None:
        return None
    after = _inside(value, start, 1, included=interval.start_included)
    return after and _inside(value, end, -1, included=interval.end_included)


def _inside(value: object, bound: object, side: int, *, included: bool) -> bool | None:
    if bound is None:
        return True
    sign = compare(value, bound)
    return None if sign is None else sign == side or (sign == 0 and included)


def is_in(value: object, candidate: object) -> bool | None:
    """`value in candidate`, where the candidate is a range, a list of values and ranges, or a value."""
    if type(candidate) is Range:
        return equal(value, candidate) if type(value) is Range else contains(candidate, value)
    if type(candidate) is list:
        return _is_in_list(value, candidate)
    return equal(value, candidate)


def _is_in_list(value: object, candidates: list[object]) -> bool:
    spend(len(candidates))
    if type(value) is list and equal(value, candidates) is True:
        return True
    for candidate in candidates:
        if type(candidate) is Range and type(value) is not Range:
            found = contains(candidate, value)
        elif type(candidate) is list and type(value) is not list:
            found = is_in(value, candidate)
        else:
            found = equal(value, candidate)
        if found is True:
            return True
    return False


# ------------------------------------------------------------------------------------------------ arithmetic
def _refused(sign: str, left: object, right: object) -> EvaluationError:
    return EvaluationError(
        text(
            "« %(sign)s » ne s’applique pas à %(left)s et %(right)s",
            sign=sign,
            left=kind_of(left),
            right=kind_of(right),
        )
    )


def arithmetic_error(sign: str, left: object, right: object) -> Text:
    """Why a calculation with two numbers has no result."""
    if sign == "/" and right == 0:
        return text("division par zéro")
    return text("le résultat de %(left)s %(sign)s %(right)s est hors limites", left=left, sign=sign, right=right)


def add(left: object, right: object) -> object:
    """`left + right`: numbers, strings, durations, a duration after a date or time."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _number("+", ARITHMETIC.add, left, right)
    if isinstance(left, str) and isinstance(right, str):
        return checked_string(left + right)
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return YearsMonths(left.months + right.months)
    if isinstance(left, DaysTime) and isinstance(right, DaysTime):
        return DaysTime(left.nanoseconds + right.nanoseconds)
    if isinstance(left, YearsMonths | DaysTime):
        left, right = right, left
    return _later("+", left, right, 1)


def subtract(left: object, right: object) -> object:
    """`left - right`: numbers, durations, a duration before a date or time, the duration between two of them."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _number("-", ARITHMETIC.subtract, left, right)
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths):
        return YearsMonths(left.months - right.months)
    if isinstance(left, DaysTime) and isinstance(right, DaysTime):
        return DaysTime(left.nanoseconds - right.nanoseconds)
    if isinstance(right, YearsMonths | DaysTime):
        return _later("-", left, right, -1)
    return _between(left, right)


def _later(sign: str, moment: object, duration: object, direction: int) -> object:
    spend(5)
    if isinstance(duration, YearsMonths) and isinstance(moment, Date | DateTime):
        return moment.plus_months(direction * duration.months)
    if isinstance(duration, DaysTime):
        nanoseconds = direction * duration.nanoseconds
        if isinstance(moment, DateTime):
            return moment.plus(nanoseconds)
        if isinstance(moment, Date):
            return Date.from_days((moment.days() * DAY + nanoseconds) // DAY)
        if isinstance(moment, Time):
            return Time((moment.clock + nanoseconds) % DAY, moment.offset, moment.zone)
    raise _refused(sign, moment, duration)


def _between(left: object, right: object) -> object:
    if isinstance(left, Date) and isinstance(right, Date):
        return DaysTime((left.days() - right.days()) * DAY)
    if isinstance(left, Date | DateTime) and isinstance(right, Date | DateTime):
        left, right = _with_time(left), _with_time(right)
        if left.is_zoned() == right.is_zoned():
            return DaysTime(left.instant() - right.instant())
    if isinstance(left, Time) and isinstance(right, Time) and left.is_zoned() == right.is_zoned():
        return DaysTime(left.size - right.size)
    raise _refused("-", left, right)


def _with_time(moment: Date | DateTime) -> DateTime:
    return moment if isinstance(moment, DateTime) else DateTime(moment, 0, 0)


def multiply(left: object, right: object) -> object:
    """`left * right`: numbers, or a number and a duration."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _number("*", ARITHMETIC.multiply, left, right)
    if isinstance(left, Decimal):
        left, right = right, left
    if isinstance(left, YearsMonths | DaysTime) and isinstance(right, Decimal):
        return _scaled("*", left, right)
    raise _refused("*", left, right)


def divide(left: object, right: object) -> object:
    """`left / right`: numbers, a duration by a number, or two durations of one kind."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _number("/", ARITHMETIC.divide, left, right)
    if isinstance(left, YearsMonths | DaysTime):
        if type(left) is type(right) and isinstance(right, YearsMonths | DaysTime):
            return _number("/", ARITHMETIC.divide, Decimal(left.size), Decimal(right.size))
        if isinstance(right, Decimal):
            return _scaled("/", left, right)
    raise _refused("/", left, right)


def _scaled(sign: str, duration: YearsMonths | DaysTime, factor: Decimal) -> object:
    try:
        with localcontext(ARITHMETIC) as context:
            context.prec = 60
            size = Decimal(duration.size) * factor if sign == "*" else Decimal(duration.size) / factor
            if abs(size) < 10**30:
                return type(duration)(int(size.to_integral_value(rounding=ROUND_DOWN)))
    except ArithmeticError:
        pass
    raise EvaluationError(arithmetic_error(sign, duration, factor))


def power(left: object, right: object) -> object:
    """`left ** right`."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        if not right:
            return Decimal(1)  # of zero too, as IEEE 754-2008 has it
        spend(ROOT if right != right.to_integral_value() else POWER)
        return _number("**", ARITHMETIC.power, left, right)
    raise _refused("**", left, right)


def _number(sign: str, operate: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    try:
        return operate(left, right)
    except ArithmeticError:
        raise EvaluationError(arithmetic_error(sign, left, right)) from None


def negate(value: object) -> object:
    """`-value`: a number or a duration."""
    if isinstance(value, Decimal):
        return ARITHMETIC.minus(value)
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    if isinstance(value, DaysTime):
        return DaysTime(-value.nanoseconds)
    raise EvaluationError(text("« - » ne s’applique pas à %(kind)s", kind=kind_of(value)))

"""Built-ins on dates and times (DMN 1.5, 10.3.4.6 and 10.3.4.7)."""

from __future__ import annotations

from decimal import Decimal

from feel.builtins.conversion import date_of
from feel.builtins.signatures import builtin
from feel.errors import EvaluationError
from feel.limits import running
from feel.operators import equal
from feel.temporal import Date, DateTime, Time, days_from_civil, in_paris
from feel.text import text

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("now", "")
def now() -> DateTime:
    """The moment of the evaluation, on the clocks of Paris: its caller gives it."""
    moment = running.budget.now
    if moment is None:
        raise EvaluationError(text("cette évaluation n’a pas d’horloge"))
    return in_paris(moment)


@builtin("today", "")
def today() -> Date:
    """The date of the evaluation in Paris."""
    return now().date


@builtin("is", "value1: any, value2: any", strict=False)
def same(left: object, right: object = None) -> bool:
    """Whether two values are the same in every part."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Time | DateTime):
        return left == right
    return equal(left, right) is True


@builtin("day of year", "date: day")
def day_of_year(day: Date | DateTime) -> Decimal:
    """1 for the first of January."""
    date = date_of(day)
    return Decimal(date.days() - days_from_civil(date.year, 1, 1) + 1)


@builtin("day of week", "date: day")
def day_of_week(day: Date | DateTime) -> str:
    """The name of the day, in English as the specification has it."""
    return WEEKDAYS[date_of(day).weekday() - 1]


@builtin("month of year", "date: day")
def month_of_year(day: Date | DateTime) -> str:
    """The name of the month, in English as the specification has it."""
    return MONTHS[date_of(day).month - 1]


@builtin("week of year", "date: day")
def week_of_year(day: Date | DateTime) -> Decimal:
    """The ISO 8601 week: it belongs to the year of its Thursday."""
    date = date_of(day)
    thursday = date.days() - date.weekday() + 4
    year = Date.from_days(thursday).year
    return Decimal((thursday - days_from_civil(year, 1, 1)) // 7 + 1)

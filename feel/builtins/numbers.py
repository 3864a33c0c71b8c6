"""Built-ins on numbers, and those that calculate over a list (DMN 1.5, 10.3.4.4 and 10.3.4.5)."""

from __future__ import annotations

import decimal
from decimal import Decimal

from feel.builtins.signatures import aggregate, builtin
from feel.errors import EvaluationError
from feel.limits import spend
from feel.operators import add, compare, divide
from feel.temporal import DaysTime, YearsMonths
from feel.text import text
from feel.values import ARITHMETIC, kind_of, whole

SMALLEST_SCALE, LARGEST_SCALE = -6111, 6176

COSTLY = 50
"""Steps charged for a number that is found digit by digit."""

_ROUNDINGS = {
    "decimal": decimal.ROUND_HALF_EVEN,
    "round up": decimal.ROUND_UP,
    "round down": decimal.ROUND_DOWN,
    "round half up": decimal.ROUND_HALF_UP,
    "round half down": decimal.ROUND_HALF_DOWN,
}


def _declare_rounding(name: str, mode: str, signature: str) -> None:
    def rounded(number: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
        return _rounded(number, scale, mode)

    builtin(name, signature)(rounded)


def _rounded(number: Decimal, scale: Decimal, mode: str) -> Decimal:
    digits = whole(scale)
    if not SMALLEST_SCALE <= digits <= LARGEST_SCALE:
        raise EvaluationError(text("%(digits)s décimales sont hors limites", digits=digits))
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        return number
    spend(50)
    with decimal.localcontext(ARITHMETIC) as context:
        context.prec = 7000 if digits > 34 else max(80, abs(number.adjusted()) + abs(digits) + 5)
        result = number.quantize(Decimal(1).scaleb(-digits), rounding=mode)
    return ARITHMETIC.plus(result)


for _name, _mode in _ROUNDINGS.items():
    _declare_rounding(_name, _mode, "n: number, scale: number")
_declare_rounding("floor", decimal.ROUND_FLOOR, "n: number, scale?: number")
_declare_rounding("ceiling", decimal.ROUND_CEILING, "n: number, scale?: number")


@builtin("abs", "n: number")
def absolute(number: Decimal) -> Decimal:
    """The size of a number."""
    return number.copy_abs()


@builtin("abs", "n: duration")
def absolute_duration(duration: YearsMonths | DaysTime) -> YearsMonths | DaysTime:
    """The length of a duration."""
    return type(duration)(abs(duration.size))


@builtin("modulo", "dividend: number, divisor: number")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The rest of a division, with the sign of the divisor."""
    if not divisor:
        raise EvaluationError(text("division par zéro"))
    spend(COSTLY // 5)
    rest = ARITHMETIC.remainder(dividend, divisor)
    return ARITHMETIC.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt", "number: number")
def square_root(number: Decimal) -> Decimal:
    """The square root."""
    if number < 0:
        raise EvaluationError(text("pas de racine carrée d’un nombre négatif"))
    spend(COSTLY)
    return ARITHMETIC.sqrt(number)


@builtin("log", "number: number")
def logarithm(number: Decimal) -> Decimal:
    """The natural logarithm."""
    if number <= 0:
        raise EvaluationError(text("pas de logarithme d’un nombre négatif ou nul"))
    spend(COSTLY)
    return ARITHMETIC.ln(number)


@builtin("exp", "number: number")
def exponential(number: Decimal) -> Decimal:
    """The number e to a power."""
    if number >= 20_000:
        raise EvaluationError(text("résultat hors limites"))
    spend(COSTLY)
    return ARITHMETIC.exp(number)


@builtin("odd", "number: number")
def odd(number: Decimal) -> bool:
    """Whether a number is whole and odd."""
    return number == number.to_integral_value() and ARITHMETIC.remainder(number, Decimal(2)) != 0


@builtin("even", "number: number")
def even(number: Decimal) -> bool:
    """Whether a number is whole and even."""
    return number == number.to_integral_value() and ARITHMETIC.remainder(number, Decimal(2)) == 0


# ------------------------------------------------------------------------------------------------ over a list
@aggregate("min")
def minimum(items: list[object]) -> object:
    """The first in the order of the items."""
    return _best(items, -1)


@aggregate("max")
def maximum(items: list[object]) -> object:
    """The last in the order of the items."""
    return _best(items, 1)


def _best(items: list[object], side: int) -> object:
    spend(len(items))
    if not items:
        raise EvaluationError(text("la liste est vide"))
    best = items[0]
    for item in items:
        sign = compare(item, best)
        if sign is None:
            raise EvaluationError(text("les éléments ne se comparent pas"))
        if sign == side:
            best = item
    return best


@aggregate("sum")
def total(items: list[object]) -> object:
    """The sum of numbers or of durations of one kind."""
    spend(len(items))
    if not items:
        raise EvaluationError(text("la liste est vide"))
    result = items[0]
    if not isinstance(result, Decimal | YearsMonths | DaysTime):
        raise EvaluationError(text("« sum » n’accepte pas %(kind)s", kind=kind_of(result)))
    for item in items[1:]:
        if type(item) is not type(result):
            raise EvaluationError(text("« sum » n’accepte pas %(kind)s", kind=kind_of(item)))
        result = add(result, item)
    return result


@aggregate("mean")
def mean(items: list[object]) -> object:
    """The mean of numbers or of durations of one kind."""
    return divide(total(items), Decimal(len(items)))


@aggregate("product")
def product(items: list[object]) -> Decimal:
    """The product of numbers."""
    result = Decimal(1)
    for number in _numbers(items):
        result = ARITHMETIC.multiply(result, number)
    return result


@aggregate("median")
def median(items: list[object]) -> Decimal:
    """The number in the middle, or the mean of the two there."""
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return ARITHMETIC.divide(ARITHMETIC.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@aggregate("stddev")
def standard_deviation(items: list[object]) -> Decimal:
    """The standard deviation of a sample."""
    numbers = _numbers(items)
    if len(numbers) < 2:
        raise EvaluationError(text("deux nombres au moins sont attendus"))
    with decimal.localcontext(ARITHMETIC) as context:
        context.prec = 50
        mean_value = sum(numbers, Decimal(0)) / len(numbers)
        variance = sum(((number - mean_value) ** 2 for number in numbers), Decimal(0)) / (len(numbers) - 1)
        return ARITHMETIC.plus(variance.sqrt())


@aggregate("mode")
def mode(items: list[object]) -> list[object]:
    """The most frequent numbers, in order."""
    if not items:
        return []
    counts: dict[Decimal, int] = {}
    for number in _numbers(items):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values())
    return [*sorted(number for number, times in counts.items() if times == most)]


def _numbers(items: list[object]) -> list[Decimal]:
    spend(len(items))
    numbers = [item for item in items if isinstance(item, Decimal)]
    if not items or len(numbers) < len(items):
        raise EvaluationError(text("une liste de nombres est attendue"))
    return numbers

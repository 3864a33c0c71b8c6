"""The values of FEEL: which Python class stands for each kind, and the two kinds that are FEEL's own.

number: Decimal; string: str; boolean: bool; null: None; list: list; context: dict with str keys; range: Range;
function: Function; the rest is in `feel.temporal`. `object` in signatures means any of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING

from feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths

if TYPE_CHECKING:
    from feel.builtins.signatures import Native
    from feel.types import Type

ARITHMETIC = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""IEEE 754-2008 decimal128, FEEL's numbers (10.3.2.3.1). Its methods are faster than operators."""


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends; `operator` is set when written as one, such as `(> 5)`: then an end may be open."""

    start: object
    end: object
    start_included: bool
    end_included: bool
    operator: str = ""


class Function:
    """A function value: a closure, a business knowledge model, a decision service or a built-in."""

    __slots__ = ("call", "name", "native", "params", "result", "types")

    def __init__(
        self,
        params: Sequence[str],
        call: Callable[[list[object]], object],
        types: Sequence[Type | None] = (),
        *,
        result: Type | None = None,
        name: str = "",
        native: Native | None = None,
    ) -> None:
        """`call` takes as many values as there are `params`; `native` is set for built-ins, which take more ways."""
        self.params = tuple(params)
        self.call = call
        self.types = tuple(types)
        self.result = result
        self.name = name
        self.native = native

    def __repr__(self) -> str:
        return f"function({', '.join(self.params)})"


KINDS: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    list: "list",
    dict: "context",
    type(None): "null",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    YearsMonths: "years and months duration",
    DaysTime: "days and time duration",
    Range: "range",
    Function: "function",
}


def kind_of(value: object) -> str:
    """The name of the value's kind, as in FEEL types."""
    return KINDS.get(type(value), type(value).__name__)


def whole(number: Decimal) -> int:
    """A number cut to an integer; ArithmeticError when it is beyond any use as one."""
    if abs(number) > 10**18:
        raise OverflowError(number)
    return int(number)

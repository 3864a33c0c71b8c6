"""How built-in functions are declared, chosen and called.

A signature is written as in the specification: `string: string, start position: number, length?: number`. A name with
`?` may be left out, a name with `*` takes any number of arguments, a kind with `?` takes null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from feel.errors import EvaluationError
from feel.limits import spend
from feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths
from feel.text import text
from feel.values import Function, Range, kind_of

Convert = Callable[[object], object]
AnyFunction = TypeVar("AnyFunction", bound=Callable[..., object])


NATIVE_CALL = 3
"""Steps charged for the call of a built-in; what works through lists and strings charges for them too."""


class _Unfit:
    """The answer of a conversion for a value of another kind."""


UNFIT: Final = _Unfit()


def _single(*kinds: type) -> Convert:
    """Takes a value of the kinds, or a list that holds only one."""

    def convert(value: object) -> object:
        if type(value) in kinds:
            return value
        if isinstance(value, list) and len(value) == 1 and type(value[0]) in kinds:
            return value[0]
        return UNFIT

    return convert


def _list(value: object) -> object:
    if isinstance(value, list):
        return value
    return UNFIT if value is None else [value]


def _as_is(value: object) -> object:
    return value


def _list_only(value: object) -> object:
    return value if isinstance(value, list) else UNFIT


def _or_null(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


_CONVERSIONS: dict[str, Convert] = {
    "any": _as_is,
    "number": _single(Decimal),
    "string": _single(str),
    "boolean": _single(bool),
    "date": _single(Date),
    "time": _single(Time),
    "date and time": _single(DateTime),
    "day": _single(Date, DateTime),
    "clock": _single(Date, DateTime, Time),
    "days and time duration": _single(DaysTime),
    "duration": _single(YearsMonths, DaysTime),
    "context": _single(dict),
    "range": _single(Range),
    "function": _single(Function),
    "list": _list,
    "real list": _list_only,
}


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in. `strict` ones refuse a call by names that misses a parameter."""

    implementation: Callable[..., object]
    names: tuple[str, ...]
    conversions: tuple[Convert, ...]
    required: int
    variadic: bool
    strict: bool

    def accepts(self, count: int) -> bool:
        """Whether so many positional arguments fit."""
        return self.required <= count and (self.variadic or count <= len(self.names))

    def converted(self, arguments: Sequence[object]) -> list[object] | None:
        """The arguments as the implementation takes them, None when they do not fit."""
        conversions = self.conversions
        if self.variadic:
            fixed = len(self.names) - 1
            conversions = conversions[:fixed] + conversions[-1:] * (len(arguments) - fixed)
        taken = [convert(argument) for convert, argument in zip(conversions, arguments, strict=False)]
        return None if UNFIT in taken else taken


class Native:
    """A built-in function: its overloads, in the order in which they are tried."""

    __slots__ = ("name", "overloads")

    def __init__(self, name: str) -> None:
        self.name = name
        self.overloads: list[Overload] = []

    def __call__(self, arguments: Sequence[object]) -> object:
        """Call by position; EvaluationError when nothing fits or the function has no value."""
        return self.call(arguments, [overload for overload in self.overloads if overload.accepts(len(arguments))])

    def call(self, arguments: Sequence[object], overloads: Iterable[Overload]) -> object:
        """Call the first of the overloads that takes the arguments."""
        for overload in overloads:
            taken = overload.converted(arguments)
            if taken is not None:
                return self.run(overload, taken)
        raise self.unfit(arguments)

    def run(self, overload: Overload, arguments: Sequence[object]) -> object:
        """Call an overload; what goes wrong in it is an EvaluationError."""
        spend(NATIVE_CALL)
        try:
            return overload.implementation(*arguments)
        except (ArithmeticError, ValueError, TypeError, KeyError, TimeoutError) as error:
            raise EvaluationError(text("« %(name)s » n’a pas de résultat ici", name=self.name)) from error

    def unfit(self, arguments: Sequence[object]) -> EvaluationError:
        """Why no overload takes the arguments."""
        kinds = ", ".join(kind_of(argument) for argument in arguments)
        return EvaluationError(text("« %(name)s » n’accepte pas (%(kinds)s)", name=self.name, kinds=kinds))

    def by_names(self, names: Sequence[str]) -> list[tuple[Overload, list[int | None]]]:
        """The overloads that take these named arguments, each with the argument of every parameter (None: absent)."""
        found: list[tuple[Overload, list[int | None]]] = []
        for overload in self.overloads:
            if len(set(names)) < len(names) or not set(names) <= set(overload.names):
                continue
            if overload.strict and not set(overload.names[: overload.required]) <= set(names):
                continue
            places = [names.index(name) if name in names else None for name in overload.names]
            while overload.strict and places and places[-1] is None:
                places.pop()
            found.append((overload, places))
        return found

    def call_by_names(
        self, arguments: Sequence[object], choices: Iterable[tuple[Overload, list[int | None]]]
    ) -> object:
        """Call the first choice of `by_names` that takes the arguments."""
        for overload, places in choices:
            taken = [
                None if place is None else convert(arguments[place])
                for convert, place in zip(overload.conversions, places, strict=False)
            ]
            if UNFIT not in taken:
                return self.run(overload, taken)
        raise self.unfit(arguments)


TABLE: dict[str, Function] = {}
"""Every built-in by its name, filled by the modules of this package."""


def builtin(name: str, *signatures: str, strict: bool = True) -> Callable[[AnyFunction], AnyFunction]:
    """Declare a function as the built-in `name`, or as one more overload of it, with each of the signatures."""

    def declare(implementation: AnyFunction) -> AnyFunction:
        for signature in signatures:
            _add(name, _overload(implementation, signature, strict=strict))
        return implementation

    return declare


def aggregate(name: str) -> Callable[[AnyFunction], AnyFunction]:
    """Declare a function of one list that also takes the items as arguments: `sum(list)` and `sum(1, 2)`."""

    def declare(implementation: AnyFunction) -> AnyFunction:
        builtin(name, "list: list")(implementation)
        builtin(name, "first: any, *list: any")(lambda *items: implementation(list(items)))
        return implementation

    return declare


def _add(name: str, overload: Overload) -> None:
    function = TABLE.get(name)
    if function is None:
        native = Native(name)
        function = TABLE[name] = Function(overload.names, native, name=name, native=native)
    assert function.native is not None  # noqa: S101  only built-ins are in the table
    function.native.overloads.append(overload)
    if len(overload.names) < len(function.params):
        function.params = overload.names


def _overload(implementation: Callable[..., object], signature: str, *, strict: bool) -> Overload:
    names, conversions, required, variadic = [], [], 0, False
    for parameter in filter(None, (part.strip() for part in signature.split(","))):
        name, _, kind = (part.strip() for part in parameter.partition(":"))
        variadic = name.startswith("*")
        required += not variadic and not name.endswith("?")
        names.append(name.strip("*?"))
        convert = _CONVERSIONS[kind.rstrip("?")]
        conversions.append(_or_null(convert) if kind.endswith("?") else convert)
    return Overload(implementation, tuple(names), tuple(conversions), required, variadic, strict)

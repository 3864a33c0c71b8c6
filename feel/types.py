"""FEEL types: `instance of`, conformance and the implicit conversions (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from feel.errors import EvaluationError
from feel.iso import parse_date, parse_date_time, parse_duration, parse_time
from feel.limits import spend
from feel.temporal import Date, DateTime
from feel.text import text
from feel.values import Function, Range, kind_of

MAX_DEPTH = 60
"""Levels of a value that a check follows; item definitions may be recursive."""


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """A type by its kind (`list`, `number` …) and what refines it.

    `allowed` tells whether a value is among the allowed values; `instance of` does not ask it, assignment does.
    """

    kind: str
    item: Type | None = None
    fields: Mapping[str, Type] | None = None
    params: tuple[Type, ...] | None = None
    result: Type | None = None
    allowed: Callable[[object], bool] | None = None

    def __str__(self) -> str:
        return f"{self.kind}<{self.item}>" if self.item else self.kind


ANY = Type("Any")
NULL = Type("Null")

_BUILTIN = {
    name: Type(name)
    for name in (
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "years and months duration",
        "days and time duration",
        "context",
        "list",
        "range",
        "function",
    )
} | {"Any": ANY, "Null": NULL, "null": NULL}

_READERS: dict[str, Callable[[str], object]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "years and months duration": parse_duration,
    "days and time duration": parse_duration,
}

_ALIASES = {
    "dateTime": "date and time",
    "datetime": "date and time",
    "yearMonthDuration": "years and months duration",
    "year month duration": "years and months duration",
    "dayTimeDuration": "days and time duration",
    "day time duration": "days and time duration",
    "duration": "days and time duration",
    "any": "Any",
    "int": "number",
    "integer": "number",
    "long": "number",
    "double": "number",
    "decimal": "number",
}
"""Names that older models and other tools write in `typeRef`."""


def named_type(name: str) -> Type | None:
    """A type of the language by its name; None for any other."""
    return _BUILTIN.get(name)


def referenced_type(name: str) -> Type | None:
    """A type of the language as a `typeRef` names it, old names included."""
    return _BUILTIN.get(name) or _BUILTIN.get(_ALIASES.get(name, ""))


def restricted(base: Type, allowed: Callable[[object], bool]) -> Type:
    """The type with allowed values beside those that it has."""
    before = base.allowed
    if before is None:
        return replace(base, allowed=allowed)
    return replace(base, allowed=lambda value: before(value) and allowed(value))


def is_instance(value: object, type_: Type, depth: int = 0) -> bool:
    """`value instance of type`: null is an instance of Null alone."""
    if value is None:
        return type_.kind == "Null"
    if type_.kind == "Any":
        return True
    if depth > MAX_DEPTH or kind_of(value) != type_.kind:
        return False
    if isinstance(value, list):
        spend(len(value) if type_.item else 1)
        return _all_conform(value, type_.item, depth)
    if isinstance(value, dict):
        fields = (type_.fields or {}).items()
        spend(len(fields) + 1)
        return all(name in value and conforms(value[name], field, depth + 1) for name, field in fields)
    if isinstance(value, Range):
        return _all_conform([value.start, value.end], type_.item, depth)
    return _function_conforms(value, type_) if isinstance(value, Function) else True


def _all_conform(values: list[object], item: Type | None, depth: int) -> bool:
    return item is None or item.kind == "Any" or all(conforms(value, item, depth + 1) for value in values)


def conforms(value: object, type_: Type, depth: int = 0) -> bool:
    """Whether a variable of the type may hold the value: null belongs to every type."""
    return value is None or is_instance(value, type_, depth)


def is_subtype(narrow: Type, wide: Type, depth: int = 0) -> bool:
    """Whether every value of `narrow` belongs to `wide`."""
    if narrow is wide or wide.kind == "Any" or narrow.kind == "Null" or depth > MAX_DEPTH:
        return True
    if narrow.kind != wide.kind:
        return False
    if narrow.kind in ("list", "range"):
        return is_subtype(narrow.item or ANY, wide.item or ANY, depth + 1)
    if narrow.kind == "context":
        has, needs = narrow.fields or {}, (wide.fields or {}).items()
        return all(name in has and is_subtype(has[name], field, depth + 1) for name, field in needs)
    return narrow.kind != "function" or _is_subtype_of_function(narrow, wide, depth)


def _is_subtype_of_function(narrow: Type, wide: Type, depth: int) -> bool:
    if wide.params is None:
        return True
    if narrow.params is None or len(narrow.params) != len(wide.params):
        return False
    if not is_subtype(narrow.result or ANY, wide.result or ANY, depth + 1):
        return False
    return all(is_subtype(given, taken, depth + 1) for taken, given in zip(narrow.params, wide.params, strict=True))


def _function_conforms(function: Function, type_: Type) -> bool:
    if type_.params is None:
        return True
    if len(function.params) != len(type_.params):
        return False
    taken = [param or ANY for param in function.types] or [ANY] * len(type_.params)
    if not all(is_subtype(given, param) for param, given in zip(taken, type_.params, strict=True)):
        return False
    return function.result is None or is_subtype(function.result, type_.result or ANY)


def _is_allowed(value: object, type_: Type, depth: int = 0) -> bool:
    if value is None or depth > MAX_DEPTH:
        return True
    if type_.allowed is not None and not type_.allowed(value):
        return False
    if isinstance(value, list) and type_.item is not None:
        return all(_is_allowed(item, type_.item, depth + 1) for item in value)
    if isinstance(value, dict) and type_.fields:
        return all(_is_allowed(value[name], field, depth + 1) for name, field in type_.fields.items() if name in value)
    return True


def coerced(value: object, type_: Type | None) -> object:
    """The value as a variable of the type takes it (10.3.2.9.4); EvaluationError when it does not fit."""
    if value is None or type_ is None:
        return value
    if not conforms(value, type_):
        value = _converted(value, type_)
    if not _is_allowed(value, type_):
        raise EvaluationError(text("la valeur n’est pas parmi celles permises"))
    return value


def from_text(value: object, type_: Type | None, depth: int = 0) -> object:
    """The value with dates, times and durations read from their text wherever the type wants them.

    JSON has no such values, so this stands where values come in, and nowhere else: in the language a string is a string.
    """
    if type_ is None or depth > MAX_DEPTH:
        return value
    if isinstance(value, str):
        return _read(value, (type_.item or type_).kind if type_.kind == "list" else type_.kind)
    if isinstance(value, list):
        item = type_.item if type_.kind == "list" else type_
        return [from_text(part, item, depth + 1) for part in value]
    if isinstance(value, dict) and type_.fields:
        fields = type_.fields
        return {name: from_text(part, fields.get(name), depth + 1) for name, part in value.items()}
    return value


def _read(string: str, kind: str) -> object:
    read = _READERS.get(kind)
    try:
        return read(string) if read else string
    except EvaluationError:
        return string


def _converted(value: object, type_: Type) -> object:
    changed = value
    if type_.kind == "list" and type(value) is not list:
        changed = [value]
    elif type(value) is list and len(value) == 1 and type_.kind != "list":
        changed = value[0]
    elif type_.kind == "date and time" and isinstance(value, Date):
        changed = DateTime(value, 0, 0)
    if not conforms(changed, type_):
        raise EvaluationError(text("%(kind)s ne convient pas au type %(type)s", kind=kind_of(value), type=str(type_)))
    return changed

"""Values as text: what `string()` gives (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

from decimal import Decimal

from feel.lexer import is_plain, words
from feel.limits import checked_string, spend
from feel.values import Function, Range

MAX_DEPTH = 100


def number_string(number: Decimal) -> str:
    """A number without exponent as long as that stays readable, without trailing zeros."""
    if number == 0:
        return "0"
    if abs(number.adjusted()) > 400:
        return str(number)
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def string_of(value: object) -> str | None:
    """The text of a value; of a string, itself; of null, null."""
    if value is None or isinstance(value, str):
        return value
    return source_of(value)


def source_of(value: object, depth: int = 0) -> str:
    """The value as it stands inside a list or context: strings in quotes, null by its name."""
    spend()
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Decimal):
        return number_string(value)
    spend(4)
    if depth > MAX_DEPTH:
        return "..."
    return _structure(value, depth)


def _structure(value: object, depth: int) -> str:
    if isinstance(value, list):
        return checked_string("[" + ", ".join(source_of(item, depth + 1) for item in value) + "]")
    if isinstance(value, dict):
        entries = (f"{_key(key)}: {source_of(entry, depth + 1)}" for key, entry in value.items())
        return checked_string("{" + ", ".join(entries) + "}")
    if isinstance(value, Range):
        return _range(value)
    return repr(value) if isinstance(value, Function) else str(value)


def _range(value: Range) -> str:
    if value.operator:
        bound = value.end if value.operator.startswith("<") else value.start
        return f"({value.operator} {source_of(bound)})"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{source_of(value.start)}..{source_of(value.end)}{closing}"


def _quoted(string: str) -> str:
    return '"' + string.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _key(key: str) -> str:
    return key if key and all(is_plain(word) for word in words(key)) else _quoted(key)

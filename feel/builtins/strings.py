"""Built-ins on strings (DMN 1.5, 10.3.4.3)."""

from __future__ import annotations

from decimal import Decimal

from feel import regexes
from feel.builtins.positions import position
from feel.builtins.signatures import builtin
from feel.errors import EvaluationError
from feel.limits import check_length, checked_list, checked_string, spend
from feel.text import text
from feel.values import kind_of, whole

CHARACTERS_SEARCHED_IN_A_STEP = 400


def searched(string: str) -> None:
    """Charge for a search through the string."""
    spend(len(string) // CHARACTERS_SEARCHED_IN_A_STEP)


@builtin("substring", "string: string, start position: number, length?: number?")
def substring(string: str, start: Decimal, length: Decimal | None = None) -> str:
    """Characters from a position, counted from 1, or from the end when negative."""
    first = position(start, len(string))
    if length is None:
        return checked_string(string[first:])
    if length < 1:
        raise EvaluationError(text("la longueur est d’au moins 1"))
    return checked_string(string[first : first + whole(length)])


@builtin("string length", "string: string")
def string_length(string: str) -> Decimal:
    """The number of characters."""
    return Decimal(len(string))


@builtin("upper case", "string: string")
def upper_case(string: str) -> str:
    """In capitals."""
    return checked_string(string.upper())


@builtin("lower case", "string: string")
def lower_case(string: str) -> str:
    """In small letters."""
    return checked_string(string.lower())


@builtin("substring before", "string: string, match: string")
def substring_before(string: str, match: str) -> str:
    """What stands before the first match, nothing without one."""
    searched(string)
    return checked_string(string.partition(match)[0]) if match and match in string else ""


@builtin("substring after", "string: string, match: string")
def substring_after(string: str, match: str) -> str:
    """What stands after the first match, nothing without one."""
    searched(string)
    return checked_string(string.partition(match)[2]) if match else string


@builtin("contains", "string: string, match: string")
def contains(string: str, match: str) -> bool:
    """Whether the string holds the match."""
    searched(string)
    return match in string


@builtin("starts with", "string: string, match: string")
def starts_with(string: str, match: str) -> bool:
    """Whether the string starts with the match."""
    return string.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(string: str, match: str) -> bool:
    """Whether the string ends with the match."""
    return string.endswith(match)


@builtin("matches", "input: string, pattern: string, flags?: string?")
def matches(string: str, pattern: str, flags: str | None = None) -> bool:
    """Whether a regular expression is found in the string."""
    spend(len(string) // 50)
    return regexes.search(string, pattern, flags or "")


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string?")
def replace(string: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    """Every match of a regular expression replaced; `$1` stands for its first group."""
    spend(len(string) // 50)
    return regexes.replace(string, pattern, replacement, flags or "")


@builtin("split", "string: string, delimiter: string")
def split(string: str, delimiter: str) -> list[object]:
    """The pieces between the matches of a regular expression."""
    spend(len(string) // 10)
    return checked_list(list(regexes.split(string, delimiter)))


@builtin("string join", "list: list, delimiter?: string?")
def string_join(items: list[object], delimiter: str | None = None) -> str:
    """The strings one after the other, nulls left out."""
    between = delimiter or ""
    strings: list[str] = []
    for item in items:
        if isinstance(item, str):
            strings.append(item)
        elif item is not None:
            raise EvaluationError(text("« string join » n’accepte pas %(kind)s", kind=kind_of(item)))
    spend(len(items))
    check_length(sum(map(len, strings)) + len(between) * len(strings))
    return checked_string(between.join(strings))

"""Constants in texts of FEEL and in timers: numbers that something is compared with, durations, dates, whole values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from feel.calendar import moment, parse_cycle
from feel.calendar import period as parse_period
from feel.errors import FeelError
from feel.lexer import Token, tokenize
from feel.limits import DEFAULT

Kind = Literal["number", "duration", "date", "cycle", "truth", "text"]

NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?")
COMPARING = frozenset({"<", "<=", ">", ">=", "..", "between"})
"""What has a threshold beside it; a number that must be met exactly is a code."""
RECKONING = frozenset({"+", "-", "*", "/", "**"})
NOTHING = frozenset({"0", "-0"})
"""Compared with nothing, a value is asked whether it is there: no setting."""
DATED = frozenset({"duration", "date", "time"})


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of a text: from where to where it stands, what it is, and what it says. `quoted`: it stands in a FEEL string."""

    start: int
    end: int
    kind: Kind
    value: str
    quoted: bool = False


def in_timer(text: str) -> tuple[Constant, ...]:
    """A timer written as ISO 8601 is one constant; else those of its FEEL."""
    written = text.strip()
    kind = kind_of(written)
    if kind in ("duration", "date", "cycle"):
        start = text.index(written)
        return (Constant(start, start + len(written), kind, written),)
    return in_expression(text)


def in_expression(text: str) -> tuple[Constant, ...]:
    """The whole text when it is one value; else the numbers that are compared, and durations and dates that are written out."""
    tokens = _tokens(text)
    return tuple(whole) if (whole := _whole(tokens)) else tuple(_inside(tokens))


def in_tests(text: str) -> tuple[Constant, ...]:
    """The numbers, durations and dates of the unary tests of an input cell; texts there are names of cases."""
    tokens = _tokens(text)
    numbers = [_number(tokens, place) for place, each in enumerate(tokens) if each.kind == "number"]
    return tuple(sorted([*filter(None, numbers), *_dated(tokens)], key=lambda each: each.start))


def kind_of(value: str) -> Kind | None:
    """What a value without quotation marks is; None for any other text."""
    if NUMBER.fullmatch(value):
        return "number"
    if value in ("true", "false"):
        return "truth"
    for kind, reads in (("duration", parse_period), ("cycle", parse_cycle), ("date", moment)):
        try:
            reads(value)
        except (FeelError, ValueError, OverflowError):
            continue
        return kind  # type: ignore[return-value]  # the names above
    return None


def fits(constant: Constant, value: str) -> bool:
    """Whether a value may stand in the place of this constant: one of the same kind."""
    if constant.kind == "text":
        return bool(value) and len(value) <= DEFAULT.length // 2
    return kind_of(value) == constant.kind


def write(text: str, changes: Sequence[tuple[Constant, str]]) -> str:
    """The text with other values in the place of its constants."""
    for constant, value in sorted(changes, key=lambda pair: pair[0].start, reverse=True):
        said = value.replace("\\", "\\\\").replace('"', '\\"') if constant.quoted else value
        text = text[: constant.start] + said + text[constant.end :]
    return text


def _tokens(text: str) -> list[Token]:
    try:
        return tokenize(text, DEFAULT)[:-1]
    except FeelError:
        return []


def _whole(tokens: list[Token]) -> list[Constant]:
    """The one value that the text is."""
    if len(tokens) == 1 and tokens[0].kind == "string":
        value = str(tokens[0].value)
        return [_quoted(tokens[0], kind_of(value) if kind_of(value) in ("duration", "date", "cycle") else "text")]
    if len(tokens) == 1 and tokens[0].text in ("true", "false"):
        return [Constant(tokens[0].start, tokens[0].end, "truth", tokens[0].text)]
    if tokens and tokens[-1].kind == "number" and [each.text for each in tokens[:-1]] in ([], ["-"]):
        return [_of(tokens, len(tokens) - 1)]
    return []


def _inside(tokens: list[Token]) -> list[Constant]:
    compared = [found for place in range(len(tokens)) if (found := _compared(tokens, place)) is not None]
    return sorted([*compared, *_dated(tokens)], key=lambda each: each.start)


def _compared(tokens: list[Token], place: int) -> Constant | None:
    if tokens[place].kind != "number":
        return None
    first = place - 1 if _is_signed(tokens, place) else place
    beside = [tokens[each].text for each in (first - 1, place + 1) if 0 <= each < len(tokens)]
    return _number(tokens, place) if COMPARING.intersection(beside) and not RECKONING.intersection(beside) else None


def _number(tokens: list[Token], place: int) -> Constant | None:
    found = _of(tokens, place)
    return None if found.value in NOTHING else found


def _of(tokens: list[Token], place: int) -> Constant:
    """The number at a place with the sign that belongs to it."""
    token, signed = tokens[place], _is_signed(tokens, place)
    start = tokens[place - 1].start if signed else token.start
    return Constant(start, token.end, "number", ("-" if signed else "") + token.text)


def _is_signed(tokens: list[Token], place: int) -> bool:
    return place >= 1 and tokens[place - 1].text == "-" and (place == 1 or tokens[place - 2].kind == "operator")


def _dated(tokens: list[Token]) -> Iterator[Constant]:
    """`duration("P2D")`, `date("2019-07-01")`, `@"P2D"`."""
    for place, token in enumerate(tokens):
        if token.kind != "string":
            continue
        called = place >= 2 and tokens[place - 1].text == "(" and tokens[place - 2].text in DATED
        kind = kind_of(str(token.value))
        if (called or (place and tokens[place - 1].text == "@")) and kind in ("duration", "date"):
            yield _quoted(token, kind)


def _quoted(token: Token, kind: Kind | None) -> Constant:
    return Constant(token.start + 1, token.end - 1, kind or "text", str(token.value), quoted=True)

"""Regular expressions of XPath (DMN 1.5, 10.3.4.3), run so that no pattern can hang the server.

They are translated for RE2, which takes linear time. What RE2 cannot say (back references, class subtraction, Unicode
blocks) goes to `regex` with a time limit; what RE2 finds too large is refused, never handed on.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import re2
import regex

from feel.errors import EvaluationError
from feel.limits import check_length, check_size, checked_string, spend
from feel.patterns import Translation, translate
from feel.text import text

SECONDS = 0.1
"""Time for one search of a pattern that RE2 cannot say."""

STEPS_PER_SECOND = 2_000_000
"""Steps charged for what takes a time of its own: the search with such a pattern, the compilation of any."""

MATCH = 6
"""Steps charged for each match."""

MAX_REPEATS = 10_000
_REPEAT = re.compile(r"(?<!\\)\{(\d+)(?:,(\d*))?\}")

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 8 << 20


class Match(Protocol):
    """What both engines give."""

    def start(self) -> int: ...
    def end(self) -> int: ...
    def group(self, number: int, /) -> str | None: ...


@contextmanager
def _charged() -> Iterator[None]:
    """Charge for the time that is spent inside: what is slow may not be repeated at will."""
    started = time.thread_time()
    try:
        yield
    finally:
        spend(int(min(time.thread_time() - started, SECONDS) * STEPS_PER_SECOND))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern of either engine."""

    engine: Any
    groups: int
    timed: bool

    def found_in(self, string: str) -> bool:
        """Whether the pattern matches somewhere."""
        return next(self.all(string), None) is not None

    def all(self, string: str) -> Iterator[Match]:
        """All matches; EvaluationError when they take too long."""
        if not self.timed:
            for match in self.engine.finditer(string):
                spend(MATCH)
                yield match
            return
        with _charged():
            try:
                yield from self.engine.finditer(string, timeout=SECONDS)
            except TimeoutError:
                raise EvaluationError(text("le motif prend trop de temps")) from None


@lru_cache(1024)
def compiled(pattern: str, flags: str) -> Pattern:
    """The pattern ready to run; EvaluationError when it is none or too large."""
    with _charged():
        translation = translate(pattern, flags)
        source = ("(?i)" if "i" in flags else "") + translation.pattern
        return _timed(source, translation) if translation.special else _linear(source)


def _linear(source: str) -> Pattern:
    try:
        engine = re2.compile(source, _OPTIONS)
    except re2.error as error:
        raise EvaluationError(text("ce motif n’est pas valable ou est trop grand")) from error
    return Pattern(engine, engine.groups, timed=False)


def _timed(source: str, translation: Translation) -> Pattern:
    repeats = 1
    for quantity in _REPEAT.finditer(source):
        repeats *= max(int(quantity[1]), int(quantity[2] or 0), 1)
    if repeats > MAX_REPEATS:
        raise EvaluationError(text("ce motif n’est pas valable ou est trop grand"))
    try:
        engine = regex.compile(source.replace(r"\z", r"\Z"), regex.V1)
    except (regex.error, RecursionError) as error:
        raise EvaluationError(text("ce motif n’est pas valable ou est trop grand")) from error
    return Pattern(engine, translation.groups, timed=True)


def search(string: str, pattern: str, flags: str = "") -> bool:
    """Whether the pattern is found in the string."""
    return compiled(pattern, flags).found_in(string)


def replace(string: str, pattern: str, replacement: str, flags: str = "") -> str:
    """Every match replaced; `$1` stands for a group. EvaluationError for a pattern that matches the empty string."""
    found = compiled(pattern, flags)
    if found.found_in(""):
        raise EvaluationError(text("ce motif convient au texte vide"))
    parts = _replacement(replacement, found.groups)
    pieces: list[str] = []
    position = size = 0
    for match in found.all(string):
        piece = string[position : match.start()] + "".join(_filled(part, match, found.groups) for part in parts)
        size += len(piece)
        check_length(size)
        pieces.append(piece)
        position = match.end()
    return checked_string("".join(pieces) + string[position:])


def _filled(part: str | int, match: Match, groups: int) -> str:
    if isinstance(part, str):
        return part
    return (match.group(part) or "") if part <= groups else ""


def _replacement(replacement: str, groups: int) -> list[str | int]:
    """The replacement as text and group numbers."""
    parts: list[str | int] = []
    index = 0
    while index < len(replacement):
        character = replacement[index]
        following = replacement[index + 1 : index + 2]
        index += 1
        if character == "\\":
            if following not in ("\\", "$"):
                raise EvaluationError(text("ce texte de remplacement n’est pas valable"))
            parts.append(following)
            index += 1
        elif character == "$":
            digits = _group_digits(replacement, index, groups)
            parts.append(int(digits))
            index += len(digits)
        else:
            parts.append(character)
    return parts


def _group_digits(replacement: str, start: int, groups: int) -> str:
    end = start
    while replacement[end : end + 1].isascii() and replacement[end : end + 1].isdigit():
        if end > start and int(replacement[start : end + 1]) > groups:
            break
        end += 1
    if end == start:
        raise EvaluationError(text("ce texte de remplacement n’est pas valable"))
    return replacement[start:end]


def split(string: str, pattern: str) -> list[str]:
    """The pieces between the matches that are not empty."""
    pieces: list[str] = []
    position = 0
    for match in compiled(pattern, "").all(string):
        if match.end() == match.start():
            continue
        pieces.append(string[position : match.start()])
        check_size(len(pieces))
        position = match.end()
    return [*pieces, string[position:]]

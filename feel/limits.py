"""What an evaluation may use, what it used, and why its nulls are null.

One `Budget` serves one evaluation with all the decisions that it needs. It is reached through the running thread, so
that deep walks (equality, flattening, text) can charge it without carrying it along.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from feel.errors import EvaluationError, LimitExceeded
from feel.text import Text, text

CHECK_EVERY = 1_000
"""Steps between two looks at the clocks."""

NODES_IN_A_STEP = 2
"""Operations of an expression that are charged as one step when it is repeated. A step is about half a microsecond."""

CHARACTERS_IN_A_STEP = 20
"""Of a string that is made: steps bound the memory too, since what may be made in all is bounded by them."""

CALL = 10
"""Steps charged for the call of a function."""

MAX_DIAGNOSTICS = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one expression and its evaluation: characters, tokens, levels, steps, items, characters, seconds.

    `cpu_seconds` ends what runs away, `seconds` on the wall clock what waits with it; a busy machine slows both down
    but only the second would end an evaluation that is in order, so it is the wider one.
    """

    length: int = 100_000
    tokens: int = 20_000
    nesting: int = 60
    call_depth: int = 100
    steps: int = 500_000
    list_size: int = 100_000
    string_size: int = 1_000_000
    cpu_seconds: float = 0.2
    seconds: float = 2.0


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of an expression stands: the text, the character (from 0) and the element that holds the text."""

    text: str = ""
    position: int = 0
    element: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why a null is null, and where."""

    message: Text
    origin: Origin = NOWHERE

    def __str__(self) -> str:
        element = f"{self.origin.element}: " if self.origin.element else ""
        return f"{element}{self.message} [{self.origin.position}] {self.origin.text[:80]}"


class Budget:
    """What one evaluation may still use, its clock, and what it gathers: diagnostics and rules that matched."""

    __slots__ = ("_check_at", "_cpu_deadline", "_deadline", "depth", "diagnostics", "left", "limits", "matched", "now")

    def __init__(self, limits: Limits = DEFAULT, now: datetime | None = None) -> None:
        self.limits = limits
        self.now = now
        self.left = limits.steps
        self.depth = 0
        self.diagnostics: list[Diagnostic] = []
        self.matched: dict[str, list[str]] = {}
        """The rules of decision tables that matched, by the element that holds the table."""
        self._check_at = self.left - CHECK_EVERY
        self._deadline = self._cpu_deadline = 0.0

    def spend(self, steps: int = 1) -> None:
        """Charge `steps`; LimitExceeded when none is left or the time is over."""
        self.left -= steps
        if self.left < self._check_at:
            self._check()

    def _check(self) -> None:
        if self.left < 0:
            raise LimitExceeded(text("l’évaluation dépasse %(steps)s étapes", steps=self.limits.steps))
        moment, cpu = time.monotonic(), time.thread_time()
        if not self._deadline:
            # The clocks start at the first look: most evaluations end before it and never pay for reading them.
            self._deadline, self._cpu_deadline = moment + self.limits.seconds, cpu + self.limits.cpu_seconds
        elif cpu > self._cpu_deadline or moment > self._deadline:
            most = self.limits.cpu_seconds if cpu > self._cpu_deadline else self.limits.seconds
            raise LimitExceeded(text("l’évaluation dépasse %(seconds)s secondes", seconds=most))
        self._check_at = self.left - CHECK_EVERY

    def enter(self, steps: int = CALL) -> None:
        """One more function call inside another."""
        self.depth += 1
        self.spend(steps)
        if self.depth > self.limits.call_depth:
            raise LimitExceeded(text("les appels de fonctions sont trop imbriqués"))

    def leave(self) -> None:
        """The innermost function call ended."""
        self.depth -= 1

    def note(self, message: Text, origin: Origin = NOWHERE) -> None:
        """Remember why a value is null."""
        if len(self.diagnostics) < MAX_DIAGNOSTICS:
            self.diagnostics.append(Diagnostic(message, origin))


class _Unmetered(Budget):
    """Outside of evaluations, values are still compared and written as text; a thread may do so for years."""

    __slots__ = ()

    def spend(self, steps: int = 1) -> None:
        """Nothing runs that could run away."""

    def note(self, message: Text, origin: Origin = NOWHERE) -> None:
        """Nobody would read it."""


class _Running(threading.local):
    """The budget of the evaluation that runs in this thread; outside of any, one that is never used up."""

    def __init__(self) -> None:
        self.budget: Budget = _Unmetered()


running = _Running()


@contextmanager
def evaluating(budget: Budget) -> Iterator[Budget]:
    """Make `budget` the running one; nesting too deep for Python is a limit like the others."""
    outer = running.budget
    running.budget = budget
    try:
        yield budget
    except RecursionError:
        raise LimitExceeded(text("l’expression est trop imbriquée")) from None
    finally:
        running.budget = outer


def spend(steps: int = 1) -> None:
    """Charge the running evaluation."""
    running.budget.spend(steps)


def note(message: Text, origin: Origin = NOWHERE) -> None:
    """Say why a null of the running evaluation is null."""
    running.budget.note(message, origin)


def checked_list(items: list[object]) -> list[object]:
    """The list itself, charged; LimitExceeded when it is too long."""
    check_size(len(items))
    spend(len(items))
    return items


def check_size(items: int) -> None:
    """LimitExceeded when a list of so many items may not be."""
    if items > running.budget.limits.list_size:
        raise LimitExceeded(text("la liste dépasse %(size)s éléments", size=running.budget.limits.list_size))


def checked_string(string: str) -> str:
    """The string itself, charged; LimitExceeded when it is too long."""
    check_length(len(string))
    if len(string) > CHARACTERS_IN_A_STEP:
        spend(len(string) // CHARACTERS_IN_A_STEP)
    return string


def check_length(characters: int) -> None:
    """LimitExceeded when a string of so many characters may not be."""
    if characters > running.budget.limits.string_size:
        raise LimitExceeded(text("le texte dépasse %(size)s caractères", size=running.budget.limits.string_size))


def explain(error: EvaluationError, origin: Origin) -> None:
    """The null that an error becomes; its reason is kept."""
    running.budget.note(error.message, origin)

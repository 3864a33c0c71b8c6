"""Timers of a diagram: ISO 8601 text or FEEL, evaluated to the moments at which they are due."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from engine.spiff.failures import StepFailed
from engine.spiff.scripts import FeelEnvironment, feel
from feel.calendar import add_to, moment, parse_cycle
from feel.errors import FeelError
from feel.expression import Expression
from feel.temporal import Date, DateTime, DaysTime, YearsMonths
from feel.text import text

TimerKind: TypeAlias = Literal["timeDate", "timeDuration", "timeCycle", "dueIn"]

ISO = re.compile(r"[+-]?P(\d|T\d)\S*|R\d*/\S*|\d{4}-\d\d-\d\d(T[\d:.,]+)?(Z|[+-]\d\d:?\d\d|@[\w/+-]+)?", re.ASCII)
"""What is read as ISO 8601; anything else is FEEL."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a timer is due (aware UTC). For a cycle its ISO 8601 text, which occurrence this is, and when it began to wait."""

    at: datetime
    cycle: str = ""
    number: int = 1
    anchor: str = ""


class TimerRule:
    """A timer as the diagram writes it.

    The constructor raises FeelError or ValueError when the text is neither ISO 8601 nor FEEL.
    """

    def __init__(self, kind: TimerKind, source: str) -> None:
        self.kind = kind
        self.source = source.strip()
        self.expression: Expression | None = None
        if ISO.fullmatch(self.source):
            self._due(self.source, datetime.fromisoformat("2019-06-13T00:00:00+00:00"))
        else:
            self.expression = feel(self.source)

    def due(self, scripts: FeelEnvironment, scope: Mapping[str, object]) -> Due:
        """When the timer is due, armed at the environment's moment. Raises StepFailed."""
        value = self.source if self.expression is None else scripts.evaluate(self.expression, scope)
        try:
            return self._due(value, scripts.now)
        except (FeelError, ValueError, OverflowError) as error:
            message = text(
                "La minuterie « %(text)s » donne %(value)s, qui n’est ni une date, ni une durée, ni un cycle valable.",
                text=self.source,
                value="null" if value is None else str(value)[:80],
            )
            raise StepFailed("timer-invalid", message) from error

    def _due(self, value: object, now: datetime) -> Due:
        if self.kind == "timeCycle":
            return _first(value if isinstance(value, str) else f"R/{_duration(value)}", now)
        if self.kind != "timeDate" and _is_duration(value):
            return Due(add_to(now, _duration(value)))
        if self.kind != "timeDuration" and isinstance(value, str | Date | DateTime):
            return Due(moment(value))
        raise ValueError(value)


def following(due: Due) -> Due | None:
    """The next occurrence of a cycle; None after the last, and for a timer that is no cycle."""
    if not due.cycle:
        return None
    found = parse_cycle(due.cycle).following(due.number, datetime.fromisoformat(due.anchor))
    return Due(found.due, due.cycle, found.number, due.anchor) if found else None


def _first(cycle: str, now: datetime) -> Due:
    found = parse_cycle(cycle).following(0, now)
    if found is None:
        raise ValueError(cycle)
    return Due(found.due, cycle, found.number, now.isoformat())


def _is_duration(value: object) -> bool:
    return isinstance(value, DaysTime | YearsMonths) or (isinstance(value, str) and value.lstrip("+-").startswith("P"))


def _duration(value: object) -> str | DaysTime | YearsMonths:
    if not isinstance(value, str | DaysTime | YearsMonths):
        raise ValueError(value)
    return value

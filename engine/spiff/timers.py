"""Timers of a diagram: ISO 8601 text or FEEL, evaluated to the moments at which they are due."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from engine.spiff.failures import StepFailed
from engine.spiff.scripts import FeelEnvironment, feel
from feel.calendar import add_to, moment_of, parse_cycle
from feel.errors import FeelError
from feel.expression import Expression
from feel.temporal import Date, DateTime, DaysTime, YearsMonths
from feel.text import text

TimerKind: TypeAlias = Literal["timeDate", "timeDuration", "timeCycle", "dueIn"]

ISO = re.compile(r"[+-]?P[\dTYMWDHS.,]+|R\d*/.+|\d{4}-\d\d-\d\d(T[\d:.,]+)?(Z|[+-]\d\d:?\d\d|@[\w/+-]+)?", re.ASCII)
"""What is read as ISO 8601; anything else is FEEL."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a timer fires: the moment (aware UTC), how often it fires after that (None: for ever), and its interval."""

    at: datetime
    left: int | None = 0
    interval: str = ""


class TimerRule:
    """A timer as the diagram writes it. The constructor raises FeelError when the text is neither ISO 8601 nor FEEL."""

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
        if self.kind == "timeCycle" and isinstance(value, str):
            cycle = parse_cycle(value)
            left = None if cycle.times is None else cycle.times - 1
            if left is not None and left < 0:
                raise ValueError(value)
            return Due(cycle.start or add_to(now, cycle.interval), left, str(cycle.interval))
        if self.kind != "timeDate" and isinstance(value, DaysTime | YearsMonths):
            return self._from_duration(str(value), now)
        if self.kind in ("timeDuration", "dueIn") and isinstance(value, str) and value.lstrip("+-").startswith("P"):
            return Due(add_to(now, value))
        if self.kind in ("timeDate", "dueIn") and isinstance(value, str | Date | DateTime | datetime):
            return Due(moment_of(value))
        raise ValueError(value)

    def _from_duration(self, duration: str, now: datetime) -> Due:
        return Due(add_to(now, duration), None if self.kind == "timeCycle" else 0, duration)


def following(due: datetime, interval: str) -> datetime:
    """The next moment of a cycle, reckoned from the moment that was due, so that a late worker does not shift it."""
    return add_to(due, interval)

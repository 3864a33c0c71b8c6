"""Indicators that a process declares in its property `indicators`: a FEEL list of contexts, each a time or a share.

    {label: "De l’idée à la décision", from: "depot", to: "decider"}
    {label: "Arrêtés avant douze mois", of: "lancer", reach: "arrete", within: duration("P12M")}

A time is the median over the cases that completed both elements. A share counts, of the cases that completed `of` (all cases without it),
those that completed `reach`, within the time given if any: then only cases count for which that time is over or that completed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from engine.errors import Unusable
from feel.errors import FeelError
from feel.expression import compile as compile_expression
from feel.temporal import DaysTime, YearsMonths
from feel.text import text

PROPERTY = "indicators"
PARTS = frozenset({"label", "from", "to", "of", "reach", "within"})
MONTH = timedelta(days=365.2425 / 12)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A time between two elements (`start`, `end`), or the share of the cases with `start` that reached `end` within a time."""

    label: str
    kind: Literal["time", "share"]
    start: str | None
    end: str
    within: timedelta | None = None

    @property
    def elements(self) -> tuple[str, ...]:
        """The ids of the elements that it names."""
        return (self.end,) if self.start is None else (self.start, self.end)


def read(source: str) -> list[Indicator]:
    """The indicators in a FEEL text. Raises Unusable when it is none."""
    if not source:
        return []
    try:
        value = compile_expression(source).evaluate({})
    except FeelError as error:
        raise Unusable(text("Les indicateurs ne se lisent pas : %(reason)s", reason=str(error))) from error
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Unusable(text("Les indicateurs sont une liste de contextes FEEL."))
    return [_indicator(each) for each in value]


def _indicator(told: Mapping[str, object]) -> Indicator:
    label, names = told.get("label"), {part: told.get(part) for part in ("from", "to", "of", "reach")}
    is_told = isinstance(label, str) and label and all(each is None or isinstance(each, str) for each in names.values())
    is_time = bool(names["from"] and names["to"] and not names["of"] and not names["reach"] and "within" not in told)
    is_share = bool(names["reach"] and not names["from"] and not names["to"])
    if told.keys() - PARTS or not is_told or is_time == is_share:
        raise Unusable(
            text("L’indicateur « %(label)s » doit donner `label`, puis `from` et `to`, ou `reach` avec `of` et `within`.", label=str(label))
        )
    if is_time:
        return Indicator(str(label), "time", str(names["from"]), str(names["to"]))
    start = str(names["of"]) if names["of"] else None
    return Indicator(str(label), "share", start, str(names["reach"]), _within(told.get("within"), str(label)))


def _within(value: object, label: str) -> timedelta | None:
    if value is None:
        return None
    if isinstance(value, YearsMonths):
        return value.months * MONTH
    if isinstance(value, DaysTime):
        return timedelta(microseconds=value.nanoseconds // 1000)
    raise Unusable(text("L’indicateur « %(label)s » donne un délai qui n’est pas une durée.", label=label))

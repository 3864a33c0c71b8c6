"""How a process fares, on a page: a measure that heats the diagram, the same as a table, its indicators in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from engine.measures import Value
from engine.spiff.definition import Definition
from engine.statistics import Figures, Report, nine_of_ten
from web.languages import gettext, ngettext
from web.typography import french

Measure = Literal["passages", "mediane", "p90", "attente", "presents", "retards"]
MEASURES: Mapping[Measure, Callable[[Figures], float | None]] = {
    "passages": lambda each: each.entered or None,
    "mediane": lambda each: each.median,
    "p90": lambda each: each.p90,
    "presents": lambda each: each.here or None,
    "attente": lambda each: each.waiting,
    "retards": lambda each: each.overdue or None,
}
COUNTS = frozenset({"passages", "presents", "retards"})
PERIODS: Mapping[str, timedelta | None] = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365), "": None}
LEVELS = 5
SILENT = frozenset({"startEvent", "endEvent"})
"""Of these a duration says nothing."""


@dataclass(frozen=True)
class Row:
    """One element of the table, in words."""

    id: str
    name: str
    kind: str
    passages: int
    median: str
    p90: str
    here: int
    waiting: str
    overdue: int


@dataclass(frozen=True)
class Told:
    """An indicator: its name, its value in words, and how many cases tell."""

    label: str
    value: str
    cases: str


def measures() -> list[tuple[Measure, str]]:
    """What the diagram can show."""
    return [
        ("passages", gettext("Passages")),
        ("mediane", gettext("Durée médiane")),
        ("p90", gettext("Durée de neuf passages sur dix")),
        ("presents", gettext("Dossiers qui y sont")),
        ("attente", gettext("Attente de ceux qui y sont")),
        ("retards", gettext("Tâches en retard")),
    ]


def periods() -> list[tuple[str, str]]:
    """Since when cases began."""
    return [("30", gettext("30 jours")), ("90", gettext("90 jours")), ("365", gettext("un an")), ("", gettext("depuis toujours"))]


def heat(report: Report, definition: Definition, measure: Measure) -> tuple[dict[str, str], dict[str, int]]:
    """Notes and levels of the diagram: the hottest element is the one with most."""
    of = MEASURES[measure]
    values = {
        element: value
        for element, figures in report.elements.items()
        if element in definition.elements
        and (measure in COUNTS or definition.elements[element].type not in SILENT)
        and (value := of(figures)) is not None
        and (measure in COUNTS or value >= 1)
    }
    most = max(values.values(), default=0)
    notes = {element: str(int(value)) if measure in COUNTS else span(value) for element, value in values.items()}
    return notes, {element: _level(value, most) for element, value in values.items()}


def _level(value: float, most: float) -> int:
    return max(1, min(LEVELS, round(LEVELS * value / most))) if most else 1


def rows(report: Report, definition: Definition) -> list[Row]:
    """The elements that something happened at, in the order of the process."""
    order = {step.id: number for number, step in enumerate(definition.outline)}
    found = [each for each in report.elements if each in definition.elements and definition.elements[each].name]
    found.sort(key=lambda each: order.get(each, len(order)))
    return [_row(each, definition, report.elements[each]) for each in found]


def _row(element: str, definition: Definition, each: Figures) -> Row:
    told = definition.elements[element]
    spans = [span(value) for value in (each.median, each.p90, each.waiting)]
    return Row(element, french(told.name), told.type, each.entered, spans[0], spans[1], each.here, spans[2], each.overdue)


def summary(report: Report) -> list[tuple[str, str]]:
    """The figures of the whole."""
    durations = report.durations
    found = [
        (gettext("Dossiers commencés"), str(report.total)),
        (gettext("En cours"), str(report.count("running"))),
        (gettext("Terminés"), str(report.count("completed"))),
        (gettext("Annulés ou échoués"), str(report.count("cancelled") + report.count("failed"))),
    ]
    if durations:
        middle = sorted(durations)[len(durations) // 2]
        found += [(gettext("Durée médiane"), span(middle)), (gettext("Neuf sur dix en"), span(nine_of_ten(durations)))]
    return found


def indicators(values: Sequence[Value]) -> list[Told]:
    """The indicators in words."""
    return [_told(each) for each in values]


def _told(each: Value) -> Told:
    counted = ngettext("sur %(num)s dossier", "sur %(num)s dossiers", each.cases)
    if each.value is None:
        return Told(french(each.indicator.label), "—", gettext("aucun dossier ne le dit encore"))
    value = span(each.value) if each.indicator.kind == "time" else gettext("%(number)s %%", number=round(100 * each.value))
    return Told(french(each.indicator.label), value, counted)


def span(seconds: float | None) -> str:
    """A duration in one or two words; a dash for none, and for what takes no time."""
    if seconds is None or seconds < 1:
        return "—"
    if seconds < 60:
        return gettext("%(number)s s", number=round(seconds))
    if seconds < 3_600:
        return gettext("%(number)s min", number=round(seconds / 60))
    if seconds < 2 * 86_400:
        return gettext("%(number)s h", number=round(seconds / 3_600))
    return gettext("%(number)s j", number=round(seconds / 86_400))


def since(period: str, now: datetime) -> datetime | None:
    """The beginning of a period; None for all."""
    length = PERIODS[period]
    return None if length is None else now - length

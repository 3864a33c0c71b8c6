"""Migrations on pages: what would become of the running instances, by outcome and by element, and how far an order is, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.migrations import Fate, Outcome
from engine.moving import State
from engine.spiff.definition import Definition
from engine.spiff.hurdles import Hurdle
from web.languages import gettext, ngettext, render
from web.typography import french

Badge = tuple[str, str, str]
"""Words, tone, icon."""
PREFIX = "place-"
"""Of the names of controls that say which element takes the place of another."""


@dataclass(frozen=True)
class Place:
    """An element at which instances stand: how many, by outcome, and where they would stand."""

    name: str
    counts: Mapping[Outcome, int]
    target: str


@dataclass(frozen=True)
class Gap:
    """An element that is gone and at which instances stand: what could take its place, by id."""

    control: str
    name: str
    count: int
    chosen: str
    candidates: Sequence[tuple[str, str]]


def outcomes() -> dict[Outcome, Badge]:
    """What becomes of an instance."""
    return {
        "moves": (gettext("passe"), "good", "check"),
        "mapping": (gettext("demande une correspondance"), "late", "alert"),
        "cannot": (gettext("ne peut pas"), "bad", "stop"),
        "same": (gettext("y est déjà"), "plain", "dot"),
    }


def states() -> dict[State, Badge]:
    """How an instance of an order fares."""
    return {
        "pending": (gettext("à faire"), "info", "clock"),
        "done": (gettext("passé"), "good", "check"),
        "refused": (gettext("resté : n’a pas pu"), "bad", "stop"),
        "over": (gettext("terminé entre-temps"), "plain", "dot"),
        "undoing": (gettext("à ramener"), "info", "clock"),
        "undone": (gettext("ramené"), "good", "undo"),
        "kept": (gettext("a avancé : non ramené"), "late", "alert"),
    }


def sentences(fates: Sequence[Fate]) -> list[tuple[str, Badge]]:
    """A sentence for each outcome that happens."""
    return told(Counter(each.outcome for each in fates))


def told(found: Mapping[Outcome, int]) -> list[tuple[str, Badge]]:
    """The same of outcomes that were counted."""
    counts = Counter(found)
    said: dict[Outcome, str] = {
        "moves": ngettext("%(num)s dossier passe de lui-même", "%(num)s dossiers passent d’eux-mêmes", counts["moves"]),
        "mapping": ngettext(
            "%(num)s dossier demande une correspondance", "%(num)s dossiers demandent une correspondance", counts["mapping"]
        ),
        "cannot": ngettext("%(num)s dossier ne peut pas passer", "%(num)s dossiers ne peuvent pas passer", counts["cannot"]),
        "same": ngettext("%(num)s dossier y est déjà", "%(num)s dossiers y sont déjà", counts["same"]),
    }
    return [(said[outcome], badge) for outcome, badge in outcomes().items() if counts[outcome]]


def places(fates: Sequence[Fate], olds: Mapping[int, Definition], new: Definition, mapping: Mapping[str, str]) -> list[Place]:
    """The elements at which instances stand, those with most first."""
    counted: dict[str, Counter[Outcome]] = {}
    names: dict[str, str] = {}
    for each in fates:
        for element in each.places:
            counted.setdefault(element, Counter())[each.outcome] += 1
            names.setdefault(element, _name(olds[each.version_id], element))
    rows = [Place(names[element], counts, _target(element, new, mapping)) for element, counts in counted.items()]
    return sorted(rows, key=lambda row: (-sum(row.counts.values()), row.name))


def _target(element: str, new: Definition, mapping: Mapping[str, str]) -> str:
    place = mapping.get(element, element)
    return _name(new, place) if place in new.elements else ""


def gaps(fates: Sequence[Fate], olds: Mapping[int, Definition], new: Definition, mapping: Mapping[str, str]) -> list[Gap]:
    """What is gone and holds instances up, with elements of the same kind that could take its place; those already mapped too."""
    counted: Counter[str] = Counter()
    names, kinds = {}, {}
    for each in fates:
        old = olds[each.version_id]
        missing = {hurdle.element for hurdle in each.hurdles if hurdle.code == "gone"} | (mapping.keys() & set(each.places))
        for element in missing & old.elements.keys():
            counted[element] += 1
            names[element], kinds[element] = _name(old, element), old.elements[element].type
    return [
        Gap(PREFIX + element, names[element], count, mapping.get(element, ""), _candidates(new, kinds[element]))
        for element, count in counted.most_common()
    ]


def _candidates(new: Definition, kind: str) -> list[tuple[str, str]]:
    return [(each.id, _name(new, each.id)) for each in new.elements.values() if each.type == kind]


def notes(fates: Sequence[Fate], new: Definition, mapping: Mapping[str, str]) -> dict[str, str]:
    """How many instances stand, or would stand, at each element of the new version."""
    standing = Counter(mapping.get(element, element) for each in fates for element in each.places)
    return {element: str(count) for element, count in standing.items() if element in new.elements}


def reasons(hurdles: Sequence[Hurdle]) -> list[str]:
    """Why an instance stays, a sentence each."""
    return [render(each.message) for each in hurdles]


def _name(definition: Definition, element: str) -> str:
    found = definition.elements.get(element)
    return french(found.name) if found and found.name else element

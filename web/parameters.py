"""The settings of a draft on their page: what each is called, what it says, in words too, and where it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from authoring import constants
from authoring.drafts import Draft
from authoring.parameters import Parameter
from authoring.usage import Use
from feel.calendar import period
from feel.errors import FeelError
from web import timer_words
from web.drafting import named
from web.languages import gettext
from web.typography import french


@dataclass(frozen=True)
class Link:
    """A step or a decision that uses a setting."""

    name: str
    href: str


@dataclass(frozen=True)
class Row:
    """One setting. `said` is what its author wrote of it, else its name; `inside` the expression in which it stands."""

    key: str
    said: str
    name: str
    tag: str
    kind: str
    value: str
    words: str
    inside: str
    uses: tuple[Link, ...]
    error: str = ""


@dataclass(frozen=True)
class Section:
    """The settings of one decision, or those that a diagram holds itself."""

    title: str
    file: str
    href: str
    rows: tuple[Row, ...]


def sections(draft: Draft, found: Sequence[Parameter], given: Mapping[str, str], wrong: Mapping[str, str]) -> list[Section]:
    """The settings with the values that the page holds (`given`) and what is wrong with them."""
    groups: dict[tuple[int, str], list[Parameter]] = {}
    for each in found:
        home = each.group if draft.files[each.number - 1].kind == "decision" else ""
        groups.setdefault((each.number, home), []).append(each)
    return [_section(draft, number, home, each, given, wrong) for (number, home), each in groups.items()]


def mistakes(found: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the values that were given, by the keys of their settings."""
    said = {
        "number": gettext("Écrivez un nombre, par exemple 12 ou 12.5."),
        "duration": gettext("Écrivez une durée ISO 8601 : P15D pour quinze jours, P2M pour deux mois, PT6H pour six heures."),
        "date": gettext("Écrivez une date, par exemple 2026-03-31 ou 2026-03-31T18:00."),
        "cycle": gettext("Écrivez une répétition, par exemple R/P14D : tous les quatorze jours."),
        "truth": gettext("Choisissez oui ou non."),
        "text": gettext("Écrivez un texte."),
    }
    return {each.key: said[each.constant.kind] for each in found if not constants.fits(each.constant, given.get(each.key, each.value))}


def called(parameter: Parameter) -> str:
    """What people call a setting: what its author wrote of it, else its name at its place."""
    return french(parameter.note or _name(parameter))


def typed(parameter: Parameter, said: str) -> str:
    """A value as FEEL writes it: a number with a point."""
    said = said.strip()
    return said.replace(",", ".") if parameter.constant.kind == "number" else said


def _section(
    draft: Draft, number: int, home: str, found: Sequence[Parameter], given: Mapping[str, str], wrong: Mapping[str, str]
) -> Section:
    file = draft.files[number - 1]
    if file.kind == "decision":
        title, href = french(home), url_for("decision_tables.show", draft_id=draft.row.id, number=number)
    else:
        title, href = gettext("Écrits dans le dessin"), url_for("atelier.show", draft_id=draft.row.id, fichier=number)
    return Section(title, file.name, href, tuple(_row(draft, each, given, wrong) for each in found))


def _row(draft: Draft, parameter: Parameter, given: Mapping[str, str], wrong: Mapping[str, str]) -> Row:
    value = given.get(parameter.key, parameter.value)
    written = parameter.text.strip()
    inside = "" if written in (parameter.value, f'"{parameter.value}"') else " ".join(written.split())
    name = _name(parameter)
    return Row(
        key=parameter.key,
        said=called(parameter),
        name=name if parameter.note and name != parameter.note else "",
        tag=parameter.tag,
        kind=parameter.constant.kind,
        value=value,
        words=_words(parameter, value),
        inside=inside if len(inside) <= 200 else inside[:199] + "…",
        uses=tuple(_link(draft, each) for each in parameter.uses),
        error=wrong.get(parameter.key, ""),
    )


def _name(parameter: Parameter) -> str:
    """The name at its place; of one that a diagram holds, its element and what it is there."""
    kinds = {
        "timeDuration": gettext("durée"),
        "timeDate": gettext("date"),
        "timeCycle": gettext("répétition"),
        "dueIn": gettext("à faire dans"),
        "conditionExpression": gettext("condition"),
        "condition": gettext("condition"),
        "completionCondition": gettext("condition de fin"),
        "loopCardinality": gettext("nombre de fois"),
    }
    if parameter.name in kinds:
        return gettext("%(name)s : %(reason)s", name=parameter.group, reason=kinds[parameter.name])
    return (
        gettext("%(name)s, ligne %(row)s", name=parameter.name, row=parameter.row)
        if parameter.row and not parameter.note
        else parameter.name
    )


def _words(parameter: Parameter, value: str) -> str:
    if parameter.constant.kind not in ("duration", "cycle"):
        return ""
    try:
        return timer_words.often(value) if parameter.constant.kind == "cycle" else timer_words.length(period(value))
    except (FeelError, ValueError, OverflowError):
        return ""


def _link(draft: Draft, use: Use) -> Link:
    name = named(use.element_name, use.element_type, use.element_id)
    if draft.files[use.number - 1].kind == "decision":
        return Link(name, url_for("decision_tables.show", draft_id=draft.row.id, number=use.number))
    return Link(name, url_for("atelier.show", draft_id=draft.row.id, fichier=use.number, element=use.element_id))

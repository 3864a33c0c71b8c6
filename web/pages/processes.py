"""Published processes: the list with their health, and one process with its diagram, its people, its forms and its rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, g, request, url_for
from flask.typing import ResponseReturnValue

from authoring import drafts
from authoring.drafts import DraftRow
from engine import health, people, permissions, versions
from engine.checking.wording import where
from engine.health import Health
from engine.spiff.definition import Definition
from engine.versions import Published
from feel.problems import Problem
from forms.components import INPUTS, Form
from web import diagrams, outline, rules, telling
from web.languages import gettext, ngettext, render
from web.pages.gate import guard
from web.pages.starting import offers
from web.progress import Map
from web.rendering import page
from web.transactions import reading
from web.typography import french

blueprint = guard(Blueprint("catalogue", __name__))

MOST_DRAFTS = 50
"""Drafts that the list shows, the ones saved last."""


@dataclass(frozen=True)
class ProcessRow:
    """One line of the list."""

    key: str
    name: str
    version: int
    published_at: datetime
    published_by: str
    running: int
    overdue: int
    incidents: int
    callers: str = ""


@dataclass(frozen=True)
class DraftLine:
    """A draft in the list: how many lines of its import are left to decide, and whether it was published as it is."""

    id: str
    name: str
    saved_at: datetime
    saved_by: str
    todo: int
    is_published: bool


@dataclass(frozen=True)
class Doer:
    """Who does what: a group and its tasks."""

    name: str
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class FormRow:
    """A form: the steps that show it, its key, how much it asks."""

    name: str
    key: str
    say: str


@dataclass(frozen=True)
class Note:
    """Something to look at: where it lies, what it is, what to do."""

    where: str
    say: str
    remedy: str


@blueprint.get("/processus")
def listing() -> str:
    """All published processes."""
    with reading() as session:
        counts = health.by_process(session, now=g.now)
        published = versions.processes(session, limit=200).items
        definitions = [versions.definition(session, each.version_id) for each in published]
        may_draft = permissions.can(g.actor, "draft", None)
        unpublished = drafts.page(session, actor=g.actor, limit=MOST_DRAFTS).items if may_draft else ()
    callers = _callers(definitions)
    rows = [_row(each, counts.get(each.key, Health()), callers.get(each.key, "")) for each in published]
    # What people start comes before the parts that other processes call.
    rows.sort(key=lambda row: bool(row.callers))
    return page("processes/list.html", rows=rows, summary=_summary(rows), may_draft=may_draft, drafts=_drafts(unpublished))


@blueprint.get("/processus/<key>")
def show(key: str) -> str:
    """One version of a process, the newest unless `version` names another."""
    number = request.args.get("version", type=int)
    with reading() as session:
        chosen = versions.numbered(session, key, number) if number else versions.process(session, key)
        counts = health.by_process(session, now=g.now).get(key, Health())
        definition = versions.definition(session, chosen.version_id)
        steps = outline.steps(diagrams.content(session, chosen.version_id), key)
        every = versions.versions(session, key).items
        files = versions.files(session, chosen.version_id)
        groups = people.group_names(session)
        warnings = versions.warnings(session, chosen.version_id)
        called = {key for key in definition.calls if versions.newest(session, key) is not None}
    row = _row(chosen, counts)
    starts = [] if number and number != every[0].version else offers(g.actor, chosen, definition)
    return page(
        "processes/show.html",
        process=row,
        documentation=french(definition.documentation),
        map=Map(url_for("catalogue.diagram", key=key, number=chosen.version), row.name),
        lines=telling.tell(steps),
        called=called,
        notes=_notes(warnings),
        doers=_who(definition, groups),
        forms=_forms(definition),
        rules=rules.read(files, {each.properties.get("decisionKey", "") for each in definition.elements.values()}),
        versions=every,
        may_watch=permissions.can(g.actor, "inspect", None),
        may_migrate=permissions.can(g.actor, "migrate", None),
        starts=starts,
        may_draft=permissions.can(g.actor, "draft", None),
    )


@blueprint.get("/processus/<key>/<int:number>/schema.bpmn")
def diagram(key: str, number: int) -> ResponseReturnValue:
    """The diagram of a version, as it was published; it never changes."""
    with reading() as session:
        content = diagrams.content(session, versions.numbered(session, key, number).version_id)
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=86400, immutable"})


def _notes(problems: Iterable[Problem]) -> list[Note]:
    """What the author should look at, a line for each place."""
    return [Note(_sentence(render(where(each))), render(each.message), render(each.remedy) if each.remedy else "") for each in problems]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _callers(definitions: Sequence[Definition]) -> dict[str, str]:
    """The names of the processes that call each process."""
    found: dict[str, list[str]] = {}
    for each in definitions:
        for key in each.calls:
            if key != each.key:
                found.setdefault(key, []).append(french(each.name or each.key))
    return {key: ", ".join(sorted(set(names))) for key, names in found.items()}


def _row(published: Published, counts: Health, callers: str = "") -> ProcessRow:
    return ProcessRow(
        published.key,
        french(published.name),
        published.version,
        published.published_at,
        published.published_by if published.published_by != "system" else "",
        counts.running,
        counts.overdue,
        counts.incidents,
        callers,
    )


def _drafts(found: Sequence[DraftRow]) -> list[DraftLine]:
    return [
        DraftLine(
            str(each.id),
            french(each.name),
            each.saved_at,
            each.saved_by,
            sum(1 for row in each.report if row.severity == "todo"),
            each.published_at is not None,
        )
        for each in found
    ]


def _summary(rows: list[ProcessRow]) -> str:
    running, overdue, stuck = (sum(getattr(row, name) for row in rows) for name in ("running", "overdue", "incidents"))
    parts = (
        ngettext("%(num)s processus publié", "%(num)s processus publiés", len(rows)),
        ngettext("%(num)s dossier en cours", "%(num)s dossiers en cours", running),
        ngettext("%(num)s tâche en retard", "%(num)s tâches en retard", overdue),
        ngettext("%(num)s étape bloquée", "%(num)s étapes bloquées", stuck),
    )
    return gettext("%(first)s. %(rest)s.", first=parts[0], rest=", ".join(parts[1:]))


def _who(definition: Definition, groups: Mapping[str, str]) -> list[Doer]:
    """The groups of people, each with the tasks that are offered to it."""
    found: dict[str, list[str]] = {}
    for element in definition.elements.values():
        if element.type in ("userTask", "manualTask") and element.name:
            named = element.properties.get("candidateGroups") or element.lane_group or ""
            for key in filter(None, (each.strip() for each in named.split(","))):
                found.setdefault(french(groups.get(key, key)), []).append(french(element.name))
    return [Doer(name, tuple(dict.fromkeys(tasks))) for name, tasks in sorted(found.items())]


def _forms(definition: Definition) -> list[FormRow]:
    """The forms, each named by the steps that show it."""
    steps: dict[str, list[str]] = {}
    for element_id, key in definition.form_keys.items():
        steps.setdefault(key, []).append(french(definition.elements[element_id].name))
    for start in definition.starts:
        if start.form_key:
            steps.setdefault(start.form_key, []).append(french(definition.elements[start.element_id].name))
    return [
        FormRow(", ".join(dict.fromkeys(steps[key])), key, _questions(form))
        for key, form in definition.forms.items()
        if isinstance(form, Form) and key in steps
    ]


def _questions(form: Form) -> str:
    asked = [component for component in form.walk() if component.type in INPUTS and component.type != "expression"]
    return ngettext("%(num)s question", "%(num)s questions", len(asked))

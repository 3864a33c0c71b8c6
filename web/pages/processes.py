"""Published processes: the list with their health, and one process with its diagram, its people, its forms and its rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, g, request, url_for
from flask.typing import ResponseReturnValue

from engine import health, versions
from engine.health import Health
from engine.versions import Published
from forms.components import INPUTS, Form
from web import diagrams, outline, rules, telling
from web.languages import gettext, ngettext
from web.outline import Step
from web.pages.gate import guard
from web.pages.starting import offers
from web.progress import Map
from web.rendering import page
from web.transactions import reading
from web.typography import french

blueprint = guard(Blueprint("catalogue", __name__))


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


@dataclass(frozen=True)
class Lane:
    """Who does what: a lane and its tasks."""

    name: str
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class FormRow:
    """A form, and what it asks in a few words."""

    name: str
    say: str


@blueprint.get("/processus")
def listing() -> str:
    """All published processes."""
    with reading() as session:
        counts = health.by_process(session, now=g.now)
        rows = [_row(each, counts.get(each.key, Health())) for each in versions.processes(session, limit=200).items]
    return page("processes/list.html", rows=rows, summary=_summary(rows))


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
    row = _row(chosen, counts)
    starts = [] if number and number != every[0].version else offers(g.actor, chosen, definition)
    return page(
        "processes/show.html",
        process=row,
        documentation=french(definition.documentation),
        map=Map(url_for("catalogue.diagram", key=key, number=chosen.version), row.name),
        lines=telling.tell(steps),
        lanes=_lanes(steps),
        forms=[_form(form) for form in definition.forms.values() if isinstance(form, Form)],
        rules=rules.read(files, {each.properties.get("decisionKey", "") for each in definition.elements.values()}),
        versions=every,
        starts=starts,
    )


@blueprint.get("/processus/<key>/<int:number>/schema.bpmn")
def diagram(key: str, number: int) -> ResponseReturnValue:
    """The diagram of a version, as it was published; it never changes."""
    with reading() as session:
        content = diagrams.content(session, versions.numbered(session, key, number).version_id)
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=86400, immutable"})


def _row(published: Published, counts: Health) -> ProcessRow:
    return ProcessRow(
        published.key,
        french(published.name),
        published.version,
        published.published_at,
        published.published_by,
        counts.running,
        counts.overdue,
        counts.incidents,
    )


def _summary(rows: list[ProcessRow]) -> str:
    running, overdue, stuck = (sum(getattr(row, name) for row in rows) for name in ("running", "overdue", "incidents"))
    parts = (
        ngettext("%(num)s processus publié", "%(num)s processus publiés", len(rows)),
        ngettext("%(num)s dossier en cours", "%(num)s dossiers en cours", running),
        ngettext("%(num)s tâche en retard", "%(num)s tâches en retard", overdue),
        ngettext("%(num)s étape bloquée", "%(num)s étapes bloquées", stuck),
    )
    return gettext("%(first)s. %(rest)s.", first=parts[0], rest=", ".join(parts[1:]))


def _lanes(steps: tuple[Step, ...]) -> list[Lane]:
    found: dict[str, list[str]] = {}
    for step in outline.walk(steps):
        if step.lane:
            tasks = found.setdefault(step.lane, [])
            tasks += [step.name] if step.type in ("userTask", "manualTask") and step.name else []
    return [Lane(name, tuple(tasks)) for name, tasks in found.items()]


def _form(form: Form) -> FormRow:
    asked = [component for component in form.walk() if component.type in INPUTS and component.type != "expression"]
    return FormRow(french(form.title or form.key), ngettext("%(num)s question", "%(num)s questions", len(asked)))



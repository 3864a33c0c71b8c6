"""Cases: the list, one case with all that concerns it, and stopping it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import documents, health, instances, passages, people, permissions, versions
from engine.incidents import IncidentRow
from engine.instances import InstanceRow, InstanceView
from engine.tasklist import TaskRow
from feel import wire
from web import cases, listing, timeline
from web.cases import State
from web.dates import moment
from web.languages import gettext, ngettext
from web.pages.gate import guard
from web.rendering import page
from web.transactions import reading, transaction
from web.typography import french

blueprint = guard(Blueprint("cases", __name__))

STATES = ("running", "completed", "failed", "cancelled")
RECENT = 12
REASON_LENGTH = 500


@dataclass(frozen=True)
class CaseRow:
    """One line of the list."""

    id: str
    key: str
    title: str
    process_name: str
    state: State
    awaited: str
    incidents: int
    created_at: datetime


@dataclass(frozen=True)
class Stuck:
    """An incident of this case."""

    id: str
    name: str
    message: object
    at: datetime


@dataclass(frozen=True)
class Related:
    """Another case that has to do with this one."""

    id: str
    title: str
    say: str


@dataclass(frozen=True)
class May:
    """What this person may do with the case."""

    retry: bool
    cancel: bool


@blueprint.get("/dossiers", endpoint="listing")
def list_cases() -> str:
    """The cases that this person may see."""
    filters = listing.chosen("q", "processus", "etat")
    with reading() as session:
        found = instances.page(
            session,
            g.actor,
            process=filters["processus"] or None,
            state=filters["etat"] if filters["etat"] in STATES else None,
            q=filters["q"] or None,
            cursor=request.args.get("suite") or None,
            roots=_roots_alone(filters),
            limit=listing.PER_PAGE,
        )
        groups = people.group_names(session)
        numbers = [int(each.id) for each in found.items]
        waiting, stuck = health.awaited(session, numbers), health.stuck(session, numbers)
        rows = [_row(each, waiting.get(int(each.id), []), stuck.get(int(each.id), 0), groups) for each in found.items]
        processes = [(each.key, french(each.name)) for each in versions.processes(session, limit=200).items]
    first, following = listing.pages("cases.listing", filters, found.cursor)
    return page(
        "instances/list.html",
        filters=filters,
        roots=_roots_alone(filters),
        rows=rows,
        processes=processes,
        states=[(each, cases.state(each).text) for each in STATES],
        chips=listing.chips("cases.listing", filters, _said(filters, dict(processes))),
        shown=ngettext("%(num)s dossier ici", "%(num)s dossiers ici", len(rows)),
        first_page=first,
        next_page=following,
    )


@blueprint.get("/dossiers/<instance_id>")
def show(instance_id: str) -> str:
    """One case."""
    return _show(instance_id, "")


@blueprint.post("/dossiers/<instance_id>/arreter")
def cancel(instance_id: str) -> ResponseReturnValue:
    """Stop a case for good; the reason stays in its history."""
    reason = request.form.get("reason", "").strip()[:REASON_LENGTH]
    if not reason:
        return _show(instance_id, gettext("Écrivez pourquoi le dossier s’arrête")), 422
    with transaction() as session:
        instances.cancel(session, instance_id, reason, actor=g.actor, now=g.now)
    flash(gettext("Le dossier est arrêté."), "good")
    return redirect(url_for("cases.show", instance_id=instance_id))


def _show(instance_id: str, cancel_error: str) -> str:
    with reading() as session:
        view = instances.find(session, instance_id, g.actor)
        groups = people.group_names(session)
        names = cases.names(session, view)
        events = passages.latest(session, int(view.id), timeline.SENTENCES, limit=RECENT * 3)
        told = timeline.entries(events, names, g.now)
        context = {
            "case": cases.case(view),
            "waits": cases.waits(session, view, groups),
            "progress": cases.read_progress(session, view, groups),
            "facts": cases.facts(session, view),
            "documents": documents.of_instance(session, int(view.id)),
            "related": _related(session, view),
        }
    may = _may(view)
    return page(
        "instances/show.html",
        **context,
        incidents=[_stuck(each, names) for each in view.incidents],
        events=told[:RECENT],
        more_events=len(told) > RECENT or len(events) == RECENT * 3,
        variables=_variables(view) if permissions.can(g.actor, "inspect", None) else None,
        messages=view.waits if permissions.can(g.actor, "inspect", None) else (),
        deadlines=[(names[each.element_id], each.due) for each in view.timers if names.get(each.element_id)],
        may=may,
        cancel_error=cancel_error,
    )


def _roots_alone(filters: Mapping[str, str]) -> bool:
    """Who sees every case finds those that another one opened in that one, or by filtering; others have a part in them alone."""
    return permissions.can(g.actor, "see", None) and not (filters["processus"] or filters["q"])


def _row(row: InstanceRow, open_tasks: Sequence[TaskRow], stuck: int, groups: Mapping[str, str]) -> CaseRow:
    case = cases.case(row)
    awaited = [french(each.name) + " – " + cases.who(each, groups) for each in open_tasks]
    said = awaited[0] if awaited else gettext("Personne : il suit son parcours") if case.running else ""
    if len(awaited) > 1:
        said = ngettext("%(first)s, et une autre tâche", "%(first)s, et %(num)s autres tâches", len(awaited) - 1, first=said)
    return CaseRow(case.id, case.key, case.title, case.process_name, case.state, said, stuck, case.created_at)


def _said(filters: Mapping[str, str], processes: Mapping[str, str]) -> dict[str, str]:
    return {
        "q": gettext("Texte : %(value)s", value=filters["q"]),
        "processus": gettext("Processus : %(value)s", value=processes.get(filters["processus"], filters["processus"])),
        "etat": gettext("État : %(value)s", value=cases.state(filters["etat"]).text),
    }


def _stuck(incident: IncidentRow, names: Mapping[str, str]) -> Stuck:
    name = names.get(incident.element_id) or incident.element_id
    return Stuck(incident.id, name, incident.message, incident.opened_at)


def _may(view: InstanceView) -> May:
    steer = permissions.can(g.actor, "steer", None)
    return May(retry=steer, cancel=steer and view.state == "running" and view.parent_id is None)


def _related(session: Session, view: InstanceView) -> list[Related]:
    found = []
    if view.parent_id:
        parent = instances.view(session, int(view.parent_id))
        found.append(_tie(parent, gettext("a ouvert ce dossier")))
    for each in instances.children(session, int(view.id)):
        found.append(_tie(each, gettext("ouvert par ce dossier %(when)s", when=moment(each.created_at, g.now))))
    return found


def _tie(row: InstanceRow, tie: str) -> Related:
    case = cases.case(row)
    return Related(case.id, case.title, f"{case.process_name}, {tie}, {case.state.text.lower()}")


def _variables(view: InstanceView) -> list[tuple[str, str]]:
    return [
        (name, wire.dump(value, indent=True).decode()) for name, value in sorted(view.variables.items())
    ]

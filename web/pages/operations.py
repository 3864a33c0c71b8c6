"""For operators: steps that are stuck, with the reason, and trying them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import incidents, instances
from engine.incidents import IncidentRow
from engine.instances import InstanceRow
from feel.text import Text
from web import cases, listing
from web.languages import gettext, ngettext
from web.pages.gate import guard, require_role
from web.pages.preferences import local_path
from web.rendering import page
from web.transactions import reading, transaction
from web.typography import french

blueprint = guard(Blueprint("operations", __name__))


@dataclass(frozen=True)
class StuckRow:
    """One line of the list."""

    id: str
    instance_id: str
    case: str
    name: str
    process_name: str
    message: Text
    code: str
    at: datetime


@blueprint.get("/exploitation", endpoint="incidents")
def list_incidents() -> str:
    """The open incidents."""
    require_role("operator")
    with reading() as session:
        found = incidents.page(session, g.actor, cursor=request.args.get("suite") or None, limit=listing.PER_PAGE)
        known = instances.rows(session, [int(each.instance_id) for each in found.items])
        rows = [_row(session, each, known[int(each.instance_id)]) for each in found.items]
    first, following = listing.pages("operations.incidents", {}, found.cursor)
    return page(
        "operations/incidents.html",
        rows=rows,
        shown=ngettext("%(num)s étape bloquée ici", "%(num)s étapes bloquées ici", len(rows)),
        first_page=first,
        next_page=following,
    )


@blueprint.post("/exploitation/<incident_id>/reessayer")
def retry(incident_id: str) -> ResponseReturnValue:
    """Try a step again, and say whether it passed."""
    with transaction() as session:
        instance_id = incidents.retry(session, incident_id, actor=g.actor, now=g.now)
        stuck = incidents.of_instance(session, instance_id)
    if stuck:
        flash(gettext("L’étape a été relancée. Il reste une étape bloquée dans ce dossier."), "late")
    else:
        flash(gettext("L’étape a été relancée."), "good")
    back = local_path(request.form.get("next", ""))
    return redirect(back if back != "/" else url_for("operations.incidents"))


def _row(session: Session, incident: IncidentRow, case: InstanceRow) -> StuckRow:
    name = cases.names(session, case).get(incident.element_id) or incident.element_id
    return StuckRow(
        incident.id,
        incident.instance_id,
        french(case.title),
        name,
        french(case.process_name),
        incident.message,
        incident.code,
        incident.opened_at,
    )

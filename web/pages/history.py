"""The whole history of a case, page by page, newest first."""

from __future__ import annotations

from flask import Blueprint, g, request, url_for

from engine import instances, passages
from web import cases, timeline
from web.pages.gate import guard
from web.rendering import page
from web.transactions import reading

blueprint = guard(Blueprint("history", __name__))

PER_PAGE = 100


@blueprint.get("/dossiers/<instance_id>/historique")
def show(instance_id: str) -> str:
    """What happened; `avant` is the place in the history to go back from."""
    before = request.args.get("avant", type=int)
    with reading() as session:
        view = instances.find(session, instance_id, g.actor)
        names = cases.names(session, view)
        events = passages.latest(session, int(view.id), timeline.SENTENCES, before=before, limit=PER_PAGE)
    more = events[-1].seq if len(events) == PER_PAGE else None
    return page(
        "instances/history.html",
        case=cases.case(view),
        events=timeline.entries(events, names, g.now),
        next_page=url_for("history.show", instance_id=instance_id, avant=more) if more else None,
    )

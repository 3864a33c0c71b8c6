"""Before a publication: what changes and for whom, then the button; and going back to an earlier version the same way."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue

from authoring import drafts, trials
from authoring import review as reviews
from authoring.review import Review
from engine import permissions, versions
from engine.bundle import File
from engine.errors import Refused
from web import review
from web.languages import gettext, ngettext, render
from web.pages.gate import guard, require_role
from web.rendering import page
from web.transactions import reading, transaction
from webhooks.connectors.registry import ACCEPTED

blueprint = guard(Blueprint("publication", __name__))


@blueprint.get("/brouillons/<draft_id>/publication")
def show(draft_id: str) -> str:
    """What publishing a draft would change."""
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
        found = reviews.review(session, draft.files, connectors=ACCEPTED, actor=g.actor, now=g.now)
        red = trials.problems(session, draft.row.id, draft.row.revision, draft.files)
    urls = {
        file.name: url_for("authoring.diagram", draft_id=draft.row.id, revision=draft.row.revision, number=number)
        for number, file in enumerate(draft.files, 1)
        if file.kind == "diagram"
    }
    return page(
        "publication/draft.html",
        draft=draft.row,
        view=review.View(found, draft.files, urls),
        sentence=review.sentence,
        red=[render(each.message) for each in red],
        may_override=permissions.can(g.actor, "override", None),
    )


@blueprint.get("/processus/<key>/versions/<int:number>/retablir")
def ask(key: str, number: int) -> str:
    """What going back to a version would change."""
    require_role("owner")
    return _restoring(key, number)


@blueprint.post("/processus/<key>/versions/<int:number>/retablir")
def restore(key: str, number: int) -> ResponseReturnValue:
    """Publish an earlier version again, as a new one."""
    try:
        with transaction() as session:
            made = reviews.publish_again(session, key, number, connectors=ACCEPTED, actor=g.actor, now=g.now).processes
    except Refused:
        return _restoring(key, number), 422
    fresh = [each for each in made if each.new]
    if not fresh:
        flash(gettext("Cette version est déjà la dernière : rien n’a changé."), "late")
    else:
        told = ngettext(
            "%(num)s processus est revenu à la version choisie.", "%(num)s processus sont revenus à la version choisie.", len(fresh)
        )
        flash(told, "good")
    return redirect(url_for("catalogue.show", key=key))


def _restoring(key: str, number: int) -> str:
    with reading() as session:
        chosen = versions.numbered(session, key, number)
        files: Sequence[File] = versions.files(session, chosen.version_id)
        found: Review = reviews.review(session, files, connectors=ACCEPTED, actor=g.actor, now=g.now)
        newest = versions.process(session, key)
    home = next(iter(each.name for each in files if each.kind == "diagram" and f'id="{key}"'.encode() in each.content), "")
    urls = {home: url_for("catalogue.diagram", key=key, number=number)}
    return page("publication/version.html", chosen=chosen, newest=newest, view=review.View(found, files, urls), sentence=review.sentence)

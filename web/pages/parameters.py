"""The settings of a draft on one page: weights, thresholds, deadlines and dates, changed without opening a table or a diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from authoring import drafts, parameters
from authoring.drafts import Draft
from authoring.parameters import Parameter
from engine.errors import Conflict
from web import parameters as shown
from web.languages import gettext, ngettext
from web.pages.gate import guard
from web.rendering import page
from web.transactions import reading, transaction

blueprint = guard(Blueprint("parameters", __name__))


@blueprint.get("/brouillons/<draft_id>/reglages")
def show(draft_id: str) -> str:
    """Every setting with where it is used."""
    draft = _find(draft_id)
    return _page(draft, parameters.find(draft.files), {}, {})


@blueprint.post("/brouillons/<draft_id>/reglages")
def save(draft_id: str) -> ResponseReturnValue:
    """Write the values that changed into the draft; nothing as long as one of them does not fit."""
    draft = _find(draft_id)
    if draft.row.revision != request.form.get("revision", type=int):
        raise Conflict(drafts.STALE)
    found = parameters.find(draft.files)
    given = {each.key: shown.typed(each, request.form[each.key]) for each in found if each.key in request.form}
    wrong = shown.mistakes(found, given)
    if wrong:
        return _page(draft, found, given, wrong), 422
    changed = parameters.change(draft.files, given)
    with transaction() as session:
        for step, (number, content) in enumerate(sorted(changed.items())):
            drafts.write(session, draft_id, number, content, expected=draft.row.revision + step, actor=g.actor, now=g.now)
    many = sum(given.get(each.key, each.value) != each.value for each in found)
    if many:
        flash(
            ngettext("%(num)s réglage est enregistré dans le brouillon.", "%(num)s réglages sont enregistrés dans le brouillon.", many),
            "good",
        )
    else:
        flash(gettext("Rien n’a changé."), "good")
    return redirect(url_for("parameters.show", draft_id=draft_id))


def _find(draft_id: str) -> Draft:
    with reading() as session:
        return drafts.find(session, draft_id, actor=g.actor)


def _page(draft: Draft, found: Sequence[Parameter], given: Mapping[str, str], wrong: Mapping[str, str]) -> str:
    names = {each.key: shown.called(each) for each in found}
    return page(
        "parameters/show.html",
        draft=draft.row,
        sections=shown.sections(draft, found, given, wrong),
        total=len(found),
        errors=[(key, gettext("%(name)s : %(reason)s", name=names[key], reason=reason)) for key, reason in wrong.items()],
    )

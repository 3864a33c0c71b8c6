"""Decision tables of a draft: cells changed, rows added and removed, values tried, all before anything is saved."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from authoring import decision_tables as tables_of
from authoring import drafts
from authoring.decision_tables import EditableTable
from authoring.drafts import Draft
from engine.bundle import File
from engine.errors import Conflict, NotFound
from feel.dmn.errors import DmnError
from feel.dmn.model import read as read_model
from web import decision_editing
from web.decision_editing import Answer
from web.languages import gettext
from web.pages.gate import guard
from web.rendering import page
from web.transactions import reading, transaction

blueprint = guard(Blueprint("decision_tables", __name__))


@blueprint.get("/brouillons/<draft_id>/decisions/<int:number>")
def show(draft_id: str, number: int) -> ResponseReturnValue:
    """The tables of one file."""
    draft, file = _find(draft_id, number)
    return _page(draft, number, file, _tables(file))


@blueprint.post("/brouillons/<draft_id>/decisions/<int:number>")
def change(draft_id: str, number: int) -> ResponseReturnValue:
    """Save the cells; or add a row, remove one or try values, which saves nothing."""
    draft, file = _find(draft_id, number)
    expected = request.form.get("revision", type=int)
    if draft.row.revision != expected:
        raise Conflict(drafts.STALE)
    action = request.form.get("action", "save")
    tables = decision_editing.pressed(decision_editing.posted(_tables(file), request.form), action)
    content = decision_editing.content_of(file.content, tables)
    if action.startswith("try:"):
        answer = decision_editing.try_values(content, action.removeprefix("try:"), request.form, g.now)
        return _page(draft, number, file, tables, answer)
    if action != "save":
        return _page(draft, number, file, tables)
    with transaction() as session:
        drafts.write(session, draft_id, number, content, expected=expected, actor=g.actor, now=g.now)
    flash(gettext("La décision est enregistrée dans le brouillon."), "good")
    return redirect(url_for("decision_tables.show", draft_id=draft_id, number=number))


def _find(draft_id: str, number: int) -> tuple[Draft, File]:
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    if not 1 <= number <= len(draft.files) or draft.files[number - 1].kind != "decision":
        raise NotFound
    return draft, draft.files[number - 1]


def _tables(file: File) -> tuple[EditableTable, ...]:
    try:
        return tables_of.read(file.content)
    except DmnError:
        return ()


def _page(draft: Draft, number: int, file: File, tables: tuple[EditableTable, ...], answer: Answer | None = None) -> str:
    content = decision_editing.content_of(file.content, tables)
    try:
        model = read_model(content, strict=False)
        asked = {each: decision_editing.asked(model, each, request.form) for each in model.decisions}
        names = {each.id: each.name for each in model.decisions.values()}
    except DmnError:
        asked, names = {}, {}
    is_saved = content == draft.files[number - 1].content
    return page(
        "decisions/show.html",
        draft=draft.row,
        number=number,
        file=file,
        tables=tables,
        asked=asked,
        names=names,
        answer=answer,
        is_saved=is_saved,
    )

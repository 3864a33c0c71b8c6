"""Forms of a draft: questions added, set, moved and removed beside the page that people will see, all before anything is saved."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson
from flask import Blueprint, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from authoring import drafts, usage
from authoring import form_schemas as schemas
from authoring.drafts import Draft
from authoring.form_schemas import Place, Schema
from engine.bundle import Bundle, File
from engine.errors import Conflict, NotFound
from web import answering, form_editing, form_fields
from web.drafting import named
from web.form_editing import Preview
from web.languages import gettext
from web.pages.gate import guard
from web.rendering import page
from web.transactions import reading, transaction

blueprint = guard(Blueprint("form_editor", __name__))

NAME = re.compile(r"[a-z][a-z0-9_]{0,80}", re.ASCII)
CHANGING = frozenset({"add", "up", "down", "remove", "into", "row"})


@dataclass
class Edited:
    """A form while it is edited: its file in the draft, its JSON as the page holds it, the component that is chosen."""

    draft: Draft
    number: int
    file: File
    schema: Schema
    place: Place = ()

    @property
    def is_saved(self) -> bool:
        """Whether the draft says the same."""
        return schemas.write(self.file.content, self.schema) == self.file.content


@blueprint.get("/brouillons/<draft_id>/formulaires/<int:number>")
def show(draft_id: str, number: int) -> str:
    """The editor on one form."""
    draft, file = _find(draft_id, number)
    return _page(Edited(draft, number, file, schemas.read(file.content), form_editing.place_of(request.args.get("question", ""))))


@blueprint.post("/brouillons/<draft_id>/formulaires/<int:number>")
def change(draft_id: str, number: int) -> ResponseReturnValue:
    """Save the form; or change its structure, choose a question, or check the answers of the preview, which saves nothing."""
    edited = _posted(draft_id, number)
    action = request.form.get("_faire", "")
    if action == "save":
        return _save(edited)
    edited.place = form_editing.press(edited.schema, edited.place, action, request.form, form_fields.names())
    return _page(edited, action.partition(":")[0])


@blueprint.post("/brouillons/<draft_id>/formulaires/<int:number>/apercu")
def live(draft_id: str, number: int) -> ResponseReturnValue:
    """The list of questions and the preview while somebody types; nothing is kept."""
    edited = _posted(draft_id, number)
    seen = form_editing.preview(edited.schema, request.form, verify=False, now=g.now)
    parts = {name: page(f"forms/{name}.html", **_context(edited, seen)) for name in ("questions", "apercu")}
    return jsonify(answering.live(seen.shown, saved=False) | {"parts": parts})


@blueprint.post("/brouillons/<draft_id>/formulaires")
def create(draft_id: str) -> ResponseReturnValue:
    """A form that asks nothing yet."""
    key, expected = request.form.get("nom", "").strip(), request.form.get("revision", type=int)
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    if not NAME.fullmatch(key) or key in Bundle(draft.files).forms:
        wrong = gettext("Donnez un nom qui n’est pas pris, en minuscules, sans espace ni accent : avis_jury.")
        flash(wrong, "bad")
        return redirect(url_for("authoring.show", draft_id=draft_id))
    with transaction() as session:
        made = drafts.put(
            session, draft_id, File("form", f"{key}.form", schemas.new(key)), expected=expected or 0, actor=g.actor, now=g.now
        )
    return redirect(url_for("form_editor.show", draft_id=draft_id, number=len(made.files)))


@blueprint.post("/brouillons/<draft_id>/formulaires/<int:number>/supprimer")
def remove(draft_id: str, number: int) -> ResponseReturnValue:
    """Take the form out of the draft."""
    _find(draft_id, number)
    expected = request.form.get("revision", type=int)
    with transaction() as session:
        drafts.take_out(session, draft_id, number, expected=expected or 0, actor=g.actor, now=g.now)
    flash(gettext("Le formulaire est retiré du brouillon."), "good")
    return redirect(url_for("authoring.show", draft_id=draft_id))


def _find(draft_id: str, number: int) -> tuple[Draft, File]:
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    if not 1 <= number <= len(draft.files) or draft.files[number - 1].kind != "form":
        raise NotFound
    return draft, draft.files[number - 1]


def _posted(draft_id: str, number: int) -> Edited:
    """What the page holds: its form, with what was typed about the question that it shows."""
    draft, file = _find(draft_id, number)
    if draft.row.revision != request.form.get("_revision", type=int):
        raise Conflict(drafts.STALE)
    schema, place = schemas.read(request.form.get("_schema", "")), form_editing.place_of(request.form.get("_choisi", ""))
    form_editing.apply(schema, place, request.form)
    return Edited(draft, number, file, schema, place)


def _save(edited: Edited) -> ResponseReturnValue:
    content = schemas.write(edited.file.content, edited.schema)
    with transaction() as session:
        drafts.write(session, edited.draft.row.id, edited.number, content, expected=edited.draft.row.revision, actor=g.actor, now=g.now)
    flash(gettext("Le formulaire est enregistré dans le brouillon."), "good")
    return redirect(url_for("form_editor.show", draft_id=edited.draft.row.id, number=edited.number, question=_said(edited.place) or None))


def _page(edited: Edited, action: str = "show") -> str:
    seen = form_editing.preview(edited.schema, request.form, verify=action == "", now=g.now)
    return page("forms/edit.html", **_context(edited, seen), action=action, changed=action in CHANGING)


def _context(edited: Edited, seen: Preview) -> dict[str, object]:
    component = schemas.at(edited.schema, edited.place)
    if component is None:
        edited.place, component = (), edited.schema
    names = form_fields.names()
    key = str(edited.schema.get("id") or "")
    return {
        "draft": edited.draft.row,
        "number": edited.number,
        "file": edited.file,
        "key": key,
        "title": edited.schema.get("title") or key,
        "schema": orjson.dumps(edited.schema).decode(),
        "is_saved": edited.is_saved,
        "place": _said(edited.place),
        "component": component,
        "kind": names.get(str(component.get("type")), "") if edited.place else gettext("Le formulaire"),
        "label": form_editing.label_of(component),
        "sheet": form_editing.sheet_of(component, edited.place),
        "names": names,
        "lines": form_editing.lines(edited.schema, edited.place, seen.problems),
        "homes": _homes(edited),
        "seen": seen,
        "uses": [
            (each, named(each.element_name, each.element_type, each.element_id)) for each in usage.of(edited.draft.files, "formKey", key)
        ],
        "editing": form_editing,
    }


def _homes(edited: Edited) -> list[tuple[str, str]]:
    """The containers that the chosen component could move into."""
    if not edited.place:
        return []
    found = [("", gettext("au premier niveau"))] if len(edited.place) > 1 else []
    for place, each in schemas.walk(edited.schema):
        if each.get("type") in ("group", "dynamiclist") and place[: len(edited.place)] != edited.place and place != edited.place[:-1]:
            found.append((_said(place), form_editing.label_of(each)))
    return found


def _said(place: Place) -> str:
    return ".".join(map(str, place))

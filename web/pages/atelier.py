"""The modeler of a draft: the page, saving one file against the revision it was read from, and timers in plain words."""

from __future__ import annotations

import re

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from authoring import drafts
from authoring.drafts import Draft
from engine.bundle import Bundle, File
from engine.errors import Conflict, NotFound
from feel import entries as feel_entries
from feel.problems import Problem
from feel.text import text
from web import atelier, panel, step_kinds, timer_words
from web.dates import hour
from web.errors import RequestRefused
from web.pages.gate import guard
from web.rendering import page
from web.transactions import reading, transaction
from webhooks.connectors.registry import ACCEPTED

blueprint = guard(Blueprint("atelier", __name__))

LONGEST_QUERY = 2_000
LONGEST_CONTEXT = 8_000


@blueprint.post("/processus/<key>/modifier")
def modify(key: str) -> ResponseReturnValue:
    """A draft of the newest version, or of the one that `version` names, and the modeler on its diagram."""
    with transaction() as session:
        made = drafts.open_published(session, key, number=request.form.get("version", type=int), actor=g.actor, now=g.now)
    return redirect(url_for("atelier.show", draft_id=made.row.id, processus=key))


@blueprint.get("/brouillons/<draft_id>/atelier")
def show(draft_id: str) -> str:
    """The modeler on one diagram of a draft: the one that `fichier` numbers, else that of `processus`, else the first."""
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
        problems = drafts.problems(session, draft, connectors=ACCEPTED, now=g.now)
        choices = panel.choices(session, draft.files)
    number = _number(draft)
    data = {
        "number": number,
        "revision": draft.row.revision,
        "fields": panel.fields(),
        "choices": choices,
        "inputs": panel.inputs(),
        "kinds": step_kinds.kinds(),
        "links": _links(draft),
        "chosen": request.args.get("element", ""),
        "marks": _view(draft, number, problems).marks,
    }
    numbered = list(enumerate(draft.files, 1))
    files = {kind: [(each, file.name) for each, file in numbered if file.kind == kind] for kind in ("diagram", "form", "decision")}
    return page("atelier/show.html", draft=draft.row, view=_view(draft, number, problems), number=number, files=files, data=data)


@blueprint.put("/brouillons/<draft_id>/fichiers/<int:number>")
def save(draft_id: str, number: int) -> ResponseReturnValue:
    """Save one file. `If-Match` names the revision that the author sees: 412 when somebody else saved meanwhile (RFC 9110, 13.1.1)."""
    content, expected = request.get_data(), _expected()
    try:
        with transaction() as session:
            draft = drafts.write(session, draft_id, number, content, expected=expected, actor=g.actor, now=g.now)
            problems = drafts.problems(session, draft, connectors=ACCEPTED, now=g.now)
    except Conflict as conflict:
        raise RequestRefused(412, conflict.text) from conflict
    return _saved(draft, number, problems)


@blueprint.get("/atelier/minuterie")
def timer() -> ResponseReturnValue:
    """A timer in plain words: `genre` is BPMN's name of its kind, `texte` what the diagram says."""
    source = request.args.get("texte", "")[: LONGEST_QUERY + 1]
    return jsonify(say=timer_words.tell(request.args.get("genre", ""), source, g.now))


@blueprint.get("/atelier/entrees")
def entries() -> ResponseReturnValue:
    """The entries of the context literal `texte`, each as its key and its FEEL; null when it is written in another way."""
    source = request.args.get("texte", "")
    return jsonify(entries=feel_entries.split(source) if len(source) <= LONGEST_CONTEXT else None)


def _saved(draft: Draft, number: int, problems: list[Problem]) -> Response:
    if draft.files[number - 1].kind != "diagram":
        answer = jsonify(revision=draft.row.revision, hour=hour(g.now))
    else:
        view = _view(draft, number, problems)
        answer = jsonify(
            revision=draft.row.revision,
            hour=hour(g.now),
            marks=view.marks,
            parts={"problemes": page("atelier/problems.html", view=view), "parcours": page("atelier/outline.html", view=view)},
        )
    answer.set_etag(str(draft.row.revision))
    return answer


def _links(draft: Draft) -> dict[str, dict[str, str]]:
    """Where forms and decisions are edited, by their keys."""
    found: dict[str, dict[str, str]] = {"forms": {}, "decisions": {}}
    for number, file in enumerate(draft.files, 1):
        bundle = Bundle([file] if file.kind in ("form", "decision") else [])
        found["forms"] |= {key: url_for("form_editor.show", draft_id=draft.row.id, number=number) for key in bundle.forms}
        found["decisions"] |= {key: url_for("decision_tables.show", draft_id=draft.row.id, number=number) for key in bundle.decisions}
    return found


def _view(draft: Draft, number: int, problems: list[Problem]) -> atelier.View:
    return atelier.View(draft, draft.files[number - 1], problems)


def _number(draft: Draft) -> int:
    """Which diagram to open, counted from 1 among the files. Raises NotFound: there is none."""
    diagrams = {number: file for number, file in enumerate(draft.files, 1) if file.kind == "diagram"}
    asked = request.args.get("fichier", type=int)
    if asked is not None:
        if asked not in diagrams:
            raise NotFound
        return asked
    key = request.args.get("processus", "")
    return next((number for number, file in diagrams.items() if _holds(file, key)), next(iter(diagrams)))


def _holds(file: File, key: str) -> bool:
    return re.search(rf'<[\w:]*process\b[^>]*\bid="{re.escape(key)}"'.encode(), file.content) is not None


def _expected() -> int:
    given = re.fullmatch(r'"([1-9]\d{0,8})"', request.headers.get("If-Match", ""), re.ASCII)
    if given is None:
        raise RequestRefused(428, text("Dites dans « If-Match » quelle révision ce fichier remplace."))
    return int(given[1])

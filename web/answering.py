"""Between a page and a form: what was posted, files included, and what is drawn again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from flask import g, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from engine import documents
from engine.errors import NotFound
from feel.text import Text, text
from forms import files, page, posting, settling
from forms.components import Component, Form
from forms.files import FileRef, RefusedFile
from forms.steps import Step
from forms.view import FormPage
from web.dates import hour
from web.languages import render
from web.runtime import settings
from web.typography import typeset

Answers = Mapping[str, object]
Messages = dict[str, list[Text]]

BUTTON = "_do"
#: What the form's first, invisible button means: Enter in a field never decides anything.
GUARD = {"brouillon": "draft", "continuer": ""}
MOST_FILES = 20


@dataclass(frozen=True)
class Posted:
    """What a page sent, laid over the draft. `edited`: a button that adds or removes a row was pressed; `errors`: files."""

    answers: dict[str, object]
    edited: bool = False
    errors: Messages = field(default_factory=dict)


def action(default: str) -> str:
    """Which button was pressed."""
    return request.form.get(BUTTON) or GUARD.get(request.form.get("_action", ""), "") or default


def read(
    session: Session,
    form: Form,
    *,
    draft: Answers,
    variables: Answers,
    owner: str,
    only: Iterable[Component] | None = None,
) -> Posted:
    """Store the files that came along, and lay the posted answers over the draft. `owner` names who may use the files."""
    stored, errors = _store(session, form, draft, variables, owner)
    known = {reference.id: reference for _, reference in files.references(form, draft)}
    known |= _uploaded(session, form, known, owner)
    found = posting.read(form, list(request.form.items(multi=True)), stored, known=known, only=only)
    return Posted(posting.merge(draft, found.answers), bool(found.edited), errors)


def draw(
    form: Form | None,
    *,
    variables: Answers,
    answers: Answers | None,
    errors: Messages | None = None,
    step: Step | None = None,
) -> FormPage | None:
    """The form, or one step of it, ready for the template; nothing when there is no form."""
    if form is None:
        return None
    return typeset(page.page(form, variables=variables, answers=answers, errors=errors, now=g.now, step=step, say=render))


def live(shown: FormPage | None, *, saved: bool) -> dict[str, object]:
    """What the page's script changes after an answer changed, and when the draft was saved."""
    found: dict[str, object] = dict(page.live(shown)) if shown else {"hidden": {}, "texts": {}, "values": {}}
    return found | ({"hour": hour(g.now)} if saved else {})


def _uploaded(session: Session, form: Form, known: Mapping[str, FileRef], owner: str) -> dict[str, FileRef]:
    """Files of an earlier try of this page, which it names by id: those of this owner that no case has yet."""
    found: dict[str, FileRef] = {}
    for name, value in request.form.items(multi=True):
        if value in known or not value.isdigit():
            continue
        try:
            files.field(form, name)
            row = documents.find(session, value)
        except (RefusedFile, NotFound):
            continue
        if row.owner == owner and row.instance_id is None:
            found[value] = FileRef(value, row.name, row.size, row.type)
    return found


def _store(
    session: Session, form: Form, draft: Answers, variables: Answers, owner: str
) -> tuple[dict[str, list[FileRef]], Messages]:
    stored: dict[str, list[FileRef]] = {}
    errors: Messages = {}
    sent = [(name, each) for name, each in request.files.items(multi=True) if each.filename]
    if not sent:
        return stored, errors
    scope = settling.settle(form, draft, variables, g.now).scope
    for name, each in sent[:MOST_FILES]:
        try:
            accepted = files.constraints(files.field(form, name), scope)
            stored.setdefault(name, []).append(_keep(session, accepted, each, owner))
        except RefusedFile as refusal:
            errors.setdefault(name, []).append(refusal.message)
    if len(sent) > MOST_FILES:
        errors.setdefault(sent[-1][0], []).append(text("Envoyez au plus %(most)s fichiers à la fois", most=MOST_FILES))
    return stored, errors


def _keep(session: Session, accepted: files.Constraints, sent: FileStorage, owner: str) -> FileRef:
    name = (sent.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    head = sent.stream.read(files.HEAD)
    size = sent.stream.seek(0, 2)
    sent.stream.seek(0)
    kind = files.inspect(accepted, name, size, head)
    row = documents.store(
        session, cast(BinaryIO, sent.stream), name, type=kind.type, owner=owner, actor=g.actor, now=g.now, root=settings().documents_dir
    )
    return FileRef(str(row.id), row.name, row.size, row.type)

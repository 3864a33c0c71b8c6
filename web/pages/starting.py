"""What the signed-in person may start, and the form that starts it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, abort, flash, g, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import documents, health, instances, permissions, versions
from engine.actors import Actor
from engine.permissions import StartAccess
from engine.spiff.definition import Definition, Start
from engine.versions import Published
from forms.components import Form
from forms.errors import InvalidAnswers
from web import answering
from web.answering import Answers, Messages
from web.dates import length
from web.languages import gettext
from web.pages.gate import guard
from web.rendering import page
from web.transactions import reading, transaction
from web.typography import french

blueprint = guard(Blueprint("starting", __name__))


@dataclass(frozen=True)
class Offer:
    """A start event that somebody may use."""

    name: str
    documentation: str
    process: str
    process_name: str
    version: int
    element_id: str
    form: Form | None
    href: str
    live: str
    usual: str = ""


@blueprint.get("/demarrer")
def choose() -> str:
    """Everything that this person may start."""
    with reading() as session:
        usual = {key: length(taken) for key, taken in health.usual(session).items()}
        published = [(each, versions.definition(session, each.version_id)) for each in versions.processes(session, limit=200).items]
    called = {key for _, definition in published for key in definition.calls}
    found = [offer for each, definition in published for offer in offers(g.actor, each, definition)]
    # A process that others call, and that asks nothing at its start, is a part of theirs.
    starts = [each for each in found if each.form or each.process not in called]
    return page("starting/choose.html", starts=[replace(each, usual=usual.get(each.process, "")) for each in starts])


@blueprint.get("/demarrer/<key>/<element_id>")
def ask(key: str, element_id: str) -> str:
    """The form of one start."""
    with reading() as session:
        offer = _offer(session, key, element_id)
    return _page(offer, None)


@blueprint.post("/demarrer/<key>/<element_id>")
def start(key: str, element_id: str) -> ResponseReturnValue:
    """Start the case, or say what is wrong with the answers."""
    with transaction() as session:
        offer = _offer(session, key, element_id)
        posted = _posted(session, offer)
        wrong: Messages = dict(posted.errors)
        if not posted.edited and not wrong and answering.action("start") == "start":
            try:
                with session.begin_nested():
                    case = instances.start(
                        session, key, posted.answers, start_event=element_id, actor=g.actor, now=g.now
                    )
            except InvalidAnswers as refusal:
                wrong = {path: list(found) for path, found in refusal.messages.items()}
            else:
                flash(gettext("Le dossier est ouvert. Son parcours commence."), "good")
                return redirect(url_for("cases.show", instance_id=case.id))
    return _page(offer, posted.answers, wrong), 422 if wrong else 200


@blueprint.post("/demarrer/<key>/<element_id>/suite")
def live(key: str, element_id: str) -> ResponseReturnValue:
    """What changes in the form while somebody fills it in; nothing is kept."""
    with transaction() as session:
        offer = _offer(session, key, element_id)
        posted = _posted(session, offer)
    shown = answering.draw(offer.form, variables={}, answers=posted.answers)
    return jsonify(answering.live(shown, saved=False))


def offers(actor: Actor, published: Published, definition: Definition) -> list[Offer]:
    """The start events of a process that this person may use: those that wait for nothing, or have a form."""
    # A start event with several triggers is listed once for each.
    starts = {each.element_id: each for each in definition.starts if each.kind == "none" or each.form_key}
    return [
        _of(published, definition, each)
        for each in starts.values()
        if permissions.can(actor, "start", StartAccess(_groups(each)))
    ]


def _of(published: Published, definition: Definition, start_: Start) -> Offer:
    element = definition.elements[start_.element_id]
    form = definition.forms.get(start_.form_key or "")
    title = start_.properties.get("publicTitle") or definition.name or element.name or definition.key
    return Offer(
        name=french(title),
        documentation=french(element.documentation or definition.documentation),
        process=definition.key,
        process_name=french(published.name),
        version=published.version,
        element_id=element.id,
        form=form if isinstance(form, Form) else None,
        href=url_for("starting.ask", key=definition.key, element_id=element.id),
        live=url_for("starting.live", key=definition.key, element_id=element.id),
    )


def _groups(start_: Start) -> frozenset[str]:
    named = start_.properties.get("candidateGroups", "")
    return frozenset(each.strip() for each in named.split(",") if each.strip())


def _offer(session: Session, key: str, element_id: str) -> Offer:
    published = versions.process(session, key)
    definition = versions.definition(session, published.version_id)
    found = next((each for each in offers(g.actor, published, definition) if each.element_id == element_id), None)
    if found is None:
        abort(403 if element_id in {each.element_id for each in definition.starts} else 404)
    return found


def _posted(session: Session, offer: Offer) -> answering.Posted:
    if offer.form is None:
        return answering.Posted({})
    return answering.read(session, offer.form, draft={}, variables={}, owner=documents.owner_of(g.actor))


def _page(offer: Offer, answers: Answers | None, errors: Messages | None = None) -> str:
    shown = answering.draw(offer.form, variables={}, answers=answers, errors=errors)
    return page("starting/form.html", start=offer, page=shown)

"""Trying a draft: opening its sandbox, and inside it the bar on every page, the clock, the roles, and what outside systems answer."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from authoring import drafts
from engine import history, instances, messages, people, timers
from engine.actors import SYSTEM
from engine.errors import EngineError, NotFound, Refused
from engine.history import Event
from engine.tables import call, delivery, event, subscription
from feel.calendar import add_to
from feel.errors import FeelError
from web import sandboxes
from web.languages import gettext, render
from web.pages.gate import guard
from web.rendering import page
from web.sandboxes import Sandbox
from web.transactions import reading, transaction
from web.typography import french

blueprint = guard(Blueprint("trying", __name__))
inside = Blueprint("sandbox", __name__, url_prefix="/bac")

STEPS = ("PT1H", "P1D", "P7D", "P30D", "P365D")
MOST_SENT = 50
LONGEST = timedelta(days=3_660)


@blueprint.post("/brouillons/<draft_id>/essai")
def begin(draft_id: str) -> ResponseReturnValue:
    """A fresh sandbox of the draft as it is saved."""
    kept = sandboxes.registry()
    if kept is None:
        raise NotFound
    with reading() as session:
        draft = drafts.find(session, draft_id, actor=g.actor)
    try:
        kept.begin(draft, now=g.now)
    except Refused as refusal:
        first = refusal.problems[0] if refusal.problems else None
        flash(gettext("Le brouillon ne peut pas encore être essayé : %(reason)s", reason=render(first.message) if first else ""), "bad")
        return redirect(url_for("authoring.show", draft_id=draft_id))
    return redirect(f"{request.script_root}/essai/{draft.row.id}/bac")


def prepare(app: Flask) -> None:
    """What the application of a sandbox has besides."""
    app.register_blueprint(inside)
    app.context_processor(_bar)


def _bar() -> dict[str, Any]:
    found = _here()
    with found.runtime.sessions.reading() as session:
        roles = [(sandboxes.role_of(each.email), french(each.name)) for each in people.users(session)]
        due = timers.next_due(session)
    role = sandboxes.role_of(getattr(g.get("actor"), "email", None))
    out = request.script_root.removesuffix(f"/essai/{found.draft_id}")
    steps = list(zip(STEPS, _steps(), strict=True))
    if due is not None:
        steps.append(("due", gettext("jusqu’à la prochaine échéance")))
    return {"sandbox": found, "sandbox_roles": roles, "sandbox_role": role, "sandbox_steps": steps, "sandbox_out": out}


def _steps() -> tuple[str, ...]:
    return gettext("d’une heure"), gettext("d’un jour"), gettext("d’une semaine"), gettext("de 30 jours"), gettext("d’un an")


def _here() -> Sandbox:
    found = sandboxes.current()
    assert found is not None  # noqa: S101  these pages exist in sandboxes alone
    return found


@inside.get("")
def show() -> str:
    """What can be done here, what outside systems answer, and what would have left."""
    with reading() as session:
        sent = _sent(session)
        calls = [(row.connector, json.dumps(row.input, ensure_ascii=False)) for row in session.execute(select(call).order_by(call.c.id))]
        received = messages.inbox(session, limit=MOST_SENT)
        told_of = _deliveries(session)
        played = instances.page(session, SYSTEM, roots=True, limit=MOST_SENT).items
    told = {name: json.dumps(value, ensure_ascii=False, indent=1) for name, value in sandboxes.answers(_here().folder).items()}
    states = {"pending": gettext("pas encore attendu"), "delivered": gettext("remis"), "expired": gettext("expiré")}
    return page("sandbox/show.html", sent=sent, calls=calls, received=received, states=states, told=told, played=played, told_of=told_of)


@inside.post("/role")
def choose() -> ResponseReturnValue:
    """Go on as somebody else."""
    if not sandboxes.enter(_here(), request.form.get("role", "")):
        flash(gettext("Personne ne tient ce rôle ici."), "bad")
    return redirect(_back())


@inside.post("/temps")
def advance() -> ResponseReturnValue:
    """Let time pass; everything that becomes due on the way happens at its moment."""
    wanted = request.form.get("duree", "")
    worker = _here().runtime.worker
    try:
        by = _until(wanted)
        worker.advance(by)
    except (EngineError, FeelError, ValueError, RuntimeError):
        flash(gettext("Le temps n’a pas pu avancer ainsi."), "bad")
        return redirect(_back())
    flash(gettext("Le temps a passé, et ce qui était dû a eu lieu."), "good")
    return redirect(_back())


def _until(wanted: str) -> timedelta:
    """How long to wait. Raises FeelError, ValueError."""
    with reading() as session:
        due = timers.next_due(session)
    now: datetime = g.now
    until = (due or now) + timedelta(milliseconds=1) if wanted == "due" else add_to(now, wanted)
    by = until - now
    if not timedelta() <= by <= LONGEST:
        raise ValueError(wanted)
    return by


@inside.post("/reponse")
def answer() -> ResponseReturnValue:
    """Say what an outside system answers from now on."""
    name, written = request.form.get("connecteur", "").strip(), request.form.get("reponse", "").strip()
    try:
        value = written if written.startswith("=") else json.loads(written)
    except ValueError:
        flash(gettext("La réponse est du JSON, ou une expression FEEL après « = »."), "bad")
        return redirect(url_for("sandbox.show"))
    sandboxes.keep_answer(_here().folder, name[:100], value)
    flash(gettext("C’est ce que répond « %(name)s » désormais. Réessayez les étapes bloquées dans « Exploitation ».", name=name), "good")
    return redirect(url_for("sandbox.show"))


@inside.post("/message")
def send() -> ResponseReturnValue:
    """Send a message as an outside system would."""
    name = request.form.get("nom", "").strip()
    try:
        correlation, payload = (json.loads(request.form.get(each, "").strip() or "{}") for each in ("cles", "charge"))
        if not name or not isinstance(correlation, dict) or not isinstance(payload, dict):
            raise ValueError(name)
    except ValueError:
        flash(gettext("Un message a un nom ; ses clés et son contenu sont des objets JSON."), "bad")
        return redirect(url_for("sandbox.show"))
    try:
        with transaction() as session:
            messages.receive(session, name, correlation, payload, source="essai", now=g.now)
    except EngineError as error:
        flash(render(error.text), "bad")
        return redirect(url_for("sandbox.show"))
    flash(gettext("Le message « %(name)s » est envoyé.", name=name), "good")
    return redirect(url_for("sandbox.show"))


def _sent(session: Session) -> list[Event]:
    """Messages and signals that cases sent, the newest first."""
    found = select(event).where(event.c.type.in_(("message.sent", "signal.sent"))).order_by(event.c.place.desc()).limit(MOST_SENT)
    return [history.of_row(row) for row in session.execute(found)]


def _deliveries(session: Session) -> list[tuple[str, str, str, str]]:
    """Of what subscriptions would have been sent, the newest first: the name, the address, the type of the event, its body."""
    columns = subscription.c.name, subscription.c.url, delivery.c.body
    found = select(*columns).join(subscription, subscription.c.id == delivery.c.subscription_id).order_by(delivery.c.id.desc())
    rows = [(row.name, row.url or "", json.loads(row.body)) for row in session.execute(found.limit(MOST_SENT))]
    return [(name, url, body["type"], json.dumps(body, ensure_ascii=False, indent=1)) for name, url, body in rows]


def _back() -> str:
    """The page on which somebody pressed, when it is one of this sandbox."""
    place = request.form.get("retour", "")
    return place if place.startswith(f"{request.script_root}/") and "//" not in place and place.isprintable() else url_for("sandbox.show")



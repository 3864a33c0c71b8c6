"""For operators and integrators: who outside is told of what, what was sent, and sending it again."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from feel import wire
from web import listing, subscribing
from web.languages import gettext, ngettext, render
from web.pages.gate import guard, require_role
from web.rendering import page
from web.runtime import settings
from web.transactions import reading, transaction
from webhooks import deliveries, outbox, subscriptions
from webhooks.deliveries import Selection
from webhooks.secrets import Cipher
from webhooks.subscriptions import Refusal, Subscription, Wish

blueprint = guard(Blueprint("webhooks", __name__))

SPANS = {"1": timedelta(hours=1), "24": timedelta(days=1), "168": timedelta(days=7), "720": timedelta(days=30)}
"""Hours of which everything can be sent again at once."""
STATES = ("pending", "delivered", "dead", "fresh", "kept")


@blueprint.before_request
def _may() -> None:
    require_role("operator")


@blueprint.get("/webhooks", endpoint="listing")
def list_subscriptions() -> str:
    """The subscriptions and how they fare."""
    with reading() as session:
        found = subscriptions.page(session, actor=g.actor, cursor=request.args.get("suite") or None, limit=listing.PER_PAGE)
        rows = [(each, subscribing.state(each), deliveries.counts(session, each.id)) for each in found.items]
    first, following = listing.pages("webhooks.listing", {}, found.cursor)
    shown = ngettext("%(num)s abonnement ici", "%(num)s abonnements ici", len(rows))
    return page("webhooks/list.html", rows=rows, events=subscribing.events(), shown=shown, first_page=first, next_page=following)


@blueprint.get("/webhooks/nouveau")
def ask() -> str:
    """The form of a new subscription."""
    return _form(Wish(""), None, {})


@blueprint.post("/webhooks/nouveau")
def create() -> ResponseReturnValue:
    """Make it, and show its secret, on this page alone."""
    wish = subscribing.read(request.form)
    cipher, allowed = Cipher(settings().secret_key), settings().delivery_inside
    try:
        _need_name(wish)
        with transaction() as session:
            made, secret = subscriptions.create(session, wish, cipher=cipher, allowed=allowed, actor=g.actor, now=g.now)
    except Refusal as error:
        return _form(wish, None, _errors(error)), 422
    return _show(made, secret=secret or "", is_new=True)


@blueprint.get("/webhooks/<key>/modifier")
def edit(key: str) -> str:
    """The form of a subscription that there is."""
    with reading() as session:
        found = subscriptions.find(session, key, actor=g.actor)
    return _form(found.wish, found, {})


@blueprint.post("/webhooks/<key>/modifier")
def change(key: str) -> ResponseReturnValue:
    """Ask for something else from now on."""
    wish = subscribing.read(request.form)
    with reading() as session:
        found = subscriptions.find(session, key, actor=g.actor)
    try:
        _need_name(wish)
        with transaction() as session:
            subscriptions.change(session, key, wish, allowed=settings().delivery_inside, actor=g.actor, now=g.now)
    except Refusal as error:
        return _form(wish, found, _errors(error)), 422
    flash(gettext("L’abonnement est modifié."), "good")
    return redirect(url_for("webhooks.show", key=key))


@blueprint.get("/webhooks/<key>")
def show(key: str) -> str:
    """A subscription, its deliveries, what can be done."""
    return _show(key)


@blueprint.post("/webhooks/<key>/secret")
def rotate(key: str) -> str:
    """A new secret, shown on this page alone."""
    with transaction() as session:
        secret = subscriptions.rotate(session, key, cipher=Cipher(settings().secret_key), actor=g.actor, now=g.now)
    return _show(key, secret=secret)


@blueprint.post("/webhooks/<key>/essai")
def test(key: str) -> ResponseReturnValue:
    """Send an event that tries the subscription; its own page tells what came of it."""
    with transaction() as session:
        found = subscriptions.find(session, key, actor=g.actor)
        made = outbox.test(session, found, source=settings().public_url, now=g.now)
    flash(gettext("Un événement d’essai est parti. Rechargez cette page pour voir la réponse."), "good")
    return redirect(url_for("webhooks.delivery", key=key, delivery_id=made))


@blueprint.post("/webhooks/<key>/pause")
def pause(key: str) -> ResponseReturnValue:
    """Tell it nothing more for now."""
    with transaction() as session:
        subscriptions.pause(session, key, actor=g.actor, now=g.now)
    return _back(key, gettext("L’abonnement est en pause : rien n’est noté ni envoyé."))


@blueprint.post("/webhooks/<key>/reprise")
def enable(key: str) -> ResponseReturnValue:
    """Tell it again."""
    with transaction() as session:
        subscriptions.enable(session, key, actor=g.actor, now=g.now)
    return _back(key, gettext("L’abonnement est en service."))


@blueprint.post("/webhooks/<key>/supprimer")
def remove(key: str) -> ResponseReturnValue:
    """Forget it with its deliveries."""
    with transaction() as session:
        subscriptions.remove(session, key, actor=g.actor)
    flash(gettext("L’abonnement est supprimé."), "good")
    return redirect(url_for("webhooks.listing"))


@blueprint.post("/webhooks/<key>/rejouer")
def replay(key: str) -> ResponseReturnValue:
    """Send again: those ticked, or all of the last hours."""
    span = SPANS.get(request.form.get("duree", ""))
    ids = tuple(request.form.getlist("envoi"))[: listing.PER_PAGE]
    states = ("dead",) if request.form.get("etat") == "dead" else ()
    which = Selection(since=g.now - span, states=states) if span else Selection(ids=ids)
    with transaction() as session:
        found = subscriptions.find(session, key, actor=g.actor)
        count = deliveries.replay(session, found.id, which, actor=g.actor.label, now=g.now) if span or ids else 0
    message = ngettext("%(num)s envoi repart, avec le même identifiant.", "%(num)s envois repartent, avec les mêmes identifiants.", count)
    return _back(key, message if count else gettext("Rien à rejouer : choisissez des envois reçus ou abandonnés."))


@blueprint.get("/webhooks/<key>/envois/<delivery_id>")
def delivery(key: str, delivery_id: str) -> str:
    """One delivery: what was sent, and each attempt."""
    with reading() as session:
        one = subscriptions.find(session, key, actor=g.actor)
        found = deliveries.find(session, delivery_id)
        if found.subscription_id != one.id:
            raise NotFound
        log = deliveries.attempts(session, found.id)
    words = {"events": subscribing.events(), "outcomes": subscribing.outcomes(), "reasons": subscribing.reasons()}
    dump = json.dumps(wire.load(found.body), ensure_ascii=False, indent=2)
    return page("webhooks/delivery.html", one=one, delivery=found, log=log, body=dump, **words)


def _show(key: str | int, *, secret: str = "", is_new: bool = False) -> str:
    wanted = request.args.get("etat", "")
    states = (wanted,) if wanted in STATES else ()
    with reading() as session:
        one = subscriptions.find(session, key, actor=g.actor)
        cursor = request.args.get("suite") or None
        found = deliveries.page(session, one.id, Selection(states=states), cursor=cursor, limit=listing.PER_PAGE)
        counts, told = deliveries.counts(session, one.id), subscriptions.history(session, one.id)
    filters = {"key": str(one.id), "etat": wanted if states else ""}
    first, following = listing.pages("webhooks.show", filters, found.cursor)
    words = {"events": subscribing.events(), "outcomes": subscribing.outcomes(), "reasons": subscribing.reasons()}
    return page(
        "webhooks/show.html",
        one=one,
        state=subscribing.state(one),
        deliveries=found.items,
        tabs=_tabs(one, counts, filters["etat"]),
        counts=counts,
        told=told,
        entries=subscribing.entries(),
        secret=secret,
        is_new=is_new,
        shown=ngettext("%(num)s envoi ici", "%(num)s envois ici", len(found.items)),
        first_page=first,
        next_page=following,
        **words,
    )


def _tabs(one: Subscription, counts: dict[str, int], chosen: str) -> list[dict[str, object]]:
    """All deliveries, and those of each state that there are."""
    words = subscribing.outcomes()
    tabs: list[dict[str, object]] = [{"text": gettext("Tous"), "href": url_for("webhooks.show", key=one.id), "on": not chosen}]
    for state in STATES:
        if counts.get(state) or state == chosen:
            href = url_for("webhooks.show", key=one.id, etat=state)
            text = words[state][0].capitalize()
            tabs.append({"text": text, "href": href, "on": state == chosen, "n": counts.get(state, 0), "bad": state == "dead"})
    return tabs


def _form(wish: Wish, one: Subscription | None, errors: dict[str, str]) -> str:
    with reading() as session:
        places = subscribing.places(session)
    chosen, options = subscribing.place_of(wish), subscribing.options(wish.types)
    return page("webhooks/edit.html", wish=wish, one=one, errors=errors, places=places, chosen=chosen, options=options)


def _need_name(wish: Wish) -> None:
    if not wish.name:
        raise Refusal("name", subscribing.NAMELESS)


def _errors(error: Refusal) -> dict[str, str]:
    return {subscribing.FIELDS[error.field]: render(error.text)}


def _back(key: str, message: str) -> ResponseReturnValue:
    flash(message, "good")
    return redirect(url_for("webhooks.show", key=key))

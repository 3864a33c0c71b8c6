"""Calls of integrators: who is told of what, what was sent, send it again, fetch instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from feel import wire
from web.api import shapes
from web.api.blueprint import ApiBlueprint
from web.api.schemas import Nothing, Paging
from web.api.webhook_schemas import (
    DeliveryDetails,
    DeliveryMade,
    DeliveryPage,
    DeliveryQuery,
    EventQuery,
    Events,
    Replayed,
    ReplayOrder,
    Secret,
    SubscriptionDetails,
    SubscriptionMade,
    SubscriptionOrder,
    SubscriptionPage,
)
from web.api.webhook_schemas import Subscription as SubscriptionSchema
from web.errors import RequestRefused
from web.languages import render
from web.runtime import settings
from webhooks import deliveries, feed, outbox, subscriptions
from webhooks.deliveries import DeliveryRow, Selection
from webhooks.secrets import Cipher
from webhooks.subscriptions import Refusal, Subscription, Wish

SCOPE = "webhooks"

blueprint = ApiBlueprint("subscriptions", __name__, url_prefix="/api/v1", description="Subscriptions, deliveries, events to fetch")


@contextmanager
def _by_field() -> Iterator[None]:
    """What cannot be asked for becomes 422 with a message at its field."""
    try:
        yield
    except Refusal as error:
        raise RequestRefused(422, error.text, errors={error.field: [render(error.text)]}) from error


@blueprint.query("/subscriptions", scope=SCOPE, takes=Paging, answers=SubscriptionPage)
def page(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Subscriptions, oldest first."""
    return shapes.page(subscriptions.page(session, actor=g.actor, cursor=query.get("cursor"), limit=query["limit"]), _shape)


@blueprint.command(
    "/subscriptions", scope=SCOPE, takes=SubscriptionOrder, answers=SubscriptionMade, status=201, errors=(422,), once=("secret",)
)
def create(session: Session, order: dict[str, Any]) -> dict[str, Any]:
    """Tell an outside system of events from now on. The secret that signs them is in this answer alone."""
    with _by_field():
        about = {"cipher": Cipher(settings().secret_key), "allowed": settings().delivery_inside, "actor": g.actor, "now": g.now}
        made, secret = subscriptions.create(session, _wish(order), **about)
    return _shape(subscriptions.find(session, made, actor=g.actor)) | {"secret": secret}


@blueprint.query("/subscriptions/<key>", scope=SCOPE, answers=SubscriptionDetails, errors=(404,))
def find(session: Session, key: str) -> dict[str, Any]:
    """One subscription, how many deliveries it has in each state, and what became of it."""
    found = subscriptions.find(session, key, actor=g.actor)
    names = ("at", "actor", "type", "data")
    entries = [{name: getattr(each, name) for name in names} for each in subscriptions.history(session, found.id)]
    return _shape(found) | {"deliveries": deliveries.counts(session, found.id), "history": entries}


@blueprint.command(
    "/subscriptions/<key>", method="PUT", scope=SCOPE, takes=SubscriptionOrder, answers=SubscriptionSchema, errors=(404, 422)
)
def change(session: Session, order: dict[str, Any], key: str) -> dict[str, Any]:
    """Ask for something else from now on. What was made before is sent as it was made, to the address of now."""
    with _by_field():
        subscriptions.change(session, key, _wish(order), allowed=settings().delivery_inside, actor=g.actor, now=g.now)
    return _shape(subscriptions.find(session, key, actor=g.actor))


@blueprint.command("/subscriptions/<key>", method="DELETE", scope=SCOPE, answers=None, status=204, errors=(404,))
def remove(session: Session, key: str) -> None:
    """Forget a subscription with its deliveries."""
    subscriptions.remove(session, key, actor=g.actor)


@blueprint.command("/subscriptions/<key>/pause", scope=SCOPE, takes=Nothing, answers=SubscriptionSchema, errors=(404,))
def pause(session: Session, _: dict[str, Any], key: str) -> dict[str, Any]:
    """Send nothing and note nothing until it is enabled; what waits to be sent stays."""
    subscriptions.pause(session, key, actor=g.actor, now=g.now)
    return _shape(subscriptions.find(session, key, actor=g.actor))


@blueprint.command("/subscriptions/<key>/enable", scope=SCOPE, takes=Nothing, answers=SubscriptionSchema, errors=(404,))
def enable(session: Session, _: dict[str, Any], key: str) -> dict[str, Any]:
    """Send again, as if nothing had failed. What died meanwhile can be replayed."""
    subscriptions.enable(session, key, actor=g.actor, now=g.now)
    return _shape(subscriptions.find(session, key, actor=g.actor))


@blueprint.command("/subscriptions/<key>/rotate", scope=SCOPE, takes=Nothing, answers=Secret, errors=(404, 422), once=("secret",))
def rotate(session: Session, _: dict[str, Any], key: str) -> dict[str, Any]:
    """A new secret. For a day each delivery bears a signature of both."""
    with _by_field():
        return {"secret": subscriptions.rotate(session, key, cipher=Cipher(settings().secret_key), actor=g.actor, now=g.now)}


@blueprint.command("/subscriptions/<key>/test", scope=SCOPE, takes=Nothing, answers=DeliveryMade, status=202, errors=(404,))
def test(session: Session, _: dict[str, Any], key: str) -> dict[str, Any]:
    """Send an event of the type `tikub.test`; its delivery tells what came of it."""
    found = subscriptions.find(session, key, actor=g.actor)
    return {"delivery": str(outbox.test(session, found, source=settings().public_url, now=g.now))}


@blueprint.query("/deliveries", scope=SCOPE, takes=DeliveryQuery, answers=DeliveryPage, errors=(404,))
def delivery_page(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Deliveries of a subscription, the newest first. Those that ended are kept for 30 days."""
    found = subscriptions.find(session, query["subscription"], actor=g.actor)
    states = (query["state"],) if "state" in query else ()
    which = Selection(since=query.get("since"), until=query.get("until"), states=states)
    return shapes.page(deliveries.page(session, found.id, which, cursor=query.get("cursor"), limit=query["limit"]), _delivery)


@blueprint.query("/deliveries/<key>", scope=SCOPE, answers=DeliveryDetails, errors=(404,))
def delivery(session: Session, key: str) -> dict[str, Any]:
    """One delivery with its body and its attempts."""
    found = deliveries.find(session, key)
    subscriptions.find(session, found.subscription_id, actor=g.actor)
    names = ("number", "at", "milliseconds", "status", "error", "answer")
    log = [{name: getattr(each, name) for name in names} for each in deliveries.attempts(session, found.id)]
    return _delivery(found) | {"body": wire.load(found.body), "log": log}


@blueprint.command("/deliveries/replay", scope=SCOPE, takes=ReplayOrder, answers=Replayed, status=202, errors=(404,))
def replay(session: Session, order: dict[str, Any]) -> dict[str, Any]:
    """Send again, with the same ids and bodies: what the receiver has dealt with already it recognises. At most 10,000 at once."""
    found = subscriptions.find(session, order["subscription"], actor=g.actor)
    which = Selection(tuple(order["deliveries"]), order["since"], order["until"], tuple(order["states"]))
    return {"replayed": deliveries.replay(session, found.id, which, actor=g.actor.label, now=g.now)}


@blueprint.command("/events", method="GET", scope=SCOPE, takes=EventQuery, answers=Events, errors=(404, 422))
def events(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Events of a subscription without an address, at least once each, for 30 days.

    Keep `last` once they are dealt with, and ask `after` it next. It writes: events get their numbers when they are fetched.
    """
    with _by_field():
        part = feed.fetch(session, query["subscription"], actor=g.actor, after=query["after"], limit=query["limit"])
    return {"items": list(part.events), "last": part.last}


def _wish(order: dict[str, Any]) -> Wish:
    asked = {name: order[name] for name in ("name", "url", "process", "step", "filter", "ordered")}
    return Wish(**asked, types=tuple(order["types"]), fields=tuple(order["fields_"]))


def _shape(found: Subscription) -> dict[str, Any]:
    wish = {name: getattr(found.wish, name) for name in ("name", "url", "process", "step", "filter", "ordered")}
    about = {name: getattr(found, name) for name in ("state", "reason", "created_by", "created_at", "failures", "failing_since")}
    more = {"types": list(found.wish.types), "fields": list(found.wish.fields), "rests_until": found.open_until}
    return {"id": str(found.id)} | wish | about | more


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    about = {name: getattr(row, name) for name in ("event_id", "type", "state", "reason", "attempts", "due", "created_at", "ended_at")}
    instance = None if row.instance_id is None else str(row.instance_id)
    return {"id": str(row.id), "subscription": str(row.subscription_id), "instance_id": instance} | about

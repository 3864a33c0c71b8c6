"""Events to fetch instead of being sent: those of a subscription without an address, in an order that a reader can follow.

At least once: whoever keeps the number of the last event that it has dealt with, and asks for what comes after, misses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.tables import delivery, subscription
from feel import wire
from feel.text import text
from webhooks import subscriptions
from webhooks.subscriptions import Refusal

NUMBERED = 1_000
"""Events that one look numbers at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some events, as CloudEvents, and the number after which the next ones come: the given one when there is nothing new."""

    events: tuple[Any, ...]
    last: int


def fetch(session: Session, key: str | int, *, actor: Actor, after: int = 0, limit: int = 50) -> Part:
    """What came after that number. Writes: events get their numbers here. Raises NotFound, Forbidden, Refusal."""
    found = subscriptions.find(session, key, actor=actor)
    if found.wish.url is not None:
        raise Refusal("subscription", text("Cet abonnement envoie ses événements : il n’y a rien à lire."))
    _number(session, found.id)
    mine = select(delivery.c.number, delivery.c.body).where(delivery.c.subscription_id == found.id, delivery.c.number > after)
    rows = session.execute(mine.order_by(delivery.c.number).limit(limit)).all()
    return Part(tuple(wire.load(row.body) for row in rows), rows[-1].number if rows else after)


def _number(session: Session, key: int) -> None:
    """Under the lock of the subscription: what commits later gets a higher number, however early its id was made."""
    locked = select(subscription.c.numbered).where(subscription.c.id == key).with_for_update(key_share=True)
    last: int = session.execute(locked).scalar_one()
    fresh = select(delivery.c.id).where(delivery.c.subscription_id == key, delivery.c.state == "fresh")
    ids = list(session.execute(fresh.order_by(delivery.c.id).limit(NUMBERED)).scalars())
    for number, each in enumerate(ids, last + 1):
        session.execute(update(delivery).where(delivery.c.id == each).values(number=number, state="kept"))
    if ids:
        session.execute(update(subscription).where(subscription.c.id == key).values(numbered=last + len(ids)))

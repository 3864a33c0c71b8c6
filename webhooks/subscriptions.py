"""Subscriptions: which outside system is told of which events, where, and with which of their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import randbits
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from sqlalchemy import Row, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.errors import NotFound, Unusable
from engine.ids import new_id, read_id
from engine.pages import Page, read_cursor, write_cursor
from engine.statements import Prepared
from engine.tables import delivery, delivery_attempt, subscription, subscription_event, subscription_secret
from feel.errors import FeelError
from feel.expression import compile as compile_expression
from feel.text import Text, text
from webhooks.events import FIELD, NAMES
from webhooks.secrets import CHANGEOVER, Cipher
from webhooks.signatures import new_secret

State: TypeAlias = Literal["active", "paused", "disabled"]

LONGEST_URL = 2_000
CHANGE = 40
"""Random bits that each change puts in its row: the sum of all tells whether any changed, also when two changed at once."""
MOST_FIELDS = 50
CHANGED = Prepared(select(func.sum(subscription.c.changed)).add_columns(func.count()))
LIVE = select(subscription_secret.c.secret).where(
    subscription_secret.c.subscription_id == bindparam("key"),
    or_(subscription_secret.c.retires_at.is_(None), subscription_secret.c.retires_at > bindparam("now")),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscription asks for. None and empty mean anything; without `url` its events are kept until they are fetched.

    `filter` is FEEL over `webhooks.events.Happening.context`; `fields` name what the thin body gets besides; `ordered`: the events of one
    instance are sent one after the other.
    """

    name: str
    url: str | None = None
    process: str | None = None
    step: str | None = None
    types: tuple[str, ...] = ()
    filter: str | None = None
    fields: tuple[str, ...] = ()
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as it is. `reason`: why it is disabled, `gone` or `failing`; `failing_since`: since when nothing was taken."""

    id: int
    wish: Wish
    state: State
    reason: str | None
    created_by: str
    created_at: datetime
    failures: int
    failing_since: datetime | None
    open_until: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done to a subscription, or that happened to it."""

    at: datetime
    actor: str
    type: str
    data: Mapping[str, object]


class Refusal(Unusable):
    """What is asked for cannot be; `field` says which part of it."""

    def __init__(self, field: str, message: Text) -> None:
        super().__init__(message)
        self.field = field


def check(wish: Wish, allowed: frozenset[str]) -> None:
    """Raises Refusal. `allowed`: `host:port` of receivers inside, as the settings name them; these alone may do without https."""
    if wish.url is not None:
        _check_url(wish.url, allowed)
    unknown = [each for each in wish.types if each not in NAMES]
    if unknown:
        raise Refusal("types", text("Il n’y a pas d’événement « %(type)s ».", type=unknown[0]))
    wrong = [each for each in wish.fields if not FIELD.fullmatch(each)]
    if wrong or len(wish.fields) > MOST_FIELDS:
        raise Refusal("fields", text("« %(field)s » n’est pas un champ que l’on peut envoyer.", field=(wrong or wish.fields)[0]))
    if wish.filter is not None:
        try:
            compile_expression(wish.filter, FILTERED)
        except FeelError as error:
            raise Refusal("filter", text("Le filtre n’est pas une expression FEEL : %(reason)s", reason=str(error.message))) from error


FILTERED = frozenset({"type", "process", "step", "step_type", "actor", "business_key", "title", "data", "variables"})


def _check_url(url: str, allowed: frozenset[str]) -> None:
    try:
        parts = urlsplit(url)
        place = place_of(url)
    except ValueError:
        parts, place = urlsplit(""), ""
    strange = parts.username is not None or parts.fragment or len(url) > LONGEST_URL
    if parts.scheme not in ("http", "https") or not parts.hostname or strange:
        raise Refusal("url", text("Une adresse https sans nom d’utilisateur est attendue."))
    if parts.scheme == "http" and place not in allowed:
        raise Refusal("url", text("L’adresse doit commencer par https."))


def place_of(url: str) -> str:
    """`host:port` of an address, as the settings name receivers inside. Raises ValueError."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def create(session: Session, wish: Wish, *, cipher: Cipher, allowed: frozenset[str], actor: Actor, now: datetime) -> tuple[int, str | None]:
    """A new subscription: its id, and the secret that signs what it sends, to show once. Raises Refusal, Forbidden."""
    permissions.require(actor, "integrate", None)
    check(wish, allowed)
    made = new_id(now)
    row = {"id": made, "state": "active", "created_by": actor.label, "created_at": now, "failures": 0, "numbered": 0}
    session.execute(insert(subscription), row | _columns(wish) | {"changed": randbits(CHANGE)})
    record(session, made, "created", {"url": wish.url}, actor.label, now)
    return made, None if wish.url is None else _add_secret(session, made, cipher, now)


def change(session: Session, key: str | int, wish: Wish, *, allowed: frozenset[str], actor: Actor, now: datetime) -> None:
    """Another wish from now on; what was made before is sent as it was. Raises Refusal, NotFound."""
    found = find(session, key, actor=actor)
    check(wish, allowed)
    if (wish.url is None) != (found.wish.url is None):
        raise Refusal("url", text("Un abonnement qui envoie ne devient pas un abonnement à lire, ni l’inverse : créez-en un autre."))
    _update(session, found.id, **_columns(wish))
    record(session, found.id, "changed", {"url": wish.url}, actor.label, now)


def find(session: Session, key: str | int, *, actor: Actor) -> Subscription:
    """One subscription. Raises NotFound, Forbidden."""
    permissions.require(actor, "integrate", None)
    row = session.execute(select(subscription).where(subscription.c.id == read_id(key))).one_or_none()
    if row is None:
        raise NotFound
    return _subscription(row)


def page(session: Session, *, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[Subscription]:
    """Subscriptions, oldest first. Raises Forbidden."""
    permissions.require(actor, "integrate", None)
    found = select(subscription)
    place = read_cursor(cursor, int)
    if place:
        found = found.where(subscription.c.id > place[0])
    rows = session.execute(found.order_by(subscription.c.id).limit(limit + 1)).all()
    following = write_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page([_subscription(row) for row in rows[:limit]], following)


def remove(session: Session, key: str | int, *, actor: Actor) -> None:
    """Forget a subscription with its deliveries. Raises NotFound, Forbidden."""
    found = find(session, key, actor=actor)
    mine = select(delivery.c.id).where(delivery.c.subscription_id == found.id)
    session.execute(delete(delivery_attempt).where(delivery_attempt.c.delivery_id.in_(mine)))
    for table in (delivery, subscription_secret, subscription_event):
        session.execute(delete(table).where(table.c.subscription_id == found.id))
    session.execute(delete(subscription).where(subscription.c.id == found.id))


def pause(session: Session, key: str | int, *, actor: Actor, now: datetime) -> None:
    """Tell it of nothing more until it is enabled; what waits to be sent stays. Raises NotFound, Forbidden."""
    found = find(session, key, actor=actor)
    _update(session, found.id, state="paused", reason=None)
    record(session, found.id, "paused", {}, actor.label, now)


def enable(session: Session, key: str | int, *, actor: Actor, now: datetime) -> None:
    """Tell it again, as if nothing had failed. Raises NotFound, Forbidden."""
    found = find(session, key, actor=actor)
    _update(session, found.id, state="active", reason=None, failures=0, failing_since=None, open_until=None)
    record(session, found.id, "enabled", {}, actor.label, now)


def disable(session: Session, key: int, reason: str, *, now: datetime) -> None:
    """Nothing more is sent to a receiver that is gone or has been failing for long; what waited is dead, and can be replayed."""
    _update(session, key, state="disabled", reason=reason, open_until=None)
    waiting = update(delivery).where(delivery.c.subscription_id == key, delivery.c.state == "pending")
    session.execute(waiting.values(state="dead", reason="disabled", worker=None, ended_at=now, fence=delivery.c.fence + 1))
    record(session, key, "disabled", {"reason": reason}, "system", now)


def rotate(session: Session, key: str | int, *, cipher: Cipher, actor: Actor, now: datetime) -> str:
    """A new secret, to show once. For a day both sign, so that the receiver may change over at any moment. Raises NotFound, Refusal."""
    found = find(session, key, actor=actor)
    if found.wish.url is None:
        raise Refusal("url", text("Cet abonnement n’envoie rien : il n’a pas de secret."))
    live = (subscription_secret.c.subscription_id == found.id, subscription_secret.c.retires_at.is_(None))
    session.execute(update(subscription_secret).where(*live).values(retires_at=now + CHANGEOVER))
    record(session, found.id, "rotated", {}, actor.label, now)
    return _add_secret(session, found.id, cipher, now)


def secrets(session: Session, key: int, cipher: Cipher, *, now: datetime) -> list[str]:
    """The secrets that sign at this moment."""
    rows = session.execute(LIVE, {"key": key, "now": now}).scalars()
    return [secret for secret in map(cipher.decrypt, rows) if secret is not None]


def history(session: Session, key: int) -> list[Entry]:
    """What became of a subscription, the newest first, at most 200 entries."""
    mine = select(subscription_event).where(subscription_event.c.subscription_id == key)
    rows = session.execute(mine.order_by(subscription_event.c.id.desc()).limit(200))
    return [Entry(row.at, row.actor, row.type, row.data) for row in rows]


def record(session: Session, key: int, kind: str, data: Mapping[str, object], actor: str, now: datetime) -> None:
    """An entry of the history of a subscription."""
    entry = {"id": new_id(now), "subscription_id": key, "at": now, "actor": actor, "type": kind, "data": dict(data)}
    session.execute(insert(subscription_event), entry)


def current(session: Session) -> list[Subscription]:
    """All that are told of what happens, disabled ones too: what they miss is kept as dead."""
    rows = session.execute(select(subscription).where(subscription.c.state != "paused").order_by(subscription.c.id))
    return [_subscription(row) for row in rows]


def changed(session: Session) -> tuple[object, int]:
    """What is another whenever any subscription was made, changed or removed. One prepared statement: every step asks."""
    found = CHANGED.one(session)
    return found[0], found[1]


def _add_secret(session: Session, key: int, cipher: Cipher, now: datetime) -> str:
    secret = new_secret()
    row = {"id": new_id(now), "subscription_id": key, "secret": cipher.encrypt(secret), "created_at": now}
    session.execute(insert(subscription_secret), row)
    return secret


def _update(session: Session, key: int, **values: Any) -> None:
    session.execute(update(subscription).where(subscription.c.id == key).values(changed=randbits(CHANGE), **values))


def _columns(wish: Wish) -> dict[str, Any]:
    columns: dict[str, Any] = {name: getattr(wish, name) for name in ("name", "url", "process", "step", "filter", "ordered")}
    return columns | {"types": list(wish.types), "fields": list(wish.fields)}


def _subscription(row: Row[Any]) -> Subscription:
    parts: Sequence[Any] = (row.name, row.url, row.process, row.step, tuple(row.types), row.filter, tuple(row.fields), row.ordered)
    told = row.state, row.reason, row.created_by, row.created_at, row.failures, row.failing_since, row.open_until
    return Subscription(row.id, Wish(*parts), *told)

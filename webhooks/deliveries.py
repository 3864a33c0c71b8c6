"""Deliveries to outside systems: claimed with a lease, sent outside any transaction, their outcome kept while the claim holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, insert, or_, select, update
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from engine import wakes
from engine.errors import NotFound
from engine.ids import read_id
from engine.pages import Page, read_cursor, write_cursor
from engine.tables import delivery, delivery_attempt, subscription
from webhooks import policy, subscriptions
from webhooks.outbox import identifier
from webhooks.policy import Outcome
from webhooks.secrets import Cipher

# Rows of `subscription` are locked FOR NO KEY UPDATE: the full lock would stop each step that makes a delivery for it, whose reference
# to it is a lock as well.

PURGED = 1_000
"""Old deliveries that one look forgets at most."""
REPLAYED = 10_000
"""Deliveries that one call replays at most."""

_earlier = delivery.alias("earlier")
#: A delivery of an ordered subscription waits while an earlier one of its instance is to be sent.
UNBLOCKED = or_(
    subscription.c.ordered.is_(False),
    delivery.c.instance_id.is_(None),
    ~exists().where(
        _earlier.c.subscription_id == delivery.c.subscription_id,
        _earlier.c.instance_id == delivery.c.instance_id,
        _earlier.c.state == "pending",
        _earlier.c.id < delivery.c.id,
    ),
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery to send now. `token` is its fence: once somebody else claims it, this one no longer counts."""

    id: int
    token: int
    subscription_id: int
    url: str
    body: bytes
    tries: int
    attempts: int
    secrets: tuple[str, ...]

    @property
    def event_id(self) -> str:
        return identifier(self.id)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery in a list. `state`: pending, delivered, dead (why: `reason`); fresh, or kept once fetched."""

    id: int
    subscription_id: int
    instance_id: int | None
    type: str
    state: str
    reason: str | None
    attempts: int
    due: datetime | None
    created_at: datetime
    ended_at: datetime | None
    body: bytes

    @property
    def event_id(self) -> str:
        return identifier(self.id)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a delivery, as its log keeps it."""

    number: int
    at: datetime
    milliseconds: int
    status: int | None
    error: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which deliveries of a subscription: those named, or those made from `since` until before `until`; of these states, if any."""

    ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    states: tuple[str, ...] = ()


def claim(session: Session, *, now: datetime, worker: str, limit: int, lease: timedelta, cipher: Cipher) -> list[Claimed]:
    """Take deliveries that are due: of each subscription as many as it has room for, in turn, so that none stands before the others."""
    found = [_due_of(session, row, now, limit) for row in _ready(session, now)]
    rows = [each[turn] for turn in range(limit) for each in found if turn < len(each)][:limit]
    for row in rows:
        taken = update(delivery).where(delivery.c.id == row.id).values(due=now + lease, worker=worker, fence=row.fence + 1)
        session.execute(taken.values(tries=row.tries + 1, attempts=row.attempts + 1))
    live = {key: tuple(subscriptions.secrets(session, key, cipher, now=now)) for key in {row.subscription_id for row in rows}}
    return [
        Claimed(row.id, row.fence + 1, row.subscription_id, row.url, row.body, row.tries + 1, row.attempts + 1, live[row.subscription_id])
        for row in rows
    ]


def next_due(session: Session) -> datetime | None:
    """When the next delivery may be sent; None when there is none."""
    first = func.min(delivery.c.due).label("first")
    each = select(subscription.c.open_until, first).join(delivery, delivery.c.subscription_id == subscription.c.id)
    rows = session.execute(each.where(_sendable(), UNBLOCKED).group_by(subscription.c.id, subscription.c.open_until))
    moments = [max(row.first, row.open_until) if row.open_until else row.first for row in rows]
    return min(moments, default=None)


def finish(session: Session, claimed: Claimed, outcome: Outcome, *, now: datetime) -> bool:
    """Keep the outcome of an attempt, and decide what comes next; False when the claim no longer holds and the outcome is thrown away."""
    mine = and_(delivery.c.id == claimed.id, delivery.c.fence == claimed.token, delivery.c.state == "pending")
    told = select(subscription).where(subscription.c.id == claimed.subscription_id)
    receiver = session.execute(told.with_for_update(key_share=True)).one_or_none()
    if receiver is None or session.execute(select(delivery.c.id).where(mine)).one_or_none() is None:
        return False
    entry = {"delivery_id": claimed.id, "number": claimed.attempts, "at": now, "milliseconds": outcome.milliseconds}
    session.execute(insert(delivery_attempt), entry | {"status": outcome.status, "error": outcome.error, "answer": outcome.answer})
    if outcome.is_taken:
        session.execute(update(delivery).where(mine).values(state="delivered", reason=None, worker=None, ended_at=now))
        _note_success(session, receiver)
    else:
        _fail(session, claimed, receiver, outcome, mine, now)
    return True


def _fail(session: Session, claimed: Claimed, receiver: Row[Any], outcome: Outcome, mine: ColumnElement[bool], now: datetime) -> None:
    since, failures = receiver.failing_since or now, receiver.failures + 1
    resting = {"failures": failures, "failing_since": since, "open_until": policy.rest(failures, now)}
    session.execute(update(subscription).where(subscription.c.id == receiver.id).values(**resting))
    verdict = policy.judge(outcome, claimed.tries, since, now)
    if verdict.again is not None:
        session.execute(update(delivery).where(mine).values(due=verdict.again, worker=None))
        wakes.note(session, wakes.DELIVERIES, due=verdict.again, now=now)
    else:
        session.execute(update(delivery).where(mine).values(state="dead", reason=verdict.reason, worker=None, ended_at=now))
    if verdict.disable and receiver.state != "disabled":
        subscriptions.disable(session, receiver.id, verdict.disable, now=now)


def _note_success(session: Session, receiver: Row[Any]) -> None:
    if receiver.failures:
        well = {"failures": 0, "failing_since": None, "open_until": None}
        session.execute(update(subscription).where(subscription.c.id == receiver.id).values(**well))


def replay(session: Session, subscription_id: int, which: Selection, *, actor: str, now: datetime) -> int:
    """Send again what was delivered or is dead, with the same ids and bodies, from the first attempt on; how many."""
    found = _chosen(subscription_id, which).where(delivery.c.state.in_(("delivered", "dead")))
    ids = list(session.execute(found.order_by(delivery.c.id).limit(REPLAYED)).scalars())
    again: dict[str, Any] = {"state": "pending", "reason": None, "tries": 0, "due": now, "ended_at": None, "fence": delivery.c.fence + 1}
    for start in range(0, len(ids), 500):
        session.execute(update(delivery).where(delivery.c.id.in_(ids[start : start + 500])).values(**again))
    for _ in ids[: policy.CONCURRENCY]:
        wakes.note(session, wakes.DELIVERIES)
    if ids:
        subscriptions.record(session, subscription_id, "replayed", {"count": len(ids)}, actor, now)
    return len(ids)


def page(session: Session, subscription_id: int, which: Selection, *, cursor: str | None = None, limit: int = 50) -> Page[DeliveryRow]:
    """The deliveries of a subscription, the newest first."""
    found = _chosen(subscription_id, which, delivery)
    place = read_cursor(cursor, int)
    if place:
        found = found.where(delivery.c.id < place[0])
    rows = session.execute(found.order_by(delivery.c.id.desc()).limit(limit + 1)).all()
    following = write_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page([_row(row) for row in rows[:limit]], following)


def find(session: Session, delivery_id: str | int) -> DeliveryRow:
    """One delivery. Raises NotFound."""
    row = session.execute(select(delivery).where(delivery.c.id == read_id(delivery_id))).one_or_none()
    if row is None:
        raise NotFound
    return _row(row)


def attempts(session: Session, delivery_id: int) -> list[Attempt]:
    """The attempts of a delivery, in order."""
    mine = select(delivery_attempt).where(delivery_attempt.c.delivery_id == delivery_id)
    rows = session.execute(mine.order_by(delivery_attempt.c.number))
    return [Attempt(row.number, row.at, row.milliseconds, row.status, row.error, row.answer) for row in rows]


def counts(session: Session, subscription_id: int) -> dict[str, int]:
    """How many deliveries of a subscription are in each state."""
    counted = select(delivery.c.state, func.count()).where(delivery.c.subscription_id == subscription_id).group_by(delivery.c.state)
    return {row.state: row[1] for row in session.execute(counted)}


def purge(session: Session, *, now: datetime) -> int:
    """Forget what is older than it is kept and not to be sent any more; how many."""
    old = select(delivery.c.id).where(delivery.c.created_at < now - policy.KEPT, delivery.c.state != "pending")
    ids = list(session.execute(old.order_by(delivery.c.created_at).limit(PURGED)).scalars())
    session.execute(delete_rows(delivery_attempt).where(delivery_attempt.c.delivery_id.in_(ids)))
    session.execute(delete_rows(delivery).where(delivery.c.id.in_(ids)))
    return len(ids)


def _sendable() -> ColumnElement[bool]:
    return and_(delivery.c.state == "pending", subscription.c.state == "active")


def _ready(session: Session, now: datetime) -> list[tuple[Row[Any], int]]:
    """Subscriptions that have something due and room for it, with the room, locked: their workers count one after the other."""
    due = exists().where(delivery.c.subscription_id == subscription.c.id, delivery.c.state == "pending", delivery.c.due <= now)
    rested = or_(subscription.c.open_until.is_(None), subscription.c.open_until <= now)
    ready = select(subscription).where(subscription.c.state == "active", rested, due).order_by(subscription.c.id)
    rows = session.execute(ready.with_for_update(skip_locked=True, key_share=True)).all()
    busy = select(delivery.c.subscription_id, func.count()).where(delivery.c.worker.is_not(None), delivery.c.due > now)
    under_way = {row.subscription_id: row[1] for row in session.execute(busy.group_by(delivery.c.subscription_id))}
    found = [(row, policy.room(row.failures) - under_way.get(row.id, 0)) for row in rows]
    return [(row, room) for row, room in found if room > 0]


def _due_of(session: Session, ready: tuple[Row[Any], int], now: datetime, limit: int) -> list[Row[Any]]:
    receiver, room = ready
    joined = select(delivery, subscription.c.url).join(subscription, subscription.c.id == delivery.c.subscription_id)
    due = joined.where(delivery.c.subscription_id == receiver.id, _sendable(), delivery.c.due <= now, UNBLOCKED)
    first = due.order_by(delivery.c.due, delivery.c.id).limit(min(room, limit))
    return list(session.execute(first.with_for_update(skip_locked=True, of=delivery)))


def _chosen(subscription_id: int, which: Selection, what: Any = delivery.c.id) -> Select[Any]:
    found = select(what).where(delivery.c.subscription_id == subscription_id)
    if which.ids:
        found = found.where(delivery.c.id.in_([read_id(each.removeprefix("msg_")) for each in which.ids]))
    if which.since:
        found = found.where(delivery.c.created_at >= which.since)
    if which.until:
        found = found.where(delivery.c.created_at < which.until)
    return found.where(delivery.c.state.in_(which.states)) if which.states else found


def _row(row: Row[Any]) -> DeliveryRow:
    due = row.due if row.state == "pending" else None
    told = row.id, row.subscription_id, row.instance_id, row.type, row.state, row.reason, row.attempts
    return DeliveryRow(*told, due, row.created_at, row.ended_at, row.body)

"""Messages: from the API, from webhooks and from other instances; each takes effect once, at exactly one place, or says why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import correlation, early, wakes
from engine.actors import SYSTEM, Actor
from engine.advance import Advance, Gone
from engine.errors import NotFound, Unusable
from engine.ids import new_id
from engine.spiff.failures import Unstorable
from engine.spiff.scope import storable
from engine.statements import Prepared, is_sqlite
from engine.tables import message, start_wait, wait
from feel.text import Text, text

NAME_LENGTH = 255
AGAIN = (timedelta(0), timedelta(seconds=2))
"""After these times a message is tried again that nobody waited for: a step that opened its wait at the same moment has committed then."""

FIND_DUPLICATE = select(message.c.id, message.c.instance_id).where(
    message.c.source == bindparam("source"), message.c.external_id == bindparam("external_id")
)
LOCKED = select(message).where(message.c.id == bindparam("id"), message.c.state == "pending").with_for_update()
WAITING = (
    select(wait.c.instance_id, wait.c.ref, wait.c.process, wait.c.element)
    .where(wait.c.kind == "message", wait.c.name == bindparam("name"), wait.c.correlation_hash == bindparam("digest"))
    .order_by(wait.c.id)
    .limit(50)
)
STARTS = (
    select(start_wait)
    .where(start_wait.c.kind == "message", start_wait.c.name == bindparam("name"))
    .order_by(start_wait.c.process)
)
NEAREST = (
    select(wait.c.correlation, wait.c.process)
    .where(wait.c.kind == "message", wait.c.name == bindparam("name"))
    .order_by(wait.c.id.desc())
    .limit(3)
)
REASON = (
    update(message)
    .where(message.c.id == bindparam("key"))
    .values(reason=bindparam("why"), reason_params=bindparam("params"), lease=bindparam("again"), worker=None)
)
UNTRIED = Prepared(
    select(message.c.id)
    .where(message.c.state == "pending", message.c.reason.is_(None))
    .order_by(message.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message. `matched`: instances that it reached or started now; 0 means that it is kept until it expires."""

    id: str
    matched: int
    duplicate: bool = False
    instance_ids: tuple[str, ...] = ()


def receive(
    session: Session,
    name: str,
    given: Mapping[str, object],
    payload: Mapping[str, object],
    *,
    now: datetime,
    message_id: str | None = None,
    source: str = "api",
    ttl: timedelta | None = None,
    target: tuple[str, str] | None = None,
    actor: Actor = SYSTEM,
) -> Received:
    """Take a message in and correlate it at once. `given`: correlation keys; `target`: (process, element) when only that step may have it.

    A repeated (source, message_id) changes nothing. Raises Unusable for a name that cannot be one or values that nothing can keep.
    """
    if not name or len(name) > NAME_LENGTH:
        raise Unusable(text("Le nom d’un message compte de 1 à %(most)s caractères.", most=NAME_LENGTH))
    try:
        storable({"correlation": given, "payload": payload})
    except Unstorable as error:
        raise Unusable(error.message) from error
    made = new_id(now)
    row = {
        "id": made,
        "source": source,
        "external_id": message_id or str(made),
        "name": name,
        "correlation": dict(given),
        "payload": dict(payload),
        "state": "pending",
        "target_process": target[0] if target else None,
        "target_element": target[1] if target else None,
        "received_at": now,
        "expires_at": now + (ttl if ttl is not None else correlation.TIME_TO_LIVE),
    }
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    kept = session.execute(make(message).on_conflict_do_nothing().returning(message.c.id), row).scalar()
    if kept is None:
        found = session.execute(FIND_DUPLICATE, row).one()
        return Received(
            str(found.id), 1 if found.instance_id else 0, duplicate=True, instance_ids=_ids(found.instance_id)
        )
    return correlate(session, made, now=now, actor=actor)


def correlate(
    session: Session, message_id: int, *, now: datetime, actor: Actor = SYSTEM, token: int | None = None
) -> Received:
    """Deliver a kept message to the one instance that waits for it, else to the start events of its name; else note why not.

    Raises NotFound when it is no longer kept: delivered or expired meanwhile, or claimed again since the lease of `token`.
    """
    row = session.execute(LOCKED, {"id": message_id}).one_or_none()
    if row is None or token not in (None, row.fence):
        raise NotFound
    reached = _to_waiting(session, row, now=now, actor=actor) or _to_starts(session, row, now=now, actor=actor)
    if not reached:
        why = _explain(session, row)
        again = _again(session, row, now)
        session.execute(REASON, {"key": row.id, "why": why.template, "params": dict(why.params), "again": again})
    return Received(str(row.id), len(reached), instance_ids=tuple(map(str, reached)))


def _to_waiting(session: Session, row: Row, *, now: datetime, actor: Actor) -> list[int]:  # type: ignore[type-arg]
    """Whoever went on while we waited for its lock may wait for the same name again: then it is looked for once more."""
    tried: set[tuple[int, str]] = set()
    for digest, _ in correlation.hashes(session, row.name, row.correlation, row.payload):
        while new := [each for each in _waiting(session, row, digest) if each not in tried]:
            for instance_id, ref in new:
                if _deliver(session, row, instance_id, ref, now=now, actor=actor):
                    return [instance_id]
            tried.update(new)
    return []


def _waiting(session: Session, row: Row, digest: str) -> list[tuple[int, str]]:  # type: ignore[type-arg]
    """The waits that expect this message, oldest first: instance and reference."""
    return [
        (waiting.instance_id, waiting.ref)
        for waiting in session.execute(WAITING, {"name": row.name, "digest": digest})
        if row.target_process in (None, waiting.process) and row.target_element in (None, waiting.element)
    ]


def _deliver(session: Session, row: Row, instance_id: int, ref: str, *, now: datetime, actor: Actor) -> bool:  # type: ignore[type-arg]
    advance = Advance(session, actor=actor, now=now)
    try:
        advance.lock(instance_id)
        advance.act(instance_id, lambda execution: execution.deliver(ref, row.payload, row.correlation))
    except Gone:
        return False  # it went on while we waited for its lock
    early.deliver(session, row.id, instance_id, now=now)
    advance.save()
    return True


def _to_starts(session: Session, row: Row, *, now: datetime, actor: Actor) -> list[int]:  # type: ignore[type-arg]
    started = []
    for start in session.execute(STARTS, {"name": row.name}).all():
        if row.target_process not in (None, start.process) or row.target_element not in (None, start.element):
            continue
        advance = Advance(session, actor=actor, now=now)
        message = {"payload": row.payload, "correlation": row.correlation, "trigger": row.name}
        running = advance.start(start.version_id, {}, start_event=start.element, **message)
        advance.save()
        started.append(running.id)
    if started:
        early.deliver(session, row.id, started[0], now=now)
    return started


def _again(session: Session, row: Row, now: datetime) -> datetime | None:  # type: ignore[type-arg]
    """When a message that nobody waits for is tried again; None: when somebody begins to wait for it.

    Whoever begins to wait looks for it then. But transactions that overlap do not see each other's rows: a message that comes while a
    step opens the wait for it would be found by neither. On SQLite no two that write overlap.
    """
    if is_sqlite(session) or row.fence >= len(AGAIN):
        return None
    again = now + AGAIN[row.fence]
    wakes.note(session, wakes.MESSAGES, due=again, now=now)
    return again


def _explain(session: Session, row: Row) -> Text:  # type: ignore[type-arg]
    brought = ", ".join(sorted({**row.payload, **row.correlation})) or "∅"
    nearest = session.execute(NEAREST, {"name": row.name}).first()
    if nearest is None:
        return text("Personne n’attend de message « %(name)s » en ce moment.", name=row.name)
    expected = ", ".join(f"{key} = {value}" for key, value in nearest.correlation.items()) or "∅"
    return text(
        "Aucun dossier n’attend « %(name)s » avec ces clés. Reçu : %(brought)s. Attendu par exemple : %(expected)s.",
        name=row.name,
        brought=brought,
        expected=expected,
    )


def pending(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Kept messages that somebody may wait for now and that no worker holds: those never tried, and those whose name is waited for."""
    waited = select(wait.c.name).where(wait.c.kind == "message").union(select(start_wait.c.name))
    found = (
        select(message.c.id)
        .where(message.c.state == "pending", message.c.expires_at > now)
        .where(message.c.lease.is_(None) | (message.c.lease <= now))
        .where(message.c.reason.is_(None) | message.c.name.in_(waited))
        .order_by(message.c.reason.isnot(None), message.c.id)
        .limit(limit)
    )
    return list(session.execute(found).scalars())


def untried(session: Session, *, limit: int = 100) -> list[int]:
    """Messages that were thrown and not yet looked at, oldest first."""
    return [row.id for row in UNTRIED.all(session, most=limit)]


def expire(session: Session, *, now: datetime) -> int:
    """Messages whose time to live is over; the number of them."""
    ended = update(message).where(message.c.state == "pending", message.c.expires_at <= now).values(state="expired")
    return int(session.execute(ended).rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message in the inbox. `state`: pending, delivered or expired; `reason` says why it is pending."""

    id: str
    name: str
    source: str
    state: str
    correlation: Mapping[str, object]
    payload: Mapping[str, object]
    reason: Text | None
    received_at: datetime
    expires_at: datetime
    delivered_at: datetime | None
    instance_id: str | None
    sent: bool = False


def of_instance(session: Session, instance_id: int, *, limit: int = 100) -> list[MessageRow]:
    """Messages that reached or left an instance, newest first."""
    found = select(message).where((message.c.instance_id == instance_id) | (message.c.thrown_by == instance_id))
    return [_row(row, instance_id) for row in session.execute(found.order_by(message.c.id.desc()).limit(limit))]


def inbox(session: Session, *, state: str | None = None, limit: int = 100) -> list[MessageRow]:
    """The newest messages, for operators."""
    found = select(message).order_by(message.c.id.desc()).limit(limit)
    return [_row(row, None) for row in session.execute(found.where(message.c.state == state) if state else found)]


def _row(row: Row, instance_id: int | None) -> MessageRow:  # type: ignore[type-arg]
    reason = Text(row.reason, row.reason_params or {}) if row.reason else None
    return MessageRow(
        str(row.id),
        row.name,
        row.source,
        row.state,
        row.correlation,
        row.payload,
        reason,
        row.received_at,
        row.expires_at,
        row.delivered_at,
        None if row.instance_id is None else str(row.instance_id),
        sent=row.thrown_by is not None and row.thrown_by == instance_id,
    )


def _ids(instance_id: int | None) -> tuple[str, ...]:
    return () if instance_id is None else (str(instance_id),)

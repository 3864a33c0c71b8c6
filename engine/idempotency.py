"""What may be repeated happens once: kept in the transaction of its first time, so that it is known exactly when its change is there.

Answers to requests are kept with the request's fingerprint, ids of deliveries without one; each kind is forgotten after its own time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.errors import Conflict
from engine.tables import idempotency
from feel.text import text

FIND = select(idempotency.c.fingerprint, idempotency.c.status, idempotency.c.body).where(
    idempotency.c.id == bindparam("id"), idempotency.c.at > bindparam("since")
)
FORGET = delete(idempotency).where(idempotency.c.at <= bindparam("since"), idempotency.c.fingerprint != "")
FORGET_IDS = delete(idempotency).where(idempotency.c.at <= bindparam("since"), idempotency.c.fingerprint == "")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer; `fingerprint`, never empty, tells the request that it answers from others with the same key."""

    fingerprint: str
    status: int
    body: bytes


def find(session: Session, key: str, *, now: datetime, lifetime: timedelta) -> Kept | None:
    """The answer kept under this key, unless it is older than `lifetime`."""
    row = session.execute(FIND, {"id": key, "since": now - lifetime}).one_or_none()
    return None if row is None else Kept(row.fingerprint, row.status, row.body)


def keep(session: Session, key: str, kept: Kept, *, now: datetime, lifetime: timedelta) -> None:
    """Keep an answer, and forget those older than `lifetime`. Raises Conflict when another request answers under this key now."""
    session.execute(FORGET, {"since": now - lifetime})
    row = {"id": key, "fingerprint": kept.fingerprint, "status": kept.status, "body": kept.body, "at": now}
    try:
        session.execute(insert(idempotency), row)
    except IntegrityError as error:
        raise Conflict(text("La même demande est encore en cours.")) from error


def first_time(session: Session, key: str, *, now: datetime, lifetime: timedelta) -> bool:
    """Whether this id comes for the first time in `lifetime`; then it is kept. At the same moment, the second waits for the first."""
    session.execute(FORGET_IDS, {"since": now - lifetime})
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {"id": key, "fingerprint": "", "status": 0, "body": b"", "at": now}
    kept = session.execute(make(idempotency).on_conflict_do_nothing().returning(idempotency.c.id), row)
    return kept.scalar() is not None


def digest(*parts: bytes | str) -> str:
    """A hash over parts of any length, each kept apart from the next."""
    made = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        made.update(len(content).to_bytes(8, "big") + content)
    return made.hexdigest()

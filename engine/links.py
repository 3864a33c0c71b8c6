"""Private links: who holds one follows a case without an account, and answers what is asked of its applicant."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.ids import read_id
from engine.tables import instance, link

CASE = (
    select(link.c.instance_id, instance.c.root_id)
    .join(instance, instance.c.id == link.c.instance_id)
    .where(link.c.token_hash == bindparam("hash"))
)


def create(session: Session, instance_id: str | int, *, now: datetime) -> str:
    """A new link to an instance: its token, to show once; only a hash is stored. Raises NotFound."""
    number = read_id(instance_id)
    if number is None or session.execute(select(instance.c.id).where(instance.c.id == number)).scalar() is None:
        raise NotFound
    raw = secrets.token_urlsafe(32)
    session.execute(insert(link), {"token_hash": _hash(raw), "instance_id": number, "created_at": now})
    return raw


def instance_of(session: Session, raw: str) -> int | None:
    """The id of the instance that a link leads to; None when the link is unknown or was withdrawn."""
    row = session.execute(CASE, {"hash": _hash(raw)}).one_or_none()
    return None if row is None else int(row.instance_id)


def withdraw(session: Session, instance_id: str | int) -> int:
    """No link leads to this instance any more; the number of links that did."""
    gone = session.execute(delete(link).where(link.c.instance_id == read_id(instance_id)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _hash(raw: str) -> str:
    return hashlib.sha256(raw.encode(errors="replace")).hexdigest()

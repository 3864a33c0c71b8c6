"""Who is signed in: rows that a random token, held by the browser alone, stands for. Deleting a row signs out every copy of its cookie."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from engine.tables import user_session

REFRESH = timedelta(minutes=5)

FIND = select(user_session.c.user_id, user_session.c.created_at, user_session.c.seen_at).where(
    user_session.c.id == bindparam("key")
)


def open_session(session: Session, user_id: int, *, now: datetime) -> str:
    """A new signed-in session; returns its token, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    session.execute(insert(user_session).values(id=_key(token), user_id=user_id, created_at=now, seen_at=now))
    return token


def user_of(
    session: Session, token: str, *, now: datetime, lifetime: timedelta, idle: timedelta
) -> tuple[int, bool] | None:
    """The user of this token and whether `touch` is due; None when unknown, too old or unused for too long."""
    row = session.execute(FIND, {"key": _key(token)}).one_or_none()
    if row is None or now - row.created_at > lifetime or now - row.seen_at > idle:
        return None
    return row.user_id, now - row.seen_at > REFRESH


def touch(session: Session, token: str, *, now: datetime) -> None:
    """The session was just used."""
    session.execute(update(user_session).where(user_session.c.id == _key(token)).values(seen_at=now))


def close_session(session: Session, token: str) -> None:
    """Sign out."""
    session.execute(delete(user_session).where(user_session.c.id == _key(token)))


def forget_old(session: Session, *, now: datetime, lifetime: timedelta) -> None:
    """Remove the rows of sessions that ended by age."""
    session.execute(delete(user_session).where(user_session.c.created_at < now - lifetime))


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

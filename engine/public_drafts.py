"""Answers of somebody without an account, kept between the pages of a public form; a random token in their browser opens them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from engine.errors import Conflict
from engine.tables import public_draft
from feel.text import text

LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PublicDraft:
    """Raw answers so far. `instance_id` is there once they were sent: they cannot be sent twice."""

    answers: Mapping[str, object]
    saved_at: datetime
    instance_id: int | None


def find(
    session: Session, token: str, process: str, element: str, *, now: datetime, lock: bool = False
) -> PublicDraft | None:
    """The draft of this token for this start, unless it is older than its lifetime. `lock`: until the transaction ends."""
    found = select(public_draft).where(
        public_draft.c.token_hash == _key(token),
        public_draft.c.process == process,
        public_draft.c.element == element,
        public_draft.c.saved_at > now - LIFETIME,
    )
    row = session.execute(found.with_for_update() if lock else found).one_or_none()
    return None if row is None else PublicDraft(row.answers, row.saved_at, row.instance_id)


def save(
    session: Session, token: str, process: str, element: str, answers: Mapping[str, object], *, now: datetime
) -> None:
    """Keep the answers under this token, and forget the drafts whose lifetime is over.

    Raises Conflict when those of this token were sent, or are of another form.
    """
    forget_old(session, now=now)
    found = update(public_draft).where(public_draft.c.token_hash == _key(token), public_draft.c.instance_id.is_(None))
    found = found.where(public_draft.c.process == process, public_draft.c.element == element)
    if session.execute(found.values(answers=dict(answers), saved_at=now)).rowcount:  # type: ignore[attr-defined]
        return
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    made = make(public_draft).on_conflict_do_nothing().returning(public_draft.c.token_hash)
    row = {"token_hash": _key(token), "process": process, "element": element, "answers": dict(answers), "saved_at": now}
    if session.execute(made, row).scalar() is None:
        raise Conflict(text("Cette demande est déjà envoyée. Pour en faire une autre, rouvrez le formulaire."))


def sent(session: Session, token: str, instance_id: int) -> None:
    """The answers became an instance: they are emptied, and the row remembers which."""
    found = update(public_draft).where(public_draft.c.token_hash == _key(token))
    session.execute(found.values(answers={}, instance_id=instance_id))


def forget_old(session: Session, *, now: datetime) -> None:
    """Remove drafts older than their lifetime."""
    session.execute(delete(public_draft).where(public_draft.c.saved_at <= now - LIFETIME))


def new_token() -> str:
    """A token that cannot be guessed; stored nowhere but in the browser."""
    return secrets.token_urlsafe(32)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

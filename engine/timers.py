"""Timers: rows that say when an instance wants to be looked at, or when a process starts by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import wakes
from engine.actors import SYSTEM
from engine.advance import Advance, Gone
from engine.errors import NotFound
from engine.statements import Prepared
from engine.tables import timer, version
from engine.timing import next_moment

BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(minutes=10)

DUE = Prepared(
    select(timer.c.id).where(timer.c.due <= bindparam("now")).order_by(timer.c.due, timer.c.id).limit(bindparam("most"))
)
FIND = select(timer).where(timer.c.id == bindparam("id"))
FIND_AGAIN = FIND.with_for_update()
NEXT_DUE = Prepared(select(func.min(timer.c.due)))
DROP = delete(timer).where(timer.c.id == bindparam("key"))


def due(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Timers whose moment has come, the earliest first."""
    return [row.id for row in DUE.all(session, now=now, most=limit)]


def next_due(session: Session) -> datetime | None:
    """When the next timer is due; None when there is none."""
    found: datetime | None = NEXT_DUE.value(session)
    return found


def fire(session: Session, timer_id: int, *, now: datetime, token: int | None = None) -> bool:
    """Fire a timer once: under its instance's lock it is read again, and when it is gone there is nothing to do.

    `token`: that of the lease; nothing happens when it was claimed again meanwhile.
    """
    row = session.execute(FIND, {"id": timer_id}).one_or_none()
    if row is None:
        return False
    if row.instance_id is None:
        return _start(session, timer_id, now, token)
    advance = Advance(session, actor=SYSTEM, now=now)
    try:
        advance.lock(row.instance_id)
    except NotFound:
        session.execute(DROP, {"key": timer_id})
        return False
    row = session.execute(FIND, {"id": timer_id}).one_or_none()
    if row is None or row.due > now or token not in (None, row.fence):
        return False
    try:
        advance.act(row.instance_id, lambda execution: execution.fire(row.ref))
    except Gone:
        session.execute(DROP, {"key": timer_id})
        return False
    advance.save()
    return True


def _start(session: Session, timer_id: int, now: datetime, token: int | None) -> bool:
    row: Row | None = session.execute(FIND_AGAIN, {"id": timer_id}).one_or_none()  # type: ignore[type-arg]
    if row is None or row.due > now or token not in (None, row.fence):
        return False
    published = session.execute(select(version.c.published_at).where(version.c.id == row.version_id)).scalar_one()
    following = next_moment(row.ref, row.due, row.remaining, now, anchor=published)
    if following is None:
        session.execute(DROP, {"key": timer_id})
    else:
        changed = update(timer).where(timer.c.id == timer_id)
        session.execute(changed.values(due=following.due, remaining=following.remaining, lease=None, worker=None))
        wakes.note(session, wakes.TIMERS, due=following.due, now=now)
    advance = Advance(session, actor=SYSTEM, now=now)
    advance.start(row.version_id, {}, start_event=row.element)
    advance.save()
    return True


def postpone(session: Session, timer_id: int, *, now: datetime, token: int | None = None) -> None:
    """A timer whose step could not be done is tried again later, each time after a longer pause.

    `token`: that of the lease; nothing happens when it was claimed again meanwhile.
    """
    held = FIND_AGAIN if token is None else FIND_AGAIN.where(timer.c.fence == token)
    row = session.execute(held, {"id": timer_id}).one_or_none()
    if row is not None:
        failures = row.failures
        pause = min(BACK_OFF * 2 ** min(failures, 10), LONGEST_BACK_OFF)
        later = {"failures": failures + 1, "due": now + pause, "lease": None, "worker": None}
        session.execute(update(timer).where(timer.c.id == timer_id).values(later))

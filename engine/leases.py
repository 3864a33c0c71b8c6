"""Leases: which worker does which row, until when, and the fencing token that tells a late worker that it is no longer the one.

Whoever claims a row raises its fence. A worker that was stopped past its lease finds a higher fence and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Update, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session

from engine.clock import LATEST
from engine.fairness import select_fairly
from engine.tables import TO_MIGRATE, call, delivery, message, migration_step, signal, timer

LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed row. `token` is its fence: whoever claims it later gets a higher one, and this one no longer counts.

    After `until` the row is anybody's, and its holder must not begin with it.
    """

    id: int
    token: int
    until: datetime = LATEST


class Leased:
    """The rows of one table that workers do one by one: how they are found and claimed."""

    def __init__(self, table: Table, *, ready: ColumnElement[bool] | None, place: ColumnElement[Any], owner: ColumnElement[Any]) -> None:
        free = or_(table.c.lease.is_(None), table.c.lease <= bindparam("now"))
        self._ready = free if ready is None else and_(ready, free)
        self._any = select(exists().where(self._ready))
        held = table.c.lease > bindparam("now")
        self._next: Select[Any] = select_fairly(table, ready=self._ready, held=held, place=place, owner=owner)
        self._taken: Update = (
            update(table)
            .where(table.c.id == bindparam("key"))
            .values(lease=bindparam("until"), fence=table.c.fence + 1, worker=bindparam("its_worker"))
        )
        self._delayed: Update = (
            update(table)
            .where(table.c.id == bindparam("key"), table.c.fence == bindparam("token"))
            .values(lease=bindparam("until"), worker=None)
        )

    def any(self, session: Session, *, now: datetime) -> bool:
        """Whether there is something to claim."""
        return bool(session.execute(self._any, {"now": now}).scalar())

    def claim(self, session: Session, *, now: datetime, worker: str, limit: int, lease: timedelta = LEASE) -> list[Lease]:
        """Take rows that are ready and that nobody holds, or whose lease ran out."""
        rows = session.execute(self._next, {"now": now, "most": limit}).all()
        for row in rows:
            session.execute(self._taken, {"key": row.id, "until": now + lease, "its_worker": worker})
        return [Lease(row.id, row.fence + 1, now + lease) for row in rows]

    def delay(self, session: Session, held: Lease, *, until: datetime) -> bool:
        """Leave a row alone until then; False when the lease is lost, and then nothing changes."""
        changed = session.execute(self._delayed, {"key": held.id, "token": held.token, "until": until})
        return bool(changed.rowcount)  # type: ignore[attr-defined]


MESSAGES = Leased(
    message,
    ready=and_(message.c.state == "pending", or_(message.c.reason.is_(None), message.c.lease.is_not(None))),
    place=message.c.id,
    owner=func.coalesce(message.c.thrown_by, message.c.id),
)
SIGNALS = Leased(signal, ready=None, place=signal.c.id, owner=func.coalesce(signal.c.thrown_by, signal.c.id))
TIMERS = Leased(timer, ready=timer.c.due <= bindparam("now"), place=timer.c.due, owner=func.coalesce(timer.c.instance_id, timer.c.id))
MIGRATIONS = Leased(
    migration_step,
    ready=TO_MIGRATE,
    place=migration_step.c.id,
    owner=migration_step.c.instance_id,
)

#: The column of each table in which its lease ends.
ENDS = ((call, "due"), (delivery, "due"), (timer, "lease"), (message, "lease"), (signal, "lease"), (migration_step, "lease"))


def free(session: Session, gone: Callable[[str], bool], *, now: datetime) -> int:
    """Free what workers held of which `gone` says so, by their name, now and not only when their leases run out; the number of rows."""
    freed = 0
    for table, ends in ENDS:
        names = session.execute(select(table.c.worker).where(table.c.worker.is_not(None)).distinct()).scalars().all()
        for name in filter(gone, names):
            held = update(table).where(table.c.worker == name, table.c[ends] > now)
            freed += session.execute(held.values({ends: now, "worker": None})).rowcount  # type: ignore[attr-defined]
    return freed

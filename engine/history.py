"""The history of an instance: what happened, in order, never changed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine.ids import read_id
from engine.pages import Page, read_cursor, write_cursor
from engine.tables import event, instance


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `seq` counts from 1 in its instance; `actor` is `user:…`, `token:…`, `system` or `public`."""

    seq: int
    type: str
    element_id: str
    element_type: str
    at: datetime
    actor: str
    data: Mapping[str, object]
    instance_id: str


@dataclass(frozen=True, slots=True)
class Written:
    """Entries that a transaction wrote, for whoever tells others of them before it commits.

    `entries` are rows of `event`. `instance_id` is None for what belongs to no instance. `variables` gives those of the instance now.
    """

    process: str
    instance_id: int | None
    business_key: str | None
    title: str
    entries: Sequence[Mapping[str, Any]]
    variables: Callable[[], Mapping[str, object]]


WRITTEN = "written"


def note(session: Session, written: Written) -> None:
    """Keep what this transaction wrote until it commits."""
    session.info.setdefault(WRITTEN, []).append(written)


def take_written(session: Session) -> list[Written]:
    """What was noted, in order; it is forgotten with that."""
    noted: list[Written] = session.info.pop(WRITTEN, [])
    return noted


def events(
    session: Session,
    instance_id: str | int,
    *,
    children: bool = False,
    cursor: str | None = None,
    limit: int = 200,
    type: str | None = None,  # noqa: A002
) -> Page[Event]:
    """The events of an instance in order; with `children` also those of the instances that it called, as they happened."""
    number = read_id(instance_id)
    found = select(event)
    found = found.where(
        event.c.instance_id.in_(_family(session, number)) if children else event.c.instance_id == number
    )
    if type:
        found = found.where(event.c.type == type)
    order = event.c.place if children else event.c.seq
    place = read_cursor(cursor, int)
    if place is not None:
        found = found.where(order > place[0])
    rows = session.execute(found.order_by(order).limit(limit + 1)).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = write_cursor(last.place if children else last.seq)
    return Page([of_row(row) for row in rows[:limit]], following)


def _family(session: Session, instance_id: int | None) -> list[int]:
    """The instance and all that it called, directly or not."""
    found, fresh = [], [instance_id]
    while fresh:
        found += fresh
        fresh = list(session.execute(select(instance.c.id).where(instance.c.parent_id.in_(fresh))).scalars())
    return [each for each in found if each is not None]


def of_row(row: Row) -> Event:  # type: ignore[type-arg]
    """A row of `event` as it is told."""
    return Event(row.seq, row.type, row.element, row.element_type, row.at, row.actor, row.data, str(row.instance_id))

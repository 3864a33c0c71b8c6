"""Running instances that go on in another version of their process: what would become of each, the order, its steps, and taking it back.

Each instance moves in a transaction of its own, under the lock of its call tree, and is judged again there: what moved meanwhile, or can
no longer go, stays where it is and the step says why. A step can be taken back while its instance has not moved since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import moving, permissions, versions, wakes
from engine.actors import Actor
from engine.errors import NotFound, Unusable
from engine.ids import new_id, read_id
from engine.moving import State
from engine.pages import Page, read_cursor, write_cursor
from engine.spiff.definition import Definition
from engine.spiff.hurdles import Hurdle
from engine.spiff.migration import Moved, move, places
from engine.tables import instance, migration, migration_step, version
from feel.text import text

Outcome: TypeAlias = Literal["same", "moves", "mapping", "cannot"]

MOST = 20_000
"""Instances that one migration takes, and that an assessment looks at."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Fate:
    """What would become of an instance: `same` version already, it `moves`, needs a `mapping` of elements that are gone, or `cannot`.

    `places`: the ids of the elements at which it stands, in its own version.
    """

    instance_id: int
    title: str
    version_id: int
    version: int
    outcome: Outcome
    hurdles: tuple[Hurdle, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A migration and how far it is: the number of its instances by state."""

    id: int
    process: str
    version: int
    mapping: Mapping[str, str]
    created_at: datetime
    created_by: str
    undone_by: str | None
    counts: Mapping[str, int]

    @property
    def is_under_way(self) -> bool:
        """Whether something is still to be done."""
        return bool(self.counts.get("pending") or self.counts.get("undoing"))

    @property
    def total(self) -> int:
        """How many instances it is about."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Step:
    """One instance of a migration."""

    instance_id: int
    title: str
    process: str
    from_version: int
    to_version: int
    state: State
    hurdles: tuple[Hurdle, ...]


def assess(session: Session, key: str, new: Definition, mapping: Mapping[str, str]) -> list[Fate]:
    """What would become of each running instance of a process in that definition, published or not; the newest first, MOST of them."""
    columns = (instance.c.id, instance.c.title, instance.c.version_id, instance.c.snapshot, version.c.number)
    found = select(*columns).join(version, version.c.id == instance.c.version_id)
    running = found.where(instance.c.process == key, instance.c.state == "running").order_by(instance.c.id.desc()).limit(MOST)
    rows = session.execute(running.execution_options(yield_per=AT_ONCE))
    olds: dict[int, Definition] = {}
    return [_fate(session, row, new, mapping, olds) for row in rows]


def _fate(session: Session, row: Any, new: Definition, mapping: Mapping[str, str], olds: dict[int, Definition]) -> Fate:
    old = olds.get(row.version_id)
    if old is None:
        old = olds[row.version_id] = versions.definition(session, row.version_id)
    outcome: Outcome = "same"
    hurdles: tuple[Hurdle, ...] = ()
    if row.version_id != new.version_id:
        moved = move(old, new, row.snapshot, mapping)
        hurdles = () if isinstance(moved, Moved) else moved
        outcome = "cannot" if any(each.code != "gone" for each in hurdles) else "mapping" if hurdles else "moves"
    at = () if any(each.code == "unreadable" for each in hurdles) else tuple(places(old, row.snapshot))
    return Fate(row.id, row.title, row.version_id, row.number, outcome, hurdles, at)


def check_mapping(old: Sequence[Definition], new: Definition, mapping: Mapping[str, str]) -> None:
    """Raises Unusable for a mapping from or to an element that does not exist."""
    known = {element for each in old for element in each.elements}
    for source, target in mapping.items():
        if source not in known:
            raise Unusable(text("Aucune version de ces dossiers n’a d’élément « %(element)s ».", element=source))
        if target not in new.elements:
            raise Unusable(text("La nouvelle version n’a pas d’élément « %(element)s ».", element=target))


def begin(
    session: Session,
    key: str,
    *,
    actor: Actor,
    now: datetime,
    number: int | None = None,
    mapping: Mapping[str, str] | None = None,
    chosen: Sequence[int] | None = None,
    called: bool = False,
) -> int:
    """Order that instances go on in that version, the newest unless given: those `chosen`, else all that run in another; the order's id.

    `called`: also the instances that they called, each in the newest version of its process. Raises NotFound, Forbidden, Unusable.
    """
    permissions.require(actor, "migrate", None)
    to = versions.process(session, key) if number is None else versions.numbered(session, key, number)
    mapping = dict(mapping or {})
    sources = session.execute(select(instance.c.version_id).where(instance.c.process == key).distinct()).scalars().all()
    check_mapping([versions.definition(session, each) for each in sources], versions.definition(session, to.version_id), mapping)
    running = select(instance.c.id, instance.c.root_id, instance.c.version_id).where(
        instance.c.process == key, instance.c.state == "running", instance.c.version_id != to.version_id
    )
    rows = session.execute(running.order_by(instance.c.id).limit(MOST)).all()
    if chosen is not None:
        wanted = frozenset(chosen)
        rows = [row for row in rows if row.id in wanted]
    if not rows:
        raise Unusable(text("Aucun de ces dossiers n’est en cours dans une autre version."))
    steps = [(row.id, row.version_id, to.version_id) for row in rows]
    steps += _called(session, key, {row.root_id for row in rows}) if called else []
    made = new_id(now)
    order = {"id": made, "process": key, "version_id": to.version_id, "mapping": mapping, "created_at": now, "created_by": actor.label}
    session.execute(insert(migration), order)
    session.execute(insert(migration_step), [_step(made, step, now) for step in steps])
    wakes.note(session, wakes.MESSAGES)
    return made


def _called(session: Session, key: str, roots: set[int]) -> list[tuple[int, int, int]]:
    """The running instances of other processes in those call trees that are not in the newest version of theirs."""
    found = []
    for start in range(0, len(roots), AT_ONCE):
        some = sorted(roots)[start : start + AT_ONCE]
        running = select(instance.c.id, instance.c.process, instance.c.version_id).where(instance.c.root_id.in_(some))
        for row in session.execute(running.where(instance.c.state == "running", instance.c.process != key).order_by(instance.c.id)):
            newest = versions.newest(session, row.process)
            if newest is not None and newest.id != row.version_id:
                found.append((row.id, row.version_id, newest.id))
    return found


def _step(order_id: int, step: tuple[int, int, int], now: datetime) -> dict[str, Any]:
    instance_id, source, target = step
    row = {"id": new_id(now), "migration_id": order_id, "instance_id": instance_id, "from_id": source, "to_id": target}
    return row | {"state": "pending", "hurdles": []}


def undo(session: Session, order_id: str | int, *, actor: Actor, now: datetime) -> int:
    """Take back every instance of a migration that has not moved since; the number of those that are tried. Raises NotFound, Forbidden."""
    permissions.require(actor, "migrate", None)
    order = find(session, order_id)
    moved = migration_step.c.migration_id == order.id, migration_step.c.state == "done"
    number: int = session.execute(update(migration_step).where(*moved).values(state="undoing", lease=None)).rowcount  # type: ignore[attr-defined]
    if number:
        session.execute(update(migration).where(migration.c.id == order.id).values(undone_at=now, undone_by=actor.label))
        wakes.note(session, wakes.MESSAGES)
    return number


def perform(session: Session, step_id: int, *, now: datetime, token: int | None = None) -> None:
    """Do one step. Nothing happens when the lease `token` is lost. Raises NotFound."""
    row = session.execute(select(migration_step).where(migration_step.c.id == step_id)).one_or_none()
    if row is None:
        raise NotFound
    order = session.execute(select(migration).where(migration.c.id == row.migration_id)).one()
    moving.take(session, row, order, now=now, token=token)


def find(session: Session, order_id: str | int) -> Order:
    """One migration. Raises NotFound."""
    orders = _orders(session, migration.c.id == read_id(order_id))
    if not orders:
        raise NotFound
    return orders[0]


def page(session: Session, key: str, *, cursor: str | None = None, limit: int = 50) -> Page[Order]:
    """The migrations of a process, the newest first."""
    place = read_cursor(cursor, int)
    older = [migration.c.id < place[0]] if place else []
    found = _orders(session, migration.c.process == key, *older, limit=limit + 1)
    return Page(found[:limit], write_cursor(found[limit - 1].id) if len(found) > limit else None)


def steps(session: Session, order_id: int, *, state: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[Step]:
    """The instances of a migration, in order."""
    source, target = version.alias("source"), version.alias("target")
    numbers = source.c.number.label("from_number"), target.c.number.label("to_number")
    found = (
        select(migration_step, instance.c.title, instance.c.process, *numbers)
        .join(instance, instance.c.id == migration_step.c.instance_id)
        .join(source, source.c.id == migration_step.c.from_id)
        .join(target, target.c.id == migration_step.c.to_id)
        .where(migration_step.c.migration_id == order_id)
    )
    if state is not None:
        found = found.where(migration_step.c.state == state)
    place = read_cursor(cursor, int)
    if place:
        found = found.where(migration_step.c.id > place[0])
    rows = session.execute(found.order_by(migration_step.c.id).limit(limit + 1)).all()
    following = write_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page([_told(row) for row in rows[:limit]], following)


def _told(row: Row[Any]) -> Step:
    hurdles = tuple(Hurdle(*each) for each in row.hurdles)
    return Step(row.instance_id, row.title, row.process, row.from_number, row.to_number, row.state, hurdles)


def _orders(session: Session, *which: Any, limit: int = 1) -> list[Order]:
    found = select(migration, version.c.number).join(version, version.c.id == migration.c.version_id).where(*which)
    rows = session.execute(found.order_by(migration.c.id.desc()).limit(limit)).all()
    counted: dict[int, Counter[str]] = {row.id: Counter() for row in rows}
    states = select(migration_step.c.migration_id, migration_step.c.state, func.count().label("number"))
    mine = states.where(migration_step.c.migration_id.in_(counted)).group_by(migration_step.c.migration_id, migration_step.c.state)
    for each in session.execute(mine):
        counted[each.migration_id][each.state] = each.number
    return [
        Order(row.id, row.process, row.number, row.mapping, row.created_at, row.created_by, row.undone_by, counted[row.id])
        for row in rows
    ]

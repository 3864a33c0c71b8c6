"""One instance of a migration: moved to the other version, or taken back, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import versions
from engine.actors import Actor
from engine.advance import LOAD, Advance
from engine.effects import (
    Effect,
    Happened,
    IncidentClosed,
    IncidentOpened,
    TimerCleared,
    TimerSet,
    WaitClosed,
    WaitOpened,
)
from engine.ids import new_id
from engine.largevalues import reader
from engine.spiff.execution import Execution, Standing
from engine.spiff.migration import Moved, move, newcomers
from engine.tables import call, event, incident, instance, migration_step, task, timer, wait

State: TypeAlias = Literal["pending", "done", "refused", "over", "undoing", "undone", "kept"]
"""`refused`: something stands in the way; `over`: it ended, or was there already; `kept`: it moved on, and was not taken back."""

TABLES: Mapping[str, Table] = {"task": task, "timer": timer, "wait": wait, "call": call, "incident": incident}
LISTENING = (TimerSet, TimerCleared, WaitOpened, WaitClosed, IncidentOpened, IncidentClosed)
"""What may open and close with a move that can be taken back."""


def take(session: Session, step: Row[Any], order: Row[Any], *, now: datetime, token: int | None) -> None:
    """Do the step that an order asks for, if its lease `token` still holds."""
    actor = _actor(order.undone_by or order.created_by)
    advance = Advance(session, actor=actor, now=now)
    advance.lock(step.instance_id)
    step = session.execute(select(migration_step).where(migration_step.c.id == step.id).with_for_update()).one()
    if token is not None and step.fence != token:
        return
    row = LOAD.one(session, id=step.instance_id)
    if step.state == "pending":
        _move(advance, step, row, order.mapping)
    elif step.state == "undoing":
        _take_back(session, step, row, actor, now)


def _move(advance: Advance, step: Row[Any], row: Any, mapping: Mapping[str, str]) -> None:
    session, now = advance.session, advance.now
    if row.state != "running" or row.version_id == step.to_id:
        return _end(session, step, "over", now)
    old, new = versions.definition(session, row.version_id), versions.definition(session, step.to_id)
    mapping = {} if old.key != new.key else mapping
    moved = move(old, new, row.snapshot, mapping)
    if not isinstance(moved, Moved):
        hurdles = [[each.code, each.element, each.name] for each in moved]
        return _end(session, step, "refused", now, hurdles=hurdles)
    before = Execution.restore(old, row.snapshot, now=now, read=reader(session, row.id)).standing()
    listeners = newcomers(old, new, mapping)
    execution = Execution.restore_moved(new, moved, listeners, now=now, read=reader(session, row.id))
    undo = _undo(session, row.id, before, execution.effects)
    _rename(session, row.id, before, execution.standing())
    session.execute(update(instance).where(instance.c.id == row.id).values(version_id=step.to_id))
    running = advance.adopt(row, new, execution)
    running.version_id = step.to_id
    running.writer.note(Happened("instance.migrated", data=_versions(session, step)))
    advance.save()
    after = _revision(session, row.id)
    undo = undo if after == row.revision + 1 else None  # a message that had come early moved it further
    return _end(session, step, "done", now, from_id=row.version_id, before=row.snapshot, undo=undo, revision=after)


def _undo(session: Session, instance_id: int, before: Mapping[str, Standing], effects: Iterable[Effect]) -> dict[str, Any] | None:
    """What taking the move back needs; None when it made more happen than listening."""
    opened: list[str] = []
    closed: list[str] = []
    for effect in effects:
        if isinstance(effect, Happened):
            continue
        if not isinstance(effect, LISTENING):
            return None
        opens = isinstance(effect, TimerSet | WaitOpened | IncidentOpened)
        (opened if opens else closed).append(effect.ref)
    kept = []
    for ref in closed:
        table = TABLES[before[ref].kind]
        row = session.execute(select(table).where(table.c.instance_id == instance_id, table.c.ref == ref)).one()
        kept.append([table.name, {name: _plain(value) for name, value in row._mapping.items()}])
    tasks = session.execute(select(task).where(task.c.instance_id == instance_id, task.c.state == "open"))
    names = [[row.ref, row.element, row.name, row.form_key] for row in tasks]
    places = [[each.kind, ref, each.element] for ref, each in before.items() if each.kind in TABLES]
    return {"opened": opened, "closed": kept, "tasks": names, "places": places}


def _rename(session: Session, instance_id: int, before: Mapping[str, Standing], after: Mapping[str, Standing]) -> None:
    """Rows of what stays open: tasks show the form and name of the new version, everything its element."""
    for ref, now in after.items():
        was = before.get(ref)
        if was is None or now == was or now.kind not in TABLES:
            continue
        values: dict[str, Any] = {"element": now.element}
        if now.kind == "task":
            values |= {"name": now.name, "form_key": now.form_key}
        _update(session, now.kind, instance_id, ref, values)


def _take_back(session: Session, step: Row[Any], row: Any, actor: Actor, now: datetime) -> None:
    if step.undo is None or row.state != "running" or row.revision != step.revision or row.version_id != step.to_id:
        return _end(session, step, "kept", now)
    undo = step.undo
    for table in (timer, wait, incident):
        session.execute(delete(table).where(table.c.instance_id == row.id, table.c.ref.in_(undo["opened"])))
    for name, values in undo["closed"]:
        session.execute(insert(TABLES[name]), {key: _rich(TABLES[name], key, value) for key, value in values.items()})
    for kind, ref, element in undo["places"]:
        _update(session, kind, row.id, ref, {"element": element})
    for ref, element, name, form_key in undo["tasks"]:
        _update(session, "task", row.id, ref, {"element": element, "name": name, "form_key": form_key})
    moved = {"version_id": step.from_id, "snapshot": step.before, "revision": row.revision + 1, "seq": row.seq + 1, "updated_at": now}
    session.execute(update(instance).where(instance.c.id == row.id).values(**moved))
    entry = {"instance_id": row.id, "seq": row.seq + 1, "place": new_id(now), "at": now, "actor": actor.label}
    data = {"type": "instance.migration-undone", "element": "", "element_type": "", "data": _versions(session, step)}
    session.execute(insert(event), entry | data)
    return _end(session, step, "undone", now)


def _update(session: Session, kind: str, instance_id: int, ref: str, values: Mapping[str, Any]) -> None:
    table = TABLES[kind]
    session.execute(update(table).where(table.c.instance_id == instance_id, table.c.ref == ref).values(**values))


def _end(session: Session, step: Row[Any], state: State, now: datetime, **values: Any) -> None:
    ended = {"state": state, "ended_at": now, "lease": None, "worker": None} | values
    session.execute(update(migration_step).where(migration_step.c.id == step.id).values(**ended))


def _versions(session: Session, step: Row[Any]) -> dict[str, object]:
    return {"from": versions.number(session, step.from_id), "to": versions.number(session, step.to_id)}


def _revision(session: Session, instance_id: int) -> int:
    return int(session.execute(select(instance.c.revision).where(instance.c.id == instance_id)).scalar_one())


def _actor(label: str) -> Actor:
    """Who ordered it, as the history names them; it was checked then that they may."""
    kind, _, name = label.partition(":")
    return Actor(kind, None, name, roles=frozenset({"admin"}))  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _rich(table: Table, column: str, value: Any) -> Any:
    is_moment = isinstance(value, str) and type(table.c[column].type).__name__ == "Moment"
    return datetime.fromisoformat(value) if is_moment else value


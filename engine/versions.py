"""What is published: versions of processes, frozen with their forms and decisions. Running instances keep theirs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy import text as text_clause
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import history, permissions, wakes
from engine.actors import Actor
from engine.bundle import Bundle, File
from engine.checks import check
from engine.connectors import Connectors
from engine.errors import NotFound, Refused
from engine.history import Written
from engine.ids import new_id
from engine.pages import MOST, Page, read_cursor, write_cursor
from engine.spiff.definition import Definition, build
from engine.statements import Prepared, database
from engine.tables import bundle, bundle_file, start_wait, timer, user_group, version
from engine.tables import decision as decision_table
from engine.timing import first_moment
from feel.dmn.model import Decision, Model
from feel.problems import Problem
from feel.text import text

KEPT_IN_MEMORY = 500
"""Definitions of versions that a process keeps ready; the least used ones are built again when needed."""

MOST_VERSIONS = 2**31 - 1
"""The column for the number of a version holds no more."""

NEWEST = Prepared(
    select(version).where(version.c.process == bindparam("key")).order_by(version.c.number.desc()).limit(1)
)
BUNDLE_OF = select(version.c.bundle_id, version.c.process).where(version.c.id == bindparam("id"))
FILES = select(bundle_file).where(bundle_file.c.bundle_id == bindparam("id")).order_by(bundle_file.c.position)


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a process. `number` counts from 1 for each process."""

    key: str
    version: int
    name: str
    version_id: int
    published_at: datetime
    published_by: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication made or found, and what its author should look at."""

    processes: tuple[Published, ...]
    warnings: tuple[Problem, ...]


Kept = TypeVar("Kept")


class _Memory(Generic[Kept]):
    """What is worked out of versions, by version id: done once, shared by threads. Versions never change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int]) -> Kept | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[str, int], made: Kept) -> None:
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > KEPT_IN_MEMORY:
                self._kept.popitem(last=False)


_definitions: _Memory[Definition] = _Memory()
_warnings: _Memory[tuple[Problem, ...]] = _Memory()


def publish(
    session: Session, files: Sequence[File], *, actor: Actor, now: datetime, connectors: Connectors | None = None
) -> Publication:
    """Freeze the files as the newest version of each process in them. `connectors`: what service tasks may call (None: anything).

    Content equal to the newest version's gives that version again. Raises Refused with every problem, Forbidden.
    """
    permissions.require(actor, "publish", None)
    read = Bundle(files)
    problems = check(read, called=keys(session), connectors=connectors, now=now)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise Refused(problems)
    definitions = build(read)
    if not definitions and not read.decisions:
        raise Refused(
            [Problem("nothing-to-publish", text("Ces fichiers ne contiennent ni processus exécutable ni décision."))]
        )
    _queue_up(session)
    bundle_id = _keep_files(session, read, now)
    for key in read.decisions:
        _replace_decision(session, key, bundle_id)
    made = tuple(_version(session, definition, bundle_id, actor, now) for definition in definitions.values())
    return Publication(made, tuple(problems))


def warnings(session: Session, version_id: int) -> tuple[Problem, ...]:
    """What the author of a version should look at. Raises NotFound."""
    key = (str(session.get_bind().engine.url), version_id)
    found = _warnings.get(key)
    if found is None:
        problems = check(Bundle(files(session, version_id)), called=keys(session))
        found = tuple(problem for problem in problems if problem.severity == "warning")
        _warnings.put(key, found)
    return found


def keys(session: Session) -> frozenset[str]:
    """The keys of all published processes."""
    return frozenset(session.execute(select(version.c.process).distinct()).scalars())


def _queue_up(session: Session) -> None:
    """One publication at a time, so that versions are numbered without gap or repetition. Readers and instances do not wait."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text_clause("LOCK TABLE version IN SHARE ROW EXCLUSIVE MODE"))


def _keep_files(session: Session, read: Bundle, now: datetime) -> int:
    content_hash = read.content_hash
    found = session.execute(select(bundle.c.id).where(bundle.c.content_hash == content_hash)).scalar()
    if found is not None:
        return int(found)
    made = new_id(now)
    session.execute(insert(bundle).values(id=made, content_hash=content_hash, created_at=now))
    rows = [
        {"bundle_id": made, "kind": file.kind, "name": file.name, "position": position, "content": file.content}
        for position, file in enumerate(read.files)
    ]
    session.execute(insert(bundle_file), rows)
    return made


def _replace_decision(session: Session, key: str, bundle_id: int) -> None:
    session.execute(delete(decision_table).where(decision_table.c.key == key))
    session.execute(insert(decision_table).values(key=key, bundle_id=bundle_id))


def _version(session: Session, definition: Definition, bundle_id: int, actor: Actor, now: datetime) -> Published:
    latest = NEWEST.one(session, key=definition.key)
    if latest is not None and latest.bundle_id == bundle_id:
        return _published(latest)
    row: dict[str, Any] = {
        "id": new_id(now),
        "process": definition.key,
        "number": (latest.number if latest else 0) + 1,
        "name": definition.name or definition.key,
        "bundle_id": bundle_id,
        "published_at": now,
        "published_by": actor.name or actor.kind,
    }
    session.execute(insert(version), row)
    _listen_for_starts(session, definition, row["id"], now)
    _know_groups(session, definition)
    entry = {"type": "version.published", "at": now, "actor": actor.label, "element": "", "element_type": ""}
    told = [entry | {"data": {"version": row["number"], "name": row["name"]}}]
    history.note(session, Written(definition.key, None, None, row["name"], told, dict))
    return Published(definition.key, row["number"], row["name"], row["id"], now, row["published_by"], new=True)


def _listen_for_starts(session: Session, definition: Definition, version_id: int, now: datetime) -> None:
    """Messages, signals and timers start the newest version alone."""
    session.execute(delete(start_wait).where(start_wait.c.process == definition.key))
    older = select(version.c.id).where(version.c.process == definition.key, version.c.id != version_id)
    session.execute(delete(timer).where(timer.c.version_id.in_(older)))
    heard = {(each.element_id, each.kind, each.name) for each in definition.starts if each.kind in ("message", "signal")}
    for element, kind, name in sorted(heard):
        row: dict[str, Any] = {"process": definition.key, "element": element, "kind": kind, "name": name}
        session.execute(insert(start_wait), row | {"version_id": version_id})
    for start in definition.starts:
        if start.kind == "timer" and start.timer:
            first = first_moment(start.timer, now)
            if first is not None:
                row = {
                    "id": new_id(now),
                    "version_id": version_id,
                    "element": start.element_id,
                    "ref": first.cycle or start.timer,
                    "failures": 0,
                }
                session.execute(insert(timer), row | {"due": first.due, "remaining": first.remaining})
                wakes.note(session, wakes.TIMERS, due=first.due, now=now)


def _know_groups(session: Session, definition: Definition) -> None:
    """The groups that lanes and tasks name exist, so that people can be put into them."""
    named = {
        element.lane_group: element.lane or element.lane_group
        for element in definition.elements.values()
        if element.lane_group
    }
    known = set(session.execute(select(user_group.c.key)).scalars())
    rows = [{"key": key, "name": name} for key, name in sorted(named.items()) if key not in known]
    if rows:
        session.execute(insert(user_group), rows)


def number(session: Session, version_id: int) -> int:
    """The number of a version in its process."""
    return int(session.execute(select(version.c.number).where(version.c.id == version_id)).scalar_one())


def newest(session: Session, key: str) -> Any:
    """The row of the newest version of a process, or None."""
    return NEWEST.one(session, key=key)


def definition(session: Session, version_id: int) -> Definition:
    """What a version defines. Raises NotFound."""
    key = (database(session), version_id)
    found = _definitions.get(key)
    if found is None:
        row = session.execute(BUNDLE_OF, {"id": version_id}).one_or_none()
        if row is None:
            raise NotFound
        found = replace(build(Bundle(_files(session, row.bundle_id)))[row.process], version_id=version_id)
        _definitions.put(key, found)
    return found


def _files(session: Session, bundle_id: int) -> list[File]:
    return [File(row.kind, row.name, row.content) for row in session.execute(FILES, {"id": bundle_id})]


def files(session: Session, version_id: int) -> list[File]:
    """The files of a version, byte for byte as they were published. Raises NotFound."""
    row = session.execute(BUNDLE_OF, {"id": version_id}).one_or_none()
    if row is None:
        raise NotFound
    return _files(session, row.bundle_id)


def diagram(session: Session, key: str, number: int) -> bytes:
    """The diagram that holds this version's process. Raises NotFound."""
    return diagram_of(session, numbered(session, key, number).version_id)


def diagram_of(session: Session, version_id: int) -> bytes:
    """The diagram of a version by its id. Raises NotFound."""
    row = session.execute(BUNDLE_OF, {"id": version_id}).one_or_none()
    if row is None:
        raise NotFound
    read = Bundle([file for file in _files(session, row.bundle_id) if file.kind == "diagram"])
    for file in read.files:
        root = read.diagrams[file.name].root
        if any(each.get("id") == row.process for each in root.iterfind("{*}process")):
            return file.content
    raise NotFound


def processes(session: Session, *, cursor: str | None = None, limit: int = MOST) -> Page[Published]:
    """The newest version of every process, by key."""
    latest = (
        select(version.c.process, func.max(version.c.number).label("number")).group_by(version.c.process).subquery()
    )
    found = select(version).join(
        latest, (version.c.process == latest.c.process) & (version.c.number == latest.c.number)
    )
    place = read_cursor(cursor, str)
    if place is not None:
        found = found.where(version.c.process > place[0])
    rows = session.execute(found.order_by(version.c.process).limit(limit + 1)).all()
    following = write_cursor(rows[limit - 1].process) if len(rows) > limit else None
    return Page([_published(row) for row in rows[:limit]], following)


def process(session: Session, key: str) -> Published:
    """The newest version of a process. Raises NotFound."""
    row = newest(session, key)
    if row is None:
        raise NotFound(text("Aucun processus publié ne s’appelle « %(key)s ».", key=key))
    return _published(row)


def versions(session: Session, key: str, *, cursor: str | None = None, limit: int = MOST) -> Page[Published]:
    """Every version of a process, newest first. Raises NotFound when there is none."""
    process(session, key)
    found = select(version).where(version.c.process == key).order_by(version.c.number.desc()).limit(limit + 1)
    place = read_cursor(cursor, int)
    rows = session.execute(found.where(version.c.number < place[0]) if place else found).all()
    following = write_cursor(rows[limit - 1].number) if len(rows) > limit else None
    return Page([_published(row) for row in rows[:limit]], following)


def numbered(session: Session, key: str, number: int) -> Published:
    """One version of a process. Raises NotFound."""
    if number > MOST_VERSIONS:
        raise NotFound
    found = session.execute(select(version).where(version.c.process == key, version.c.number == number)).one_or_none()
    if found is None:
        raise NotFound
    return _published(found)


def decision(session: Session, key: str) -> tuple[Model, Decision]:
    """The newest published decision with this id. Raises NotFound."""
    bundle_id = session.execute(select(decision_table.c.bundle_id).where(decision_table.c.key == key)).scalar()
    found = Bundle(f for f in _files(session, bundle_id) if f.kind == "decision").decision(key) if bundle_id else None
    if found is None:
        raise NotFound(text("Aucune décision publiée ne s’appelle « %(key)s ».", key=key))
    return found


def decisions(session: Session) -> Mapping[str, int]:
    """The keys of the published decisions, each with the id of its bundle."""
    return {row.key: row.bundle_id for row in session.execute(select(decision_table).order_by(decision_table.c.key))}


def _published(row: Row) -> Published:  # type: ignore[type-arg]
    return Published(row.process, row.number, row.name, row.id, row.published_at, row.published_by)

"""Drafts: files on their way to publication, with the report of their import. Who saves names the revision they changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Row as DatabaseRow
from sqlalchemy.orm import Session

from authoring import trials
from authoring.importing import report as reports
from authoring.importing.report import Row
from authoring.importing.translation import Imported
from engine import permissions, versions
from engine.actors import Actor
from engine.bundle import Bundle, File
from engine.checks import check
from engine.connectors import Connectors
from engine.diagram import BPMN, DiagramError
from engine.diagram import read as read_diagram
from engine.errors import Conflict, NotFound, Refused
from engine.ids import new_id, read_id
from engine.pages import Page, read_cursor, write_cursor
from engine.tables import process_draft, process_draft_file
from engine.versions import Publication
from feel.problems import Problem
from feel.text import text

NAME_LENGTH = 200
STALE = text("Cette page ne montre plus le brouillon tel qu’il est : rechargez-la.")
FILES = select(process_draft_file).where(process_draft_file.c.draft_id == bindparam("draft")).order_by(process_draft_file.c.position)


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as lists show it. `revision` counts from 1; `published_at` is there when this revision was published."""

    id: int
    name: str
    revision: int
    report: tuple[Row, ...]
    created_at: datetime
    created_by: str
    saved_at: datetime
    saved_by: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with its files."""

    row: DraftRow
    files: tuple[File, ...]

    def file(self, name: str) -> File:
        """The first file of this name. Raises NotFound."""
        found = next((each for each in self.files if each.name == name), None)
        if found is None:
            raise NotFound
        return found


def create(session: Session, imported: Imported, *, actor: Actor, now: datetime) -> Draft:
    """Keep imported files as a new draft. Raises Forbidden."""
    permissions.require(actor, "draft", None)
    made = new_id(now)
    who = actor.name or actor.kind
    row = {"id": made, "revision": 1, "created_at": now, "created_by": who, "saved_at": now, "saved_by": who}
    session.execute(insert(process_draft).values(**row, **_content(imported)))
    _keep_files(session, made, imported.files)
    return find(session, made, actor=actor)


def find(session: Session, draft_id: str | int, *, actor: Actor) -> Draft:
    """One draft. Raises NotFound, Forbidden."""
    permissions.require(actor, "draft", None)
    row = session.execute(select(process_draft).where(process_draft.c.id == read_id(draft_id))).one_or_none()
    if row is None:
        raise NotFound
    files = tuple(File(each.kind, each.name, each.content) for each in session.execute(FILES, {"draft": row.id}))
    return Draft(_row(row), files)


def page(session: Session, *, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[DraftRow]:
    """Drafts, the one saved last first. Raises Forbidden."""
    permissions.require(actor, "draft", None)
    found = select(process_draft).order_by(process_draft.c.saved_at.desc(), process_draft.c.id.desc())
    place = read_cursor(cursor, int)
    if place:
        after = select(process_draft.c.saved_at).where(process_draft.c.id == place[0]).scalar_subquery()
        same = (process_draft.c.saved_at == after) & (process_draft.c.id < place[0])
        found = found.where((process_draft.c.saved_at < after) | same)
    rows = session.execute(found.limit(limit + 1)).all()
    return Page([_row(each) for each in rows[:limit]], write_cursor(rows[limit - 1].id) if len(rows) > limit else None)


def count(session: Session) -> int:
    """How many drafts were not published as they are."""
    return session.execute(select(func.count()).where(process_draft.c.published_at.is_(None))).scalar_one()


def save(session: Session, draft_id: str | int, imported: Imported, *, expected: int, actor: Actor, now: datetime) -> Draft:
    """Replace the files of revision `expected`. Raises NotFound, Forbidden, Conflict when somebody else saved meanwhile."""
    permissions.require(actor, "draft", None)
    key = read_id(draft_id)
    row = {"revision": expected + 1, "saved_at": now, "saved_by": actor.name or actor.kind, "published_at": None}
    changing = update(process_draft).where(process_draft.c.id == key, process_draft.c.revision == expected)
    if not session.execute(changing.values(**row, **_content(imported))).rowcount:  # type: ignore[attr-defined]
        raise _changed(find(session, draft_id, actor=actor).row)
    session.execute(delete(process_draft_file).where(process_draft_file.c.draft_id == key))
    _keep_files(session, int(key or 0), imported.files)
    return find(session, draft_id, actor=actor)


def open_published(session: Session, key: str, *, number: int | None = None, actor: Actor, now: datetime) -> Draft:
    """A new draft with the files of a published version (the newest, or `number`), byte for byte. Raises NotFound, Forbidden."""
    permissions.require(actor, "draft", None)
    found = versions.process(session, key) if number is None else versions.numbered(session, key, number)
    return create(session, Imported(tuple(versions.files(session, found.version_id)), ()), actor=actor, now=now)


def write(session: Session, draft_id: str | int, number: int, content: bytes, *, expected: int, actor: Actor, now: datetime) -> Draft:
    """Replace the content of one file (counted from 1) of revision `expected`; the same bytes make no new revision.

    Raises NotFound, Forbidden, Conflict when somebody else saved meanwhile, Refused for a diagram that cannot be read safely.
    """
    draft = find(session, draft_id, actor=actor)
    if not 1 <= number <= len(draft.files):
        raise NotFound
    if draft.row.revision != expected:
        raise _changed(draft.row)
    old = draft.files[number - 1]
    if old.content == content:
        return draft
    if old.kind == "diagram":
        _require_readable(old.name, content)
    files = tuple(replace(each, content=content) if each is old else each for each in draft.files)
    return save(session, draft.row.id, Imported(files, draft.row.report), expected=expected, actor=actor, now=now)


def _require_readable(name: str, content: bytes) -> None:
    try:
        read_diagram(name, content)
    except DiagramError as error:
        raise Refused(error.problems) from error


def remove(session: Session, draft_id: str | int, *, actor: Actor) -> None:
    """Delete a draft for good; what was published stays. Raises NotFound, Forbidden."""
    key = find(session, draft_id, actor=actor).row.id
    trials.forget(session, key)
    session.execute(delete(process_draft_file).where(process_draft_file.c.draft_id == key))
    session.execute(delete(process_draft).where(process_draft.c.id == key))


def problems(session: Session, draft: Draft, *, connectors: Connectors, now: datetime) -> list[Problem]:
    """What publication would say of the draft now: errors forbid it. `connectors`: what service tasks may call."""
    return check(Bundle(draft.files), called=versions.keys(session), connectors=connectors, now=now)


def publish(
    session: Session,
    draft_id: str | int,
    *,
    expected: int | None,
    connectors: Connectors,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> Publication:
    """Publish the files of a draft, which stays and remembers it. `expected`: the revision meant, or whichever there is.

    Its scenarios must hold; `reason`: why an operator publishes it nevertheless, which is kept.
    Raises NotFound, Forbidden, Refused with every problem, Conflict when somebody else saved meanwhile.
    """
    draft = find(session, draft_id, actor=actor)
    if expected is not None and draft.row.revision != expected:
        raise _changed(draft.row)
    red = trials.problems(session, draft.row.id, draft.row.revision, draft.files)
    if red and not reason:
        errors = [each for each in problems(session, draft, connectors=connectors, now=now) if each.severity == "error"]
        raise Refused([*errors, *red])
    published = versions.publish(session, draft.files, actor=actor, now=now, connectors=connectors)
    if red and reason:
        trials.override(session, draft.row.id, draft.row.revision, published.processes, reason, actor=actor, now=now)
    session.execute(update(process_draft).where(process_draft.c.id == draft.row.id).values(published_at=now))
    return published


def put(session: Session, draft_id: str | int, file: File, *, expected: int, actor: Actor, now: datetime) -> Draft:
    """Add a file to revision `expected`, or replace the one of its kind and name. Raises as `write` does."""
    draft = find(session, draft_id, actor=actor)
    for number, each in enumerate(draft.files, 1):
        if (each.kind, each.name) == (file.kind, file.name):
            return write(session, draft_id, number, file.content, expected=expected, actor=actor, now=now)
    if draft.row.revision != expected:
        raise _changed(draft.row)
    files = (*draft.files, file)
    return save(session, draft.row.id, Imported(files, draft.row.report), expected=expected, actor=actor, now=now)


def take_out(session: Session, draft_id: str | int, number: int, *, expected: int, actor: Actor, now: datetime) -> Draft:
    """Remove one file (counted from 1) of revision `expected`. Raises NotFound, Forbidden, Conflict."""
    draft = find(session, draft_id, actor=actor)
    if not 1 <= number <= len(draft.files):
        raise NotFound
    files = (*draft.files[: number - 1], *draft.files[number:])
    return save(session, draft.row.id, Imported(files, draft.row.report), expected=expected, actor=actor, now=now)


def _changed(row: DraftRow) -> Conflict:
    message = text("%(name)s a enregistré ce brouillon entre-temps (révision %(revision)s).", name=row.saved_by, revision=row.revision)
    return Conflict(message, by=row.saved_by, at=row.saved_at)


def _content(imported: Imported) -> dict[str, object]:
    return {"name": _name(imported.files), "report": [reports.to_json(each) for each in imported.report]}


def _name(files: Sequence[File]) -> str:
    """What people call it: the names of its processes or pools, else of its first diagram."""
    diagrams = Bundle([each for each in files if each.kind == "diagram"]).diagrams
    for tag in ("process", "participant"):
        named = [" ".join((each.get("name") or "").split()) for one in diagrams.values() for each in one.root.iter(f"{{{BPMN}}}{tag}")]
        if any(named):
            return ", ".join(filter(None, named))[:NAME_LENGTH]
    return next(iter(diagrams), "")[:NAME_LENGTH]


def _keep_files(session: Session, draft: int, files: Sequence[File]) -> None:
    rows = [
        {"draft_id": draft, "position": position, "kind": each.kind, "name": each.name, "content": each.content}
        for position, each in enumerate(files)
    ]
    session.execute(insert(process_draft_file), rows)


def _row(row: DatabaseRow) -> DraftRow:  # type: ignore[type-arg]
    return DraftRow(
        row.id,
        row.name,
        row.revision,
        tuple(reports.from_json(each) for each in row.report),
        row.created_at,
        row.created_by,
        row.saved_at,
        row.saved_by,
        row.published_at,
    )

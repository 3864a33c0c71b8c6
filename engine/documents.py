"""Documents: files that came with answers or were added to a case. The bytes lie below a folder under random names, the rows say the rest.

A document belongs to whoever uploaded it (`owner`) until answers that refer to it are accepted: then it belongs to that instance, and those
who may see the instance may read it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from engine import faults
from engine.actors import Actor
from engine.errors import InvalidAnswers, NotFound
from engine.ids import new_id, read_id
from engine.tables import document, instance
from feel.text import Text, text
from forms.files import FileRef

CHUNK = 1 << 16
ABANDONED = timedelta(days=31)
"""How long a file is kept that no accepted answer refers to: a day longer than a public draft lives."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A stored file. `size` in bytes; `sha256` in hexadecimal; `path` below the root folder; `instance_id` is None until it is attached."""

    id: int
    instance_id: int | None
    name: str
    type: str
    size: int
    sha256: str
    path: str
    owner: str
    added_by: str
    created_at: datetime


def owner_of(actor: Actor) -> str:
    """Whose the files are that this actor uploads."""
    return f"{actor.kind}:{actor.id}" if actor.id is not None else actor.kind


def store(
    session: Session,
    stream: BinaryIO,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    root: Path,
    type: str = "application/octet-stream",  # noqa: A002  the media type, named as in HTTP and FileRef
    owner: str | None = None,
) -> DocumentRow:
    """Keep the rest of the stream; its name, size and type were checked (`forms.files.inspect`). The file reaches the disk before its row.

    A transaction that fails later leaves a file without a row, which `sweep` removes.
    """
    path = _new_path()
    size, digest = _write(root / path, stream)
    faults.reach("document-written")
    row = DocumentRow(
        new_id(now), None, name[:200], type, size, digest, path, owner or owner_of(actor), actor.label, now
    )
    values = {field: getattr(row, field) for field in DocumentRow.__slots__}
    session.execute(insert(document), values | {"added_by_id": actor.id})
    return row


def find(session: Session, document_id: str | int) -> DocumentRow:
    """The document with this id. Whoever calls this asks next whether the caller may see its instance or owns it. Raises NotFound."""
    number = read_id(document_id)
    row = None if number is None else session.execute(select(document).where(document.c.id == number)).one_or_none()
    if row is None:
        raise NotFound
    return _document(row)


def open_(row: DocumentRow, root: Path) -> BinaryIO:
    """The bytes of a document. Raises NotFound when they are no longer there."""
    try:
        return (root / row.path).open("rb")
    except OSError as error:
        raise NotFound from error


def of_instance(session: Session, instance_id: int) -> list[DocumentRow]:
    """The documents of a case: those of the instance and of all others of its call tree, oldest first."""
    root = select(instance.c.root_id).where(instance.c.id == instance_id).scalar_subquery()
    tree = select(instance.c.id).where(instance.c.root_id == root)
    found = select(document).where(document.c.instance_id.in_(tree)).order_by(document.c.id)
    return [_document(row) for row in session.execute(found)]


def attach(
    session: Session, references: Iterable[tuple[str, FileRef]], instance_id: int, *, owners: Collection[str]
) -> None:
    """The files that accepted answers refer to belong to the instance from now on. `references`: field path and file, as in the answers.

    A file may be referred to by who uploaded it (one of `owners`), and by anybody when it is in the same call tree already. Raises
    InvalidAnswers for every other one: unknown, somebody else's, or described otherwise than it is.
    """
    messages: dict[str, list[Text]] = {}
    for path, reference in references:
        if not _attach(session, reference, instance_id, owners):
            messages.setdefault(path, []).append(
                text("Ajoutez de nouveau « %(name)s » : ce fichier n’est plus disponible", name=reference.name)
            )
    if messages:
        raise InvalidAnswers(messages)


def _attach(session: Session, reference: FileRef, instance_id: int, owners: Collection[str]) -> bool:
    try:
        row = find(session, reference.id)
    except NotFound:
        return False
    if (reference.name, reference.size, reference.type) != (row.name, row.size, row.type):
        return False
    if row.instance_id is not None:
        return _same_tree(session, row.instance_id, instance_id)
    if row.owner not in owners:
        return False
    session.execute(update(document).where(document.c.id == row.id).values(instance_id=instance_id))
    return True


def _same_tree(session: Session, one: int, other: int) -> bool:
    roots = set(session.execute(select(instance.c.root_id).where(instance.c.id.in_((one, other)))).scalars())
    return len(roots) == 1


def forget_abandoned(session: Session, *, now: datetime) -> int:
    """Remove the rows of files that no answer refers to after a month; `sweep` then removes the files. The number of rows."""
    old = delete(document).where(document.c.instance_id.is_(None), document.c.created_at <= now - ABANDONED)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def sweep(session: Session, root: Path, *, now: datetime) -> int:
    """Remove files that no row names and that are older than a day (younger ones may belong to a transaction under way). Their number."""
    removed = 0
    for path in root.glob("??/*"):
        known = select(document.c.id).where(document.c.path == str(path.relative_to(root)))
        old = now.timestamp() - path.stat().st_mtime > timedelta(days=1).total_seconds()
        if old and session.execute(known).scalar() is None:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _new_path() -> str:
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name[2:]}"


def _write(path: Path, stream: BinaryIO) -> tuple[int, str]:
    """Copy to a new file that only this server's user reads, down to the disk; its size and SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _document(row: Row) -> DocumentRow:  # type: ignore[type-arg]
    return DocumentRow(*(getattr(row, field) for field in DocumentRow.__slots__))

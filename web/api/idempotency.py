"""`Idempotency-Key`: a request that a program repeats because it saw no answer happens once and gets the same answer.

The answer is kept in the transaction of the request itself, so that it exists exactly when the change does. The same key with
another request is refused (422), and so is one whose first request is still under way (409), as in the IETF draft
"The Idempotency-Key HTTP Header Field". A refused request changed nothing and leaves no trace: it may be repeated with the key.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response, g, request
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.tables import idempotency
from feel.text import text
from web.errors import RequestRefused
from web.runtime import settings

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

FIND = select(idempotency.c.fingerprint, idempotency.c.status, idempotency.c.body).where(
    idempotency.c.id == bindparam("key"), idempotency.c.at > bindparam("since")
)
FORGET = delete(idempotency).where(idempotency.c.at <= bindparam("since"))

_under_way: set[str] = set()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, perhaps not the first, under its caller's key. Without the header `id` is empty and nothing is kept."""

    id: str = ""
    fingerprint: str = ""

    def answer(self, session: Session) -> Response | None:
        """The answer that the first request got. Raises RequestRefused 422 when that was another request."""
        if not self.id:
            return None
        session.execute(FORGET, {"since": g.now - settings().idempotency_ttl})
        row = session.execute(FIND, {"key": self.id, "since": g.now - settings().idempotency_ttl}).one_or_none()
        if row is None:
            return None
        if row.fingerprint != self.fingerprint:
            raise RequestRefused(422, text("Cette clé d’idempotence a déjà servi pour une autre demande."))
        kept = Response(row.body, status=row.status, content_type="application/json")
        kept.headers["Idempotency-Replayed"] = "true"
        return kept

    def keep(self, session: Session, made: Response) -> None:
        """Remember the answer. Raises RequestRefused 409: another process answered the same request meanwhile."""
        if not self.id:
            return
        row = {
            "id": self.id,
            "fingerprint": self.fingerprint,
            "status": made.status_code,
            "body": made.get_data(),
            "at": g.now,
        }
        try:
            session.execute(insert(idempotency), row)
        except IntegrityError as error:
            raise _still_under_way() from error


@contextmanager
def attempt() -> Iterator[Attempt]:
    """This request as an attempt. Raises RequestRefused: 400 for a malformed key, 409 while the first attempt is under way."""
    key = request.headers.get(HEADER)
    if key is None:
        yield Attempt()
        return
    if not KEY.fullmatch(key):
        raise RequestRefused(
            400, text("L’en-tête Idempotency-Key est mal formé : 1 à 255 caractères visibles sont attendus.")
        )
    identifier = _digest([g.actor.kind, str(g.actor.id), request.method, request.path, key])
    with _lock:
        if identifier in _under_way:
            raise _still_under_way()
        _under_way.add(identifier)
    try:
        yield Attempt(identifier, _fingerprint())
    finally:
        with _lock:
            _under_way.discard(identifier)


def _still_under_way() -> RequestRefused:
    return RequestRefused(
        409, text("Une demande avec la même clé d’idempotence est encore en cours."), headers={"Retry-After": "1"}
    )


def _fingerprint() -> str:
    """What was asked. The boundary of a multipart body changes with each attempt, so its parts count instead."""
    if request.mimetype != "multipart/form-data":
        return _digest([request.query_string, request.get_data()])
    parts: list[bytes | str] = [request.query_string]
    for name, value in request.form.items(multi=True):
        parts += [name, value]
    for name, file in request.files.items(multi=True):
        parts += [name, file.filename or "", file.stream.read()]
        file.stream.seek(0)
    return _digest(parts)


def _digest(parts: list[bytes | str] | list[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()

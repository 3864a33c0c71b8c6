"""`Idempotency-Key`: a request that a program repeats because it saw no answer happens once and gets the same answer.

The same key with another request is refused (422), and so is one whose first request is still under way (409), as in the IETF
draft "The Idempotency-Key HTTP Header Field". A refused request changed nothing and leaves no trace: it may be repeated with the key.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response, g, request
from sqlalchemy.orm import Session

from engine import idempotency
from engine.idempotency import Kept, digest
from feel.text import text
from web.errors import RequestRefused
from web.runtime import settings

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

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
        kept = idempotency.find(session, self.id, now=g.now, lifetime=settings().idempotency_ttl)
        if kept is None:
            return None
        if kept.fingerprint != self.fingerprint:
            raise RequestRefused(422, text("Cette clé d’idempotence a déjà servi pour une autre demande."))
        return Response(kept.body, kept.status, {"Idempotency-Replayed": "true"}, content_type="application/json")

    def keep(self, session: Session, made: Response) -> None:
        """Remember the answer. Raises Conflict: another process answers the same request at this moment."""
        if self.id:
            kept = Kept(self.fingerprint, made.status_code, made.get_data())
            idempotency.keep(session, self.id, kept, now=g.now, lifetime=settings().idempotency_ttl)


@contextmanager
def attempt() -> Iterator[Attempt]:
    """This request as an attempt. Raises RequestRefused: 400 for a malformed key, 409 while the first attempt is under way."""
    key = request.headers.get(HEADER)
    if key is None:
        yield Attempt()
        return
    if not KEY.fullmatch(key):
        raise RequestRefused(400, text("L’en-tête Idempotency-Key est mal formé : 1 à 255 caractères visibles sont attendus."))
    identifier = digest(g.token_used, request.method, request.path, key)
    with _lock:
        if identifier in _under_way:
            message = text("Une demande avec la même clé d’idempotence est encore en cours.")
            raise RequestRefused(409, message, headers={"Retry-After": "1"})
        _under_way.add(identifier)
    try:
        yield Attempt(identifier, _fingerprint())
    finally:
        with _lock:
            _under_way.discard(identifier)


def _fingerprint() -> str:
    """What was asked. The boundary of a multipart body changes with each attempt, so its parts count instead."""
    if request.mimetype != "multipart/form-data":
        return digest(request.query_string, request.get_data())
    parts: list[bytes | str] = [request.query_string]
    for name, value in request.form.items(multi=True):
        parts += [name, value]
    for name, file in request.files.items(multi=True):
        parts += [name, file.filename or "", file.stream.read()]
        file.stream.seek(0)
    return digest(*parts)

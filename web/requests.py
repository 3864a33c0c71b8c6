"""What every request knows before its view: its id, its moment, who calls, in which language; and the headers of every answer."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Request, Response, g, request
from sqlalchemy.orm import Session

from engine import subject
from engine.actors import PUBLIC, Actor
from engine.people import USED_EVERY, actor_of_user, note_use, token_actor
from engine.tables import EPOCH
from web import signed_in
from web.counters import REQUEST_SECONDS
from web.errors import RequestRefused
from web.languages import preferred
from web.runtime import runtime
from web.transactions import glancing, reading

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
PROGRAMS = ("/api/", "/hooks/")
PROBES = ("/healthz", "/readyz", "/metrics")
UNTOUCHED = (*PROBES, "/static/")
NO_CONTENT = "default-src 'none'; frame-ancestors 'none'"
"""The policy of what is no page: pages bring their own."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": NO_CONTENT,
}
PROGRAM_HEADERS = HEADERS | {"Cache-Control": "no-store"}
SECURE_HEADERS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


_noted: dict[str, datetime] = {}
"""When this process last noted the use of a token that exists: as many entries as there are tokens in use."""


def install(app: Flask) -> None:
    """Prepare every request and finish every answer of this application."""
    app.before_request(_identify)
    app.after_request(_finish)


def _identify() -> None:
    values, asked = _behind(g), _behind(request)
    values.begun = time.monotonic()
    subject.clear()
    given = asked.headers.get("X-Request-Id", "")
    values.request_id = given if REQUEST_ID.fullmatch(given) else os.urandom(16).hex()
    values.actor, values.scopes, values.token_given = PUBLIC, None, False
    path = asked.path
    if path.startswith(PROGRAMS):
        values.language = _asked_for(asked)
    _refuse_nul(path, asked.query_string)
    if asked.mimetype == "application/x-www-form-urlencoded":
        # Werkzeug reads these whole, without the limits that it has for the fields of a multipart form.
        asked.max_content_length = runtime().settings.json_bytes
    if not path.startswith(UNTOUCHED):
        _prepare()


def _behind(proxy: Any) -> Any:
    """What one of Flask's proxies stands for at this moment: it looks anew at each use."""
    return proxy._get_current_object()


def _asked_for(asked: Request) -> str:
    """The language of a program, which has no other way to choose."""
    languages = asked.accept_languages if "Accept-Language" in asked.headers else ()
    return preferred([tag for tag, quality in languages if quality > 0])


def _refuse_nul(path: str, query: bytes) -> None:
    """No address holds a NUL character, and no database of ours would keep one."""
    if "\x00" in path or (query and b"\x00" in unquote_to_bytes(query)):
        raise RequestRefused(400)


def _prepare() -> None:
    """The moment of this request, and who calls: a bearer token under the paths of programs, a signed-in person elsewhere."""
    if not request.path.startswith(PROGRAMS):
        with reading() as database:
            g.now = runtime().clock.now(database)
            g.actor = _person(database)
        return
    token = _bearer()
    g.token_given = bool(token)
    with glancing() as database:
        g.now = runtime().clock.now(database)
        found = token_actor(database, token, now=g.now) if token else None
        if found is not None:
            g.actor, g.scopes = found
            g.token_used = token


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _note_use() -> None:
    """Remember now and then that this token is in use, apart from the request's own transaction."""
    token = g.get("token_used")
    if token is None or g.now - _noted.get(token, EPOCH) < USED_EVERY:
        return
    with runtime().sessions.begin() as database:
        note_use(database, token, now=g.now)
    _noted[token] = g.now


def _person(database: Session) -> Actor:
    user_id = signed_in.resume(database)
    return (actor_of_user(database, user_id) if user_id else None) or PUBLIC


def _finish(answer: Response) -> Response:
    values, asked = _behind(g), _behind(request)
    signed_in.keep()
    if answer.status_code < 500:
        _note_use()
    answer.headers["X-Request-Id"] = values.get("request_id", "")
    if "begun" in values:
        labels = (asked.method, asked.endpoint or "-", str(answer.status_code))
        REQUEST_SECONDS.labels(*labels).observe(time.monotonic() - values.begun)
    _add_headers(answer, PROGRAM_HEADERS if asked.path.startswith((*PROGRAMS, *PROBES)) else HEADERS)
    if asked.is_secure:
        _add_headers(answer, SECURE_HEADERS)
    return answer


def _add_headers(answer: Response, headers: Mapping[str, str]) -> None:
    """Those that the view did not set itself. (`setdefault` would search and check each name again.)"""
    given = {name.lower() for name in answer.headers.keys()}  # noqa: SIM118  this is no dict: its items are pairs
    answer.headers.extend([(name, value) for name, value in headers.items() if name.lower() not in given])

"""The signed-in person of a browser: `session["user_id"]`, believed only while the database knows the session's token."""

from __future__ import annotations

from flask import Flask, Request, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from sqlalchemy.orm import Session

from engine import user_sessions
from web.errors import PROGRAM_PATHS
from web.runtime import runtime, settings

TOKEN, USER = "sid", "user_id"


class Cookies(SecureCookieSessionInterface):
    """Flask's sessions in signed cookies. Programs hold tokens and have none, so nothing is looked for under their paths."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(PROGRAM_PATHS):
            return self.make_null_session(app)
        return super().open_session(app, request)


def resume(database: Session) -> int | None:
    """The user of this browser's session; a session that ended is emptied."""
    g.session_token = session.get(TOKEN)
    g.session_touch = False
    if not session.get(USER):
        return None
    found = _find(database)
    if found is None or found[0] != session[USER]:
        session.clear()
        return None
    g.session_touch = found[1]
    return found[0]


def keep() -> None:
    """After the view: open a session for whoever signed in, close the one of whoever signed out, note that it was used."""
    if "session_token" not in g:
        return
    before, now = g.session_token, session.get(TOKEN)
    signed_in = bool(session.get(USER)) and not now
    if not (signed_in or g.session_touch or (before and now != before)):
        return
    with runtime().sessions.begin() as database:
        if before and now != before:
            user_sessions.close_session(database, before)
        if signed_in:
            session[TOKEN] = user_sessions.open_session(database, session[USER], now=g.now)
            user_sessions.forget_old(database, now=g.now, lifetime=settings().session_lifetime)
        elif g.session_touch and now:
            user_sessions.touch(database, now, now=g.now)


def _find(database: Session) -> tuple[int, bool] | None:
    if not g.session_token:
        return None
    current = settings()
    lifetime, idle = current.session_lifetime, current.session_idle
    return user_sessions.user_of(database, g.session_token, now=g.now, lifetime=lifetime, idle=idle)

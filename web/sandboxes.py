"""Sandboxes: drafts that people try on a stage of their own, under `/essai/<draft>/`, through the very pages that they would use.

Only who may see the draft gets in. Nothing leaves: outside systems answer what the person says, deliveries stay unsent, the clock moves
when the person moves it.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from authoring import drafts
from authoring.drafts import Draft
from engine import people, permissions, user_sessions, versions
from engine.errors import EngineError
from engine.tables import subscription, user_group
from web.errors import RequestRefused
from web.runtime import EXTENSION, Runtime
from web.signed_in import TOKEN, USER
from web.stages import application, create, published_beside, reply
from web.worker import NeverQuiet

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

PREFIX = re.compile(r"/essai/([0-9]{1,19})(?=/|\Z)", re.ASCII)
SANDBOX = "tikub-sandbox"
SANDBOXES = "tikub-sandboxes"
MOST = 4
"""Sandboxes that one process holds open; the others are opened again from their folders."""
EVERYBODY, DOMAIN = "tout-le-monde", "@essai.invalid"
MARK, ANSWERS = "draft.json", "answers.json"


@dataclass(frozen=True)
class Sandbox:
    """A draft as it is tried. `revision`: the one that is in it; `stamp` changes when another process begins it anew."""

    draft_id: int
    name: str
    revision: int
    folder: Path
    stamp: int
    app: Flask

    @property
    def runtime(self) -> Runtime:
        """What its requests and its worker share."""
        found: Runtime = self.app.extensions[EXTENSION]
        return found


class Sandboxes:
    """The sandboxes of an application. `prepare` completes the application of each: its own pages."""

    def __init__(self, runtime: Runtime, prepare: Callable[[Flask], None]) -> None:
        self._runtime, self._prepare = runtime, prepare
        self._open: OrderedDict[int, Sandbox] = OrderedDict()
        self._lock = threading.Lock()

    def folder(self, draft_id: int) -> Path:
        """Where the sandbox of a draft lies."""
        return self._runtime.settings.instance_dir / "essais" / str(draft_id)

    def begin(self, draft: Draft, *, now: datetime) -> None:
        """A fresh sandbox with the files of the draft as they are. Raises Refused when they cannot be published."""
        with self._runtime.sessions.reading() as database:
            files = published_beside(database, draft.files)
            told = [dict(row._mapping) for row in database.execute(select(subscription).where(subscription.c.state == "active"))]
        fresh = self.folder(draft.row.id).with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            create(fresh, files, now=now, fill=lambda database: _subscribe(database, told))
        except EngineError:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        (fresh / MARK).write_text(json.dumps({"name": draft.row.name, "revision": draft.row.revision}), encoding="utf-8")
        with self._lock:
            self._close(draft.row.id)
            shutil.rmtree(self.folder(draft.row.id), ignore_errors=True)
            fresh.rename(self.folder(draft.row.id))

    def find(self, draft_id: int) -> Sandbox | None:
        """The sandbox of a draft; None when there is none."""
        with self._lock:
            stamp = _stamp(self.folder(draft_id))
            found = self._open.get(draft_id)
            if found is not None and found.stamp != stamp:
                self._close(draft_id)
                found = None
            if stamp is None:
                return None
            if found is None:
                found = self._open[draft_id] = self._load(draft_id, stamp)
            self._open.move_to_end(draft_id)
            while len(self._open) > MOST:
                self._close(next(iter(self._open)))
        return found

    def forget(self, draft_id: int) -> None:
        """The sandbox of a draft that is deleted."""
        with self._lock:
            self._close(draft_id)
            shutil.rmtree(self.folder(draft_id), ignore_errors=True)

    def _load(self, draft_id: int, stamp: int) -> Sandbox:
        folder = self.folder(draft_id)
        told = json.loads((folder / MARK).read_text(encoding="utf-8"))
        app = application(self._runtime, folder, lambda name, given: reply(answers(folder), name, given))
        app.config.update(SESSION_COOKIE_NAME="tikub-essai", SESSION_COOKIE_PATH=f"/essai/{draft_id}")
        found = Sandbox(draft_id, told["name"], told["revision"], folder, stamp, app)
        app.extensions[SANDBOX] = found
        self._prepare(app)
        app.before_request_funcs.setdefault(None, []).insert(0, lambda: _sign_in(found))
        app.after_request(lambda answer: _settle(found, answer))
        _people(found, self._groups(found))
        return found

    def _groups(self, sandbox: Sandbox) -> Mapping[str, str]:
        """The groups of this installation and those that the processes name, with their names."""
        with self._runtime.sessions.reading() as database:
            known = {row.key: row.name for row in database.execute(select(user_group))}
        with sandbox.runtime.sessions.reading() as database:
            every = [versions.definition(database, each.version_id) for each in versions.processes(database).items]
        told = [each.properties.get("candidateGroups", "") for definition in every for each in definition.elements.values()]
        named = {key.strip() for each in told if not each.startswith("=") for key in each.split(",")}
        return {key: key for key in sorted(named) if key} | known

    def _close(self, draft_id: int) -> None:
        found = self._open.pop(draft_id, None)
        if found is not None:
            found.runtime.sessions.close()


def _subscribe(database: Session, told: Sequence[Mapping[str, Any]]) -> None:
    """Who is told of events outside has its deliveries made here too, to be looked at: a stage sends none."""
    if told:
        database.execute(insert(subscription), told)


def _stamp(folder: Path) -> int | None:
    try:
        return (folder / MARK).stat().st_mtime_ns
    except FileNotFoundError:
        return None


def answers(folder: Path) -> Mapping[str, Any]:
    """What the person said that outside systems answer, by connector."""
    try:
        told: Mapping[str, Any] = json.loads((folder / ANSWERS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return told


def keep_answer(folder: Path, connector: str, value: Any) -> None:
    """From now on this connector answers that."""
    told = {**answers(folder), connector: value}
    (folder / ANSWERS).write_text(json.dumps(told), encoding="utf-8")


def _people(sandbox: Sandbox, groups: Mapping[str, str]) -> None:
    """Somebody for each group, and somebody who may do everything."""
    with sandbox.runtime.sessions.begin() as database:
        now = sandbox.runtime.clock.now(database)
        for key, name in groups.items():
            people.create_group(database, key, name)
        roles = {EVERYBODY: ("Tous les rôles", ("administrateurs", *groups))} | {key: (name, (key,)) for key, name in groups.items()}
        for key, (name, members) in roles.items():
            if people.find_by_email(database, address(key)) is None:
                people.create_user(database, address(key), name, None, groups=members, now=now)


def address(role: str) -> str:
    """The address of who plays a role."""
    return role + DOMAIN


def role_of(email: str | None) -> str:
    """The role that this address plays; "" for nobody's."""
    return (email or "").removesuffix(DOMAIN)


def enter(sandbox: Sandbox, role: str) -> bool:
    """Be somebody else from the next request on; False for a role that nobody plays."""
    with sandbox.runtime.sessions.begin() as database:
        user = people.find_by_email(database, address(role))
        if user is None:
            return False
        session[USER] = user.id
        session[TOKEN] = user_sessions.open_session(database, user.id, now=sandbox.runtime.clock.now(database))
    return True


def _sign_in(sandbox: Sandbox) -> None:
    """Who comes in first plays everybody. A month that passes in there ends nobody's visit."""
    if request.path.startswith(("/static/", "/api/", "/hooks/")):
        return
    with sandbox.runtime.sessions.reading() as database:
        now, life = sandbox.runtime.clock.now(database), sandbox.runtime.settings
        token = session.get(TOKEN)
        found = user_sessions.user_of(database, token, now=now, lifetime=life.session_lifetime, idle=life.session_idle) if token else None
        user = people.actor_of_user(database, session[USER]) if session.get(USER) else None
    if found is None:
        enter(sandbox, role_of(user.email) if user else EVERYBODY)


def _settle(sandbox: Sandbox, answer: Response) -> Response:
    """What follows from a change happens before the next page; redirections stay in the sandbox."""
    if request.method not in ("GET", "HEAD"):
        try:
            sandbox.runtime.worker.run_until_quiet()
        except NeverQuiet:
            log.warning("the sandbox of draft %s does not come to rest", sandbox.draft_id)
    place = answer.headers.get("Location", "")
    if place.startswith("/") and not place.startswith(f"{request.script_root}/") and not PREFIX.match(place):
        answer.headers["Location"] = request.script_root + place
    return answer


def around(app: Flask, inner: WSGIApplication, sandboxes: Sandboxes) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """The same application, which hands what lies under `/essai/<draft>/` to that draft's sandbox."""

    def answer(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        found = PREFIX.match(environ.get("PATH_INFO", ""))
        if found is None:
            return inner(environ, respond)
        refusal = _refusal(app, environ, int(found[1]))
        if refusal is not None:
            return refusal(environ, respond)
        sandbox = sandboxes.find(int(found[1]))
        if sandbox is None:
            return inner(environ, respond)  # its own page says that nothing is there
        script = environ.get("SCRIPT_NAME", "") + found[0]
        inside = {**environ, "SCRIPT_NAME": script, "PATH_INFO": environ["PATH_INFO"][found.end() :] or "/"}
        return sandbox.app.wsgi_app(inside, respond)

    return answer


def _refusal(app: Flask, environ: WSGIEnvironment, draft_id: int) -> Response | None:
    """Why the visitor does not get in; None when they do."""
    with app.request_context(environ):
        try:
            answer = app.preprocess_request()
            if answer is None and not permissions.can(g.actor, "draft", None):
                raise RequestRefused(403 if g.actor.id else 401)
            if answer is None:
                with app.extensions[EXTENSION].sessions.reading() as database:
                    drafts.find(database, draft_id, actor=g.actor)
                return None
            return app.process_response(app.make_response(answer))
        except Exception as error:  # noqa: BLE001  answered as any failure of a request is
            return app.process_response(app.make_response(app.handle_user_exception(error)))


def registry() -> Sandboxes | None:
    """The sandboxes of this application; None in a sandbox, which holds none."""
    found: Sandboxes | None = current_app.extensions.get(SANDBOXES)
    return found


def current() -> Sandbox | None:
    """The sandbox that this request is in; None outside of any."""
    found: Sandbox | None = current_app.extensions.get(SANDBOX)
    return found

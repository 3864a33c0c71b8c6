"""A stage: the whole product again, on a database of its own and a clock that moves, out of which nothing leaves.

Drafts are tried and scenarios played on it, through the same pages and the same API that people and programs use.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from authoring import differences
from authoring.stories import Answers, Unmet
from engine import people, versions
from engine.actors import SYSTEM
from engine.bundle import File
from engine.clock import TestClock
from engine.errors import Refused
from engine.sessions import Sessions, create_engine
from engine.spiff import coverage
from engine.spiff.definition import Definition
from engine.tables import metadata
from feel.errors import FeelError
from feel.expression import evaluate
from feel.host import to_json
from feel.text import text
from web.assembly import outside_of
from web.runtime import EXTENSION, Runtime
from webhooks.connectors.connector import CallFailed

DATABASE = "tikub.db"
API = "/api/v1"
PAGE = 200

Reply = Callable[[str, Mapping[str, object]], object]
"""What an outside system answers, by connector and input; raises CallFailed."""


def application(runtime: Runtime, folder: Path, reply: Reply) -> Flask:
    """The product on the database of a folder. Its worker is there but not started."""
    url = f"sqlite:///{folder / DATABASE}"
    inside = dataclasses.replace(
        runtime.settings, database_url=url, instance_dir=folder, test_clock=True, trusted_proxies=0, public_url=""
    )
    return runtime.make(inside, dataclasses.replace(outside_of(inside), answers=reply))


def create(folder: Path, files: Sequence[Sequence[File]], *, now: datetime, fill: Callable[[Session], None] = lambda _: None) -> None:
    """A database in which these are published, each with what it calls, and what `fill` adds. Raises Refused with what forbids it."""
    sessions = Sessions(create_engine(f"sqlite:///{folder / DATABASE}"))
    try:
        metadata.create_all(sessions.engine)
        with sessions.begin() as session:
            TestClock().move(session, now)
        with sessions.begin() as session:
            _publish(session, files, now)
            fill(session)
    finally:
        sessions.close()


def _publish(session: Session, bundles: Sequence[Sequence[File]], now: datetime) -> None:
    """Called processes before those that call them, in whatever order they come."""
    waiting = list(bundles)
    while waiting:
        refused: list[Sequence[File]] = []
        for files in waiting:
            try:
                versions.publish(session, files, actor=SYSTEM, now=now)
            except Refused:
                refused.append(files)
        if len(refused) == len(waiting):
            versions.publish(session, refused[0], actor=SYSTEM, now=now)
        waiting = refused


def published_beside(session: Session, files: Sequence[File]) -> list[Sequence[File]]:
    """Files, and those of every published process that they do not define: what a case may meet."""
    keys = frozenset(differences.keys(files))
    others: dict[int, Sequence[File]] = {}
    for each in versions.processes(session, limit=PAGE).items:
        if each.key not in keys:
            found = versions.files(session, each.version_id)
            others[hash(tuple((one.kind, one.name, one.content) for one in found))] = found
    return [*others.values(), files]


def refuse(name: str, given: Mapping[str, object]) -> object:  # noqa: ARG001
    """What a system answers of which nobody said what it answers. Raises CallFailed."""
    message = text("Dans un essai, rien ne sort : dites ce que répond « %(name)s ».", name=name)
    raise CallFailed("SANDBOX", message, business=True)


def reply(told: Mapping[str, object], name: str, given: Mapping[str, object]) -> object:
    """What an outside system answers as it is told by connector: a value, or FEEL over the input after « = »; `{error: code}` fails.

    Raises CallFailed.
    """
    if name not in told:
        return refuse(name, given)
    value = told[name]
    if isinstance(value, str) and value.startswith("="):
        try:
            value = to_json(evaluate(value[1:], given))
        except FeelError as error:
            message = text("La réponse de « %(name)s » ne se calcule pas : %(reason)s", name=name, reason=str(error))
            raise CallFailed("SANDBOX", message, business=True) from error
    if isinstance(value, Mapping) and "error" in value:
        raise CallFailed(str(value["error"]), text("« %(name)s » répond une erreur.", name=name), business=True)
    return value


class Stage:
    """One stage, set again for each scenario. Use it in one thread."""

    def __init__(self, runtime: Runtime, folder: Path) -> None:
        self._folder = folder
        self._answers: Mapping[str, object] = {}
        shutil.copyfile(folder / DATABASE, folder / "empty.db")
        self.app = application(runtime, folder, self._reply)
        self._runtime: Runtime = self.app.extensions[EXTENSION]

    def _reply(self, name: str, given: Mapping[str, object]) -> object:
        return reply(self._answers, name, given)

    def office(self, answers: Mapping[str, object]) -> AppOffice:
        """An office in which nothing has happened yet. `answers`: of outside systems, by connector."""
        self._runtime.sessions.engine.dispose()
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
            (self._folder / name).unlink(missing_ok=True)
        shutil.copyfile(self._folder / "empty.db", self._folder / DATABASE)
        self._answers = answers
        with self._runtime.sessions.begin() as session:
            token = people.create_token(session, "scenario", ["admin"], user=None, now=self._runtime.clock.now(session))
        return AppOffice(self.app, token)

    def watch(self, keys: Sequence[str]) -> dict[str, Definition]:
        """Note which flows of these processes are taken from now on; their definitions, for `coverage.taken`."""
        with self._runtime.sessions.reading() as session:
            found = {key: versions.definition(session, versions.process(session, key).version_id) for key in keys}
        for definition in found.values():
            coverage.watch(definition)
        return found

    def close(self) -> None:
        """Let go of the database."""
        self._runtime.sessions.close()


@contextmanager
def stage(runtime: Runtime, files: Sequence[Sequence[File]], *, now: datetime) -> Iterator[Stage]:
    """A stage for a while, in a folder that goes with it. Raises Refused."""
    with TemporaryDirectory(prefix="tikub-stage-") as name:
        folder = Path(name)
        create(folder, files, now=now)
        made = Stage(runtime, folder)
        try:
            yield made
        finally:
            made.close()


class AppOffice:
    """The product behind its HTTP API, as stories use it: every act is a request, only the first moment is set from inside."""

    def __init__(self, app: Flask, token: str) -> None:
        self._client = app.test_client()
        self._runtime: Runtime = app.extensions[EXTENSION]
        self._headers = {"Authorization": f"Bearer {token}"}

    def _call(self, method: str, path: str, **more: Any) -> Any:
        answer = self._client.open(API + path, method=method, headers=self._headers, **more)
        if method != "GET":
            self._runtime.worker.run_until_quiet()
        if answer.status_code >= 400:
            problem = answer.get_json(silent=True) or {}
            errors = problem.get("errors") or {}
            said = "; ".join(f"{name}: {' '.join(map(str, each))}" for name, each in errors.items()) if isinstance(errors, dict) else ""
            raise Unmet(text("%(detail)s %(errors)s", detail=str(problem.get("detail", answer.status)), errors=said))
        return answer.get_json(silent=True)

    def begin(self, moment: datetime) -> None:
        """Set the clock before the story begins; the API moves it only forward."""
        with self._runtime.sessions.begin() as session:
            self._runtime.clock.move(session, moment)

    def now(self) -> datetime:
        """The time of the office."""
        return datetime.fromisoformat(self._call("POST", "/clock", json={"advance": 0})["now"])

    def advance(self, by: timedelta) -> None:
        """Let time pass; whatever is due on the way happens."""
        self._call("POST", "/clock", json={"advance": by.total_seconds()})

    def start(self, process: str, event: str | None, answers: Answers) -> str:
        """Start a case; its id."""
        order = {"variables": dict(answers), "start_event": event}
        return str(self._call("POST", f"/processes/{process}/instances", json=order)["id"])

    def send(self, name: str, correlation: Answers, payload: Answers, message_id: str | None) -> None:
        """Send a message from outside."""
        self._call("POST", "/messages", json={"name": name, "correlation": correlation, "payload": payload, "id": message_id})

    def case(self, case_id: str) -> dict[str, Any]:
        """The case as the API shows it."""
        return dict(self._call("GET", f"/instances/{case_id}"))

    def newest(self, process: str) -> str:
        """The id of the case of a process that started last."""
        found = self._call("GET", "/instances", query_string={"process": process, "limit": 1})["items"]
        if not found:
            raise Unmet(text("Aucun dossier de « %(process)s » n’a commencé.", process=process))
        return str(found[0]["id"])

    def count(self, process: str, state: str | None) -> int:
        """How many cases of a process there are, in one state or in any."""
        chosen = {"state": state} if state else {}
        return len(self._call("GET", "/instances", query_string={"process": process, "limit": PAGE, **chosen})["items"])

    def tasks(self, case_id: str) -> list[dict[str, Any]]:
        """The open tasks of the case and of the processes that it called, with what each sees."""
        found = [task for member in self._family(case_id) for task in self.case(member)["tasks"]]
        return [dict(self._call("GET", f"/tasks/{task['id']}")) for task in found]

    def complete(self, task_id: str, answers: Answers) -> dict[str, Any]:
        """Complete a task. The messages by field when the answers are refused, else nothing."""
        path = f"{API}/tasks/{task_id}/complete"
        answer = self._client.post(path, json={"data": dict(answers)}, headers=self._headers)
        self._runtime.worker.run_until_quiet()
        problem = answer.get_json(silent=True) or {}
        if answer.status_code == 422 and isinstance(problem.get("errors"), dict):
            return dict(problem["errors"])
        if answer.status_code >= 400:
            raise Unmet(text("%(detail)s %(errors)s", detail=str(problem.get("detail", answer.status)), errors=""))
        return {}

    def events(self, case_id: str) -> list[dict[str, Any]]:
        """The history of the case and of the processes that it called."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self._call("GET", f"/instances/{case_id}/events", query_string={"children": 1, "limit": PAGE, **cursor})
            found += page["items"]
            if not page["next_cursor"]:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def incidents(self, case_id: str) -> list[dict[str, Any]]:
        """The open incidents of the case and of the processes that it called."""
        return [each for member in self._family(case_id) for each in self.case(member)["incidents"]]

    def _family(self, case_id: str) -> list[str]:
        return list(dict.fromkeys([case_id, *(event["instance_id"] for event in self.events(case_id))]))

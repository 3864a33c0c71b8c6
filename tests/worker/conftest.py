"""Workers as processes of their own on each database, beside an application whose own worker stands still."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.api.conftest import program
from tests.api.program import Program
from tests.webhooks.standin import Standin, standin
from web.app import create_app
from web.database import upgrade
from web.runtime import EXTENSION, Runtime
from web.settings import Settings

TIKUB = str(Path(sys.executable).parent / "tikub")


def until(holds: Callable[[], Any], seconds: float = 90) -> Any:
    """What `holds` answers as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


@dataclass
class Site:
    """One Ti Kub: its database, a program that calls its API, and the processes of its workers."""

    environment: dict[str, str]
    folder: Path
    runtime: Runtime
    api: Program
    outside: Standin
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.environment["TIKUB_DATABASE_URL"]

    def log(self, number: int = 0) -> str:
        return (self.folder / f"worker-{number}.log").read_text()

    def worker(self, **variables: str) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it runs."""
        number = len(self.workers)
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            environment = {**os.environ, **self.environment, **variables}
            made = subprocess.Popen([TIKUB, "worker"], env=environment, cwd=self.folder, stdout=log, stderr=log)
        self.workers.append(made)
        until(lambda: "the worker runs" in self.log(number) or made.poll() is not None)
        assert made.poll() is None, self.log(number)
        return made

    def state(self, case: str) -> str:
        return str(self.api.get(f"/instances/{case}")["state"])

    def sql(self, statement: str) -> list[Any]:
        """What PostgreSQL answers, in a transaction of its own."""
        address = self.url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def hang(outside: Standin, number: int) -> threading.Event:
    """The first requests wait for their answer until the event is set."""
    go, reply, waiting = threading.Event(), outside.reply, threading.Semaphore(number)

    def slowly(target: str) -> tuple[int, dict[str, str], bytes]:
        answer = reply(target)
        if waiting.acquire(blocking=False):
            go.wait(60)
        return answer

    outside.reply = slowly  # type: ignore[method-assign]
    return go


@pytest.fixture
def outside() -> Iterator[Standin]:
    with standin() as made:
        yield made


@pytest.fixture
def site(empty_database_url: str, tmp_path: Path, outside: Standin) -> Iterator[Site]:
    environment = {
        "TIKUB_DATABASE_URL": empty_database_url,
        "TIKUB_INSTANCE_DIR": str(tmp_path / "instance"),
        "TIKUB_ENTREPRISES_URL": outside.url,
    }
    app = create_app(Settings.read(environment))
    runtime: Runtime = app.extensions[EXTENSION]
    upgrade(runtime.sessions)
    made = Site(environment, tmp_path, runtime, program(app, "admin"), outside)
    yield made
    for worker in made.workers:
        with contextlib.suppress(ProcessLookupError):
            worker.send_signal(signal.SIGCONT)
            worker.kill()
        worker.wait(10)
    runtime.sessions.close()

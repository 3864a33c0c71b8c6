"""One Ti Kub under test: its database, its serving and working processes, and a keeper that starts again whatever ends.

The keeper stands for the service manager of a real machine. A process may be given fail points (`TIKUB_FAULTS`) for each start.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from chaos.database import Postgres, Sqlite
from engine import people, versions
from engine.actors import SYSTEM
from engine.bundle import File
from tests.webhooks.standin import standin
from web.assembly import clock_of, sessions_of
from web.database import upgrade
from web.settings import Settings

TIKUB = str(Path(sys.executable).parent / "tikub")
LOOK = 0.2
LEASE = 3.0


def until(holds: Callable[[], Any], seconds: float, what: str) -> Any:
    """What `holds` answers as soon as it is true. Raises TimeoutError, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)
    return found


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Kept:
    """A process that is started again when it ends. `faults` gives the fail points of its next start."""

    name: str
    arguments: Sequence[str]
    faults: Callable[[], str] = field(default=lambda: "")
    port: int = 0
    starts: int = 0
    running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's number, 0 before its first start."""
        return self.running.pid if self.running else 0

    def family(self) -> list[int]:
        """Its own number and those of its children."""
        with contextlib.suppress(psutil.Error):
            own = psutil.Process(self.pid)
            return [self.pid, *(child.pid for child in own.children(recursive=True))]
        return []

    def children(self) -> list[int]:
        """The numbers of its serving processes (granian's; not the tracker of multiprocessing)."""
        found = []
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "resource_tracker" not in " ".join(child.cmdline()):
                        found.append(child.pid)
        return found


class Site:
    """`serve` and `work` add processes, `kill` ends them with -9; the keeper brings them back until `close`."""

    def __init__(self, database: Sqlite | Postgres, folder: Path, outside_url: str, more: Mapping[str, str] | None = None) -> None:
        self.database = database
        self.folder = folder
        self.environment = {
            "TIKUB_DATABASE_URL": database.url,
            "TIKUB_INSTANCE_DIR": str(folder / "instance"),
            "TIKUB_ENTREPRISES_URL": outside_url,
            "TIKUB_LEASE": str(LEASE),
            "TIKUB_CALL_TIMEOUT": "1",
            "TIKUB_LOG_LEVEL": "WARNING",
            **(more or {}),
        }
        self.kept: list[Kept] = []
        self.deaths = 0
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self.token = ""

    def prepare(self, *diagrams: bytes) -> None:
        """Make the tables, a token for everything, and publish diagrams, each on its own."""
        settings = Settings.read(self.environment)
        sessions, clock = sessions_of(settings), clock_of(settings)
        upgrade(sessions)
        with sessions.begin() as session:
            now = clock.now(session)
            self.token = people.create_token(session, "chaos", ["admin"], now=now)
            for content in diagrams:
                versions.publish(session, [File("diagram", "d.bpmn", content)], actor=SYSTEM, now=now)
        sessions.close()
        self._keeper.start()

    def serve(self, *, processes: int = 1, faults: Callable[[], str] = lambda: "") -> Kept:
        """A `tikub serve` on a port of its own."""
        port = free_port()
        return self._add(Kept(f"serve-{port}", ["serve", "--port", str(port), "--workers", str(processes)], faults, port))

    def work(self, *, faults: Callable[[], str] = lambda: "") -> Kept:
        """A `tikub worker`."""
        return self._add(Kept(f"worker-{len(self.kept)}", ["worker"], faults))

    def _add(self, made: Kept) -> Kept:
        self._start(made)
        self.kept.append(made)
        return made

    def _start(self, kept: Kept) -> None:
        environment = {**os.environ, **self.environment, "TIKUB_FAULTS": kept.faults()}
        with (self.folder / f"{kept.name}.log").open("ab") as log:
            kept.running = subprocess.Popen([TIKUB, *kept.arguments], env=environment, cwd=self.folder, stdout=log, stderr=log)
        kept.starts += 1

    def _keep(self) -> None:
        while not self._stopping.wait(LOOK):
            for each in list(self.kept):
                if each.running is not None and (code := each.running.poll()) is not None:
                    self.deaths += code == -signal.SIGKILL
                    self._start(each)

    def ports(self) -> list[int]:
        """Where clients may ask."""
        return [each.port for each in self.kept if each.port]

    def log(self) -> str:
        """What all processes wrote."""
        return "\n".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        """End every process."""
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for each in self.kept:
            for pid in each.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
                    os.kill(pid, signal.SIGKILL)
            if each.running is not None:
                each.running.wait(20)


@contextlib.contextmanager
def site(database: Sqlite | Postgres, folder: Path, *diagrams: bytes, **more: str) -> Iterator[Site]:
    """A site with these diagrams published and no process yet; `more` are settings."""
    with standin() as outside:
        made = Site(database, folder, outside.url, more)
        try:
            made.prepare(*diagrams)
            yield made
        finally:
            made.close()

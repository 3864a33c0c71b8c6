"""The disk is full: clean refusals, nothing acknowledged that is not kept, and everything works again once there is room.

The database and what the servers keep lie on a small file system of their own (tmpfs), which a ballast file fills. Where none can be
mounted, the processes themselves may write no further (RLIMIT_FSIZE), for SQLite alone.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psutil

from chaos.client import Client
from chaos.database import Postgres, Sqlite, database
from chaos.diagrams import PLAIN
from chaos.ledger import Ledger, judge
from chaos.site import Site, site, until

SIZES = {"sqlite": 24, "postgresql": 192}
"""Megabytes."""
SMALL = {"wal_level": "minimal", "max_wal_senders": "0", "min_wal_size": "32MB", "max_wal_size": "48MB"}
FULL_FOR = 6.0
MOST = 20.0


class Disk(Protocol):
    """Something that can be filled and freed."""

    name: str

    def fill(self, made: Site) -> None: ...

    def free(self, made: Site) -> None: ...


class Mounted:
    """A tmpfs with a ballast."""

    name = "tmpfs"

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self, made: Site) -> None:  # noqa: ARG002
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 12))

    def free(self, made: Site) -> None:  # noqa: ARG002
        self._ballast.unlink(missing_ok=True)


class Limited:
    """No file of the serving processes may grow."""

    name = "RLIMIT_FSIZE"

    def fill(self, made: Site) -> None:
        self._limit(made, 4096)

    def free(self, made: Site) -> None:
        self._limit(made, resource.RLIM_INFINITY)

    def _limit(self, made: Site, most: int) -> None:
        for pid in (pid for each in made.kept for pid in each.family()):
            with contextlib.suppress(psutil.Error, OSError):
                hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


@contextlib.contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """A small disk at this folder, or limits where nothing can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        yield Limited()
        return
    try:
        yield Mounted(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def run(kind: str, folder: Path, *, seed: int, full_for: float = FULL_FOR) -> dict[str, Any]:
    """Complete tasks before, during and after; `meanwhile` counts what was answered while the disk was full."""
    small = folder / "disk"
    with disk(small, SIZES[kind]) as filled:
        if isinstance(filled, Limited) and kind == "postgresql":
            return {"skipped": "needs the right to mount", "holds": True}
        with _base(kind, small) as base, site(base, folder, PLAIN, TIKUB_INSTANCE_DIR=str(small / "instance")) as made:
            return {"disk": filled.name, **_trial(base, made, filled, seed, full_for)}


def _base(kind: str, small: Path) -> contextlib.AbstractContextManager[Sqlite | Postgres]:
    return database(kind, small) if kind == "sqlite" else contextlib.closing(Postgres(small / "postgres", **SMALL))


def _trial(base: Sqlite | Postgres, made: Site, filled: Disk, seed: int, full_for: float) -> dict[str, Any]:
    made.serve(processes=2)
    made.work()
    ledger, client = Ledger(), Client(made.ports(), made.token, random.Random(seed))
    until(lambda: client.call("GET", "/readyz").status == 200, 60, "the server is ready")
    cases = [client.start("plain", {}, f"{seed}-{number}").body for number in range(40)]
    tasks = [case["tasks"][0]["id"] for case in cases]
    filled.fill(made)
    meanwhile: Counter[str] = Counter()
    begun, number = time.monotonic(), 0
    while time.monotonic() - begun < full_for and tasks:
        task = tasks[number % len(tasks)]
        meanwhile[_complete(client, ledger, task, tasks, f"{number}-{'x' * 20_000}")] += 1
        number += 1
        time.sleep(0.02)
    filled.free(made)
    if isinstance(base, Postgres):
        base.restart()  # it may have given up: a service manager starts it again
    freed = time.monotonic()
    until(lambda: client.call("POST", "/api/v1/processes/plain/instances", {}).status == 201, 60, "the server works again")
    healed = time.monotonic() - freed
    _finish(base, client, ledger)
    client.close()
    found = judge(ledger, base)
    clean = not any(found[name] for name in ("lost", "doubled", "torn", "stuck")) and set(meanwhile) <= {"200", "503 problem"}
    holds = clean and meanwhile["503 problem"] > 0 and healed <= MOST
    return {"meanwhile": dict(meanwhile), "healed_in": round(healed, 1), **found, "holds": holds}


def _complete(client: Client, ledger: Ledger, task: str, tasks: list[str], mark: str) -> str:
    answer = client.call("POST", f"/api/v1/tasks/{task}/complete", {"data": {"mark": mark}})
    if answer.status == 200:
        ledger.acknowledge(task, mark)
        tasks.remove(task)
        tasks.extend(each["id"] for each in answer.body["instance"]["tasks"] if each["state"] == "open")
    is_problem = answer.status == 503 and answer.again and (answer.body or {}).get("status") == 503
    return "503 problem" if is_problem else str(answer.status)


def _finish(base: Sqlite | Postgres, client: Client, ledger: Ledger) -> None:
    """Complete what is left, for a minute at most."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        left = [str(row[0]) for row in base.rows("SELECT id FROM task WHERE state = 'open'")]
        if not left:
            return
        for task in left:
            _complete(client, ledger, task, [task], f"end-{task}")

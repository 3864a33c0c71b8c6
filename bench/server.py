"""A real `tikub serve` for one run, as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.databases import Database

TIKUB = Path(sys.executable).with_name("tikub")
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """`started` is how many seconds it took until it answered; `token` opens everything."""

    port: int
    pid: int
    token: str
    started: float


@contextmanager
def serving(database: Database, *, processes: int = 1, **variables: str) -> Iterator[Server]:
    """A server on this database, with so many serving processes."""
    with tempfile.TemporaryDirectory(prefix="tikub-bench-") as folder:
        env = environment(database, folder) | variables
        token = _token(env)
        port = _free_port()
        begun = time.perf_counter()
        order = [TIKUB, "serve", "--port", str(port), "--workers", str(processes)]
        process = subprocess.Popen(order, env=env, stdout=subprocess.DEVNULL)
        try:
            _wait(port, process)
            yield Server(port, process.pid, token, time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def environment(database: Database, folder: str) -> dict[str, str]:
    """The variables of a process that works on this database and keeps what else it needs in a folder."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("TIKUB_")}
    return around | {"TIKUB_DATABASE_URL": database.url, "TIKUB_INSTANCE_DIR": folder, "TIKUB_LOG_LEVEL": "WARNING"}


def _token(env: Mapping[str, str]) -> str:
    made = subprocess.run([TIKUB, "token", "create", "bench", "--scope", "admin"], env=env, check=True, capture_output=True, text=True)
    return made.stdout.split()[-1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.01)
    raise TimeoutError

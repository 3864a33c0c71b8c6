"""Databases and transactions, SQLite and PostgreSQL alike.

A transaction holds one connection of the driver. Statements of the hot paths run on it directly (`engine/statements.py`); the first
that runs through the session makes SQLAlchemy take part, which costs as much as several statements.

SQLite has one writer at a time. Its own busy handler sleeps up to 100 ms between looks, so writers queue on a lock first: one of
this process and one in a file, which wakes the next at once. Then `BEGIN IMMEDIATE` takes the write lock before anything is read.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import sqlalchemy
from sqlalchemy import Engine, PoolProxiedConnection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from engine import faults
from engine.history import WRITTEN
from engine.statements import CURSOR, DATABASE, DIALECT, DRIVER, Glance, as_sqlalchemy, commit, execute
from feel import wire

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA cache_size=-65536",
    "PRAGMA wal_autocheckpoint=4000",  # 16 MB: pages that change often are copied less often
    "PRAGMA secure_delete=FAST",  # zeros over what is deleted, but no page is read or written for that alone
)

IDLE = 1.0
"""Seconds after which a connection is asked whether it still lives."""
MARKS = "marks"
"""Where a session keeps how much it had written when each of its savepoints began."""
IDLE_IN_TRANSACTION = timedelta(minutes=1)


def _dumps(value: object) -> str:
    return wire.dump(value).decode()


def _loads(value: str | float) -> object:
    """SQLite hands back the JSON text of a lone number as a number: the declared type JSON has its numeric affinity."""
    return wire.load(value) if isinstance(value, str | bytes) else value


def create_engine(url: str, *, idle: timedelta = IDLE_IN_TRANSACTION) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://…`, every commit durable.

    `idle`: PostgreSQL ends a transaction in which nothing happens for so long, since a frozen process would keep its locks for ever.
    """
    columns = {"json_serializer": _dumps, "json_deserializer": _loads}
    if make_url(url).get_backend_name() != "sqlite":
        made = sqlalchemy.create_engine(url, pool_size=16, max_overflow=16, paramstyle="format", **columns)
        _ask_before_use(made)
        event.listen(made, "connect", partial(_prepare_postgresql, idle))
        return made
    made = sqlalchemy.create_engine(
        url,
        pool_size=16,
        max_overflow=16,
        pool_use_lifo=True,  # the last one used has the pages that it needs; another's write makes a connection forget them
        connect_args={"timeout": 10, "check_same_thread": False},
        **columns,
    )
    event.listen(made, "connect", _prepare_sqlite)
    return made


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ARG001
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _prepare_postgresql(idle: timedelta, connection: Any, record: Any) -> None:  # noqa: ARG001
    milliseconds = str(round(idle.total_seconds() * 1000))
    connection.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", (milliseconds,))
    connection.commit()


def _ask_before_use(engine: Engine) -> None:
    """A connection that lay idle may have died with its server: ask it before it is used again, and take another one then."""

    def checkin(connection: Any, record: Any) -> None:  # noqa: ARG001
        record.info["used"] = time.monotonic()

    def checkout(connection: Any, record: Any, proxy: Any) -> None:  # noqa: ARG001
        if time.monotonic() - record.info.get("used", 0) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    event.listen(engine, "checkin", checkin)
    event.listen(engine, "checkout", checkout)


class Gate:
    """The queue of SQLite's writers: through it one at a time, in this process and among all processes on this machine."""

    def __init__(self, path: Path) -> None:
        self._thread = threading.Lock()
        self._file = path
        self._descriptor: int | None = None

    @contextmanager
    def pass_through(self) -> Iterator[None]:
        with self._thread:
            if self._descriptor is None:
                self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class _Session(Session):
    """A session whose savepoints hold for the driver's statements too: SQLAlchemy sets one only when something runs through it."""

    def begin_nested(self) -> SessionTransaction:
        nested = super().begin_nested()
        self.connection()
        self.info.setdefault(MARKS, {})[nested] = len(self.info.get(WRITTEN, ()))
        return nested


def _forget_written(session: Session, ended: SessionTransaction) -> None:
    """What a savepoint wrote and took back did not happen."""
    mark = session.info.get(MARKS, {}).pop(ended, None)
    if mark is not None:
        del session.info.get(WRITTEN, [])[mark:]


class Sessions:
    """Where transactions come from. Commands below take the session and never commit.

    `before_commit` sees the session of each transaction that writes, after its commands.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._make = sessionmaker(class_=_Session, expire_on_commit=False, autoflush=False)
        event.listen(self._make, "after_soft_rollback", _forget_written)
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._info = {DATABASE: str(engine.url), DIALECT: engine.dialect}
        self._gate = self._gate_of(engine)
        self.before_commit: Callable[[Session], None] = lambda session: None  # noqa: ARG005

    @staticmethod
    def _gate_of(engine: Engine) -> Gate | None:
        database = engine.url.database
        if engine.dialect.name != "sqlite" or not database or database == ":memory:":
            return None
        return Gate(Path(database + ".lock"))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that writes; commits at the end of the block, rolls back on an exception."""
        opening = "BEGIN IMMEDIATE" if self._is_sqlite else ""
        with self._gate.pass_through() if self._gate else nullcontext(), self._opened(opening) as session:
            yield session
            self.before_commit(session)
            faults.reach("before-commit")
            if session.in_transaction():
                session.commit()
            commit(session)  # also when the session's transaction never met the connection that the driver wrote on
            faults.reach("after-commit")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view for a request that changes nothing."""
        with self._opened("BEGIN" if self._is_sqlite else "") as session:
            yield session

    @contextmanager
    def glancing(self) -> Iterator[Session]:
        """For prepared statements alone, which only read and need no common view: each is a transaction of its own.

        It spares the database the beginning and the end of one, and this program what a whole session takes.
        """
        borrowed = self._borrowed()
        try:
            driver: Any = borrowed.driver_connection
            self._let_commit_itself(borrowed, itself=True)
            yield cast(Session, Glance(self._info | {DRIVER: driver, CURSOR: driver.cursor()}))
        finally:
            self._let_commit_itself(borrowed, itself=False)
            borrowed.close()

    def _borrowed(self) -> PoolProxiedConnection:
        dialect = self.engine.dialect
        try:
            return self.engine.raw_connection()
        except dialect.loaded_dbapi.Error as error:
            raise as_sqlalchemy("", error, dialect) from error

    def _let_commit_itself(self, borrowed: PoolProxiedConnection, *, itself: bool) -> None:
        """Whether each statement is a transaction. Connections of SQLite begin theirs by statement; a dead one is given up."""
        driver: Any = borrowed.driver_connection
        if self._is_sqlite or driver is None:
            return
        try:
            driver.autocommit = itself
        except self.engine.dialect.loaded_dbapi.Error:
            borrowed.invalidate()

    @contextmanager
    def _opened(self, opening: str) -> Iterator[Session]:
        """A session on one connection, which is given back afterwards; what was not committed is rolled back."""
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            session = self._make(bind=connection, info=self._info | {DRIVER: driver, CURSOR: driver.cursor()})
            try:
                if opening:
                    execute(session, opening)
                yield session
            finally:
                if session.in_transaction():
                    session.close()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()
        if self._gate is not None:
            self._gate.close()

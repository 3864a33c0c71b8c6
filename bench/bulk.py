"""Rows by the hundred thousand, past every command: what a query meets, without the years that made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy import Table

from bench.setting import now
from engine.sessions import Sessions

CHUNK = 20_000


def load(sessions: Sessions, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns, in transactions of many."""
    waiting = iter(rows)
    first = next(waiting)
    names = list(first)
    converts = [table.c[name].type.dialect_impl(sessions.engine.dialect).bind_processor(sessions.engine.dialect) for name in names]
    converted = (
        [each[name] if convert is None else convert(each[name]) for name, convert in zip(names, converts, strict=True)]
        for each in chain([first], waiting)
    )
    connection = sessions.engine.raw_connection()
    try:
        while part := list(islice(converted, CHUNK)):
            _insert(connection, table.name, names, part)
            connection.commit()
    finally:
        connection.close()


def analyze(sessions: Sessions) -> None:
    """Let the database know its tables, as it does by itself in the long run."""
    is_sqlite = sessions.engine.dialect.name == "sqlite"
    with sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if is_sqlite else "VACUUM ANALYZE")


def _insert(connection: Any, table: str, names: list[str], rows: list[list[Any]]) -> None:
    cursor, columns = connection.cursor(), ", ".join(f'"{name}"' for name in names)
    if not hasattr(cursor, "copy"):
        cursor.execute("BEGIN")
        cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join("?" * len(names))})', rows)  # noqa: S608  no data
        return
    with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def instances(count: int, version_id: int, state: bytes = b"{}", process: str = "P", first: int = 1) -> Iterator[dict[str, Any]]:
    """Rows of running instances with the ids from `first` on."""
    moment: datetime = now()
    for number in range(first, first + count):
        yield {
            "id": number, "version_id": version_id, "process": process, "root_id": number, "title": f"Candidature {number}",
            "state": "running", "revision": 1, "seq": 1, "started_by": "user:Agent", "created_at": moment, "updated_at": moment,
            "snapshot": state,
        }  # fmt: skip

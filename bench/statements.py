"""How long the database takes for the statements of some work, as far as it can be told from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from engine import statements
from engine.sessions import Sessions


def seconds_of_statements(sessions: Sessions, work: Callable[[], object], runs: int) -> list[float]:
    """For each run of a work that only reads: the seconds of all its statements together.

    SQLite works within the driver's calls, whose CPU time is counted. PostgreSQL explains each statement: planning and execution.
    """
    said = _recorded(sessions, work)
    connection = sessions.engine.raw_connection()
    try:
        cursor = connection.cursor()
        measure = _on_sqlite if sessions.engine.dialect.name == "sqlite" else _on_postgresql
        measured = [measure(cursor, said) for _ in range(runs + 2)]
        connection.rollback()
        return measured[2:]
    finally:
        connection.close()


def _recorded(sessions: Sessions, work: Callable[[], object]) -> list[tuple[str, Any]]:
    """Statements with their values, whichever way they reached the driver."""
    from sqlalchemy import event

    said: list[tuple[str, Any]] = []
    run = statements.execute

    def execute(session: Any, sql: str, values: Any = ()) -> Any:
        said.append((sql, list(values)))
        return run(session, sql, values)

    def through_sqlalchemy(_connection: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        said.append((sql, values))

    statements.execute = execute
    event.listen(sessions.engine, "before_cursor_execute", through_sqlalchemy)
    try:
        work()
    finally:
        statements.execute = run
        event.remove(sessions.engine, "before_cursor_execute", through_sqlalchemy)
    return [each for each in said if each[0].lstrip().upper().startswith(("SELECT", "WITH"))]


def _on_sqlite(cursor: Any, said: list[tuple[str, Any]]) -> float:
    begun = time.process_time()
    for sql, values in said:
        cursor.execute(sql, values).fetchall()
    return time.process_time() - begun


def _on_postgresql(cursor: Any, said: list[tuple[str, Any]]) -> float:
    total = 0.0
    for sql, values in said:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", values)
        (plan,) = cursor.fetchone()[0]
        total += plan["Planning Time"] + plan["Execution Time"]
    return total / 1000

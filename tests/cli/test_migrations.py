"""The migrations make the tables that the engine declares, on both databases."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from engine.sessions import Sessions, create_engine
from engine.tables import metadata
from web.database import is_current, upgrade


@pytest.fixture
def empty(empty_database_url: str) -> Any:
    sessions = Sessions(create_engine(empty_database_url))
    yield sessions
    sessions.close()


def _indexes(sessions: Sessions) -> dict[str, Any]:
    """Every index with its columns and its condition, which the comparison of metadata does not look at."""
    inspector = inspect(sessions.engine)
    return {
        index["name"]: (
            index["column_names"],
            {key: str(value) for key, value in index.get("dialect_options", {}).items()},
        )
        for table in metadata.tables
        for index in inspector.get_indexes(table)
    }


def test_migrations_agree_with_the_tables(empty: Sessions) -> None:
    upgrade(empty)
    with empty.begin() as session:
        ours = lambda name, kind, _: kind != "table" or not name.startswith("procrastinate_")  # noqa: E731
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True, "include_name": ours})
        assert compare_metadata(context, metadata) == []


def test_migrated_indexes_are_those_of_the_tables(empty: Sessions, database_url: str) -> None:
    upgrade(empty)
    made = Sessions(create_engine(database_url))
    try:
        assert _indexes(empty) == _indexes(made)
    finally:
        made.close()


def test_upgrade_of_a_current_database_does_nothing(empty: Sessions) -> None:
    assert not is_current(empty)
    upgrade(empty)
    upgrade(empty)
    assert is_current(empty)


def test_servers_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    failures: list[Exception] = []

    def migrate() -> None:
        sessions = Sessions(create_engine(empty_database_url))
        try:
            upgrade(sessions)
            assert is_current(sessions)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            sessions.close()

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []

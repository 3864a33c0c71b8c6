"""The schema of the database: brought up to date by Alembic's revisions in `web/migrations/`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from engine.sessions import Sessions

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 7_152_601
"""Key of PostgreSQL's advisory lock: of servers that start at once, one migrates and the others wait."""


def upgrade(sessions: Sessions) -> None:
    """Bring the schema to the newest revision, in one transaction. Does nothing when it is there already."""
    with sessions.begin() as session:
        connection = session.connection()
        _lock(connection)
        if not _is_current(connection):
            command.upgrade(configuration(connection), "head")


def is_current(sessions: Sessions) -> bool:
    """Whether the schema is that of this program."""
    with sessions.reading() as session:
        return _is_current(session.connection())


def configuration(connection: Connection | None) -> Config:
    """Alembic's configuration, working on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    """On SQLite the transaction itself is exclusive among writers."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _is_current(connection: Connection) -> bool:
    heads = ScriptDirectory.from_config(configuration(None)).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)

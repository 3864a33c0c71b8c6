"""How Alembic runs here: on the connection that `web.database.upgrade` opened, in its transaction."""

from __future__ import annotations

from typing import Any

from alembic import context

from engine.tables import Moment, metadata


def render(kind: str, item: Any, _: Any) -> str | bool:
    """A revision names no type of ours, which may change later: a moment is the whole number that it is stored as."""
    if kind == "type" and isinstance(item, Moment):
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=render,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()

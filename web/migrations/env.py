"""How Alembic runs here: on the connection that `web.database.upgrade` opened, in its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

from engine.tables import metadata

BIG = 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A revision names no type of ours, which may change later: it says how they are stored."""
    if kind == "type" and isinstance(item, TypeDecorator):
        stored = item.impl_instance
        return BIG if isinstance(stored, BigInteger) else f"sa.{stored!r}"
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

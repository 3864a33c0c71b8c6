"""Lease timers, messages and signals, as calls are; know which workers live.

Every column may be absent from what an older program writes, so that it goes on beside this schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEASED = ("timer", "message", "signal")


def upgrade() -> None:
    for table in LEASED:
        op.add_column(table, sa.Column("lease", BIG, nullable=True))
        op.add_column(table, sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))
        op.add_column(table, sa.Column("worker", sa.Text(), nullable=True))
        _index(f"ix_{table}_lease", table, "lease")
    _index("ix_call_worker", "call", "worker")
    op.create_table(
        "worker_beat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beat")),
    )


def downgrade() -> None:
    op.drop_table("worker_beat")
    op.drop_index("ix_call_worker", table_name="call")
    for table in LEASED:
        op.drop_index(f"ix_{table}_lease", table_name=table)
        with op.batch_alter_table(table) as batch_op:
            for column in ("worker", "fence", "lease"):
                batch_op.drop_column(column)


def _index(name: str, table: str, column: str) -> None:
    some = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], unique=False, sqlite_where=some, postgresql_where=some)

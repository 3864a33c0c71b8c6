"""Create the table of trials: the scenarios of a draft, played.

Nothing else changes, so that an older program goes on beside this schema; it publishes drafts without looking at their scenarios.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "scenario_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("draft_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("flows", sa.JSON(), nullable=False),
        sa.Column("started_at", BIG, nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("overridden_by", sa.Text()),
        sa.Column("versions", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_run")),
    )
    op.create_index("ix_scenario_run_draft", "scenario_run", ["draft_id", "id"])


def downgrade() -> None:
    op.drop_table("scenario_run")

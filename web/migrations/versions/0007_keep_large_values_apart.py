"""Keep large variables beside the snapshots of their instances.

Nothing moves: a variable goes there when its instance is next written. An older program refuses a snapshot that has some beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "large_value",
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_large_value_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "ref", name=op.f("pk_large_value")),
    )


def downgrade() -> None:
    op.drop_table("large_value")

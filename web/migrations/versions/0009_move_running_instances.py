"""Create the tables of migrations: running instances that go on in another version of their process.

Nothing else changes, so that an older program goes on beside this schema; it does no step of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DUE, HELD = "state = 'pending' OR state = 'undoing'", "lease IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "migration",
        sa.Column("id", BIG, nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("undone_at", BIG),
        sa.Column("undone_by", sa.Text()),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_migration_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
    )
    op.create_index("ix_migration_process", "migration", ["process", "id"])
    op.create_table(
        "migration_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("migration_id", BIG, nullable=False),
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("from_id", BIG, nullable=False),
        sa.Column("to_id", BIG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("hurdles", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer()),
        sa.Column("before", sa.LargeBinary()),
        sa.Column("undo", sa.JSON()),
        sa.Column("ended_at", BIG),
        sa.Column("lease", BIG),
        sa.Column("fence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("worker", sa.Text()),
        sa.ForeignKeyConstraint(["migration_id"], ["migration.id"], name=op.f("fk_migration_step_migration_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_migration_step_instance_id")),
        sa.ForeignKeyConstraint(["from_id"], ["version.id"], name=op.f("fk_migration_step_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["version.id"], name=op.f("fk_migration_step_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_step")),
        sa.UniqueConstraint("migration_id", "instance_id", name=op.f("uq_migration_step_migration_id_instance_id")),
    )
    op.create_index("ix_migration_step_instance", "migration_step", ["instance_id"])
    for name, columns, some in (("ix_migration_step_due", ["id"], DUE), ("ix_migration_step_lease", ["lease"], HELD)):
        op.create_index(name, "migration_step", columns, sqlite_where=sa.text(some), postgresql_where=sa.text(some))


def downgrade() -> None:
    op.drop_table("migration_step")
    op.drop_table("migration")

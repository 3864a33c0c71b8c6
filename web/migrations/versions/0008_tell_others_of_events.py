"""Create the tables of what outside systems are told: subscriptions, their secrets, deliveries and attempts.

Nothing else changes, so that an older program goes on beside this schema; what happens in it meanwhile is told to nobody.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PARTIAL = (
    ("ix_delivery_due", ["subscription_id", "due"], "state = 'pending'"),
    ("ix_delivery_order", ["subscription_id", "instance_id", "id"], "state = 'pending'"),
    ("ix_delivery_new", ["subscription_id", "id"], "state = 'fresh'"),
    ("ix_delivery_worker", ["worker", "subscription_id"], "worker IS NOT NULL"),
)


def upgrade() -> None:
    _create_subscription()
    _create_what_belongs_to_it()
    _create_delivery()
    op.create_table(
        "delivery_attempt",
        sa.Column("delivery_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_attempt_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_delivery_attempt")),
    )


def _create_subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("process", sa.Text()),
        sa.Column("step", sa.Text()),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("filter", sa.Text()),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("ordered", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("changed", BIG, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", BIG),
        sa.Column("open_until", BIG),
        sa.Column("numbered", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )


def _create_what_belongs_to_it() -> None:
    op.create_table(
        "subscription_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscription_id", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name=op.f("fk_subscription_event_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_event")),
    )
    op.create_index("ix_subscription_event_subscription", "subscription_event", ["subscription_id", "id"], unique=False)
    op.create_table(
        "subscription_secret",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscription_id", BIG, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("retires_at", BIG),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name=op.f("fk_subscription_secret_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_secret")),
    )
    op.create_index("ix_subscription_secret_subscription", "subscription_secret", ["subscription_id"], unique=False)


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscription_id", BIG, nullable=False),
        sa.Column("instance_id", BIG),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", BIG, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("number", BIG),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("ended_at", BIG),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name=op.f("fk_delivery_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("subscription_id", "number", name=op.f("uq_delivery_subscription_id_number")),
    )
    op.create_index("ix_delivery_subscription", "delivery", ["subscription_id", "id"], unique=False)
    op.create_index("ix_delivery_created", "delivery", ["created_at"], unique=False)
    for name, columns, condition in PARTIAL:
        some = sa.text(condition)
        op.create_index(name, "delivery", columns, unique=False, sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    for table in ("delivery_attempt", "delivery", "subscription_secret", "subscription_event", "subscription"):
        op.drop_table(table)

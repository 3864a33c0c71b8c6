"""The rows: what is published, what runs, what waits, what happened, and who may. One transaction writes them together.

Ids of rows that come often are made by us (`engine/ids.py`): time-ordered 63-bit integers, so that no insert waits for the database to
answer. Moments are stored as whole microseconds since 1970, UTC: they sort and index alike on both databases.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    or_,
)
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
#: "No due date" sorts after every date.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)

#: The state of open tasks, written out in statements: an index of these alone serves only who surely asks for them.
OPEN = literal_column("'open'", Text)
#: The same of deliveries that are to be sent, and of those that nobody fetched yet.
PENDING, FRESH = literal_column("'pending'", Text), literal_column("'fresh'", Text)
UNDOING = literal_column("'undoing'", Text)

Big = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970 in UTC."""

    impl = Big
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + MICROSECOND * value


class Urgency(TypeDecorator[int]):
    """A priority, of which the higher is the more urgent, stored negated: the most urgent sorts first, like the earliest."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else -value

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else -value


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Big, primary_key=True, autoincrement=False)


def _leased(table: str) -> tuple[Column[Any] | Index, ...]:
    """Who does the row, until when (also: not before when), and how often it was claimed. Programs without leases may write rows too."""
    lease: Column[Any] = Column("lease", Moment)
    some = lease.is_not(None)
    return (
        lease,
        Column("fence", Integer, nullable=False, server_default="0"),
        Column("worker", Text),
        Index(f"ix_{table}_lease", lease, sqlite_where=some, postgresql_where=some),
    )


def _part(name: str, some: ColumnElement[bool], *columns: Column[Any]) -> Index:
    """An index of some rows: the others cost nothing."""
    return Index(name, *columns, sqlite_where=some, postgresql_where=some)


# -- published ---------------------------------------------------------------------------------------------------------

bundle = Table(
    "bundle",
    metadata,
    _id(),
    Column("content_hash", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
)

bundle_file = Table(
    "bundle_file",
    metadata,
    Column("bundle_id", ForeignKey("bundle.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

version = Table(
    "version",
    metadata,
    _id(),
    Column("process", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("bundle_id", ForeignKey("bundle.id"), nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", Text, nullable=False),
    UniqueConstraint("process", "number"),
)

#: Files on their way to publication: imported, completed, tried. `revision` counts from 1; who saves names the one they changed.
process_draft = Table(
    "process_draft",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("report", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("published_at", Moment),
)

process_draft_file = Table(
    "process_draft_file",
    metadata,
    Column("draft_id", ForeignKey("process_draft.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

#: The scenarios of a revision of a draft, played one after the other; `versions`: what was published although some do not hold.
scenario_run = Table(
    "scenario_run",
    metadata,
    _id(),
    Column("draft_id", Big, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("results", JSON, nullable=False),
    Column("flows", JSON, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("reason", Text),
    Column("overridden_by", Text),
    Column("versions", JSON),
    Index("ix_scenario_run_draft", "draft_id", "id"),
)

decision = Table(
    "decision",
    metadata,
    Column("key", Text, primary_key=True),
    Column("bundle_id", ForeignKey("bundle.id"), nullable=False),
)

#: What the newest version of each process starts on.
start_wait = Table(
    "start_wait",
    metadata,
    Column("process", Text, primary_key=True),
    Column("element", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version_id", ForeignKey("version.id"), nullable=False),
    Index("ix_start_wait_name", "kind", "name"),
)

# -- running -----------------------------------------------------------------------------------------------------------

instance = Table(
    "instance",
    metadata,
    _id(),
    Column("version_id", ForeignKey("version.id"), nullable=False),
    Column("process", Text, nullable=False),
    Column("root_id", Big, nullable=False),
    Column("parent_id", Big),
    Column("parent_ref", Text),
    Column("business_key", Text),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error_code", Text),
    Column("revision", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("started_by_id", Big),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("snapshot", LargeBinary, nullable=False),
    Index("ix_instance_list", "process", "state", "id"),
    Index("ix_instance_state", "state", "id"),
    Index("ix_instance_root", "root_id"),
)

_part("ix_instance_business_key", instance.c.business_key.is_not(None), instance.c.business_key, instance.c.id)
_part("ix_instance_parent", instance.c.parent_id.is_not(None), instance.c.parent_id)

#: Variables too large for the snapshot, by the hash of their content.
large_value = Table(
    "large_value",
    metadata,
    Column("instance_id", ForeignKey("instance.id"), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

task = Table(
    "task",
    metadata,
    _id(),
    Column("instance_id", ForeignKey("instance.id"), nullable=False),
    Column("process", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("form_key", Text),
    Column("state", Text, nullable=False),
    Column("assignee_id", ForeignKey("user_account.id")),
    Column("groups", JSON, nullable=False),
    Column("local", JSON, nullable=False),
    Column("priority", Urgency, nullable=False),
    Column("due", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("claimed_at", Moment),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Column("closed_by_id", Big),
    Column("program", Text),
    UniqueConstraint("instance_id", "ref"),
    Index("ix_task_process", "process", "state", "priority", "due", "id"),
)
_part("ix_task_assignee", task.c.state == OPEN, task.c.assignee_id, task.c.priority, task.c.due, task.c.id)
_part("ix_task_open", task.c.state == OPEN, task.c.priority, task.c.due, task.c.id)
_part("ix_task_done", task.c.closed_by_id.is_not(None), task.c.closed_by_id, task.c.closed_at)

#: One row for each group that may take an open, unassigned task; the key is the order of the list.
task_candidate = Table(
    "task_candidate",
    metadata,
    Column("group_key", Text, primary_key=True),
    Column("priority", Urgency, primary_key=True),
    Column("due", Moment, primary_key=True),
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Index("ix_task_candidate_task", "task_id"),
    sqlite_with_rowid=False,
)

draft = Table(
    "draft",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("user_id", ForeignKey("user_account.id"), primary_key=True),
    Column("answers", JSON, nullable=False),
    Column("saved_at", Moment, nullable=False),
)

timer = Table(
    "timer",
    metadata,
    _id(),
    Column("instance_id", ForeignKey("instance.id")),
    Column("version_id", ForeignKey("version.id")),
    Column("element", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("due", Moment, nullable=False),
    Column("remaining", Integer),
    Column("failures", Integer, nullable=False, default=0),
    *_leased("timer"),
    Index("ix_timer_due", "due", "id"),
    Index("ix_timer_instance", "instance_id", "ref"),
)

wait = Table(
    "wait",
    metadata,
    _id(),
    Column("instance_id", ForeignKey("instance.id"), nullable=False),
    Column("process", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("correlation", JSON, nullable=False),
    Column("correlation_hash", Text, nullable=False),
    Index("ix_wait_lookup", "kind", "name", "correlation_hash", "id"),
    Index("ix_wait_instance", "instance_id", "ref"),
)

#: Which sets of keys the waits of a message name expect, so that a message finds its wait by hash among millions.
wait_shape = Table(
    "wait_shape",
    metadata,
    Column("name", Text, primary_key=True),
    Column("keys", Text, primary_key=True),
)

message = Table(
    "message",
    metadata,
    _id(),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("correlation", JSON, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("reason_params", JSON),
    Column("target_process", Text),
    Column("target_element", Text),
    Column("thrown_by", Big),
    Column("instance_id", Big),
    Column("received_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("delivered_at", Moment),
    *_leased("message"),
    UniqueConstraint("source", "external_id"),
    Index("ix_message_name", "state", "name", "id"),
    Index("ix_message_expires", "state", "expires_at"),
    Index("ix_message_instance", "instance_id"),
)

signal = Table(
    "signal",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("thrown_by", Big),
    Column("thrown_at", Moment, nullable=False),
    *_leased("signal"),
)

call = Table(
    "call",
    metadata,
    _id(),
    Column("instance_id", ForeignKey("instance.id"), nullable=False),
    Column("process", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("input", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("due", Moment, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("worker", Text),
    Column("last_error", Text),
    Column("created_at", Moment, nullable=False),
    Index("ix_call_due", "due", "id"),
    Index("ix_call_instance", "instance_id", "ref"),
    Index("ix_call_external", "process", "element", "connector"),
)
_part("ix_call_worker", call.c.worker.is_not(None), call.c.worker)

incident = Table(
    "incident",
    metadata,
    _id(),
    Column("instance_id", ForeignKey("instance.id"), nullable=False),
    Column("process", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Index("ix_incident_instance", "instance_id", "ref"),
)

#: `seq` counts in the instance; `place` orders the events of a whole call tree.
event = Table(
    "event",
    metadata,
    Column("instance_id", ForeignKey("instance.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("place", Big, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("element_type", Text, nullable=False),
    Column("data", JSON, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
)

document = Table(
    "document",
    metadata,
    _id(),
    Column("instance_id", ForeignKey("instance.id")),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_by_id", Big),
    Column("owner", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_document_instance", "instance_id"),
)

public_draft = Table(
    "public_draft",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("process", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("instance_id", Big),
)

# -- people and programs -----------------------------------------------------------------------------------------------

user_account = Table(
    "user_account",
    metadata,
    _id(),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("locale", Text),
    Column("theme", Text),
    Column("created_at", Moment, nullable=False),
)

user_group = Table(
    "user_group",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("user_id", ForeignKey("user_account.id"), primary_key=True),
    Column("group_key", ForeignKey("user_group.key"), primary_key=True),
    Index("ix_membership_group", "group_key"),
)

user_session = Table(
    "user_session",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", ForeignKey("user_account.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_user_session_user", "user_id"),
)

api_token = Table(
    "api_token",
    metadata,
    _id(),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("user_id", ForeignKey("user_account.id")),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_sign_in_attempt_key", "key", "at"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("id", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_idempotency_at", "at"),
)

hook_secret = Table(
    "hook_secret",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("process", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("retires_at", Moment),
    Index("ix_hook_secret_process", "process"),
)

#: Who outside is told of what. Without `url` nothing is sent: its deliveries are fetched. `changed` grows with each change of any.
subscription = Table(
    "subscription",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("url", Text),
    Column("process", Text),
    Column("step", Text),
    Column("types", JSON, nullable=False),
    Column("filter", Text),
    Column("fields", JSON, nullable=False),
    Column("ordered", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("changed", Big, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("open_until", Moment),
    Column("numbered", Big, nullable=False),
)

#: What became of a subscription, and by whom.
subscription_event = Table(
    "subscription_event",
    metadata,
    _id(),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_subscription_event_subscription", "subscription_id", "id"),
)

subscription_secret = Table(
    "subscription_secret",
    metadata,
    _id(),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("retires_at", Moment),
    Index("ix_subscription_secret_subscription", "subscription_id"),
)

#: One event for one subscription, its body as it was when it happened. `tries` counts since it was last replayed, `attempts` all.
delivery = Table(
    "delivery",
    metadata,
    _id(),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False),
    Column("instance_id", Big),
    Column("type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("tries", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", Moment, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("worker", Text),
    Column("number", Big),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    UniqueConstraint("subscription_id", "number"),
    Index("ix_delivery_subscription", "subscription_id", "id"),
    Index("ix_delivery_created", "created_at"),
)
_part("ix_delivery_due", delivery.c.state == PENDING, delivery.c.subscription_id, delivery.c.due)
_part("ix_delivery_order", delivery.c.state == PENDING, delivery.c.subscription_id, delivery.c.instance_id, delivery.c.id)
_part("ix_delivery_new", delivery.c.state == FRESH, delivery.c.subscription_id, delivery.c.id)
_part("ix_delivery_worker", delivery.c.worker.is_not(None), delivery.c.worker, delivery.c.subscription_id)

#: One attempt to send: what the other side answered, or why no answer came.
delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("delivery_id", ForeignKey("delivery.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("answer", Text),
)

#: Somebody has running instances of a process go on in another version.
migration = Table(
    "migration",
    metadata,
    _id(),
    Column("process", Text, nullable=False),
    Column("version_id", ForeignKey("version.id"), nullable=False),
    Column("mapping", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", Text),
    Index("ix_migration_process", "process", "id"),
)

#: One instance of a migration. `revision`: of the instance after it; while that is the same it can be taken back, with what `undo` keeps.
migration_step = Table(
    "migration_step",
    metadata,
    _id(),
    Column("migration_id", ForeignKey("migration.id"), nullable=False),
    Column("instance_id", ForeignKey("instance.id"), nullable=False),
    Column("from_id", ForeignKey("version.id"), nullable=False),
    Column("to_id", ForeignKey("version.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("hurdles", JSON, nullable=False),
    Column("revision", Integer),
    Column("before", LargeBinary),
    Column("undo", JSON),
    Column("ended_at", Moment),
    *_leased("migration_step"),
    UniqueConstraint("migration_id", "instance_id"),
    Index("ix_migration_step_instance", "instance_id"),
)
TO_MIGRATE = or_(migration_step.c.state == PENDING, migration_step.c.state == UNDOING)
_part("ix_migration_step_due", TO_MIGRATE, migration_step.c.id)

#: One row: by how much the test clock is ahead of the system's.
clock_offset = Table(
    "clock_offset",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("microseconds", Big, nullable=False),
)

#: Workers that live, by the system's clock: what `/readyz` and `/metrics` tell of them.
worker_beat = Table(
    "worker_beat",
    metadata,
    Column("name", Text, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

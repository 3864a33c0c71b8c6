"""From effects to rows: what an instance opened and closed in one transaction, written in a few statements at its end.

What opened and closed again within the transaction leaves no row. The history keeps everything, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from engine import correlation, history, largevalues, wakes
from engine.actors import Actor
from engine.effects import (
    CallClosed,
    CallOpened,
    Effect,
    Happened,
    IncidentClosed,
    IncidentOpened,
    MessageThrown,
    SignalThrown,
    TaskClosed,
    TaskOpened,
    TimerCleared,
    TimerSet,
    WaitClosed,
    WaitOpened,
)
from engine.history import Written
from engine.ids import new_id
from engine.people import normal_email
from engine.statements import Prepared, PreparedInsert
from engine.tables import (
    NEVER,
    call,
    event,
    incident,
    instance,
    message,
    signal,
    task,
    task_candidate,
    timer,
    user_account,
    wait,
)
from feel.host import to_json

if TYPE_CHECKING:
    from engine.advance import Running

Row = dict[str, Any]

MOVED = ("revision", "seq", "title", "updated_at", "snapshot")
LISTED = ("state", "error_code", "business_key", "ended_at")
UPDATE_INSTANCE, MOVE_INSTANCE = (
    Prepared(update(instance).where(instance.c.id == bindparam("key")).values({column: bindparam(column) for column in columns}))
    for columns in (MOVED + LISTED, MOVED)
)
"""All, or what most steps change: SQLite writes the entries of every index anew that a statement could change, whether it does or not."""
CLOSE_TASK = Prepared(
    update(task)
    .where(task.c.instance_id == bindparam("key"), task.c.ref == bindparam("its_ref"))
    .values(
        state=bindparam("outcome"),
        closed_at=bindparam("at"),
        closed_by=bindparam("by"),
        closed_by_id=bindparam("by_id"),
    )
)
DROP_CANDIDATES = Prepared(
    delete(task_candidate).where(
        task_candidate.c.task_id
        == select(task.c.id)
        .where(task.c.instance_id == bindparam("key"), task.c.ref == bindparam("its_ref"))
        .scalar_subquery()
    )
)
ASSIGNEE = Prepared(select(user_account.c.id).where(user_account.c.email == bindparam("email")))
INSERT = {
    table.name: PreparedInsert(table)
    for table in (instance, task, task_candidate, timer, wait, call, incident, message, signal, event)
}
PAIRS = {
    TimerCleared: ("timer", timer),
    WaitClosed: ("wait", wait),
    CallClosed: ("call", call),
    IncidentClosed: ("incident", incident),
}
DROP = {
    name: Prepared(delete(table).where(table.c.instance_id == bindparam("key"), table.c.ref == bindparam("its_ref")))
    for name, table in PAIRS.values()
}
OPENED = {TaskOpened: "task", TimerSet: "timer", WaitOpened: "wait", CallOpened: "call", IncidentOpened: "incident"}


@dataclass(frozen=True, slots=True)
class Closing:
    """How a task came to its end, and who may have done it."""

    outcome: str
    by: str
    by_id: int | None


class Writer:
    """Collects the effects of one instance in one transaction.

    `used`: the kinds of things that opened in it; `new_tasks`: the rows of those that are open at its end.
    """

    def __init__(self, instance_id: int, process: str, now: datetime) -> None:
        self.instance_id = instance_id
        self.process = process
        self.now = now
        self.opened: dict[str, dict[str, Any]] = {name: {} for name in OPENED.values()}
        self.closed: dict[str, list[str]] = {name: [] for name in OPENED.values()}
        self.outcomes: dict[str, str] = {}
        self.history: list[tuple[int, Happened]] = []
        self.thrown: list[MessageThrown | SignalThrown] = []
        self.used: set[str] = set()
        self.new_tasks: list[Row] = []
        self.new_waits: list[Row] = []

    def note(self, effect: Effect) -> None:
        """Remember an effect; the order of openings and closings counts."""
        name = OPENED.get(type(effect))
        if name is not None:
            self._open(name, effect)
        elif isinstance(effect, TaskClosed):
            self.outcomes[effect.ref] = effect.outcome
            self._close("task", effect.ref)
        elif type(effect) in PAIRS:
            self._close(PAIRS[type(effect)][0], effect.ref)  # type: ignore[union-attr]
        elif isinstance(effect, Happened):
            self._happened(effect)
        elif isinstance(effect, MessageThrown | SignalThrown):
            self._throw(effect)

    def _happened(self, entry: Happened) -> None:
        """The entry gets its place among those of all instances of the call tree now."""
        self.history.append((new_id(self.now), entry))

    def _open(self, name: str, effect: Any) -> None:
        if name == "timer" and effect.ref not in self.opened["timer"]:
            self.closed["timer"].append(effect.ref)  # a cycle sets its next moment under the same reference
        self.opened[name][effect.ref] = effect
        self.used.add(name)
        if name == "task":
            data = {"name": effect.name, "groups": list(effect.groups), "assignee": effect.assignee}
            self._happened(Happened("task.created", effect.element_id, "userTask", data))

    def _close(self, name: str, ref: str) -> None:
        if self.opened[name].pop(ref, None) is None:
            self.closed[name].append(ref)

    def _throw(self, effect: MessageThrown | SignalThrown) -> None:
        self.thrown.append(effect)
        kind = "message.sent" if isinstance(effect, MessageThrown) else "signal.sent"
        data = {"name": effect.name, "payload": dict(effect.payload)}
        if isinstance(effect, MessageThrown):
            data["correlation"] = dict(effect.correlation)
        self._happened(Happened(kind, effect.element_id, "", data))

    def write(self, session: Session, running: Running, *, actor: Actor, now: datetime) -> None:
        """All rows of this instance. The instance itself first: the others refer to it."""
        self._write_instance(session, running, now)
        for name in ("timer", "wait", "call", "incident"):
            self._drop(session, name)
        self._close_tasks(session, actor, now)
        self._open_tasks(session, now)
        self._open_waits(session, running, now)
        self._open_timers(session, now)
        self._open_calls(session, now)
        self._open_incidents(session, now)
        self._send(session, now)
        self._write_history(session, running, actor, now)

    # -- the instance

    def _write_instance(self, session: Session, running: Running, now: datetime) -> None:
        execution, definition = running.execution, running.definition
        variables = execution.scope
        title = _text(definition, "title", variables, now) or running.title or definition.name or definition.key
        key = running.business_key or _text(definition, "businessKey", variables, now)
        saved = execution.save()
        row: Row = {
            "state": execution.state,
            "error_code": execution.error_code,
            "revision": running.revision + 1,
            "seq": running.seq + len(self.history),
            "title": title[:300],
            "business_key": key,
            "updated_at": now,
            "ended_at": None if execution.state == "running" else now,
            "snapshot": saved.content,
        }
        is_listed_alike = key == running.business_key and execution.state == "running"
        running.title, running.business_key = title[:300], key
        if not running.new:
            statement = MOVE_INSTANCE if is_listed_alike else UPDATE_INSTANCE
            statement.run(session, key=running.id, **row)
            largevalues.write(session, running.id, saved.added, saved.dropped)
            return
        row |= {
            "id": running.id,
            "version_id": running.version_id,
            "process": definition.key,
            "root_id": running.root_id,
            "parent_id": running.parent_id,
            "parent_ref": running.parent_ref,
            "started_by": running.started_by.label,
            "started_by_id": running.started_by.id,
            "created_at": now,
        }
        INSERT["instance"].run(session, [row])
        largevalues.write(session, running.id, saved.added, saved.dropped)

    # -- what is no longer open

    def _drop(self, session: Session, name: str) -> None:
        for ref in self.closed[name]:
            DROP[name].run(session, key=self.instance_id, its_ref=ref)

    def _close_tasks(self, session: Session, actor: Actor, now: datetime) -> None:
        for ref in self.closed["task"]:
            self.new_tasks[:] = [row for row in self.new_tasks if row["ref"] != ref]
            DROP_CANDIDATES.run(session, key=self.instance_id, its_ref=ref)
            done = self.outcomes[ref] == "completed"
            by = {"by": actor.name if done else None, "by_id": actor.id if done else None}
            outcome = self.outcomes[ref]
            CLOSE_TASK.run(session, key=self.instance_id, its_ref=ref, outcome=outcome, at=now, **by)

    # -- what opened

    def _open_tasks(self, session: Session, now: datetime) -> None:
        tasks: list[Row] = []
        candidates: list[Row] = []
        for opened in self.opened["task"].values():
            row = self._task(session, opened, now)
            tasks.append(row)
            if row["assignee_id"] is None:
                order = {"priority": row["priority"], "due": row["due"], "task_id": row["id"]}
                candidates += [{"group_key": group, **order} for group in sorted(set(opened.groups))]
        INSERT["task"].run(session, tasks)
        INSERT["task_candidate"].run(session, candidates)
        self.new_tasks += tasks

    def _task(self, session: Session, opened: TaskOpened, now: datetime) -> Row:
        assignee = ASSIGNEE.value(session, email=normal_email(opened.assignee)) if opened.assignee else None
        return {
            "id": new_id(now),
            "instance_id": self.instance_id,
            "process": self.process,
            "element": opened.element_id,
            "ref": opened.ref,
            "name": opened.name,
            "form_key": opened.form_key,
            "state": "open",
            "assignee_id": assignee,
            "groups": sorted(set(opened.groups)),
            "local": to_json(dict(opened.local)),
            "priority": opened.priority,
            "due": opened.due or NEVER,
            "created_at": now,
        }

    def _open_waits(self, session: Session, running: Running, now: datetime) -> None:
        rows = []
        for opened in self.opened["wait"].values():
            expected = to_json(dict(opened.correlation))
            rows.append(
                self._common(opened, now)
                | {
                    "kind": opened.kind,
                    "name": opened.name,
                    "correlation": expected,
                    "correlation_hash": correlation.digest(expected),
                }
            )
            correlation.learn_shape(session, opened.name, expected)
        INSERT["wait"].run(session, rows)
        self.new_waits += rows if running.execution.state == "running" else []

    def _open_timers(self, session: Session, now: datetime) -> None:
        rows = [
            self._common(opened, now, process=False) | {"due": opened.due, "failures": 0}
            for opened in self.opened["timer"].values()
        ]
        for row in rows:
            wakes.note(session, wakes.TIMERS, due=row["due"], now=now)
        INSERT["timer"].run(session, rows)

    def _open_calls(self, session: Session, now: datetime) -> None:
        rows = [
            self._common(opened, now)
            | {
                "connector": opened.connector,
                "input": to_json(opened.input),
                "attempts": 0,
                "retries": opened.retries,
                "due": now,
                "fence": 0,
                "created_at": now,
            }
            for opened in self.opened["call"].values()
        ]
        for _ in rows:
            wakes.note(session, wakes.CALLS)
        INSERT["call"].run(session, rows)

    def _open_incidents(self, session: Session, now: datetime) -> None:
        rows = []
        for opened in self.opened["incident"].values():
            params = {name: _plain(value) for name, value in opened.message.params.items()}
            rows.append(
                self._common(opened, now)
                | {"code": opened.code, "template": opened.message.template, "params": params, "opened_at": now}
            )
        INSERT["incident"].run(session, rows)

    def _common(self, opened: Any, now: datetime, *, process: bool = True) -> Row:
        row = {"id": new_id(now), "instance_id": self.instance_id, "element": opened.element_id, "ref": opened.ref}
        return row | {"process": self.process} if process else row

    # -- what leaves and what happened

    def _send(self, session: Session, now: datetime) -> None:
        for thrown in self.thrown:
            wakes.note(session, wakes.MESSAGES)
            payload = to_json(dict(thrown.payload))
            row: Row = {"id": new_id(now), "name": thrown.name, "payload": payload, "thrown_by": self.instance_id}
            if isinstance(thrown, SignalThrown):
                INSERT["signal"].run(session, [row | {"thrown_at": now}])
                continue
            more = {
                "source": "engine",
                "external_id": str(row["id"]),
                "correlation": to_json(dict(thrown.correlation)),
                "state": "pending",
                "received_at": now,
                "expires_at": now + correlation.TIME_TO_LIVE,
            }
            INSERT["message"].run(session, [row | more])

    def _write_history(self, session: Session, running: Running, actor: Actor, now: datetime) -> None:
        rows = [
            {
                "instance_id": self.instance_id,
                "seq": running.seq + number,
                "place": place,
                "at": now,
                "actor": actor.label,
                "type": happened.type,
                "element": happened.element_id,
                "element_type": happened.element_type,
                "data": to_json(dict(happened.data)),
            }
            for number, (place, happened) in enumerate(self.history, 1)
        ]
        INSERT["event"].run(session, rows)
        if rows:
            told = running.business_key, running.title, rows, lambda: running.execution.scope
            history.note(session, Written(self.process, self.instance_id, *told))


def _text(definition: Any, name: str, variables: Mapping[str, object], now: datetime) -> str | None:
    """A FEEL property of the process as text; None when absent or null."""
    expression = definition.properties.get(name)
    if not expression:
        return None
    from feel.errors import FeelError
    from feel.expression import compile as compile_expression

    try:
        value = to_json(compile_expression(expression.removeprefix("="), variables).evaluate(variables, now=now))
    except FeelError:
        return None
    return None if value is None else str(value).replace("\0", "")  # PostgreSQL has no NUL in texts


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)

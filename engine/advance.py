"""The one way to move an instance: lock, restore, act, run until everything waits, write everything together.

A call activity starts an instance of its own and is resumed by its end in the same transaction, so the lock is on the root row of the
call tree: one lock for a tree cannot deadlock with itself. Children are reached through a queue, not by recursion.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine import early, subject, versions
from engine.actors import Actor
from engine.effects import (
    ChildClosed,
    ChildEnded,
    ChildOpened,
    Effect,
    Ended,
    EscalationRaised,
    Happened,
)
from engine.errors import Conflict, NotFound, Unusable
from engine.ids import new_id
from engine.largevalues import reader
from engine.spiff.definition import Definition
from engine.spiff.execution import Execution, NotStarted, NotWaiting, Overrun, Unstorable
from engine.statements import Prepared, is_sqlite
from engine.tables import instance, task
from engine.writing import Writer
from feel.text import text

MAXIMUM_CHILDREN = 1_000
"""Instances that one step may start through call activities; more is an endless recursion."""

_member = instance.alias("member")
LOCK = Prepared(
    select(instance.c.id)
    .where(instance.c.id == select(_member.c.root_id).where(_member.c.id == bindparam("id")).scalar_subquery())
    .with_for_update()
)
LOCK_OF_TASK = Prepared(
    select(instance.c.id)
    .where(
        instance.c.id
        == select(_member.c.root_id)
        .join(task, task.c.instance_id == _member.c.id)
        .where(task.c.id == bindparam("id"))
        .scalar_subquery()
    )
    .with_for_update()
)
LOAD = Prepared(select(instance).where(instance.c.id == bindparam("id")))
CHILD = Prepared(
    select(instance.c.id).where(
        instance.c.parent_id == bindparam("parent"),
        instance.c.parent_ref == bindparam("ref"),
        instance.c.state == "running",
    )
)

Act = Callable[[Execution], None]


class Gone(Conflict):
    """What was to be acted on is no longer waiting: done, interrupted, or its instance is over."""

    def __init__(self) -> None:
        super().__init__(text("Cette étape n’attend plus : elle a été faite ou interrompue entre-temps."))


@contextmanager
def _refusing() -> Iterator[None]:
    """What an execution refuses, in the words of the engine. Raises Gone, Unusable."""
    try:
        yield
    except NotWaiting as error:
        raise Gone from error
    except (Unstorable, Overrun, NotStarted) as error:
        raise Unusable(error.message) from error


@dataclass(slots=True)
class Running:
    """An instance in memory, under the lock of its tree."""

    id: int
    root_id: int
    parent_id: int | None
    parent_ref: str | None
    version_id: int
    business_key: str | None
    title: str
    definition: Definition
    execution: Execution
    seq: int
    revision: int
    new: bool
    started_by: Actor
    writer: Writer

    def waits(self, ref: str) -> bool:
        """Whether the reference is still open: a message for one of several waits closes the others, an escalation its call."""
        try:
            self.execution.local_variables(ref)
        except NotWaiting:
            return False
        return True


class Advance:
    """One transaction's moves on one call tree. `start` or `act`, then `save`."""

    def __init__(self, session: Session, *, actor: Actor, now: datetime) -> None:
        self.session = session
        self.actor = actor
        self.now = now
        self.running: dict[int, Running] = {}
        self.queue: deque[tuple[Running, Effect]] = deque()
        self.children = 0

    def lock(self, instance_id: int) -> None:
        """Take the lock of the call tree that this instance belongs to. Raises NotFound."""
        if LOCK.value(self.session, id=instance_id) is None:
            raise NotFound

    def lock_of_task(self, task_id: int) -> None:
        """Take the lock of the call tree that this task belongs to. Raises NotFound. On SQLite the transaction itself is the lock."""
        if not is_sqlite(self.session) and LOCK_OF_TASK.value(self.session, id=task_id) is None:
            raise NotFound

    def load(self, instance_id: int, row: Any = None) -> Running:
        """The instance, restored; call `lock` first. `row`: its columns, where they were read under the lock already."""
        loaded = self.running.get(instance_id)
        if loaded is None:
            row = row or LOAD.one(self.session, id=instance_id)
            definition = versions.definition(self.session, row.version_id)
            execution = Execution.restore(definition, row.snapshot, now=self.now, read=reader(self.session, instance_id))
            loaded = self._remember(instance_id, row, definition, execution)
        return loaded

    def adopt(self, row: Any, definition: Definition, execution: Execution) -> Running:
        """An instance that goes on in another version, as the execution says; call `lock` first. What follows from it happens."""
        running = self._remember(row.id, row, definition, execution)
        with _refusing():
            self._collect(running)
            self._settle()
        return running

    def _remember(self, instance_id: int, row: Any, definition: Definition, execution: Execution) -> Running:
        """`row`: columns of the instance, perhaps beside others under whose `id` it is not found."""
        subject.note(instance_id)
        running = self.running[instance_id] = Running(
            instance_id,
            row.root_id,
            row.parent_id,
            row.parent_ref,
            row.version_id,
            row.business_key,
            row.title,
            definition,
            execution,
            row.seq,
            row.revision,
            new=False,
            started_by=self.actor,
            writer=Writer(instance_id, definition.key, self.now),
        )
        return running

    def act(self, instance_id: int, act: Act) -> Running:
        """Let the act happen and everything that follows from it.

        Raises Gone when its reference no longer waits, Unusable for values that an instance cannot keep.
        """
        running = self.load(instance_id)
        with _refusing():
            act(running.execution)
            self._collect(running)
            self._settle()
        return running

    def start(
        self,
        version_id: int,
        variables: Mapping[str, object],
        *,
        business_key: str | None = None,
        start_event: str | None = None,
        payload: Mapping[str, object] | None = None,
        correlation: Mapping[str, object] | None = None,
        trigger: str | None = None,
    ) -> Running:
        """A new instance, run until it waits or ends. Raises Unusable for values that an instance cannot keep."""
        with _refusing():
            running = self._start(version_id, variables, business_key, None, None, start_event, payload, correlation, trigger)
            self._settle()
        return running

    def save(self) -> None:
        """Write all that changed. Messages that came early are delivered to the waits that just opened.

        Raises Unusable when an instance has become too large to keep.
        """
        while True:
            self._write()
            found = self._early_message()
            if found is None:
                return
            self._renew()
            waiting, ref, message = found
            self.act(waiting.id, lambda execution: execution.deliver(ref, message.payload, message.correlation))  # noqa: B023

    def _write(self) -> None:
        with _refusing():
            for running in self.running.values():
                running.writer.write(self.session, running, actor=self.actor, now=self.now)

    def _early_message(self) -> tuple[Running, str, early.Early] | None:
        for running in self.running.values():
            while running.writer.new_waits:
                opened = running.writer.new_waits.pop()
                if opened["kind"] != "message" or not running.waits(opened["ref"]):
                    continue
                found = early.take(self.session, opened, now=self.now)
                if found is not None:
                    return running, opened["ref"], found
        return None

    def _renew(self) -> None:
        """What was written is written; the next round starts from there."""
        for running in self.running.values():
            running.seq += len(running.writer.history)
            running.revision += 1
            running.new = False
            fresh = Writer(running.id, running.definition.key, self.now)
            for kept in ("new_waits", "new_tasks", "used"):
                setattr(fresh, kept, getattr(running.writer, kept))
            running.writer = fresh

    def _start(
        self,
        version_id: int,
        variables: Mapping[str, object],
        business_key: str | None,
        parent: Running | None,
        parent_ref: str | None,
        start_event: str | None = None,
        payload: Mapping[str, object] | None = None,
        correlation: Mapping[str, object] | None = None,
        trigger: str | None = None,
    ) -> Running:
        definition = versions.definition(self.session, version_id)
        made = new_id(self.now)
        subject.note(made)
        execution = Execution.start(
            definition,
            variables,
            now=self.now,
            start_event=start_event,
            payload=payload,
            correlation=correlation,
            trigger=trigger,
            called=parent is not None,
        )
        running = self.running[made] = Running(
            made,
            parent.root_id if parent else made,
            parent.id if parent else None,
            parent_ref,
            version_id,
            business_key,
            "",
            definition,
            execution,
            0,
            0,
            new=True,
            started_by=self.actor,
            writer=Writer(made, definition.key, self.now),
        )
        running.writer.note(Happened("instance.started", data={"parent": str(parent.id)} if parent else {}))
        self._collect(running)
        return running

    def _collect(self, running: Running) -> None:
        for effect in running.execution.take_effects():
            self.queue.append((running, effect))

    def _settle(self) -> None:
        while self.queue:
            running, effect = self.queue.popleft()
            if isinstance(effect, ChildOpened):
                self._open_child(running, effect)
            elif isinstance(effect, ChildClosed):
                self._close_child(running, effect)
            elif isinstance(effect, EscalationRaised):
                self._escalate(running, effect)
            else:
                running.writer.note(effect)
            if isinstance(effect, Ended):
                self._tell_parent(running)

    def _open_child(self, running: Running, effect: ChildOpened) -> None:
        self.children += 1
        newest = versions.newest(self.session, effect.process_key)
        if newest is None or self.children > MAXIMUM_CHILDREN:
            return self._not_opened(running, effect, "called-process-unknown" if newest is None else "too-many-children")
        try:
            self._start(newest.id, effect.variables, effect.business_key or running.business_key, running, effect.ref)
        except NotStarted:
            self._not_opened(running, effect, "called-process-not-started")
        return None

    def _not_opened(self, running: Running, effect: ChildOpened, code: str) -> None:
        running.execution.child_ended(effect.ref, ChildEnded("failed", {}, code))
        self._collect(running)

    def _close_child(self, running: Running, effect: ChildClosed) -> None:
        for other in list(self.running.values()):
            if other.parent_id == running.id and other.parent_ref == effect.ref:
                return self._cancel_child(other)
        child = CHILD.value(self.session, parent=running.id, ref=effect.ref)
        if child is not None:
            self._cancel_child(self.load(child))
        return None

    def _cancel_child(self, child: Running) -> None:
        if child.execution.state == "running":
            child.execution.cancel("parent")
            self._collect(child)

    def _escalate(self, child: Running, effect: EscalationRaised) -> None:
        """Ask the callers, the nearest first. Whoever interrupts the call ends the child, which then needs no answer."""
        asking, caught = child, False
        while not caught and asking.parent_id is not None and asking.parent_ref is not None:
            parent = self.load(asking.parent_id)
            if not parent.waits(asking.parent_ref):
                return
            caught = parent.execution.child_escalated(asking.parent_ref, effect.code)
            self._collect(parent)
            if not parent.waits(asking.parent_ref):
                return
            asking = parent
        if child.waits(effect.ref):
            child.execution.escalation_answered(effect.ref, effect.code, caught=caught)
            self._collect(child)

    def _tell_parent(self, child: Running) -> None:
        if child.parent_id is None or child.parent_ref is None or child.execution.state == "cancelled":
            return
        parent = self.load(child.parent_id)
        execution = child.execution
        try:
            parent.execution.child_ended(
                child.parent_ref, ChildEnded(execution.state, execution.variables, execution.error_code)
            )
        except NotWaiting:
            return  # the parent went another way in the same step
        self._collect(parent)

"""A small installation for tests: a database, people, published diagrams, and one transaction for each act."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import instances, people, tasks, versions
from engine.actors import SYSTEM, Actor
from engine.bundle import File
from engine.instances import InstanceView
from engine.sessions import Sessions
from engine.tables import metadata
from engine.tasklist import TaskRow
from engine.taskviews import Completed

NOW = datetime(2019, 6, 13, 8, 0, tzinfo=UTC)

Result = TypeVar("Result")


class World:
    """Acts through the engine's commands alone. `now` is the moment of the next act; tests move it."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.now = NOW

    def do(self, command: Callable[..., Result], *args: Any, **more: Any) -> Result:
        """One command in a transaction of its own."""
        with self.sessions.begin() as session:
            return command(session, *args, **more)

    def ask(self, query: Callable[..., Result], *args: Any, **more: Any) -> Result:
        """One query."""
        with self.sessions.reading() as session:
            return query(session, *args, **more)

    def publish(self, *diagrams: bytes, forms: Mapping[str, Any] | None = None, actor: Actor = SYSTEM) -> list[Any]:
        """Publish diagrams and forms (form-js JSON by key)."""
        files = [File("diagram", f"{index}.bpmn", content) for index, content in enumerate(diagrams)]
        files += [File("form", f"{key}.form", json.dumps(form).encode()) for key, form in (forms or {}).items()]
        return list(self.do(versions.publish, files, actor=actor, now=self.now).processes)

    def person(self, name: str, *groups: str) -> Actor:
        """A new account, as an actor."""

        def create(session: Session) -> Actor:
            address = f"{name.lower()}@exemple.bzh"
            made = people.create_user(session, address, name, None, groups=groups, now=self.now)
            actor = people.actor_of_user(session, made)
            assert actor is not None
            return actor

        return self.do(create)

    def start(self, key: str = "P", variables: Mapping[str, object] | None = None, **more: Any) -> InstanceView:
        """A new instance."""
        more = {"actor": SYSTEM, "now": self.now} | more
        return self.do(instances.start, key, variables or {}, **more)

    def case(self, instance_id: str | int, actor: Actor = SYSTEM) -> InstanceView:
        """The instance as it is now."""
        return self.ask(instances.find, instance_id, actor)

    def task(self, instance_id: str | int, element: str | None = None) -> TaskRow:
        """The one open task of the instance, at that element."""
        (found,) = [each for each in self.case(instance_id).tasks if element in (None, each.element_id)]
        return found

    def complete(self, task_id: str | int, answers: Mapping[str, object] | None = None, actor: Actor = SYSTEM) -> Completed:
        """Complete a task."""
        return self.do(tasks.complete, task_id, answers or {}, actor=actor, now=self.now)

    def rows(self, *without: str) -> dict[str, int]:
        """How many rows each table has, tables without rows left out."""

        def count(session: Session) -> dict[str, int]:
            tables = [table for table in metadata.tables.values() if table.name not in without]
            counts = {table.name: session.execute(select(func.count()).select_from(table)).scalar() or 0 for table in tables}
            return {name: number for name, number in counts.items() if number}

        return self.ask(count)

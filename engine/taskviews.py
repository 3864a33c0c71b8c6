"""What the commands on tasks answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.tasklist import TaskRow
from forms.components import Form

if TYPE_CHECKING:
    from engine.advance import Running


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as its page needs it. `variables` is what its form sees (JSON); `may_work`: this actor may complete it now."""

    task: TaskRow
    form: Form | None
    variables: Mapping[str, object]
    documentation: str
    version_id: int
    instance_state: str
    may_work: bool
    may_assign: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Completed:
    """A completed task, its instance, and the tasks that opened because of it and that the same actor may see.

    `running`: the instance in memory; `row`: the task as it was read. `instances.after` shows what became of the instance.
    """

    task: TaskRow
    instance_id: str
    following: tuple[TaskRow, ...]
    running: Running
    row: Any


@dataclass(frozen=True, slots=True)
class Draft:
    """Unfinished answers of one person to one task."""

    answers: Mapping[str, object]
    saved_at: datetime

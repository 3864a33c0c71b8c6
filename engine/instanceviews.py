"""What the commands on instances answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.incidents import IncidentRow
from engine.tasklist import TaskRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message or signal that an instance waits for."""

    element_id: str
    kind: str
    name: str
    correlation: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Timed:
    """A timer that an instance has set. `due` is aware UTC."""

    element_id: str
    due: datetime


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """An instance in a list."""

    id: str
    process: str
    process_name: str
    version: int
    state: str
    title: str
    business_key: str | None
    parent_id: str | None
    root_id: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    started_by: str
    version_id: int
    error_code: str | None


@dataclass(frozen=True, slots=True)
class InstanceView(InstanceRow):
    """An instance with all that a page or a program wants to know. `variables` is JSON."""

    variables: Mapping[str, object] = field(default_factory=dict)
    tasks: Sequence[TaskRow] = ()
    incidents: Sequence[IncidentRow] = ()
    waits: Sequence[Waiting] = ()
    timers: Sequence[Timed] = ()

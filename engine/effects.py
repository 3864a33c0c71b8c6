"""What an execution did to the outside: the things that it opened and closed, and its history, as frozen values.

An execution reports effects in the order in which they happened. Whatever it opens (task, timer, wait, call, child, incident) it
also closes, once; a thing that opens and closes in one step may appear with both. `ref` is the execution's own reference of the token:
a short string, unique in its instance for each kind of thing, never used again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from feel.text import Text

State: TypeAlias = Literal["running", "completed", "failed", "cancelled"]
Values: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """Somebody must do a user or manual task. `due` is aware UTC; `local` holds what it sees over the process's variables."""

    ref: str
    element_id: str
    name: str
    form_key: str | None
    assignee: str | None
    groups: tuple[str, ...]
    due: datetime | None
    priority: int
    local: Values


@dataclass(frozen=True, slots=True)
class TaskClosed:
    """The task is done, or something interrupted it."""

    ref: str
    outcome: Literal["completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class TimerSet:
    """`fire(ref)` is wanted at `due` (aware UTC). A cycle sets its next due time under the same ref, without clearing."""

    ref: str
    element_id: str
    due: datetime


@dataclass(frozen=True, slots=True)
class TimerCleared:
    """The timer fired for the last time, or is no longer wanted."""

    ref: str


@dataclass(frozen=True, slots=True)
class WaitOpened:
    """`deliver(ref, payload)` is wanted when this message or signal comes. An empty correlation accepts any message."""

    ref: str
    element_id: str
    kind: Literal["message", "signal"]
    name: str
    correlation: Values


@dataclass(frozen=True, slots=True)
class WaitClosed:
    """The message or signal came, or is no longer awaited."""

    ref: str


@dataclass(frozen=True, slots=True)
class CallOpened:
    """An outside system must be called; `call_succeeded` or `call_failed` answers. `retries`: attempts after the first."""

    ref: str
    element_id: str
    connector: str
    input: object
    retries: int


@dataclass(frozen=True, slots=True)
class CallClosed:
    """The call was answered, or its answer is no longer wanted."""

    ref: str


@dataclass(frozen=True, slots=True)
class ChildOpened:
    """A call activity starts an instance of another process; `child_ended` answers."""

    ref: str
    element_id: str
    process_key: str
    variables: Values
    business_key: str | None


@dataclass(frozen=True, slots=True)
class ChildClosed:
    """The call activity no longer waits: its child ended, or, when it still runs, must be cancelled."""

    ref: str


@dataclass(frozen=True, slots=True)
class EscalationRaised:
    """A called process escalates what nothing in it catches: its token waits for `escalation_answered`, once its callers were asked."""

    ref: str
    element_id: str
    code: str


@dataclass(frozen=True, slots=True)
class EscalationSettled:
    """The callers answered, or the escalation is no longer of interest."""

    ref: str


@dataclass(frozen=True, slots=True)
class MessageThrown:
    """A message leaves the instance, for any other instance or start event."""

    element_id: str
    name: str
    correlation: Values
    payload: Values


@dataclass(frozen=True, slots=True)
class SignalThrown:
    """A signal leaves the instance. Its own waits already received it and must not get it again."""

    element_id: str
    name: str
    payload: Values


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """A step failed and nothing in the diagram catches it: its token stays, `retry(ref)` tries again."""

    ref: str
    element_id: str
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class IncidentClosed:
    """The step was tried again, or something interrupted it."""

    ref: str


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry of the history. Types: `element.entered`, `element.completed`, `element.cancelled`, `timer.fired`, `message.received`,
    `signal.received`, `error.thrown`, `error.caught`, `error.uncaught`, `escalation.thrown`, `escalation.caught`, `escalation.uncaught`,
    `incident.opened`, `incident.resolved` (tried again, or no longer of interest),
    `decision.evaluated`, `instance.failed`, `instance.cancelled`, `instance.completed`."""

    type: str
    element_id: str = ""
    element_type: str = ""
    data: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """The instance is over; nothing of it is open any more."""

    state: State
    error_code: str | None = None


Effect: TypeAlias = (
    TaskOpened
    | TaskClosed
    | TimerSet
    | TimerCleared
    | WaitOpened
    | WaitClosed
    | CallOpened
    | CallClosed
    | ChildOpened
    | ChildClosed
    | EscalationRaised
    | EscalationSettled
    | MessageThrown
    | SignalThrown
    | IncidentOpened
    | IncidentClosed
    | Happened
    | Ended
)


@dataclass(frozen=True, slots=True)
class ChildEnded:
    """How the instance that a call activity started came to its end."""

    state: State
    variables: Values
    error_code: str | None = None

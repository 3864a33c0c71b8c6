"""A token: a SpiffWorkflow task whose data is the scope it runs in and whose children are its iterations and listeners.

`internal_data` holds, as plain JSON, what must survive a save:
`open` slot → reference of what is open outside (`task`, `call`, `child`, `incident`, `timer0`, `wait1`, `escalation0` …);
`listens` the token is a boundary event or event sub-process that waits and is not counted as work;
`watched` the boundary events listen; `iteration` number of a loop's iteration, whose parent is the loop;
`started`, `done`, `expected`, `outputs` the loop's count; `group` the event-based gateway it stands behind; `go` its event came;
`seen` triggers of a parallel multiple event; `was` last answer of conditions; `cycles` where repeating timers stand; `answer` what came
back from outside; `failed` the phase to try again; `compensates` the token that throws the compensation; `queue` and `queue_scope` what
that one still waits for; `detached` nobody waits for it; `snapshot` the variables that a handler sees; `reopens` the records inside;
`began` the event that began the process; `resets` a complex gateway starts anew; `reported` the history knows of it; `io` the data inputs
and outputs of its activity; `throws` it throws its events just now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.spiff.failures import StepFailed
from engine.spiff.scope import Scope

if TYPE_CHECKING:
    from engine.spiff.instance import Instance
    from engine.spiff.nodes import Node
    from engine.spiff.workflow import TokenFlow

FUTURE, READY, WAITING, STARTED = TaskState.FUTURE, TaskState.READY, TaskState.WAITING, TaskState.STARTED
COMPLETED, CANCELLED, FAILED = TaskState.COMPLETED, TaskState.CANCELLED, TaskState.ERROR
LIVE = READY | WAITING | STARTED | FAILED


class Token(Task):
    """One token of a (sub-)process instance."""

    id: str
    workflow: TokenFlow
    task_spec: Node
    data: Scope
    internal_data: dict[str, Any]

    @property
    def top(self) -> Instance:
        """The process instance."""
        return self.workflow.top_workflow

    @property
    def alive(self) -> bool:
        """Whether the token is still in the tree."""
        return self.id in self.workflow.tasks

    @property
    def listens(self) -> bool:
        """Whether it only waits for an event beside the work."""
        return "listens" in self.internal_data

    @property
    def has_failed(self) -> bool:
        """Whether it stands still until an operator lets it go on."""
        return bool(self._state == FAILED)

    @property
    def is_wrapper(self) -> bool:
        """Whether it stands for a whole loop, whose iterations are its children."""
        return bool(self.task_spec.loop) and not self.listens and not self.is_part

    @property
    def is_part(self) -> bool:
        """Whether it is one iteration of a loop, or one that is opened again to be compensated: it begins at once."""
        return "iteration" in self.internal_data or "reopens" in self.internal_data

    @property
    def is_aside(self) -> bool:
        """Whether it leaves by another way than the outgoing flows: an iteration of a loop, or a compensation."""
        return "iteration" in self.internal_data or "compensates" in self.internal_data

    def iterations(self) -> list[Token]:
        """The live iterations of a loop."""
        return [child for child in self.children if "iteration" in child.internal_data]

    def complete(self) -> None:
        """Leave the node: choose the flows first, since that may fail and must lose nothing."""
        if not self.alive:
            return
        self._state = COMPLETED
        try:
            self.task_spec._on_complete(self)
        except StepFailed as failure:
            failure.phase = failure.phase or "leave"
            raise

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        """The scope is shared, so there is nothing to copy."""

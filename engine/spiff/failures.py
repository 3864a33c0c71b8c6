"""What goes wrong inside an instance: failures of a step, and acts that do not fit its state."""

from __future__ import annotations

from feel.text import Text


class ExecutionError(Exception):
    """The instance refused the act; nothing changed."""


class NotWaiting(ExecutionError):
    """Nothing of this instance waits under that reference: it was done, interrupted, or never existed."""


class StateUnreadable(ExecutionError):
    """The stored state does not belong to this definition, or is damaged."""


class StepFailed(Exception):
    """A step of the diagram failed. `code` names the failure for error boundary events, `message` tells people what to mend.

    `phase` is the part of the step to try again: `enter`, `run`, `leave` or `loop`; empty until somebody who knows sets it.
    """

    def __init__(self, code: str, message: Text, phase: str = "") -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.phase = phase


class NotStarted(ExecutionError):
    """The condition of the start event is not true of the variables given."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class Overrun(ExecutionError):
    """The diagram multiplies without end: more is alive than an instance may hold."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


class Unstorable(StepFailed, ExecutionError):
    """The values are too large, too deep, or of a kind that an instance cannot keep."""

    def __init__(self, message: Text) -> None:
        super().__init__("variables-unstorable", message)

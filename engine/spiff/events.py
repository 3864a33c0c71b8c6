"""Events that catch and events that throw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs import defaults

from engine.spiff.definitions import CancelEvent, ErrorEvent, EscalationEvent, NoneEvent, SignalEvent, TerminateEvent
from engine.spiff.nodes import Node
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.reader import Reader


class Catch(Node):
    """Waits until its event comes."""

    def catch(self, token: Token) -> bool:
        """Whether the event came already; else start waiting. Raises StepFailed."""
        if "go" in token.internal_data or isinstance(self.events[0], NoneEvent):
            return True
        token.workflow.listen(token)
        return False

    def _update_hook(self, token: Token) -> bool:
        return self.catch(token)


class Start(Catch, defaults.StartEvent):
    """Where a process or sub-process begins; what it waits for was found before the instance existed."""

    interrupting = True

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.interrupting = reader.flag("isInterrupting", default=True)

    def _update_hook(self, token: Token) -> bool:
        """A start event that needs several messages waits for the others."""
        return self.catch(token) if "seen" in token.internal_data else True


class IntermediateCatch(Catch, defaults.IntermediateCatchEvent):
    """An intermediate event that waits."""


class Boundary(Catch, defaults.BoundaryEvent):
    """Waits while the activity it is attached to runs; interrupting, it ends the activity."""

    cancel_activity: bool
    attached = ""

    def configure(self, reader: Reader) -> None:
        super().configure(reader)
        self.attached = reader.attribute("attachedToRef") or ""


class Throw(Node):
    """Throws its events when it runs."""

    def throw(self, token: Token) -> bool | None:
        """Throw everything; None when the token must wait, for compensation. Raises StepFailed."""
        if any(isinstance(part, ErrorEvent | EscalationEvent | CancelEvent | SignalEvent) for part in self.events):
            token.top.left(token)  # what it throws may interrupt it, yet it did its part
        token.internal_data["throws"] = True
        try:
            answers = [part.throw(token) for part in self.events]
        finally:
            del token.internal_data["throws"]
        return True if all(answers) else None

    def _run_hook(self, token: Token) -> bool | None:
        return self.throw(token)


class IntermediateThrow(Throw, defaults.IntermediateThrowEvent):
    """An intermediate event that throws."""


class End(Throw, defaults.EndEvent):
    """Where a token ends; a terminate event ends everything around it."""

    def left(self, token: Token) -> None:
        if any(isinstance(part, TerminateEvent) for part in self.events):
            token.workflow.terminate(token)
        else:
            token.workflow.token_done(token)

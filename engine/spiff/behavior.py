"""What the completion of an instance of a multi-instance activity throws (BPMN 2.0.2, table 10.29).

Such an event tells about an instance, so a boundary event of the activity that catches it hands on a token and does not interrupt the
activity. Only the event of a complex definition does, where the boundary event interrupts: it ends the remaining instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.spiff.definitions import Definition, SignalEvent
from engine.spiff.events import Boundary
from feel.expression import Expression

if TYPE_CHECKING:
    from engine.spiff.tokens import Token

When = Literal["each", "first"]


@dataclass(frozen=True, slots=True)
class Behavior:
    """Events with when they are thrown: at `each` completion, at the `first`, or whenever a condition holds."""

    events: Sequence[tuple[When | Expression, Definition]] = ()

    @property
    def is_complex(self) -> bool:
        """Whether conditions say when."""
        return any(not isinstance(when, str) for when, _ in self.events)

    def due(self, owner: Token, view: Mapping[str, object]) -> list[Definition]:
        """What is thrown now that an instance completed. Raises StepFailed."""
        return [event for when, event in self.events if _is_due(when, owner, view)]


def _is_due(when: When | Expression, owner: Token, view: Mapping[str, object]) -> bool:
    if isinstance(when, str):
        return when == "each" or owner.internal_data["done"] == 1
    return owner.top.scripts.truth(when, view)


def throw_from(owner: Token, event: Definition, *, ends: bool) -> bool:
    """Throw an event for an instance of the activity. Answers whether it ends the others."""
    if not isinstance(event, SignalEvent):
        event.throw(owner)
        return False
    caught = [each for each in owner.children if _interrupts(each) and any(_same(part, event) for part in each.task_spec.events)]
    event.throw(owner, but=caught)
    caught = [each for each in caught if each.alive]  # the same signal may have interrupted something around the activity
    for boundary in caught:
        owner.top.openings.happened("signal.received", boundary, {"name": event.name})
        owner.workflow.enter(boundary.task_spec, go=True)
    return ends and bool(caught)


def _interrupts(token: Token) -> bool:
    return token.listens and isinstance(token.task_spec, Boundary) and token.task_spec.cancel_activity


def _same(part: Definition, event: SignalEvent) -> bool:
    return isinstance(part, SignalEvent) and part.name == event.name

"""What the events of the model throw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.model import compensation, events
from tests.model.graph import Trigger
from tests.model.order import Open
from tests.model.tokens import Run, Token

if TYPE_CHECKING:
    from tests.model.machine import Machine


def throw(machine: Machine, token: Token) -> bool:
    """Throw what an event throws. False when the token does not go on now."""
    parts = token.node.trigger.each()
    if any(part.kind in ("error", "escalation", "cancel", "signal") for part in parts):
        machine.report(token)
    answers = [throw_part(machine, token, part) for part in parts]
    return all(answers)


def throw_part(machine: Machine, token: Token, trigger: Trigger) -> bool:
    """Raises Open when an earlier part interrupted the event: whether it threw the others then is open."""
    if not token.alive:
        raise Open
    if trigger.kind == "message":
        machine.messages.append(trigger.name)
    elif trigger.kind == "signal":
        machine.signals.append(trigger.name)
        events.broadcast(machine, trigger.name, token.causes)
    elif trigger.kind == "error":
        events.throw_error(machine, token, trigger.name, token.causes)
    elif trigger.kind == "escalation":
        events.propagate(machine, "escalation", trigger.name, token, token.causes)
    elif trigger.kind == "terminate":
        machine.report(token)
        terminate(machine, token.run, token)
    elif trigger.kind == "compensate":
        return compensation.compensate_scope(machine, token, trigger)
    elif trigger.kind == "cancel":
        compensation.cancel_transaction(machine, token)
        return False
    return True


def terminate(machine: Machine, run: Run, token: Token) -> None:
    machine.remove(token)
    machine.kill_all(run, token.causes)
    machine.finish(run)

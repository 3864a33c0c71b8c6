"""Loops of the model: an activity's own token stays while its iterations, each with a layer of variables, run one by one or together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.model import events
from tests.model.graph import Loop
from tests.model.tokens import Layer, Token

if TYPE_CHECKING:
    from tests.model.machine import Machine


def begin(machine: Machine, owner: Token) -> None:
    loop = owner.node.loop
    assert loop is not None
    owner.state = "loop"
    if loop.kind == "standard":
        if loop.before and not again(machine, owner, owner.causes):
            machine.ready(owner, 0)
        else:
            spawn(machine, owner, owner.causes)
        return
    if loop.count == 0:
        if loop.collects:
            machine.write_all(owner.layer, {f"o_{owner.node.id}": []}, owner.causes)
        machine.ready(owner, 0)
    for _ in range(min(loop.count, 1) if loop.kind == "sequential" else loop.count):
        if owner.alive:
            spawn(machine, owner, owner.causes)


def spawn(machine: Machine, owner: Token, causes: int) -> None:
    loop = owner.node.loop
    assert loop is not None
    owner.started += 1
    values: dict[str, object] = {"loopCounter": owner.started}
    if loop.over_list:
        values[f"i_{owner.node.id}"] = 10 * owner.started
    machine.enter(owner.node, owner.run, causes, Layer(values, owner.layer), loop=owner, number=owner.started)


def again(machine: Machine, owner: Token, causes: int) -> bool:
    loop = owner.node.loop
    assert loop is not None
    return owner.done < loop.count and (loop.condition is None or machine.holds(loop.condition, owner.layer, causes))


def iteration_ended(machine: Machine, owner: Token, iteration: Token) -> None:
    loop = owner.node.loop
    assert loop is not None
    owner.done += 1
    owner.joined |= iteration.causes
    merge(machine, owner, iteration)
    if loop.kind == "standard":
        if again(machine, owner, iteration.causes):
            spawn(machine, owner, iteration.causes)
        else:
            machine.attempt_leave(owner, owner.joined)
        return
    owner.outputs[iteration.number] = iteration.output
    is_over = owner.done >= loop.count or bool(loop.enough and owner.done >= loop.enough)
    if tells(loop, owner.done):
        is_over = tell(machine, owner, iteration.causes) or is_over
    if not owner.alive:
        return
    if is_over:
        if loop.collects:
            listed = [owner.outputs[number] for number in sorted(owner.outputs)]
            machine.write_all(owner.layer, {f"o_{owner.node.id}": listed}, owner.joined)
        for other in list(owner.iterations):
            machine.kill(other, owner.joined)
        machine.attempt_leave(owner, owner.joined)
    elif loop.kind == "sequential":
        spawn(machine, owner, iteration.causes)


def tells(loop: Loop, done: int) -> bool:
    """Whether the completion of an instance throws an event (BPMN 2.0.2, table 10.29)."""
    return loop.behavior == "None" or (loop.behavior == "One" and done == 1) or (loop.behavior == "Complex" and done == loop.tells_at)


def tell(machine: Machine, owner: Token, causes: int) -> bool:
    """Throw the event of an instance. A boundary event of the activity hands on a token; whether it ends the other instances: only where it
    interrupts and the event is that of a complex definition (docs/decisions/0006)."""
    loop = owner.node.loop
    assert loop is not None
    if loop.tells.kind == "message":
        machine.messages.append(loop.tells.name)
        return False
    caught = [each for each in owner.listeners if each.node.interrupting and loop.tells in each.node.trigger.each()]
    machine.signals.append(loop.tells.name)
    events.broadcast(machine, loop.tells.name, causes, caught)
    caught = [each for each in caught if owner.alive]
    for boundary in caught:
        machine.enter(boundary.node, boundary.run, causes, came=True)
    return loop.behavior == "Complex" and bool(caught)


def merge(machine: Machine, owner: Token, iteration: Token) -> None:
    """The scope around takes what it has already; the rest only when nothing else collects it."""
    loop = owner.node.loop
    assert loop is not None
    visible = owner.layer.visible()
    for name, value in iteration.layer.values.items():
        if name not in ("loopCounter", f"i_{owner.node.id}") and (not loop.collects or name in visible):
            machine.write_all(owner.layer, {name: value}, iteration.causes)

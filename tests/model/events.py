"""Events of the model: what listens, what is thrown and who catches it, errors and escalations on their way outwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.model.graph import Node, Trigger
from tests.model.order import Open
from tests.model.tokens import Layer, Run, Token, Wait

if TYPE_CHECKING:
    from tests.model.machine import Machine


ENDLESS = 1_000_000
"""More occurrences of a timer than a path has acts."""


class Failure(Exception):
    """A step failed. `code`: as an error event may catch it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def failed(machine: Machine, token: Token, failure: Failure, phase: str, causes: int) -> None:
    """Somebody catches the failure, else it waits for an operator."""
    if not propagate(machine, "error", failure.code, token, causes):
        token.state, token.waits, token.code, token.phase = "failed", [Wait(token, "incident")], failure.code, phase


def throw_error(machine: Machine, token: Token, code: str, causes: int) -> None:
    if not propagate(machine, "error", code, token, causes):
        machine.kill_all(machine.root, causes)
        machine.root.ended, machine.state = True, "failed"
        machine.queue.clear()


def propagate(machine: Machine, kind: str, code: str, token: Token, causes: int) -> bool:
    """Whether somebody around the token catches it: boundary events first, then event sub-processes, level by level outwards."""
    host: Token | None = token
    while host is not None:
        catcher = best(kind, code, (host.loop or host).listeners) or best(kind, code, host.run.listeners)
        if catcher is not None:
            hit(machine, *catcher, causes, last=False)
            return True
        host = host.run.host
    return False


def best(kind: str, code: str, listeners: list[Token]) -> tuple[Token, int] | None:
    """The first that waits for that very code, else the first that takes any; with the number of the part."""
    of_kind = [(each, number) for each in listeners for number, part in enumerate(each.node.trigger.each()) if part.kind == kind]
    for wanted in (code, ""):
        for each, number in of_kind:
            if each.node.trigger.each()[number].name == wanted:
                return each, number
    return None


def listen(machine: Machine, node: Node, run: Run, causes: int, host: Token | None = None) -> None:
    """A boundary event or event sub-process waits."""
    token = Token(node, run, host.layer if host else run.layer, causes, listens=True, host=host)
    token.beside.append(token)
    arm(machine, token)


def arm(machine: Machine, token: Token) -> None:
    """Wait for every part of the event that did not come yet."""
    for number, part in enumerate(token.node.trigger.each()):
        if not token.alive or token.came or number in token.seen:
            continue
        if part.kind in ("message", "signal"):
            token.waits.append(Wait(token, part.kind, number))
            if part.kind == "signal":
                machine.act.listen(part.name, token.causes)
        elif part.kind == "timer":
            token.waits.append(Wait(token, "timer", number, machine.hours + part.hours, moments(token, part)))
        elif part.condition is not None:
            token.was_true[number] = machine.holds(part.condition, token.layer, token.causes)
            if token.was_true[number]:
                hit(machine, token, number, token.causes, last=not token.repeats)


def moments(token: Token, part: Trigger) -> int:
    """How often a timer comes: a cycle again and again where nothing is interrupted, at an intermediate event as often as it says, else once
    (docs/decisions/0006). BPMN 2.0.2 leaves a cycle at an intermediate event open (10.5.5)."""
    if token.repeats:
        return ENDLESS if part.times < 0 else max(part.times, 1)
    if token.node.kind == "catch" and token.group is None and not token.node.trigger.parts:
        return max(part.times, 1)
    return 1


def silence(machine: Machine, token: Token, causes: int) -> None:
    """Nothing is awaited any more."""
    token.waits = []
    for part in token.node.trigger.each():
        if part.kind == "signal":
            machine.act.listen(part.name, causes)


def stop_listening(machine: Machine, listener: Token, causes: int) -> None:
    listener.alive = False
    silence(machine, listener, causes)


def hit(machine: Machine, token: Token, number: int, causes: int, *, last: bool) -> None:
    """A part of the event of a token came, for the last time or not. A parallel multiple event needs all of them (BPMN 2.0.2, 10.5.6)."""
    if token.node.trigger.all_of:
        token.seen[number] = token.seen.get(number, 0) | causes
        if not token.repeats:
            token.waits = [each for each in token.waits if each.number != number]
            if token.node.trigger.each()[number].kind == "signal":
                machine.act.listen(token.node.trigger.each()[number].name, causes)
        if len(token.seen) < len(token.node.trigger.parts):
            return
        for each in token.seen.values():
            causes |= each
        token.seen = {}
    if token.listens:
        fire(machine, token, causes)
    elif last:
        decide(machine, token, causes)
    else:
        machine.enter(token.node, token.run, causes, came=True)


def decide(machine: Machine, token: Token, causes: int) -> None:
    """A token goes on, and what waited beside it behind an event-based gateway is over."""
    if token.group is not None:
        token.group.decided = True
        for other in [each for each in token.run.tokens if each.group is token.group and each is not token]:
            machine.kill(other, causes)
    silence(machine, token, causes)
    token.came = True
    machine.ready(token, causes)


def fire(machine: Machine, listener: Token, causes: int) -> None:
    """Interrupt what a boundary event or event sub-process interrupts, and go on behind it."""
    run, node = listener.run, listener.node
    if node.interrupting and node.kind == "boundary":
        assert listener.host is not None
        machine.kill(listener.host, causes)
    elif node.interrupting:
        machine.kill_all(run, causes)
        run.interrupted = True
    elif is_spent(listener):
        stop_listening(machine, listener, causes)
        listener.beside.remove(listener)
    machine.enter(node, run, causes, came=True)


def is_spent(listener: Token) -> bool:
    """Whether its event cannot come again: its timers are over, one of them where all parts are needed."""
    waited = {each.number for each in listener.waits}
    over = [part.kind == "timer" and number not in waited for number, part in enumerate(listener.node.trigger.each())]
    return any(over) if listener.node.trigger.all_of else all(over)


def broadcast(machine: Machine, name: str, causes: int, but: Sequence[Token] = ()) -> None:
    """A signal reaches everybody in the instance who waits for it."""
    machine.act.throw(name, causes)
    caught = [each for each in machine.open() if each.kind == "signal" and each.trigger.name == name and each.token not in but]
    independent([each.token for each in caught])
    for wait in caught:
        hit(machine, wait.token, wait.number, causes, last=not wait.token.repeats)


def independent(tokens: list[Token]) -> None:
    """Raises Open when several events come at once and one may take away another."""
    if len(tokens) > 1 and any((each.listens and each.node.interrupting) or each.group or each.node.trigger.parts for each in tokens):
        raise Open


def check_conditions(machine: Machine) -> None:
    """Which conditions became true. What a person wrote is seen when the step that it belongs to is done."""
    if machine.first_step:
        machine.first_step = False
        machine.act.settle()
    became = []
    for token in list(machine.root.inside()):
        if token.was_true and token.alive and not token.came:
            became += newly_true(machine, token)
    independent([token for token, _, _ in became])
    for token, number, causes in became:
        hit(machine, token, number, causes, last=not token.repeats)


def newly_true(machine: Machine, token: Token) -> list[tuple[Token, int, int]]:
    """The conditions of a token that became true, with what made them so."""
    found = []
    for number, was in token.was_true.items():
        condition = token.node.trigger.each()[number].condition
        assert condition is not None
        causes = token.causes | last_write(machine, token.layer, condition.variable)
        token.was_true[number] = machine.holds(condition, token.layer, causes)
        if token.was_true[number] and not was:
            found.append((token, number, causes))
    return found


def last_write(machine: Machine, layer: Layer, name: str) -> int:
    found = 0
    for each in layer.chain():
        for causes, _ in machine.act.writes[id(each), name]:
            found |= causes
    return found

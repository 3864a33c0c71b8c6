"""Events of the model: what listens, what is thrown and who catches it, errors and escalations on their way outwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.model.graph import Node
from tests.model.order import Open
from tests.model.tokens import Layer, Run, Token

if TYPE_CHECKING:
    from tests.model.machine import Machine


class Failure(Exception):
    """A step failed. `code`: as an error event may catch it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def failed(machine: Machine, token: Token, failure: Failure, phase: str, causes: int) -> None:
    """Somebody catches the failure, else it waits for an operator."""
    if not propagate(machine, "error", failure.code, token, causes):
        token.state, token.waits, token.code, token.phase = "failed", "incident", failure.code, phase


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
            fire(machine, catcher, causes, last=False)
            return True
        host = host.run.host
    return False


def best(kind: str, code: str, listeners: list[Token]) -> Token | None:
    """The first that waits for that very code, else the first that takes any."""
    of_kind = [each for each in listeners if each.node.trigger.kind == kind]
    exact = [each for each in of_kind if each.node.trigger.name == code]
    return next(iter(exact + [each for each in of_kind if not each.node.trigger.name]), None)


def listen(machine: Machine, node: Node, run: Run, causes: int, host: Token | None = None) -> None:
    """A boundary event or event sub-process waits."""
    token = Token(node, run, host.layer if host else run.layer, causes, listens=True, host=host)
    token.beside.append(token)
    arm(machine, token)


def arm(machine: Machine, token: Token) -> None:
    trigger = token.node.trigger
    if trigger.kind in ("message", "signal"):
        token.waits = trigger.kind
        if trigger.kind == "signal":
            machine.act.listen(trigger.name, token.causes)
    elif trigger.kind == "timer":
        token.waits, token.due = "timer", machine.hours + trigger.hours
        token.left = max(trigger.times, 1) if token.listens and not token.node.interrupting else 1
    elif trigger.condition is not None:
        token.was_true = machine.holds(trigger.condition, token.layer, token.causes)
        if token.was_true:
            hit(machine, token, token.causes, last=not (token.listens and not token.node.interrupting))


def silence(machine: Machine, listener: Token, causes: int) -> None:
    if listener.node.trigger.kind == "signal":
        machine.act.listen(listener.node.trigger.name, causes)
    listener.alive, listener.waits = False, ""


def hit(machine: Machine, token: Token, causes: int, *, last: bool) -> None:
    """The event of a token came."""
    if token.listens:
        fire(machine, token, causes, last=last)
        return
    if token.group is not None:
        token.group.decided = True
        for other in [each for each in token.run.tokens if each.group is token.group and each is not token]:
            machine.kill(other, causes)
    if token.node.trigger.kind == "signal":
        machine.act.listen(token.node.trigger.name, causes)
    token.came = True
    machine.ready(token, causes)


def fire(machine: Machine, listener: Token, causes: int, *, last: bool) -> None:
    """Interrupt what a boundary event or event sub-process interrupts, and go on behind it."""
    run, node = listener.run, listener.node
    if node.interrupting and node.kind == "boundary":
        assert listener.host is not None
        machine.kill(listener.host, causes)
    elif node.interrupting:
        machine.kill_all(run, causes)
        run.interrupted = True
    elif last:
        silence(machine, listener, causes)
        listener.beside.remove(listener)
    machine.enter(node, run, causes, came=True)


def broadcast(machine: Machine, name: str, causes: int) -> None:
    """A signal reaches everybody in the instance who waits for it."""
    machine.act.throw(name, causes)
    caught = [each for each in machine.open() if each.waits == "signal" and each.node.trigger.name == name]
    independent(caught)
    for token in caught:
        hit(machine, token, causes, last=not (token.listens and not token.node.interrupting))


def independent(tokens: list[Token]) -> None:
    """Raises Open when several events come at once and one may take away another."""
    if len(tokens) > 1 and any((each.listens and each.node.interrupting) or each.group for each in tokens):
        raise Open


def check_conditions(machine: Machine) -> None:
    """Which conditions became true. What a person wrote is seen when the step that it belongs to is done."""
    if machine.first_step:
        machine.first_step = False
        machine.act.settle()
    became = []
    for token in list(machine.root.inside()):
        condition = token.node.trigger.condition
        if condition is not None and token.alive and (token.listens or token.node.kind == "catch") and not token.came:
            causes = token.causes | last_write(machine, token.layer, condition.variable)
            now = machine.holds(condition, token.layer, causes)
            if now and not token.was_true:
                became.append((token, causes))
            token.was_true = now
    independent([token for token, _ in became])
    for token, causes in became:
        hit(machine, token, causes, last=not (token.listens and not token.node.interrupting))


def last_write(machine: Machine, layer: Layer, name: str) -> int:
    found = 0
    for each in layer.chain():
        for causes, _ in machine.act.writes[id(each), name]:
            found |= causes
    return found

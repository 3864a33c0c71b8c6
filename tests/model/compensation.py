"""Compensation of the model: completed activities are undone, the last one first; a cancelled transaction undoes all of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.model import events
from tests.model.graph import Trigger
from tests.model.order import Open
from tests.model.tokens import Layer, Records, Run, Token

if TYPE_CHECKING:
    from tests.model.machine import Machine


def remember(machine: Machine, token: Token) -> None:
    """A completed activity can be compensated from now on."""
    record: dict[str, Any] = {"activity": token.node.id}
    if token.inner is not None and token.node.kind != "event sub" and (token.inner.records or token.inner.body.compensation_sub()):
        record["inside"] = token.inner.records
    if "inside" in record or token.node.id in token.run.body.handlers:
        past = machine.read_all(token.layer, token.causes)
        when = {"act": machine.acts, "causes": token.causes}
        token.run.records.append(record | when | {"past": past, "local": token.layer.local_names()})
        machine.act.listen(token.run, token.causes)


def compensate_scope(machine: Machine, token: Token, trigger: Trigger) -> bool:
    """Whether the token may go on at once: when nothing is to be undone, or it does not wait for it."""
    run = token.run
    while run.host is not None and run.host.node.kind == "event sub":
        run = run.host.run
    records = [each for each in run.records if trigger.name in ("", each["activity"])]
    if trigger.waits or not records:
        return compensate(machine, run, token, records, token.causes)
    aside = Token(token.node, token.run, token.layer, token.causes, aside=True, reported=True)
    token.run.tokens.append(aside)
    compensate(machine, run, aside, records, token.causes)
    return True


def compensate(machine: Machine, run: Run, token: Token, records: Records, causes: int) -> bool:
    """Undo the records one after the other, the last one first, while the token waits. True when there is nothing to do."""
    machine.act.throw(run, causes)
    if not records:
        return True
    machine.act.listen(run, causes)
    in_order(records)
    run.records = [each for each in run.records if each not in records]
    token.queue, token.queue_run, token.state = records, run, "compensating"
    go_on(machine, token)
    return False


def in_order(records: Records) -> None:
    """Raises Open when two activities completed in one act and neither led to the other: which is undone first is open."""
    for one, other in pairwise(records):
        if one["act"] == other["act"] and one["causes"] & ~other["causes"]:
            raise Open


def go_on(machine: Machine, token: Token) -> None:
    if token.queue:
        record, run = token.queue.pop(), token.queue_run
        assert run is not None
        handler = run.body.handlers.get(record["activity"])
        node = run.body.nodes[handler or record["activity"]]
        layer = Layer(dict(record["past"]), now=run.layer, local=frozenset(record["local"]))  # BPMN 2.0.2, 10.7.1: a snapshot
        machine.enter(node, run, token.causes, layer, thrower=token, reopens=None if handler else record["inside"])
    elif token.aside:
        machine.remove(token)
        machine.check_ended(token.run)
    elif token.cancels:
        leave_transaction(machine, token)
    else:
        machine.attempt_leave(token, token.causes)


def reopen(machine: Machine, token: Token, run: Run) -> None:
    """A completed sub-process is undone: by its compensation event sub-process, else by the handlers inside (BPMN 2.0.2, 10.7.1)."""
    assert token.reopens is not None
    run.records, token.reopens = token.reopens, []
    event_sub = run.body.compensation_sub()
    if event_sub is not None:
        machine.enter(event_sub, run, token.causes, came=True)
    else:
        compensate(machine, run, token, list(run.records), token.causes)


def cancel_transaction(machine: Machine, token: Token) -> None:
    run = token.run
    machine.kill_all(run, token.causes, but=token)
    token.cancels, token.state = True, "compensating"
    if compensate(machine, run, token, list(run.records), token.causes):
        go_on(machine, token)


def leave_transaction(machine: Machine, token: Token) -> None:
    machine.remove(token)
    host = token.run.host
    assert host is not None
    owner = host.loop or host
    for listener in owner.listeners:
        if listener.node.trigger.kind == "cancel":
            events.fire(machine, listener, token.causes)
            return
    machine.kill(owner, token.causes)
    machine.check_ended(owner.run)

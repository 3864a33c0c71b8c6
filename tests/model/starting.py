"""How a process or sub-process begins in the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.model import adhoc, events
from tests.model.graph import Node
from tests.model.tokens import Run

if TYPE_CHECKING:
    from tests.model.machine import Machine


def begin(machine: Machine, run: Run, causes: int, start: str = "", number: int = 0) -> None:
    """Event sub-processes listen first, then the starts."""
    for node in run.body.event_subs():
        if not run.interrupted:
            events.listen(machine, node, run, causes)
    if not run.interrupted:
        enter_starts(machine, run, causes, start, number)
    machine.check_ended(run)


def enter_starts(machine: Machine, run: Run, causes: int, start: str, number: int) -> None:
    if start:
        enter_start(machine, run.body.nodes[start], number)
    elif run.host is not None and run.host.node.kind == "ad hoc":
        adhoc.begin(machine, run, causes)
    else:
        starts = [node for node in run.body.nodes.values() if node.kind == "start"]
        for node in [each for each in starts if run.host or each.trigger.kind == "none"] or run.body.heads():
            machine.enter(node, run, causes)


def enter_start(machine: Machine, node: Node, number: int) -> None:
    """What begins the process: a start event, a receive task, an event behind an event-based gateway (BPMN 2.0.2, 13.2)."""
    before = next((flow.source for flow in machine.root.body.incoming(node)), "")
    if before and machine.root.body.nodes[before].waits_for_all:
        machine.enter(machine.root.body.nodes[before], machine.root, 0, began=node.id)
    else:
        machine.enter(node, machine.root, 0, came=not node.trigger.all_of, seen={number: 0} if node.trigger.all_of else {})

"""Ad-hoc sub-processes of the model (BPMN 2.0.2, 13.3.5): what no flow leads to begins, all at once or one after the other; after each activity
a condition says whether it is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.model.graph import ACTIVITIES, Flow
from tests.model.tokens import Run, Token

if TYPE_CHECKING:
    from tests.model.machine import Machine


def begin(machine: Machine, run: Run, causes: int) -> None:
    assert run.host is not None
    run.todo = run.body.heads()
    if run.host.node.one_by_one:
        begin_next(machine, run, causes)
        return
    todo, run.todo = run.todo, []
    for node in todo:
        machine.enter(node, run, causes)


def goes_on(machine: Machine, run: Run, token: Token, flows: list[Flow]) -> bool:
    """Whether what follows a token may begin: not when it was enough, which is asked after each activity."""
    assert run.host is not None
    until, node, place = run.host.node.until, run.host.node, (id(run), "enough")
    if flows:
        machine.act.read(place, token.causes)  # what another token decides meanwhile comes before or after
    if not run.enough and token.node.kind in ACTIVITIES and until is not None and (run.tokens or run.todo or run.waiting or flows):
        run.enough = machine.holds(until, run.layer, token.causes)
        if run.enough:
            machine.act.write(place, token.causes, run.enough)
            run.todo, run.waiting, run.activated = [], {}, {}
            if node.cancels_rest and not node.one_by_one:
                machine.kill_all(run, token.causes)
    return not run.enough


def begin_next(machine: Machine, run: Run, causes: int) -> None:
    """One after the other: the next begins when nothing else is left."""
    if run.todo and not run.tokens and not run.waiting and not run.interrupted:
        machine.enter(run.todo.pop(0), run, causes)

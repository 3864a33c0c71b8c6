"""Joins of the model: parallel, inclusive (BPMN 2.0.2, table 13.3) and complex (table 13.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.model.graph import Body, Flow, Node
from tests.model.order import Open
from tests.model.tokens import Run

if TYPE_CHECKING:
    from tests.model.machine import Machine


def target(run: Run, flow: str) -> str:
    """The node at the end of a flow."""
    return next(each.target for each in run.body.flows if each.id == flow)


def arrived(machine: Machine, node: Node, flow: Flow, run: Run, causes: int) -> None:
    """A token came along this flow to wait in front of a join. Which of two that nothing orders makes it go on is left open."""
    incoming = run.body.incoming(node)
    if node.kind == "complex":
        machine.act.arrive((run, node.id), causes)
        if node.id not in run.activated:
            start(machine, node, run)
        return
    if node.kind == "and":
        machine.act.arrive((run, flow.id), causes)
    if all(run.waiting.get(each.id) for each in incoming):
        machine.enter(node, run, take(run, incoming))


def gathered(machine: Machine, node: Node, run: Run, causes: int) -> None:
    """A token came to an activity that needs several to begin (BPMN 2.0.2, 10.3: startQuantity), from whichever flows."""
    machine.act.arrive((run, node.id), causes)
    incoming = run.body.incoming(node)
    if sum(len(run.waiting.get(flow.id, ())) for flow in incoming) >= node.needs:
        taken = 0
        for _ in range(node.needs):
            taken |= take(run, [next(flow for flow in incoming if flow.id in run.waiting)])
        machine.enter(node, run, taken)


def take(run: Run, flows: list[Flow]) -> int:
    """One token of each flow goes on; what led to them."""
    causes = 0
    for flow in flows:
        causes |= run.waiting[flow.id].pop(0)
        if not run.waiting[flow.id]:
            del run.waiting[flow.id]
    return causes


def start(machine: Machine, node: Node, run: Run) -> None:
    """A complex gateway that waits for start: enough tokens activate it."""
    incoming = run.body.incoming(node)
    here = [flow for flow in incoming if flow.id in run.waiting]
    tokens = sum(len(run.waiting[flow.id]) for flow in here)
    if (tokens >= node.enough) if node.enough else len(here) == len(incoming):
        run.activated[node.id] = {flow.id for flow in here}
        machine.enter(node, run, take(run, here))


def settle(machine: Machine, run: Run) -> bool:
    """When nothing else moves: let a join act that no further token can reach. Whether one did."""
    if run.ended:
        return False
    able = [node for node in run.body.nodes.values() if _is_able(node, run)]
    if len(able) > 1:
        raise Open
    for node in able:
        if node.kind == "complex":
            _reset(machine, node, run)
        else:
            here = [flow for flow in run.body.incoming(node) if flow.id in run.waiting]
            take(run, here)
            machine.enter(node, run, run.seen)
    return bool(able)


def _is_able(node: Node, run: Run) -> bool:
    incoming = run.body.incoming(node)
    waiting = [flow for flow in incoming if flow.id in run.waiting]
    if node.kind == "or" and len(incoming) > 1:
        return bool(waiting) and not _may_come(node, run, waiting)
    if node.kind == "complex" and node.id in run.activated:
        seen = [flow for flow in incoming if flow.id in run.activated[node.id] or flow in waiting]
        return not _may_come(node, run, seen)
    return False


def _reset(machine: Machine, node: Node, run: Run) -> None:
    """A complex gateway swallows the late tokens and waits for start again."""
    late = [flow for flow in run.body.incoming(node) if flow.id not in run.activated[node.id] and flow.id in run.waiting]
    take(run, late)
    del run.activated[node.id]
    if run.body.reset_flows(node.id):
        machine.enter(node, run, run.seen, resets=True, reported=True)
    if any(flow.id in run.waiting for flow in run.body.incoming(node)):
        start(machine, node, run)
    machine.check_ended(run)


def _may_come(node: Node, run: Run, here: list[Flow]) -> bool:
    """Whether a token can still reach an empty incoming flow and none of those on which one waits already."""
    places = {token.node.id for token in run.tokens if not token.aside} | {target(run, flow) for flow in run.waiting}
    empty = {flow.id for flow in run.body.incoming(node)} - {flow.id for flow in here}
    for place in places - {node.id}:
        reached = _reachable(run.body, place, node)
        if reached & empty and not reached & {flow.id for flow in here}:
            return True
    return False


def _reachable(body: Body, place: str, without: Node) -> set[str]:
    """The flows on paths that start at a node and do not pass the gateway."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = [place]
    while todo:
        name = todo.pop()
        if name in seen or name == without.id:
            continue
        seen.add(name)
        node = body.nodes[name]
        for flow in body.outgoing(node):
            found.add(flow.id)
            todo.append(flow.target)
        todo += [each.id for each in body.boundaries(node)]
    return found

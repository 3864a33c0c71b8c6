"""Which kinds of elements the random diagrams drew, and which the paths reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.model.graph import Body, Node

EVENTS = {
    "start": ("none", "message", "signal", "timer", "conditional", "multiple", "parallel multiple"),
    "event sub": ("message", "signal", "timer", "conditional", "error", "escalation", "multiple", "parallel multiple", "cycle", "compensate"),
    "catch": ("message", "signal", "timer", "conditional", "link", "multiple", "parallel multiple", "cycle"),
    "boundary": ("message", "signal", "timer", "conditional", "error", "escalation", "cancel", "multiple", "parallel multiple", "cycle"),
    "throw": ("none", "message", "signal", "escalation", "compensate", "link", "multiple"),
    "end": ("none", "message", "signal", "escalation", "error", "terminate", "compensate", "cancel", "multiple"),
}
TABLE = frozenset(
    (
        *(f"{kind} {trigger}" for kind, triggers in EVENTS.items() for trigger in triggers),
        *("task", "user", "manual", "script", "rule", "service", "send", "receive", "call"),
        *("xor", "and", "or", "event", "complex", "complex with phases", "instantiating receive", "instantiating event", "parallel event"),
        *("sub", "transaction", "ad hoc", "ad hoc one by one", "ad hoc to the end", "without start", "several starts"),
        *("standard loop", "parallel loop", "sequential loop", "completion condition", "behavior None", "behavior One", "behavior Complex"),
        *("compensation handler", "compensation handler of a loop", "compensation aside", "start quantity", "completion quantity", "condition after activity"),
        *("interrupting boundary", "non-interrupting boundary", "interrupting event sub", "non-interrupting event sub"),
    )
)
"""What must be drawn and reached."""


def labels(body: Body) -> Iterator[tuple[str, str]]:
    """Each kind with the id of an element of that kind, at any depth."""
    starts = [node for node in body.nodes.values() if node.kind == "start"]
    if len(starts) > 1:
        yield from ((node.id, "several starts") for node in starts)
    yield from ((handler, "compensation handler of a loop") for name, handler in body.handlers.items() if body.nodes[name].loop)
    for node in body.nodes.values():
        if not starts and node in body.heads():
            yield node.id, "without start"
        if body.reset_flows(node.id) and len(body.incoming(node)) > 1:
            yield node.id, "complex with phases"
        if any(flow.condition for flow in body.outgoing(node)) and node.kind not in ("xor", "or", "complex"):
            yield node.id, "condition after activity"
        yield from ((node.id, label) for label in _labels(node))
        if node.body is not None:
            yield from labels(node.body)


def _labels(node: Node) -> Iterator[str]:
    if node.kind in EVENTS:
        yield f"{node.kind} {'parallel multiple' if node.trigger.all_of else node.trigger.kind}"
        if any(part.times for part in node.trigger.each()):
            yield f"{node.kind} cycle"
    else:
        yield node.kind
    if node.kind in ("boundary", "event sub"):
        yield f"{'interrupting' if node.interrupting else 'non-interrupting'} {node.kind}"
    if node.loop is not None:
        yield f"{node.loop.kind} loop"
        yield f"behavior {node.loop.behavior}"
        yield from ["completion condition"] * (node.loop.enough > 0)
    marks = {
        "compensation handler": node.compensates, "start quantity": node.needs > 1, "completion quantity": node.gives > 1,
        "parallel event": node.waits_for_all, f"instantiating {node.kind}": node.instantiates and not node.waits_for_all,
        "compensation aside": not all(part.waits for part in node.trigger.each()), "ad hoc one by one": node.one_by_one, "ad hoc to the end": not node.cancels_rest,
    }  # fmt: skip
    yield from (label for label, holds in marks.items() if holds)


class Coverage:
    """In how many diagrams each kind was drawn, and reached by a path."""

    def __init__(self) -> None:
        self.drawn: Counter[str] = Counter()
        self.reached: Counter[str] = Counter()

    def count(self, body: Body, reached: set[str]) -> None:
        """One more diagram with the elements that its paths reached. An event-based gateway that begins a process takes no part itself: then
        what lies behind it does."""
        found = list(labels(body))
        self.drawn.update({label for _, label in found})
        behind = {body.outgoing(node)[0].source for node in body.nodes.values() if node.instantiates and node.kind == "event"}
        self.reached.update({label for name, label in found if name in reached | behind})

    def missing(self) -> list[str]:
        """What was never drawn, or never reached."""
        return sorted(label for label in TABLE if not self.drawn[label] or not self.reached[label])

    def __str__(self) -> str:
        return "drawn/reached: " + ", ".join(f"{each} {self.drawn[each]}/{self.reached[each]}" for each in sorted(TABLE))

"""A diagram as plain data: what the writer prints as BPMN and the model interprets. Nothing here knows the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "start", "end", "throw", "catch", "boundary", "task", "user", "manual", "script", "rule", "service", "send", "receive", "call",
    "xor", "and", "or", "event", "complex", "sub", "transaction", "ad hoc", "event sub",
]  # fmt: skip
TriggerKind: TypeAlias = Literal[
    "none", "message", "signal", "timer", "conditional", "error", "escalation", "terminate", "cancel", "compensate", "link", "multiple"
]

ACTIVITIES = frozenset(("task", "user", "manual", "script", "rule", "service", "send", "receive", "call", "sub", "transaction", "ad hoc"))
SCOPES = frozenset(("sub", "transaction", "ad hoc", "event sub"))
WAITING = frozenset(("user", "manual", "service", "receive", "call", "catch"))
"""Kinds at which a token stays until something happens outside. A cycle of the diagram without one would never rest."""


@dataclass(frozen=True)
class Condition:
    """`variable operator number`; behind a complex gateway also the `phase` in which it holds: waiting for start, or for reset."""

    variable: str
    operator: Literal["<", ">"]
    number: int
    phase: Literal["", "start", "reset"] = ""

    def __str__(self) -> str:
        phase = f"waitingForStart = {str(self.phase == 'start').lower()} and " if self.phase else ""
        return f"{phase}{self.variable} {self.operator} {self.number}"


@dataclass(frozen=True)
class Trigger:
    """What an event waits for or throws. `name`: of the message, signal, link or compensated activity, or the code ("" catches any);
    `hours`: of a timer, repeated `times` times when that is not 0, without end when it is below. `parts`: of a multiple event, of which `all_of`
    them must come or any one; `waits`: for the end of the compensation that it throws."""

    kind: TriggerKind = "none"
    name: str = ""
    hours: int = 0
    times: int = 0
    condition: Condition | None = None
    parts: tuple[Trigger, ...] = ()
    all_of: bool = False
    waits: bool = True

    def each(self) -> tuple[Trigger, ...]:
        """Its parts, or itself."""
        return self.parts or (self,)


@dataclass(frozen=True)
class Loop:
    """A standard loop of at most `count` passes while `condition` holds, or `count` instances of which `enough` may end the rest. `tells`: what
    the completion of an instance throws, by its `behavior`: each (None), the first (One), or the one numbered `tells_at` (Complex)."""

    kind: Literal["standard", "parallel", "sequential"]
    count: int
    condition: Condition | None = None
    before: bool = False
    over_list: bool = False
    enough: int = 0
    collects: bool = False
    behavior: Literal["All", "None", "One", "Complex"] = "All"
    tells: Trigger = Trigger()
    tells_at: int = 0


@dataclass
class Node:
    """A flow node. `script`: variable, the variable it starts from (None: zero) and what is added; `enough`: tokens that activate a complex
    gateway (0: all of them); `needs` and `gives`: how many tokens begin an activity, and leave it; `instantiates`: begins the process;
    `waits_for_all`: a parallel event-based gateway. Of an ad-hoc sub-process: `until`, `one_by_one`, `cancels_rest`."""

    id: str
    kind: Kind
    trigger: Trigger = Trigger()
    loop: Loop | None = None
    body: Body | None = None
    attached: str = ""
    interrupting: bool = True
    compensates: bool = False
    default: str = ""
    script: tuple[str, str | None, int] = ("", None, 0)
    result: str = ""
    enough: int = 0
    needs: int = 1
    gives: int = 1
    instantiates: bool = False
    waits_for_all: bool = False
    until: Condition | None = None
    one_by_one: bool = False
    cancels_rest: bool = True

    def __deepcopy__(self, memo: object) -> Node:
        return self


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: Condition | None = None


class Body:
    """A process, sub-process or event sub-process. `handlers`: activity → the handler that compensates it; `has_ends`: end events may stand in it."""

    def __init__(self, *, has_ends: bool = True) -> None:
        self.has_ends = has_ends
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []
        self.handlers: dict[str, str] = {}

    def __deepcopy__(self, memo: object) -> Body:
        return self

    def __repr__(self) -> str:
        return f"<{len(list(self.everything()))} nodes>"

    def add(self, node: Node) -> Node:
        self.nodes[node.id] = node
        return node

    def outgoing(self, node: Node) -> list[Flow]:
        """The flows out of a node; a link leads on like a flow."""
        found = [flow for flow in self.flows if flow.source == node.id]
        if node.kind == "throw" and node.trigger.kind == "link":
            found += [Flow(f"link {node.id}", node.id, each.id) for each in self.nodes.values() if self._catches(each, node)]
        return found

    @staticmethod
    def _catches(node: Node, throw: Node) -> bool:
        return node.kind == "catch" and node.trigger == throw.trigger

    def heads(self) -> list[Node]:
        """Where a body without a start event begins: at what no flow leads to."""
        targets = {flow.target for flow in self.flows}
        return [each for each in self.nodes.values() if each.id not in targets and self._can_begin(each)]

    @staticmethod
    def _can_begin(node: Node) -> bool:
        return node.kind not in ("start", "boundary", "event sub") and not node.compensates and (node.kind != "catch" or node.trigger.kind != "link")

    def reset_flows(self, name: str) -> list[Flow]:
        """The flows out of a complex gateway that ask for the phase: its reset may send tokens along them."""
        return [flow for flow in self.flows if flow.source == name and flow.condition is not None and flow.condition.phase]

    def incoming(self, node: Node) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == node.id]

    def boundaries(self, node: Node) -> list[Node]:
        """The boundary events of an activity that listen; the one that marks its compensation does not."""
        return [each for each in self.nodes.values() if each.attached == node.id and each.trigger.kind != "compensate"]

    def event_subs(self) -> list[Node]:
        """The event sub-processes that listen."""
        return [each for each in self.nodes.values() if each.kind == "event sub" and each.trigger.kind != "compensate"]

    def compensation_sub(self) -> Node | None:
        """The event sub-process that compensates the body."""
        return next((each for each in self.nodes.values() if each.kind == "event sub" and each.trigger.kind == "compensate"), None)

    def everything(self) -> Iterator[Node]:
        """The nodes of the body and of all bodies inside."""
        for node in self.nodes.values():
            yield node
            if node.body is not None:
                yield from node.body.everything()

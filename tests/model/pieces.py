"""The choices that a random diagram is made of: names, conditions, triggers, loops, nodes and flows. Simpler choices come first, so that
failures shrink to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.model.graph import Body, Condition, Flow, Loop, Node, Trigger

T = TypeVar("T")

DATA = ("d1", "d2", "d3")
CODES = {"error": ("e1", "e2"), "escalation": ("x1", "x2"), "signal": ("s1", "s2")}


class Pieces:
    """What a diagram in the making is made of. `number_to(first, last)` answers a number between the two, smaller ones being simpler."""

    def __init__(self, number_to: Callable[[int, int], int]) -> None:
        self.number_to = number_to
        self.number = 0

    def pick(self, *choices: T) -> T:
        return choices[self.number_to(0, len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        """False is the simpler answer."""
        return bool(self.number_to(0, 99) >= 100 - percent)

    def name(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def condition(self) -> Condition:
        return Condition(self.pick(*DATA), self.pick("<", ">"), self.number_to(1, 3))

    def node(self, body: Body, kind: Any, **more: Any) -> Node:
        return body.add(Node(self.name(kind[0]), kind, **more))

    def connect(self, body: Body, source: Node, target: Node, condition: Condition | None = None) -> Flow:
        flow = Flow(self.name("f"), source.id, target.id, condition)
        body.flows.append(flow)
        return flow

    def default(self, body: Body, source: Node, target: Node) -> None:
        source.default = self.connect(body, source, target).id


    @staticmethod
    def replace(body: Body, old: Flow, new: Flow) -> None:
        body.flows[body.flows.index(old)] = new

    @staticmethod
    def remove(body: Body, node: Node) -> None:
        del body.nodes[node.id]
        body.flows[:] = [flow for flow in body.flows if node.id not in (flow.source, flow.target)]

    def boundary(self, body: Body, host: Node, trigger: Trigger, *, interrupting: bool | None = None) -> None:
        if interrupting is None:
            interrupting = is_error(trigger) or self.chance(60)
        node = body.add(Node(self.name("b"), "boundary", trigger, attached=host.id, interrupting=interrupting))
        handler = self.node(body, self.pick("user", "task"))
        self.connect(body, node, handler)
        if body.has_ends and self.chance(70):
            end = body.add(Node(self.name("end"), "end", self.thrown(self.pick("none", "none", "none", "terminate", "error"))))
            self.connect(body, handler, end)

    @staticmethod
    def catchable(node: Node) -> Sequence[Any]:
        kinds = ["message", "timer", "signal", "conditional"]
        if node.body is not None:
            return [*kinds, "error", "escalation"]
        if node.kind == "call":
            return [*kinds, "error", "escalation"]
        return [*kinds, "error"] if node.kind == "service" else kinds

    def loops(self, node: Node, *, always: bool = False) -> None:
        if not (always or self.chance(15)):
            return
        kind = self.pick("parallel", "sequential", "standard")
        if kind == "standard":
            node.loop = Loop(kind, self.number_to(1, 3), self.condition() if self.chance(50) else None, before=self.chance(50))
            return
        count = self.number_to(0, 3)
        enough = self.number_to(1, 2) if self.chance(30) else 0
        behavior = self.pick("All", "All", "All", "None", "One", "Complex")
        tells = self.thrown(self.pick("message", "signal", "signal")) if behavior != "All" else Trigger()
        node.loop = Loop(kind, count, None, False, self.chance(50), enough, self.chance(40), behavior, tells, self.number_to(1, 2))

    def several(self, *kinds: Any) -> Trigger:
        """One thing to wait for, or two: any of them or both."""
        first = self.waited(*kinds)
        if not self.chance(20):
            return first
        all_of = self.chance(50) and first.kind != "error"
        second = self.waited(*[kind for kind in kinds if kind != first.kind and not (all_of and kind == "error")])
        return Trigger("multiple", parts=(first, second), all_of=all_of)

    def waited(self, *kinds: Any) -> Trigger:
        kind = self.pick(*kinds)
        if kind == "message":
            return Trigger(kind, self.name("m"))
        if kind == "timer":
            return Trigger(kind, hours=self.number_to(1, 5), times=self.pick(0, 0, 0, 2, 3, -1))
        if kind == "conditional":
            return Trigger(kind, condition=self.condition())
        return Trigger(kind, self.pick("", *CODES[kind]) if kind != "signal" else self.pick(*CODES[kind]))

    def thrown(self, kind: Any) -> Trigger:
        if kind == "multiple":
            first, second = self.pick(("message", "signal"), ("message", "escalation"), ("signal", "escalation"), ("message", "compensate"))
            return Trigger("multiple", parts=(self.thrown(first), self.thrown(second)))
        if kind == "message":
            return Trigger(kind, self.name("m"))
        return Trigger(kind, self.pick(*CODES[kind]) if kind in CODES else "", waits=kind != "compensate" or not self.chance(25))


def is_error(trigger: Trigger) -> bool:
    """Whether it catches errors, which always interrupt."""
    return any(part.kind == "error" for part in trigger.each())

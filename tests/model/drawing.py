"""Draws random diagrams, block-structured and not, as Hypothesis strategies; simpler choices come first so that failures shrink to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.model.graph import ACTIVITIES, WAITING, Body, Condition, Flow, Kind, Loop, Node, Trigger

T = TypeVar("T")

DATA = ("d1", "d2", "d3")
CODES = {"error": ("e1", "e2"), "escalation": ("x1", "x2"), "signal": ("s1", "s2")}
SIMPLE: tuple[Kind, ...] = ("user", "user", "user", "task", "script", "rule", "manual", "service", "send", "receive", "call", "catch", "throw")
DEEPER = ("sequence", "sequence", "xor", "and", "or", "loop", "sub", "looped", "event", "complex", "transaction", "link")


class Drawing:
    """One diagram in the making. `number_to(first, last)` answers a number between the two, smaller ones being simpler."""

    def __init__(self, number_to: Callable[[int, int], int]) -> None:
        self.number_to = number_to
        self.number = 0
        self.inside_loops = 0

    # Choices

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

    # Bodies

    def body(self, depth: int, kind: str = "sub", trigger: Trigger | None = None, *, interrupting: bool = True) -> Body:
        """A process or sub-process: a start, what it leads to, ends, and what listens beside."""
        body = Body()
        start = body.add(Node(self.name("start"), "start", trigger or Trigger(), interrupting=interrupting))
        if self.chance(40):
            self.unstructured(body, start, depth)
        else:
            entry, exit_ = self.block(body, depth)
            self.connect(body, start, entry)
            self.finish(body, exit_)
        for _ in range(2 if depth > 0 else 1):
            if self.chance(20):
                self.event_sub(body, depth - 1)
        if kind == "transaction":
            self.cancelling(body)
        return body

    def cancelling(self, body: Body) -> None:
        """A way to the cancel end event of a transaction."""
        gateway, user = self.node(body, "xor"), self.node(body, "user")
        end = body.add(Node(self.name("end"), "end", Trigger("cancel")))
        inner = next(flow for flow in body.flows if body.nodes[flow.source].kind == "start")
        body.flows.remove(inner)
        self.connect(body, body.nodes[inner.source], user)
        self.connect(body, user, gateway)
        self.connect(body, gateway, end, self.condition())
        self.default(body, gateway, body.nodes[inner.target])

    def event_sub(self, body: Body, depth: int) -> None:
        trigger = self.waited("message", "signal", "timer", "conditional", "escalation", "error")
        interrupting = trigger.kind == "error" or self.chance(50)
        inner = self.body(min(depth, 1), "event sub", trigger, interrupting=interrupting)
        body.add(Node(self.name("es"), "event sub", trigger, body=inner, interrupting=interrupting))

    def finish(self, body: Body, last: Node) -> None:
        """An end after the last node, or none at all."""
        if self.chance(10) and last.kind in ACTIVITIES:
            return
        choices = ("none", "none", "none", "none", "terminate", "error", "escalation", "signal", "message", "compensate")
        end = body.add(Node(self.name("end"), "end", self.thrown(self.pick(*choices))))
        self.connect(body, last, end)

    def unstructured(self, body: Body, start: Node, depth: int) -> None:
        """Nodes in a row; flows lead onwards anywhere, and back only from where a token waits."""
        count = self.number_to(2, 9)
        nodes = [start] + [self.loose(body, depth) for _ in range(count)]
        for number, node in enumerate(nodes[1:], 1):
            self.connect_loose(body, nodes[self.number_to(0, number - 1)], node)
        for _ in range(self.number_to(0, count)):
            source = self.number_to(0, count - 1)
            self.connect_loose(body, nodes[source], nodes[self.number_to(source + 1, count)])
        for node in nodes[1:]:
            if node.kind in WAITING and self.chance(20):
                self.connect_loose(body, node, nodes[self.number_to(1, nodes.index(node))])
        for node in list(body.nodes.values()):
            if not body.outgoing(node) and node.kind not in ("end", "event sub", "boundary") and not node.compensates:
                self.finish(body, node)
        self.mend(body)

    def loose(self, body: Body, depth: int) -> Node:
        kind = self.pick("user", "simple", "xor", "and", "or", "block" if depth > 0 else "task", "complex")
        if kind == "simple":
            return self.simple(body)
        if kind == "block":
            return self.scope(body, depth)
        return self.node(body, kind)

    def connect_loose(self, body: Body, source: Node, target: Node) -> None:
        """A flow where one may be, with a condition where one is needed."""
        if source.kind in ("end", "event", "link") or target.kind in ("start", "boundary"):
            return
        if any(flow.source == source.id and flow.target == target.id for flow in body.flows) or source.id == target.id:
            return
        self.connect(body, source, target, self.condition() if source.kind in ("xor", "or", "complex") else None)

    def mend(self, body: Body) -> None:
        """Splits get a default, or are left to fail at times; complex gateways want some of their tokens."""
        for node in body.nodes.values():
            flows = body.outgoing(node)
            if node.kind in ("xor", "or", "complex"):
                if len(flows) == 1:
                    self.replace(body, flows[0], Flow(flows[0].id, flows[0].source, flows[0].target))
                elif flows and not self.chance(10):
                    last = flows[-1]
                    self.replace(body, last, Flow(last.id, last.source, last.target))
                    node.default = last.id
            if node.kind == "complex":
                node.enough = self.number_to(0, max(1, len(body.incoming(node))))

    @staticmethod
    def replace(body: Body, old: Flow, new: Flow) -> None:
        body.flows[body.flows.index(old)] = new

    # Blocks

    def block(self, body: Body, depth: int) -> tuple[Node, Node]:
        """A piece with one way in and one way out."""
        kind = self.pick("simple", *DEEPER) if depth > 0 else "simple"
        if kind == "simple":
            node = self.simple(body)
            return node, node
        if kind == "sequence":
            first, second = self.block(body, depth - 1), self.block(body, depth - 1)
            self.connect(body, first[1], second[0])
            return first[0], second[1]
        if kind in ("sub", "transaction", "looped"):
            node = self.scope(body, depth, kind)
            return node, node
        makers = {"loop": self.loop, "event": self.events, "complex": self.complex, "link": self.link}
        return makers[kind](body, depth) if kind in makers else self.split(body, depth, kind)

    def split(self, body: Body, depth: int, kind: str) -> tuple[Node, Node]:
        fork, join = self.node(body, kind), self.node(body, kind)
        for _ in range(self.number_to(2, 3)):
            entry, exit_ = self.block(body, depth - 1)
            self.connect(body, fork, entry, None if kind == "and" else self.condition())
            self.connect(body, exit_, join)
        if kind != "and" and not self.chance(10):
            self.default(body, fork, join)
        return fork, join

    def complex(self, body: Body, depth: int) -> tuple[Node, Node]:
        fork, join = self.node(body, "and"), self.node(body, "complex")
        count = self.number_to(2, 3)
        for _ in range(count):
            entry, exit_ = self.block(body, depth - 1)
            self.connect(body, fork, entry)
            self.connect(body, exit_, join)
        join.enough = self.number_to(0, count)
        return fork, join

    def loop(self, body: Body, depth: int) -> tuple[Node, Node]:
        """Until a counter is full, or as long as the data say, which somebody writes on the way."""
        merge, test = self.node(body, "xor"), self.node(body, "xor")
        entry, exit_ = self.block(body, depth - 1)
        self.connect(body, merge, entry)
        if self.chance(50):
            counter = f"c{self.number}"
            begin, count = (self.node(body, "script", script=(counter, base, add)) for base, add in ((None, 0), (counter, 1)))
            self.connect(body, begin, merge)
            self.connect(body, exit_, count)
            self.connect(body, count, test)
            self.connect(body, test, merge, Condition(counter, "<", self.number_to(1, 3)))
            out = self.node(body, "task")
            self.default(body, test, out)
            return begin, out
        begin, user, out = self.node(body, "task"), self.node(body, "user"), self.node(body, "task")
        self.connect(body, begin, merge)
        self.connect(body, exit_, user)
        self.connect(body, user, test)
        self.connect(body, test, merge, self.condition())
        self.default(body, test, out)
        return begin, out

    def events(self, body: Body, depth: int) -> tuple[Node, Node]:
        gateway, join = self.node(body, "event"), self.node(body, "xor")
        for _ in range(self.number_to(2, 3)):
            if self.chance(20):
                catch = self.node(body, "receive", trigger=self.awaited("message"))
            else:
                catch = self.node(body, "catch", trigger=self.awaited("message", "signal", "timer", "conditional"))
            entry, exit_ = self.block(body, depth - 1)
            self.connect(body, gateway, catch)
            self.connect(body, catch, entry)
            self.connect(body, exit_, join)
        return gateway, join

    def link(self, body: Body, depth: int) -> tuple[Node, Node]:
        trigger = Trigger("link", self.name("l"))
        throw, catch = self.node(body, "throw", trigger=trigger), self.node(body, "catch", trigger=trigger)
        entry, exit_ = self.block(body, depth - 1)
        self.connect(body, exit_, throw)
        return entry, catch

    # Nodes

    def node(self, body: Body, kind: Any, **more: Any) -> Node:
        return body.add(Node(self.name(kind[0]), kind, **more))

    def simple(self, body: Body) -> Node:
        """A task or event, perhaps in a loop, with boundary events or a compensation."""
        kind = self.pick(*SIMPLE)
        node = self.node(body, kind)
        if kind == "script":
            node.script = self.pick((f"v{self.number}", "d1", self.number), ("v", None, 7))
        elif kind in ("rule", "service"):
            node.result = f"r{self.number}" if kind == "rule" else self.pick(*DATA)
        elif kind in ("send", "receive"):
            node.trigger = Trigger("message", self.name("m"))
        elif kind == "catch":
            node.trigger = self.awaited("message", "signal", "timer", "conditional")
        elif kind == "throw":
            node.trigger = self.thrown(self.pick("none", "message", "signal", "escalation", "compensate"))
        if kind in ACTIVITIES:
            self.loops(node)
            self.beside(body, node)
        return node

    def scope(self, body: Body, depth: int, kind: str = "sub") -> Node:
        node = self.node(body, "transaction" if kind == "transaction" else "sub")
        is_looped = kind == "looped" or (kind == "sub" and self.chance(10))
        self.inside_loops += is_looped  # what loops cannot be compensated
        node.body = self.body(depth - 1, node.kind)
        self.inside_loops -= is_looped
        if is_looped:
            self.loops(node, always=True)
        self.beside(body, node)
        if kind == "transaction" and self.chance(70):
            self.boundary(body, node, Trigger("cancel"), interrupting=True)
        return node

    def loops(self, node: Node, *, always: bool = False) -> None:
        if not (always or self.chance(15)):
            return
        kind = self.pick("parallel", "sequential", "standard")
        if kind == "standard":
            node.loop = Loop(kind, self.number_to(1, 3), self.condition() if self.chance(50) else None, before=self.chance(50))
            return
        count = self.number_to(0, 3)
        node.loop = Loop(kind, count, None, False, self.chance(50), self.number_to(1, 2) if self.chance(30) else 0, self.chance(40))

    def beside(self, body: Body, node: Node) -> None:
        """Boundary events, or a handler that compensates the activity."""
        if node.loop is None and not self.inside_loops and self.chance(12):
            handler = self.node(body, self.pick("user", "task"), compensates=True)
            body.handlers[node.id] = handler.id
            body.add(Node(self.name("b"), "boundary", Trigger("compensate"), attached=node.id))
        for _ in range(2):
            if self.chance(15):
                self.boundary(body, node, self.waited(*self.catchable(node)))

    @staticmethod
    def catchable(node: Node) -> Sequence[Any]:
        kinds = ["message", "timer", "signal", "conditional"]
        if node.body is not None:
            return [*kinds, "error", "escalation"]
        return [*kinds, "error"] if node.kind in ("service", "call") else kinds

    def boundary(self, body: Body, host: Node, trigger: Trigger, *, interrupting: bool | None = None) -> None:
        if interrupting is None:
            interrupting = trigger.kind == "error" or self.chance(60)
        node = body.add(Node(self.name("b"), "boundary", trigger, attached=host.id, interrupting=interrupting))
        handler = self.node(body, self.pick("user", "task"))
        self.connect(body, node, handler)
        if self.chance(70):
            end = body.add(Node(self.name("end"), "end", self.thrown(self.pick("none", "none", "none", "terminate", "error"))))
            self.connect(body, handler, end)

    def awaited(self, *kinds: Any) -> Trigger:
        """What a token of its own waits for: no cycle there, which sends several tokens on (docs/decisions/0006)."""
        return replace(self.waited(*kinds), times=0)

    def waited(self, *kinds: Any) -> Trigger:
        kind = self.pick(*kinds)
        if kind == "message":
            return Trigger(kind, self.name("m"))
        if kind == "timer":
            return Trigger(kind, hours=self.number_to(1, 5), times=self.pick(0, 0, 2))
        if kind == "conditional":
            return Trigger(kind, condition=self.condition())
        return Trigger(kind, self.pick("", *CODES[kind]) if kind != "signal" else self.pick(*CODES[kind]))

    def thrown(self, kind: Any) -> Trigger:
        if kind == "message":
            return Trigger(kind, self.name("m"))
        return Trigger(kind, self.pick(*CODES[kind]) if kind in CODES else "")

    # Flows

    def connect(self, body: Body, source: Node, target: Node, condition: Condition | None = None) -> Flow:
        flow = Flow(self.name("f"), source.id, target.id, condition)
        body.flows.append(flow)
        return flow

    def default(self, body: Body, source: Node, target: Node) -> None:
        source.default = self.connect(body, source, target).id


@st.composite
def diagrams(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Body:
    """The body of a process."""
    drawing = Drawing(lambda first, last: draw(st.integers(first, last)))
    return drawing.body(drawing.number_to(0, 3), "process")


PATH = st.lists(st.integers(0, 2**20), max_size=16)
"""The choices of one path through a diagram, one number an act."""

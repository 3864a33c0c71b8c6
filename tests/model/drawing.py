"""Draws random diagrams, block-structured and not, from numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.model.graph import ACTIVITIES, WAITING, Body, Condition, Flow, Kind, Node, Trigger
from tests.model.pieces import DATA, Pieces, is_error

SIMPLE: tuple[Kind, ...] = ("user", "user", "user", "task", "script", "rule", "manual", "service", "send", "receive", "call", "catch", "throw")
DEEPER = ("sequence", "sequence", "xor", "and", "or", "loop", "sub", "looped", "event", "complex", "transaction", "ad hoc", "link")


class Drawing(Pieces):
    """One diagram in the making."""

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
        self.vary(body)
        for _ in range(2 if depth > 0 else 1):
            if self.chance(20):
                self.event_sub(body, depth - 1)
        if kind in ("sub", "transaction") and self.chance(12):
            inner = self.body(0, "event sub", Trigger("compensate"))
            body.add(Node(self.name("es"), "event sub", Trigger("compensate"), body=inner))
        if kind == "transaction":
            self.cancelling(body)
        if kind == "process":
            self.starts(body, start)
        elif start.trigger.kind == "none" and self.chance(8):
            self.drop_start(body, start)
        return body

    def starts(self, body: Body, start: Node) -> None:
        """Ways to begin a process: other triggers than none, several start events, a receive task or event-based gateway."""
        kind = self.pick("none", "none", "none", "triggered", "several", "receive", "gateway", "without")
        if kind == "triggered":
            start.trigger = self.starting()
        elif kind == "several":
            start.trigger = self.pick(Trigger(), self.starting())
            for _ in range(self.number_to(1, 2)):
                other = self.node(body, "start", trigger=self.pick(Trigger(), self.starting()))
                self.connect(body, other, self.anywhere(body))
        elif kind == "receive":
            start.kind, start.instantiates, start.trigger = "receive", True, Trigger("message", self.name("m"))
        elif kind == "gateway":
            self.gateway_start(body, start)
        elif kind == "without":
            self.drop_start(body, start)

    def starting(self) -> Trigger:
        if self.chance(20):
            all_of = self.chance(60)
            second = Trigger("message", self.name("m")) if all_of else self.waited("signal", "timer")
            return Trigger("multiple", parts=(Trigger("message", self.name("m")), second), all_of=all_of)
        return self.waited("message", "signal", "timer", "conditional")

    def gateway_start(self, body: Body, start: Node) -> None:
        gateway = self.node(body, "event", instantiates=True, waits_for_all=self.chance(50))
        for flow in [each for each in body.flows if each.source == start.id]:
            for number in range(2):
                trigger = Trigger("message", self.name("m")) if gateway.waits_for_all else self.starting()
                catch = self.node(body, "catch", trigger=trigger)
                self.connect(body, gateway, catch)
                self.connect(body, catch, self.anywhere(body) if number else body.nodes[flow.target])
        self.remove(body, start)

    def drop_start(self, body: Body, start: Node) -> None:
        """What the start event led to begins by itself, when nothing else leads there."""
        if all(len(body.incoming(body.nodes[flow.target])) == 1 for flow in body.outgoing(start)):
            for flow in body.outgoing(start):
                body.nodes[flow.target].needs = 1  # what begins by itself has but that one token
            self.remove(body, start)

    def anywhere(self, body: Body) -> Node:
        """A node that a flow may lead to, not past the beginning of a counter."""
        if any(each.script[1] and each.script[1].startswith("c") for each in body.nodes.values()):
            return self.node(body, "task")
        behind = {flow.target for flow in body.flows if body.nodes[flow.source].kind == "event"}
        nodes = [each for each in body.nodes.values() if each in body.heads() or body.incoming(each)]
        return self.pick(*[each for each in nodes if each.id not in behind and each.kind != "start" and not each.instantiates])

    def vary(self, body: Body) -> None:
        """Activities with several flows choose among them at times, and take or give several tokens."""
        for node in list(body.nodes.values()):
            if node.kind not in ACTIVITIES or node.compensates:
                continue
            flows = body.outgoing(node)
            if len(flows) > 1 and self.chance(30):
                for flow in flows:
                    self.replace(body, flow, Flow(flow.id, flow.source, flow.target, self.condition()))
                if not self.chance(20):
                    self.replace(body, body.outgoing(node)[-1], Flow(flows[-1].id, node.id, flows[-1].target))
                    node.default = flows[-1].id
            if self.chance(4):
                node.gives = 2
            if body.incoming(node) and self.chance(4 if len(body.incoming(node)) == 1 else 25):
                node.needs = 2

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
        thrown = [kind for kind in ("error", "escalation") if kind in throws(body)]
        if thrown and self.chance(40):
            trigger = self.waited(*thrown)
        else:
            trigger = self.several("message", "signal", "timer", "conditional", "escalation", "error")
        interrupting = is_error(trigger) or self.chance(50)
        inner = self.body(min(depth, 1), "event sub", trigger, interrupting=interrupting)
        body.add(Node(self.name("es"), "event sub", trigger, body=inner, interrupting=interrupting))

    def finish(self, body: Body, last: Node) -> None:
        """An end after the last node, or none at all."""
        if self.chance(10) and last.kind in ACTIVITIES:
            return
        choices = ("none", "none", "none", "none", "terminate", "error", "escalation", "signal", "message", "compensate")
        undoes = any(each.trigger.kind == "compensate" and each.kind in ("boundary", "event sub") for each in body.everything())
        kind = "compensate" if undoes and self.chance(40) else self.pick(*choices, "multiple")
        end = body.add(Node(self.name("end"), "end", self.thrown(kind)))
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
                self.phases(body, node)

    def phases(self, body: Body, node: Node) -> None:
        """Conditions behind a complex gateway may ask for its phase."""
        for flow in body.outgoing(node):
            if flow.condition is not None and self.chance(60):
                condition = replace(flow.condition, phase=self.pick("start", "reset"))
                self.replace(body, flow, Flow(flow.id, flow.source, flow.target, condition))

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
        if kind == "ad hoc":
            node = self.ad_hoc(body, depth)
            return node, node
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
        by_tasks = self.chance(30)  # messages are awaited by receive tasks, or by events, not by both
        for _ in range(self.number_to(2, 3)):
            if by_tasks and self.chance(60):
                catch = self.node(body, "receive", trigger=self.waited("message"))
            else:
                kinds = ("signal", "timer", "conditional") if by_tasks else ("message", "signal", "timer", "conditional")
                catch = self.node(body, "catch", trigger=self.several(*kinds))
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
            node.trigger = self.several("message", "signal", "timer", "conditional")
        elif kind == "throw":
            node.trigger = self.thrown(self.pick("none", "message", "signal", "escalation", "compensate", "multiple"))
        if kind in ACTIVITIES:
            self.loops(node)
            self.beside(body, node)
        return node

    def scope(self, body: Body, depth: int, kind: str = "sub") -> Node:
        node = self.node(body, "transaction" if kind == "transaction" else "sub")
        is_looped = kind == "looped" or (kind == "sub" and self.chance(10))
        node.body = self.body(depth - 1, node.kind)
        if is_looped:
            self.loops(node, always=True)
        self.beside(body, node)
        if kind == "transaction" and self.chance(70):
            self.boundary(body, node, Trigger("cancel"), interrupting=True)
        return node

    def ad_hoc(self, body: Body, depth: int) -> Node:
        """Activities, some of them in a row."""
        node = self.node(body, "ad hoc", one_by_one=self.chance(40), cancels_rest=not self.chance(40))
        self.loops(node)
        node.body = Body(has_ends=False)
        for _ in range(self.number_to(1, 3)):
            last = self.inner_activity(node.body, depth)
            for _ in range(self.number_to(0, 1)):
                following = self.inner_activity(node.body, depth)
                self.connect(node.body, last, following)
                last = following
        if self.chance(20):
            self.event_sub(node.body, 0)
        if not self.chance(20):
            node.until = self.condition()
        self.beside(body, node)
        return node

    def inner_activity(self, body: Body, depth: int) -> Node:
        kind = self.pick("user", "user", "script", "service", "task", "sub" if depth > 1 else "user")
        if kind == "sub":
            return self.scope(body, depth - 1)
        node = self.node(body, kind)
        if kind == "script":
            node.script = (self.pick(*DATA), None, self.number_to(0, 3))
        elif kind == "service":
            node.result = self.pick(*DATA)
        self.loops(node)
        self.beside(body, node)
        return node

    def beside(self, body: Body, node: Node) -> None:
        """Boundary events, or a handler that compensates the activity."""
        if self.chance(12):
            handler = self.node(body, self.pick("user", "task"), compensates=True)
            body.handlers[node.id] = handler.id
            body.add(Node(self.name("b"), "boundary", Trigger("compensate"), attached=node.id))
        for _ in range(2):
            if self.chance(15):
                self.boundary(body, node, self.several(*self.catchable(node)))
        for kind in ("error", "escalation"):
            if node.body is not None and kind in throws(node.body) and self.chance(30):
                self.boundary(body, node, self.waited(kind))
        if node.loop is not None and node.loop.tells.kind == "signal" and self.chance(60):
            self.boundary(body, node, node.loop.tells)


def throws(body: Body) -> set[str]:
    """The kinds of triggers that are thrown in a body."""
    return {part.kind for each in body.everything() if each.kind in ("throw", "end") for part in each.trigger.each()}


def draw(number_to: Callable[[int, int], int]) -> Body:
    """The body of a process, from numbers."""
    drawing = Drawing(number_to)
    return drawing.body(drawing.number_to(0, 3), "process")


@st.composite
def diagrams(choose: Callable[[st.SearchStrategy[Any]], Any]) -> Body:
    """The body of a process."""
    return draw(lambda first, last: choose(st.integers(first, last)))


PATH = st.lists(st.integers(0, 2**20), max_size=16)
"""The choices of one path through a diagram, one number an act."""

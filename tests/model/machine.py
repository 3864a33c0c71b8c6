"""The model: what a diagram means, as plain as it can be said. It moves one token at a time, in whatever order; where the order would
matter and the specification does not give it, it stops with `Open`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.model import adhoc, compensation, events, joins, loops, starting, throwing
from tests.model.events import Failure
from tests.model.graph import ACTIVITIES, SCOPES, Body, Condition, Flow, Node
from tests.model.order import Act, Open
from tests.model.tokens import Group, Layer, Run, Token, Wait


class Machine:
    """One instance of a body. `messages`: the names of messages thrown, `signals`: of signals, `hours`: the time since the start. It begins
    at the none start events or at the named one, of which the part with that number came."""

    def __init__(self, body: Body, variables: Mapping[str, object], start: str = "", number: int = 0) -> None:
        self.root = Run(body, Layer(dict(variables)))
        self.act = Act()
        self.acts = 0
        self.hours = 0
        self.state = "running"
        self.messages: list[str] = []
        self.signals: list[str] = []
        self.queue: list[Token] = []
        self.stuck = False
        self.first_step = False
        starting.begin(self, self.root, 0, start, number)
        self.rest()

    # Acts

    def open(self) -> list[Wait]:
        """What is awaited from outside."""
        return [wait for token in self.root.inside() if token.alive for wait in token.waits]

    def new_act(self) -> None:
        """What happened before is before everything that happens now."""
        self.act, self.messages, self.signals, self.first_step = Act(), [], [], True
        self.acts += 1
        for token in self.root.inside():
            token.causes = token.happened = token.joined = 0
            token.seen = dict.fromkeys(token.seen, 0)
        for run in self.root.runs():
            run.happened = run.seen = 0
            run.waiting = {flow: [0] * len(tokens) for flow, tokens in run.waiting.items()}

    def complete(self, token: Token, data: Mapping[str, object]) -> None:
        """A task is done, a call answered or a called process completed."""
        if token.node.kind in ("user", "manual"):
            self.write_all(token.layer, data, 0)
        token.answer = dict(data)
        self.ready(token, 0)
        self.rest()

    def come(self, wait: Wait, payload: Mapping[str, object]) -> None:
        """The message or signal came, or the timer is due."""
        token, last = wait.token, not wait.token.repeats
        if wait.kind == "timer":
            self.hours = wait.due
            wait.left -= 1
            wait.due += wait.trigger.hours
            last = wait.left == 0
            if last:
                token.waits.remove(wait)
        self.write_all(token.layer, payload, 0)
        events.hit(self, token, wait.number, 0, last=last)
        self.rest()

    def fail(self, token: Token, code: str) -> None:
        """A call failed for good, or a called process was cancelled."""
        token.waits = []
        events.failed(self, token, Failure(code), "enter", 0)
        self.rest()

    def fail_child(self, token: Token, code: str) -> None:
        """A called process ended with an error."""
        token.waits = []
        events.throw_error(self, token, code, 0)
        self.rest()

    def escalate_child(self, token: Token, code: str) -> None:
        """A called process throws an escalation that nothing in it catches."""
        events.propagate(self, "escalation", code, token, 0)
        self.rest()

    def amend(self, values: Mapping[str, object]) -> None:
        """An operator sets variables of the process."""
        self.write_all(self.root.layer, values, 0)
        self.rest()

    def retry(self, token: Token) -> None:
        """The failed step is tried again."""
        phase, token.waits, token.state = token.phase, [], "waiting"
        if phase == "enter":
            self.open_up(token)
        else:
            self.attempt_leave(token, 0)
        self.rest()

    # Running

    def rest(self) -> None:
        """Move tokens until every one of them waits."""
        moved = True
        while moved:
            while self.queue:
                token = self.queue.pop()
                if token.alive and token.state == "ready":
                    self.step(token)
                    events.check_conditions(self)
            if self.first_step:
                events.check_conditions(self)
            moved = bool(self.queue) or any(joins.settle(self, run) for run in list(self.root.runs()))
        self.stuck = self.state == "running" and not self.open()

    def ready(self, token: Token, causes: int) -> None:
        token.state, token.waits = "ready", []
        token.causes |= causes
        self.queue.append(token)

    def log(self, kind: str, token: Token, causes: int) -> int:
        """Something happened at a token; its causes and itself."""
        bit, mask = self.act.add(kind, token.node.id, causes)
        holder: Token | None = token
        while holder is not None:
            holder.happened |= bit
            if holder.loop is not None:
                holder.loop.happened |= bit
            holder.run.happened |= bit
            holder.run.seen |= mask
            holder = holder.run.host
        return mask

    def enter(self, node: Node, run: Run, causes: int, layer: Layer | None = None, **more: Any) -> Token:
        """A token enters a node."""
        token = Token(node, run, layer or run.layer, causes, **more)
        (token.loop.iterations if token.loop else run.tokens).append(token)
        if not token.is_loop and token.reopens is None and not token.resets:
            token.causes = self.log("entered", token, causes)
        self.open_up(token)
        return token

    def open_up(self, token: Token) -> None:
        """Listen for what may interrupt the token, then begin its loop or its work."""
        if token.node.kind in ACTIVITIES and not token.is_part and not token.watched:
            token.watched = True
            for boundary in token.run.body.boundaries(token.node):
                if token.alive:
                    events.listen(self, boundary, token.run, token.causes, host=token)
        if not token.alive:
            return
        if token.is_loop:
            loops.begin(self, token)
        else:
            self.begin_work(token)

    def begin_work(self, token: Token) -> None:
        kind = token.node.kind
        opened = {"user": "task", "manual": "task", "service": "call", "call": "child"}.get(kind)
        if opened is not None:
            token.waits = [Wait(token, opened)]
        elif kind in SCOPES:
            self.open_inner(token)
        elif kind in ("catch", "receive") and not token.came and token.node.trigger.kind not in ("none", "link"):
            events.arm(self, token)
        elif token.seen:
            events.arm(self, token)  # the first message of several began the process
        else:
            self.ready(token, 0)

    def open_inner(self, token: Token) -> None:
        assert token.node.body is not None
        token.state = "inside"
        token.inner = Run(token.node.body, token.layer, token)
        if token.reopens is not None:
            compensation.reopen(self, token, token.inner)
        else:
            starting.begin(self, token.inner, token.causes)

    def step(self, token: Token) -> None:
        """Do the work of a token and leave."""
        token.state = "running"
        token.causes = self.act.add("", token.node.id, token.causes)[1]
        if token.is_loop:
            self.attempt_leave(token, token.joined | token.causes)
        elif self.work(token) and token.alive:
            self.attempt_leave(token, token.causes)

    def work(self, token: Token) -> bool:
        """Whether the token may leave now."""
        node = token.node
        if node.kind == "script":
            variable, base, added = node.script
            number = self.read(token.layer, base, token.causes) if base else 0
            self.write_all(token.layer, {variable: self.number(number) + added}, token.causes)
        elif node.kind == "rule":
            value = self.number(self.read(token.layer, "d1", token.causes)) + 1
            self.write_all(token.layer, {node.result: value}, token.causes)
        elif node.kind == "service":
            self.write_all(token.layer, {node.result: token.answer["result"]}, token.causes)
        elif node.kind == "call":
            self.write_all(token.layer, token.answer, token.causes)
        elif node.kind in ("throw", "end", "send"):
            return throwing.throw(self, token)
        return True

    def report(self, token: Token) -> None:
        """The token completed its element, once."""
        if not token.is_loop and not token.reported and token.reopens is None:
            token.reported = True
            token.causes = self.log("completed", token, token.causes)

    # Leaving

    def attempt_leave(self, token: Token, causes: int) -> None:
        token.causes |= causes
        try:
            flows = [] if token.is_part else self.choose(token)
        except Failure as failure:
            events.failed(self, token, failure, "leave", token.causes)
            return
        self.leave(token, flows)

    def leave(self, token: Token, flows: list[Flow]) -> None:
        run, node = token.run, token.node
        if token.loop is not None and node.loop is not None and node.loop.collects:
            counter, base = (self.number(self.read(token.layer, name, token.causes)) for name in ("loopCounter", "d1"))
            token.output = counter + base
        self.report(token)
        self.remove(token)
        if token.thrower is None and not token.is_loop:
            compensation.remember(self, token)
        if token.loop is not None:
            loops.iteration_ended(self, token.loop, token)
            return
        if token.thrower is not None:
            if token.thrower.alive:
                token.thrower.causes |= token.causes
                compensation.go_on(self, token.thrower)
            return
        if run.todo is None or adhoc.goes_on(self, run, token, flows):
            if node.kind == "event":
                self.offer(token)
            for flow in flows * node.gives:
                self.arrive(flow, run, token.causes)
        if run.todo is not None:
            adhoc.begin_next(self, run, token.causes)
        self.check_ended(run)

    def remove(self, token: Token) -> None:
        """Take a token away with its listeners."""
        token.alive, token.waits = False, []
        for listener in token.listeners:
            events.stop_listening(self, listener, token.causes)
        holders = (token.loop.iterations if token.loop else token.run.tokens) if not token.listens else token.beside
        holders.remove(token)

    def choose(self, token: Token) -> list[Flow]:
        """The flows that a token leaves by. Raises Failure."""
        node = token.node
        flows = token.run.body.outgoing(node)
        if token.resets:
            return [flow for flow in token.run.body.reset_flows(node.id) if self.is_open(flow, token)]
        if node.kind in ("and", "event sub", "event") or (node.kind != "xor" and not any(flow.condition for flow in flows)):
            return [] if node.kind == "event" else flows
        if node.kind == "xor" and len(flows) == 1 and flows[0].condition is None:
            return flows
        true: list[Flow] = []
        for flow in flows:
            if flow.id == node.default or (node.kind == "xor" and true):
                continue
            if self.is_open(flow, token):
                true.append(flow)
        if not any(flow.condition for flow in true):
            true += [flow for flow in flows if flow.id == node.default]
        if not true:
            raise Failure("no-outgoing-flow")
        return true

    def is_open(self, flow: Flow, token: Token) -> bool:
        """Whether the token may take the flow."""
        condition = flow.condition
        if condition is None:
            return True
        if condition.phase and (condition.phase == "reset") != token.resets:
            return False
        return self.holds(condition, token.layer, token.causes)

    def arrive(self, flow: Flow, run: Run, causes: int) -> None:
        """A token comes along a flow."""
        node = run.body.nodes[flow.target]
        if node.needs > 1:
            run.waiting.setdefault(flow.id, []).append(causes)
            joins.gathered(self, node, run, causes)
        elif node.kind in ("and", "or", "complex") and len(run.body.incoming(node)) > 1:
            run.waiting.setdefault(flow.id, []).append(causes)
            joins.arrived(self, node, flow, run, causes)
        else:
            self.enter(node, run, causes)

    def offer(self, token: Token) -> None:
        """All events behind an event-based gateway wait; the first one decides, unless it waits for all."""
        group, body = Group(), token.run.body
        for flow in body.outgoing(token.node):
            if token.node.waits_for_all:
                self.enter(body.nodes[flow.target], token.run, token.causes, came=flow.target == token.began)
            elif not group.decided:
                self.enter(body.nodes[flow.target], token.run, token.causes, group=group)

    # Variables

    def read(self, layer: Layer, name: str, causes: int) -> object:
        """The value of the innermost variable of that name."""
        for each in layer.chain():
            self.act.read((id(each), name), causes)
            if name in each.values:
                return each.values[name]
        return None

    def read_all(self, layer: Layer, causes: int) -> dict[str, object]:
        """Everything that can be read here."""
        for each in layer.chain():
            self.act.read_all(id(each), causes)
        return layer.visible()

    def write_all(self, layer: Layer, values: Mapping[str, object], causes: int) -> None:
        for name, value in values.items():
            self.act.write((id(layer), name), causes, value)
            layer.values[name] = value
        if layer.now is not None:
            known = layer.now.local_names()
            self.write_all(layer.now, {name: each for name, each in values.items() if name not in layer.local or name in known}, causes)
            layer.written.update(values)

    @staticmethod
    def number(value: object) -> int:
        assert isinstance(value, int), value
        return value

    def holds(self, condition: Condition, layer: Layer, causes: int) -> bool:
        value = self.number(self.read(layer, condition.variable, causes))
        return value < condition.number if condition.operator == "<" else value > condition.number

    # Ends

    def check_ended(self, run: Run) -> None:
        if run.ended or run.tokens or any(joins.target(run, flow) not in run.activated for flow in run.waiting):
            return
        if any(run.body.reset_flows(name) for name in run.activated):
            return
        self.finish(run)

    def finish(self, run: Run) -> None:
        self.kill_all(run, run.seen)
        run.ended = True
        if run.host is not None:
            self.ready(run.host, run.seen)
        else:
            self.state = "completed"

    def interruptible(self, parts: list[Token], happened: int, causes: int) -> None:
        """Raises Open when something inside moves on in this act beside what interrupts it."""
        self.act.ordered([happened], causes)
        if any(each.alive and each.state == "ready" for part in parts for each in part.inside()):
            raise Open

    def kill_all(self, run: Run, causes: int, but: Token | None = None) -> None:
        """Interrupt everything in a run."""
        parts = [token for token in (*run.tokens, *run.listeners) if token is not but]
        self.interruptible(parts, run.happened, causes)
        for token in parts:
            self.kill(token, causes)
        run.waiting, run.activated = {}, {}

    def kill(self, token: Token, causes: int) -> None:
        """Interrupt a token with everything inside."""
        if not token.alive:
            return
        self.interruptible([token], token.happened, causes)
        token.causes |= causes
        if token.listens:
            events.stop_listening(self, token, causes)
            token.beside.remove(token)
            return
        if token.inner is not None:
            self.kill_all(token.inner, causes)
        for iteration in list(token.iterations):
            self.kill(iteration, causes)
        self.remove(token)
        if token.node.kind == "catch":
            events.silence(self, token, causes)
        if not token.is_loop and not token.reported:
            self.log("cancelled", token, causes)

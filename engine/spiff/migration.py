"""Moving an instance that waits to another version of its process: what stands in the way, and the state as the other version holds it.

The stored state names nodes and flows and nothing else of the diagram, so it moves by renaming. Steps under way stay as they are: a task
keeps its people, a timer its moment, a call its question. What listens beside them follows the new version: a boundary event
or event sub-process that is gone stops listening, a new one begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.spiff.activities import Activity, EventSubProcess, SubProcess
from engine.spiff.definition import Definition
from engine.spiff.definitions import CompensateEvent
from engine.spiff.events import Boundary
from engine.spiff.gateways import ComplexGateway, InclusiveGateway, ParallelGateway
from engine.spiff.hurdles import Code, Hurdle
from engine.spiff.nodes import Flow, Node

if TYPE_CHECKING:
    from engine.spiff.instance import Instance
    from engine.spiff.tokens import Token

Mapped = Mapping[str, str]
"""Ids of elements of the old version, and those that take their place in the new one; the others keep their ids."""

TOKEN, NODE, PARENT, INTERNAL = 0, 1, 3, 4
"""Places in the row of a token (`state._dump_token`)."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The state of an instance in another version. `closed`: slot and reference of what no longer listens; `anew`: token ("": the scope)
    and listener of what listens for something else there; `elements`: what the elements at which it stands are called there."""

    content: bytes
    closed: tuple[tuple[str, str], ...]
    anew: frozenset[tuple[str, str]]
    elements: Mapping[str, str]


def move(old: Definition, new: Definition, content: bytes, mapping: Mapped) -> Moved | tuple[Hurdle, ...]:
    """The state in the new version, or everything that stands in the way. `content` is a state that `old` can restore."""
    try:
        moving = _Moving(old, new, mapping)
        state = orjson.loads(content)
        moving.run(state)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return (Hurdle("unreadable", old.key, old.name),)
    if moving.hurdles:
        return tuple(dict.fromkeys(moving.hurdles))
    return Moved(orjson.dumps(state), tuple(moving.closed), frozenset(moving.anew), moving.elements)


def places(definition: Definition, content: bytes) -> list[str]:
    """The ids of the elements at which an instance stands, one for each token that is work, in the order of the state."""
    flow, inners, *_ = orjson.loads(content)["flows"]
    rows = [row for each in (flow, *(inner for _, inner in inners)) for row in each["tokens"]]
    owners = {row[PARENT] for row in rows if "iteration" in row[INTERNAL]}
    return [row[NODE] for row in rows if "listens" not in row[INTERNAL] and row[TOKEN] not in owners and row[NODE] in definition.elements]


def newcomers(old: Definition, new: Definition, mapping: Mapped) -> frozenset[str]:
    """The boundary events and event sub-processes that only the new version has: they begin to listen with the move."""
    before = {mapping.get(node.name, node.name) for spec in _specs(old) for node in _listeners(spec)}
    return frozenset(node.name for spec in _specs(new) for node in _listeners(spec)) - before


def _specs(definition: Definition) -> Iterator[BpmnProcessSpec]:
    yield definition.spec
    yield from definition.subprocess_specs.values()


def _listeners(spec: BpmnProcessSpec) -> Iterator[Node]:
    yield from spec.event_subs
    for node in spec.task_specs.values():
        yield from getattr(node, "boundary", ())


def listen(instance: Instance, names: frozenset[str], anew: frozenset[tuple[str, str]]) -> None:
    """Let begin to listen what only the new version has (`names`), and what listens for something else there."""
    for flow in [each for each in instance.flows() if not (each.ended or each.interrupted)]:
        subs = [each for each in flow.spec.event_subs if each.name in names or ("", each.name) in anew]
        for event_sub in (each for each in subs if not isinstance(each.events[0], CompensateEvent)):
            flow.attempt(flow.subscription(event_sub, None), "listen", flow.listen)
        for token in [each for each in flow.tasks.values() if _is_watched(each)]:
            for boundary in token.task_spec.boundary:
                if token.alive and (boundary.name in names or (token.id, boundary.name) in anew):
                    token.internal_data["watched"] = True
                    flow.attempt(flow.subscription(boundary, token), "listen", flow.listen)


def _is_watched(token: Token) -> bool:
    """Whether boundary events listen, or would: its activity is under way as a whole, and did not fail before it began."""
    internal = token.internal_data
    if "watched" in internal:
        return True
    is_begun = isinstance(token.task_spec, Activity) and internal.get("failed") != "enter"
    return is_begun and not token.is_part and not internal.keys() & {"listens", "detached"}


@dataclass(slots=True)
class _Scope:
    """A process or running sub-process: its specification in both versions, and its part of the state."""

    old: BpmnProcessSpec
    new: BpmnProcessSpec
    state: dict[str, Any]
    places: set[str] = field(default_factory=set)


class _Moving:
    def __init__(self, old: Definition, new: Definition, mapping: Mapped) -> None:
        self.old, self.new, self.mapping = old, new, mapping
        self.hurdles: list[Hurdle] = []
        self.closed: list[tuple[str, str]] = []
        self.anew: set[tuple[str, str]] = set()
        self.queues: list[tuple[list[dict[str, Any]], str]] = []
        self.elements: dict[str, str] = {}

    def run(self, state: dict[str, Any]) -> None:
        flow, inners, *_ = state["flows"]
        nodes: dict[str, tuple[Node, Node | None]] = {}
        scopes = {"": _Scope(self.old.spec, self.new.spec, flow)}
        self._scope(scopes[""], nodes)
        for key, inner in list(inners):
            owner, follower = nodes.get(key, (None, None))  # unknown inside what has a hurdle itself
            if isinstance(owner, SubProcess) and isinstance(follower, SubProcess):
                scopes[key] = _Scope(self.old.subprocess_specs[owner.spec], self.new.subprocess_specs[follower.spec], inner)
                self._scope(scopes[key], nodes)
        for records, key in self.queues:
            if key in scopes:
                self._move_records(records, scopes[key].old, scopes[key].new)
        if not self.hurdles:
            for scope in scopes.values():
                self._check_joins(scope)

    def _hinder(self, code: Code, name: str) -> None:
        element = self.old.elements.get(name) or self.new.elements.get(name)
        self.hurdles.append(Hurdle(code, name, element.name if element else ""))

    # Tokens

    def _scope(self, scope: _Scope, nodes: dict[str, tuple[Node, Node | None]]) -> None:
        dropped = set()
        for row in scope.state["tokens"]:
            node = scope.old.task_specs[row[NODE]]
            owner = nodes.get(row[PARENT], (None, None)) if row[PARENT] else (None, None)
            if "listens" in row[INTERNAL] and not self._listens_on(node, owner[1], scope):
                self.closed += [(slot, ref) for slot, ref in row[INTERNAL].get("open", {}).items()]
                self.anew.add((row[PARENT], self.mapping.get(node.name, node.name)))
                dropped.add(row[TOKEN])
                continue
            follower = self._follower(node, scope, row[INTERNAL])
            nodes[row[TOKEN]] = node, follower
            if follower is not None:
                self._take_place(node, follower, row, scope)
        scope.state["tokens"] = [row for row in scope.state["tokens"] if row[TOKEN] not in dropped]
        self._move_counts(scope)

    def _take_place(self, node: Node, follower: Node, row: list[Any], scope: _Scope) -> None:
        row[NODE] = follower.name
        if node.name in self.old.elements:
            self.elements[node.name] = follower.name
        if not row[INTERNAL].keys() & {"listens", "detached"}:
            scope.places.add(follower.name)
        if "queue" in row[INTERNAL]:
            self.queues.append((row[INTERNAL]["queue"], row[INTERNAL]["queue_scope"]))
        if "reopens" in row[INTERNAL] and isinstance(node, SubProcess) and isinstance(follower, SubProcess):
            self._move_records(row[INTERNAL]["reopens"], self.old.subprocess_specs[node.spec], self.new.subprocess_specs[follower.spec])

    def _listens_on(self, node: Node, owner: Node | None, scope: _Scope) -> bool:
        """Whether what listens is still there, beside the same activity and for the same; else it is closed, and perhaps opened anew."""
        name = self.mapping.get(node.name, node.name)
        around = owner.boundary if isinstance(node, Boundary) and owner is not None else scope.new.event_subs
        follower = next((each for each in around if each.name == name), None)
        return follower is not None and _waits_alike(node, follower)

    def _follower(self, node: Node, scope: _Scope, internal: Mapping[str, Any]) -> Node | None:
        """The node of the new version that takes its place; None after saying why there is none."""
        name = self.mapping.get(node.name, node.name)
        follower: Node | None = scope.new.task_specs.get(name)
        code: Code | None = None
        if not isinstance(follower, Node):
            code = "other-place" if name in self.new.elements else "gone"
        elif type(follower) is not type(node) or (name in self.new.elements) != (node.name in self.old.elements):
            code = "other-kind"
        elif _repeats(node) != _repeats(follower):
            code = "other-loop"
        elif "io" in internal and node.data.names != follower.data.names:
            code = "other-data"
        elif _is_awaiting(internal) and not _waits_alike(node, follower):
            code = "other-event"
        if code is None:
            return follower
        self._hinder(code, node.name)
        return None

    # Counts and records

    def _move_counts(self, scope: _Scope) -> None:
        """Tokens in front of joins, activated gateways, joins to look at, activities still to begin, what can be compensated."""
        state = scope.state
        waiting = {}
        for name, number in state.get("waiting_tokens", {}).items():
            flow = self._flow(scope, name)
            if flow is not None:
                waiting[flow.id] = number
                scope.places.add(flow.target)
        if waiting:
            state["waiting_tokens"] = waiting
        if "activated" in state:
            state["activated"] = {
                self._renamed(scope, name): [flow.id for each in flows if (flow := self._flow(scope, each)) is not None]
                for name, flows in state["activated"].items()
            }
        for part in ("pending", "ad_hoc"):
            if part in state:
                state[part] = [self._renamed(scope, name) for name in state[part]]
        if "compensable" in state:
            self._move_records(state["compensable"], scope.old, scope.new)

    def _renamed(self, scope: _Scope, name: str) -> str:
        follower = self._follower(scope.old.task_specs[name], scope, {})
        return follower.name if follower is not None else name

    def _flow(self, scope: _Scope, name: str) -> Flow | None:
        """The flow of the new version on which such tokens wait: the join behind it must have the same ways in."""
        flow = scope.old.flows[name]
        target = scope.old.task_specs[flow.target]
        source, follower = self.mapping.get(flow.source, flow.source), self.mapping.get(flow.target, flow.target)
        after = scope.new.task_specs.get(follower)
        if not isinstance(after, Node) or type(after) is not type(target) or len(after.incoming) != len(target.incoming):
            self._hinder("waiting" if isinstance(after, Node) else "gone", flow.target)
            return None
        alike = [each for each in after.incoming if each.id == flow.id] or [each for each in after.incoming if each.source == source]
        if len(alike) != 1:
            self._hinder("waiting", flow.target)
            return None
        return alike[0]

    def _move_records(self, records: list[dict[str, Any]], old: BpmnProcessSpec, new: BpmnProcessSpec) -> None:
        """Completed activities whose handlers may yet run."""
        for record in records:
            node = old.task_specs[record["activity"]]
            follower = new.task_specs.get(self.mapping.get(node.name, node.name))
            if type(follower) is not type(node) or bool(follower.compensation_handler) != bool(node.compensation_handler):
                self._hinder("compensation", node.name)
                continue
            record["activity"] = follower.name
            if "inside" in record:
                self._move_records(record["inside"], self.old.subprocess_specs[node.spec], self.new.subprocess_specs[follower.spec])

    # Joins

    def _check_joins(self, scope: _Scope) -> None:
        """A parallel join waits for a token on every way in. One that could be reached and could never fire would hold the instance for
        ever; so would one that has all its tokens already, since only the next token makes it look."""
        waiting = scope.state.get("waiting_tokens", {})
        for node in _joins(scope.new):
            ways = {flow.id: _upstream(scope.new, node, flow) for flow in node.incoming}
            reaching = [bool(waiting.get(name)) or bool(scope.places & ups) for name, ups in ways.items()]
            if any(reaching) and not all(reaching):
                self._hinder("join", node.name)
            if all(waiting.get(name) for name in ways):
                self._hinder("waiting", node.name)
        self._check_lost_joins(scope)

    def _check_lost_joins(self, scope: _Scope) -> None:
        """Several tokens that a join would have made one must find a join again."""
        before = {old for old, now in self.elements.items() if now in scope.places}
        tokens = [row for row in scope.state["tokens"] if row[NODE] in scope.places and "listens" not in row[INTERNAL]]
        if len(tokens) + sum(scope.state.get("waiting_tokens", {}).values()) < 2:
            return
        for node in (each for each in scope.old.task_specs.values() if isinstance(each, _Joining) and len(each.incoming) > 1):
            ways = [before & _upstream(scope.old, node, flow) for flow in node.incoming]
            if sum(map(bool, ways)) < 2 or len(set().union(*ways)) < 2:
                continue
            follower = scope.new.task_specs.get(self.mapping.get(node.name, node.name))
            if type(follower) is not type(node) or len(follower.incoming) < 2:
                self._hinder("join", node.name)


_Joining = (ParallelGateway, InclusiveGateway, ComplexGateway)


def _joins(spec: BpmnProcessSpec) -> list[Node]:
    return [each for each in spec.task_specs.values() if isinstance(each, ParallelGateway) and len(each.incoming) > 1]


def _upstream(spec: BpmnProcessSpec, join: Node, flow: Flow) -> frozenset[str]:
    """The nodes from which a token can come along the flow into the join, boundary events by their activities."""
    seen: set[str] = set()
    todo = [flow.source]
    while todo:
        name = todo.pop()
        if name in seen or name == join.name:
            continue
        seen.add(name)
        node = spec.task_specs[name]
        todo += [each.source for each in node.incoming]
        if isinstance(node, Boundary):
            todo.append(node.attached)
    return frozenset(seen)


def _repeats(node: Node) -> tuple[object, ...]:
    loop = node.loop
    return (type(loop), getattr(loop, "sequential", None), getattr(loop, "output", None))


def _is_awaiting(internal: Mapping[str, Any]) -> bool:
    """Whether the token waits for an event of its own."""
    return any(slot.rstrip("0123456789") in ("timer", "wait") for slot in internal.get("open", ())) or "was" in internal


def _waits_alike(one: Node, other: Node) -> bool:
    """Whether two nodes wait for the same: as many events of the same kinds in the same order, messages and signals of the same names.
    A timer that counts otherwise still is a timer: the moment that is set stays."""
    if type(one) is not type(other) or one.needs_all_events != other.needs_all_events:
        return False
    if isinstance(one, EventSubProcess | Boundary) and one.cancel_activity != other.cancel_activity:  # type: ignore[attr-defined]
        return False
    return [(type(each), each.name) for each in one.events] == [(type(each), each.name) for each in other.events]

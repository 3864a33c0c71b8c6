"""What a definition tells about its elements, for rows and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from lxml import etree

from engine.diagram import BPMN, child_text, local_name, properties, reference
from engine.spiff.canonical import GATEWAYS, NODES, SCOPES, Canonical

StartKind: TypeAlias = Literal["none", "message", "timer", "signal", "conditional"]


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node of the diagram.

    `type` is its BPMN local name ("userTask"); `lane_group` the group key of its lane or None; `message` the name of the message that
    it waits for or throws; `listener` the event sub-process that it starts, which waits for it, or "".
    """

    id: str
    type: str
    name: str
    lane: str | None
    lane_group: str | None
    properties: Mapping[str, str]
    documentation: str
    message: str = ""
    listener: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """A start event of the process itself. `name`: the message's or signal's name, else the event's own. `timer`: ISO 8601 or FEEL text
    (date, duration or cycle) of a timer start, else None."""

    element_id: str
    kind: StartKind
    name: str
    form_key: str | None = None
    timer: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the process told in text. `depth`: 0 in the process, 1 in its sub-processes, and so on."""

    id: str
    name: str
    type: str
    depth: int


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane: its name and the key of the group whose members work in it."""

    name: str
    group: str


def lanes(process: etree._Element) -> dict[str, Lane]:
    """The lane of each flow node by id; the innermost lane wins, and a sub-process passes its lane on."""
    found: dict[str, Lane] = {}
    for element in process.iter(f"{{{BPMN}}}lane"):
        name = element.get("name") or ""
        group = properties(element).get("group") or name
        for pointer in element.findall(f"{{{BPMN}}}flowNodeRef"):
            if group and (node := reference(pointer.text)):
                found[node] = Lane(name, group)
    for scope in process.iter(etree.Element):
        lane = found.get(scope.get("id") or "")
        if lane is not None and local_name(scope) in SCOPES:
            for inner in scope:
                found.setdefault(inner.get("id") or "", lane)
    return found


def elements(
    process: etree._Element, source: Canonical, found: Mapping[str, Lane], types: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, Element]:
    """The flow nodes of a process at any depth, without invented ones.

    `types`: their types before the rewriting; `names`: of messages and signals by id.
    """
    result = {}
    for node in process.iter(etree.Element):
        name = node.get("id") or ""
        if local_name(node) in NODES and name not in source.invented:
            lane = found.get(name)
            before = types.get(name, "global")
            result[name] = Element(
                name,
                local_name(node) if before.startswith("global") else before,
                node.get("name") or "",
                lane.name if lane else None,
                lane.group if lane else None,
                properties(node),
                child_text(node, "documentation") or "",
                _message(node, names),
                _listener(node),
            )
    return result


def _message(node: etree._Element, names: Mapping[str, str]) -> str:
    pointers = (each.get("messageRef") for each in (node, *node))
    return next((names.get(reference(each) or "", "") for each in pointers if each), "")


def _listener(node: etree._Element) -> str:
    around = node.getparent()
    listens = around is not None and local_name(node) == "startEvent" and around.get("triggeredByEvent") == "true"
    return (around.get("id") or "") if around is not None and listens else ""


def outline(process: etree._Element, found: Mapping[str, Element]) -> tuple[Step, ...]:
    """The process as a list of steps, in the order in which the flows lead from its starts; what is not reached comes last."""
    steps: list[Step] = []
    todo: list[tuple[etree._Element, int]] = [(node, 0) for node in reversed(_in_order(process))]
    while todo:
        node, depth = todo.pop()
        element = found.get(node.get("id") or "")
        if element is not None and (element.type not in GATEWAYS or element.name):
            steps.append(Step(element.id, element.name, element.type, depth))
        if local_name(node) in SCOPES:
            todo += [(inner, depth + 1) for inner in reversed(_in_order(node))]
    return tuple(steps)


def _in_order(scope: etree._Element) -> list[etree._Element]:
    nodes = {node.get("id"): node for node in scope if local_name(node) in NODES}
    onward: dict[str | None, list[str | None]] = {}
    for flow in scope:
        if local_name(flow) == "sequenceFlow":
            onward.setdefault(flow.get("sourceRef"), []).append(flow.get("targetRef"))
    for name, node in nodes.items():
        if local_name(node) == "boundaryEvent":
            onward.setdefault(node.get("attachedToRef"), []).append(name)
    heads = [name for name, node in nodes.items() if local_name(node) == "startEvent"]
    seen: dict[str | None, None] = {}
    todo = [*reversed(list(nodes)), *reversed(heads)]
    while todo:
        name = todo.pop()
        if name in nodes and name not in seen:
            seen[name] = None
            todo += reversed(onward.get(name, []))
    return [nodes[name] for name in seen]


def starts(process: etree._Element, names: Mapping[str, str], stand_ins: Mapping[str, str]) -> tuple[Start, ...]:
    """The start events of a process, one for each trigger, events behind a parallel gateway that begins it included. `names`: message and
    signal names by id; `stand_ins`: what an invented start stands for."""
    found = []
    for node in [*process.findall(f"{{{BPMN}}}startEvent"), *_behind_parallel_gateways(process)]:
        own = properties(node)
        for kind, name, timer in _triggers(node, names):
            element_id = node.get("id") or ""
            found.append(Start(stand_ins.get(element_id, element_id), kind, name, own.get("formKey"), timer, own))
    return tuple(found)


def _behind_parallel_gateways(process: etree._Element) -> list[etree._Element]:
    flows = process.findall(f"{{{BPMN}}}sequenceFlow")
    gateways = {
        each.get("id")
        for each in process.findall(f"{{{BPMN}}}eventBasedGateway")
        if each.get("instantiate") == "true" and each.get("eventGatewayType") == "Parallel"
    }
    targets = {flow.get("targetRef") for flow in flows if flow.get("sourceRef") in gateways}
    return [node for node in process if local_name(node) in NODES and node.get("id") in targets]


def _triggers(node: etree._Element, names: Mapping[str, str]) -> list[tuple[StartKind, str, str | None]]:
    own = node.get("name") or ""
    found: list[tuple[StartKind, str, str | None]] = []
    for child in (node, *node):
        tag = local_name(child)
        if tag in ("messageEventDefinition", "receiveTask"):
            found.append(("message", names.get(reference(child.get("messageRef")) or "", own), None))
        elif tag == "signalEventDefinition":
            found.append(("signal", names.get(reference(child.get("signalRef")) or "", own), None))
        elif tag == "conditionalEventDefinition":
            found.append(("conditional", own, None))
        elif tag == "timerEventDefinition":
            texts = (child_text(child, each) for each in ("timeDate", "timeDuration", "timeCycle"))
            found.append(("timer", own, next((each for each in texts if each), None)))
    return found or [("none", own, None)]

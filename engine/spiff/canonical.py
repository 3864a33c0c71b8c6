"""Rewriting a diagram, before SpiffWorkflow parses it, into one that says the same in fewer words.

Flow nodes and flows get ids, definitions that are referred to are put in place, links become flows, instantiating receive tasks and
event-based gateways become start events, a process or sub-process without a start event gets one. What the
rewriting invents is known by its ids and never reported.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.diagram import BPMN, Diagram, is_bpmn, local_name, reference

SUB_PROCESSES = frozenset(("subProcess", "transaction", "adHocSubProcess"))
TASKS = frozenset(
    (
        *("task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask"),
        "callActivity",
    )
)
ACTIVITIES = SUB_PROCESSES | TASKS
GATEWAYS = frozenset(("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"))
EVENTS = frozenset(("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"))
NODES = ACTIVITIES | GATEWAYS | EVENTS
SCOPES = SUB_PROCESSES | {"process"}
NAMED = frozenset(("sequenceFlow", "message", "signal", "error", "escalation"))
BOOLEANS = frozenset(
    (
        *("isExecutable", "instantiate", "isForCompensation", "triggeredByEvent", "isInterrupting", "cancelActivity", "parallelMultiple"),
        *("isSequential", "testBefore", "cancelRemainingInstances", "waitForCompletion"),
    )
)
DECORATION = ("dataStore", "dataStoreReference", "correlationProperty", "correlationKey", "correlationSubscription")


@dataclass(frozen=True, slots=True)
class Canonical:
    """The rewritten tree, the ids of the elements that the rewriting added, and the start events that stand for another element."""

    root: etree._Element
    invented: frozenset[str]
    stand_ins: Mapping[str, str]


def canonical(diagram: Diagram) -> Canonical:
    """Rewrite a copy of a checked diagram; the diagram itself stays as it is."""
    rewriting = _Rewriting(copy.deepcopy(diagram.root))
    rewriting.run()
    return Canonical(rewriting.root, frozenset(rewriting.invented), rewriting.stand_ins)


def flow_nodes(scope: etree._Element) -> list[etree._Element]:
    """The flow nodes directly in a process or sub-process."""
    return [element for element in scope if local_name(element) in NODES]


def scopes(root: etree._Element) -> list[etree._Element]:
    """All processes and sub-processes, outer ones first."""
    return [element for element in root.iter(etree.Element) if local_name(element) in SCOPES]


class _Rewriting:
    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.invented: set[str] = set()
        self.stand_ins: dict[str, str] = {}
        self.ids = {element.get("id"): element for element in root.iter(etree.Element) if element.get("id")}
        self.taken = set(self.ids)
        self.number = 0

    def run(self) -> None:
        self._spell_booleans()
        self._drop_drawings()
        self._name_all()
        self._inline_references()
        self._global_tasks()
        self._drop_decoration()
        for scope in scopes(self.root):
            self._links(scope)
            self._instantiation(scope)
            self._implicit_start(scope)

    def _new_id(self, kind: str) -> str:
        while True:
            self.number += 1
            name = f"_{kind}{self.number}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def _add(self, parent: etree._Element, tag: str, **attributes: str | None) -> etree._Element:
        given = {name: value for name, value in attributes.items() if value is not None}
        if "id" not in given:
            given["id"] = self._new_id(tag)
            self.invented.add(given["id"])
        return etree.SubElement(parent, f"{{{BPMN}}}{tag}", given)

    def _flow(self, scope: etree._Element, source: etree._Element, target: etree._Element) -> None:
        self._add(scope, "sequenceFlow", sourceRef=source.get("id"), targetRef=target.get("id"))

    def _spell_booleans(self) -> None:
        """XML allows 1 and 0 for true and false."""
        for element in self.root.iter(f"{{{BPMN}}}*"):
            for name, value in element.attrib.items():
                if value in ("1", "0") and name in BOOLEANS:
                    element.set(name, "true" if value == "1" else "false")

    def _drop_drawings(self) -> None:
        for element in [each for each in self.root if not is_bpmn(each)]:
            self.root.remove(element)  # shapes and their places, which mean nothing to a run
        for process in self.root.findall(f"{{{BPMN}}}process"):
            if process.get("isExecutable") == "false":
                self.root.remove(process)

    def _name_all(self) -> None:
        for element in self.root.iter(etree.Element):
            name = local_name(element)
            if name in NODES | SCOPES | NAMED and not element.get("id"):
                element.set("id", self._new_id(name))

    def _inline_references(self) -> None:
        for pointer in list(self._all("eventDefinitionRef")):
            parent = pointer.getparent()
            definition = copy.deepcopy(self.ids[reference(pointer.text)])
            definition.attrib.pop("id", "")
            if parent is not None:
                parent.replace(pointer, definition)

    def _global_tasks(self) -> None:
        """A global task becomes a process around it. Task and process have one id, so the process's is marked by a blank."""
        for task in [each for each in self.root if local_name(each).startswith("global") and local_name(each).endswith("Task")]:
            kind = local_name(task).removeprefix("global")
            process = self._add(self.root, "process", id=f" {task.get('id')}", name=task.get("name"), isExecutable="true")
            start = self._add(process, "startEvent")
            task.tag = f"{{{BPMN}}}{kind[0].lower() + kind[1:]}"
            process.append(task)
            self._flow(process, start, task)

    def _drop_decoration(self) -> None:
        for name in DECORATION:
            for element in list(self._all(name)):
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)

    def _links(self, scope: etree._Element) -> None:
        link = f"{{{BPMN}}}linkEventDefinition"
        catches = {
            definition.get("name"): node
            for node in flow_nodes(scope)
            if local_name(node) == "intermediateCatchEvent"
            for definition in node.findall(link)
        }
        for node in flow_nodes(scope):
            for definition in node.findall(link):
                if local_name(node) == "intermediateThrowEvent":
                    self._flow(scope, node, catches[definition.get("name")])
                node.remove(definition)

    def _instantiation(self, scope: etree._Element) -> None:
        targets = {flow.get("targetRef") for flow in scope if local_name(flow) == "sequenceFlow"}
        for node in flow_nodes(scope):
            if node.get("instantiate") != "true" or node.get("id") in targets:
                continue
            if local_name(node) == "receiveTask":
                self._receiving_start(scope, node)
            elif local_name(node) == "eventBasedGateway" and node.get("eventGatewayType") != "Parallel":
                self._gateway_start(scope, node)

    def _receiving_start(self, scope: etree._Element, node: etree._Element) -> None:
        start = self._add(scope, "startEvent")
        start.extend(copy.deepcopy(node.findall(f"{{{BPMN}}}extensionElements")))
        start.extend(node.findall(f"{{{BPMN}}}dataOutputAssociation"))
        etree.SubElement(start, f"{{{BPMN}}}messageEventDefinition", messageRef=node.get("messageRef") or "")
        self._flow(scope, start, node)
        self.stand_ins[start.get("id") or ""] = node.get("id") or ""
        node.tag = f"{{{BPMN}}}task"

    def _gateway_start(self, scope: etree._Element, gateway: etree._Element) -> None:
        """Each event behind the gateway starts; a parallel gateway stays, since it waits for the others then."""
        nodes = {node.get("id"): node for node in flow_nodes(scope)}
        for flow in [each for each in scope if each.get("sourceRef") == gateway.get("id")]:
            target = nodes[flow.get("targetRef")]
            scope.remove(flow)
            if local_name(target) == "receiveTask":
                self._receiving_start(scope, target)
            else:
                target.tag = f"{{{BPMN}}}startEvent"
        scope.remove(gateway)

    def _implicit_start(self, scope: etree._Element) -> None:
        nodes = flow_nodes(scope)
        if local_name(scope) == "adHocSubProcess" or any(local_name(node) == "startEvent" for node in nodes):
            return
        targets = {flow.get("targetRef") for flow in scope if local_name(flow) == "sequenceFlow"}
        heads = [node for node in nodes if node.get("id") not in targets and _can_start(node)]
        start = self._add(scope, "startEvent")
        for head in heads:
            self._flow(scope, start, head)

    def _all(self, name: str) -> Iterator[etree._Element]:
        return self.root.iter(f"{{{BPMN}}}{name}")


def _can_start(node: etree._Element) -> bool:
    return local_name(node) != "boundaryEvent" and node.get("isForCompensation") != "true" and node.get("triggeredByEvent") != "true"

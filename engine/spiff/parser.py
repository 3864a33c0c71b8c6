"""SpiffWorkflow's parser with our node classes: every node alone, flows afterwards, so that no length of a process is too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.diagram import BPMN, child_text, reference
from engine.spiff import activities, events, gateways
from engine.spiff.associations import declared
from engine.spiff.canonical import scopes
from engine.spiff.definitions import CompensateEvent, NoneEvent
from engine.spiff.elements import Lane
from engine.spiff.nodes import Flow, Node
from engine.spiff.reader import Names, Reader
from engine.spiff.scripts import feel


class NodeParser(TaskParser):
    """Makes the task spec of one node; the process parser connects it."""

    bpmn_attributes: Mapping[str, object] = {}
    process_parser: Process

    def parse_node(self) -> Node:
        parser: Parser = self.process_parser.parser
        lane = parser.lanes_by_node.get(self.bpmn_id)
        reader = Reader(self.node, parser.known, lane.group if lane else None)
        self.task = self.make(reader)
        self.task.configure(reader)
        return self.task

    def make(self, reader: Reader) -> Node:  # noqa: ARG002
        """The task spec, not configured yet."""
        node: Node = self.spec_class(self.spec, self.bpmn_id)
        return node


class ScriptParser(NodeParser):
    """Script tasks: the script is compiled when the node is configured."""

    def make(self, reader: Reader) -> Node:  # noqa: ARG002
        node: Node = self.spec_class(self.spec, self.bpmn_id, script=None)
        return node


class EventParser(NodeParser):
    """Events, send and receive tasks."""

    def make(self, reader: Reader) -> Node:
        found = reader.events()
        more = {"cancel_activity": reader.flag("cancelActivity", default=True)} if self.spec_class is events.Boundary else {}
        node: Node = self.spec_class(self.spec, self.bpmn_id, event_definition=found[0], **more)
        node.events, node.needs_all_events = found, len(found) > 1 and reader.flag("parallelMultiple", default=False)
        return node


class GatewayOfEventsParser(NodeParser):
    """Event-based gateways, which wait for nothing themselves."""

    def make(self, reader: Reader) -> Node:  # noqa: ARG002
        node: Node = self.spec_class(self.spec, self.bpmn_id, event_definition=NoneEvent())
        return node


class CallParser(NodeParser):
    """Call activities: the called process is an instance of its own."""

    def make(self, reader: Reader) -> Node:
        node: Node = self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=reader.called_element())
        return node


class SubProcessParser(NodeParser):
    """Embedded, ad-hoc and event sub-processes: a process spec of their own."""

    def make(self, reader: Reader) -> Node:
        parser: Parser = self.process_parser.parser
        is_event = reader.flag("triggeredByEvent", default=False)
        spec_class = activities.EventSubProcess if is_event else self.spec_class
        node: Node = spec_class(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id)
        inner = parser.process_parser_of(self.node).get_spec()
        if isinstance(node, activities.EventSubProcess):
            node.take_start(inner.starts[0])
        return node


class Process(ProcessParser):
    """One process or sub-process: its nodes in the order of the file, then its flows."""

    spec: Any

    def create_spec(self) -> BpmnProcessSpec:
        """A spec whose own internal names cannot collide with ids of the diagram."""
        spec = BpmnProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)
        for internal in list(spec.task_specs.values()):
            del spec.task_specs[internal.name]
            internal.name, internal._inputs, internal._outputs = " " + internal.name, [], []
            spec.task_specs[internal.name] = internal
        return spec

    def _parse(self) -> None:
        self.spec = spec = self.create_spec()
        spec.nodes = [self.parse_node(node) for node in self.node if node.tag in self.parser.OVERRIDE_PARSER_CLASSES]
        spec.flows, spec.upstream, spec.taken = {}, {}, None
        spec.declared = frozenset(self.parser.known.items[each] for each in declared(self.node))
        for element in self.node.findall(f"{{{BPMN}}}sequenceFlow"):
            self._connect(element)
        for node in spec.nodes:
            if isinstance(node, events.Boundary):
                self._attach(node)
        spec.starts = [node for node in spec.nodes if isinstance(node, events.Start)]
        spec.event_subs = [node for node in spec.nodes if isinstance(node, activities.EventSubProcess)]
        spec.compensation_sub = next((each for each in spec.event_subs if isinstance(each.events[0], CompensateEvent)), None)

    def _connect(self, element: etree._Element) -> None:
        source, target = (self.spec.task_specs[element.get(end)] for end in ("sourceRef", "targetRef"))
        condition = child_text(element, "conditionExpression")
        flow = Flow(element.get("id") or "", source.name, target.name, feel(condition) if condition else None)
        source.flows.append(flow)
        target.incoming.append(flow)
        self.spec.flows[flow.id] = flow
        source.connect(target)

    def _attach(self, boundary: events.Boundary) -> None:
        host = self.spec.task_specs[boundary.attached]
        if not isinstance(boundary.events[0], CompensateEvent):
            host.boundary.append(boundary)
            return
        for association in self.node.findall(f"{{{BPMN}}}association"):
            target = reference(association.get("targetRef"))
            if reference(association.get("sourceRef")) == boundary.name and target in self.spec.task_specs:
                host.compensation_handler = target


class Parser(BpmnParser):
    """Parses a canonical diagram."""

    PROCESS_PARSER_CLASS = Process
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  SpiffWorkflow's extension point
        full_tag(name): pair
        for name, pair in {
            "task": (NodeParser, activities.Task),
            "userTask": (NodeParser, activities.UserTask),
            "manualTask": (NodeParser, activities.ManualTask),
            "scriptTask": (ScriptParser, activities.ScriptTask),
            "serviceTask": (NodeParser, activities.ServiceTask),
            "businessRuleTask": (NodeParser, activities.BusinessRuleTask),
            "sendTask": (EventParser, activities.SendTask),
            "receiveTask": (EventParser, activities.ReceiveTask),
            "callActivity": (CallParser, activities.CallActivity),
            "subProcess": (SubProcessParser, activities.SubProcess),
            "transaction": (SubProcessParser, activities.Transaction),
            "adHocSubProcess": (SubProcessParser, activities.AdHocSubProcess),
            "exclusiveGateway": (NodeParser, gateways.ExclusiveGateway),
            "parallelGateway": (NodeParser, gateways.ParallelGateway),
            "inclusiveGateway": (NodeParser, gateways.InclusiveGateway),
            "complexGateway": (NodeParser, gateways.ComplexGateway),
            "eventBasedGateway": (GatewayOfEventsParser, gateways.EventBasedGateway),
            "startEvent": (EventParser, events.Start),
            "endEvent": (EventParser, events.End),
            "intermediateCatchEvent": (EventParser, events.IntermediateCatch),
            "intermediateThrowEvent": (EventParser, events.IntermediateThrow),
            "boundaryEvent": (EventParser, events.Boundary),
        }.items()
    }

    def __init__(self, known: Names, lanes_by_node: Mapping[str, Lane]) -> None:
        super().__init__()
        self.known = known
        self.lanes_by_node = lanes_by_node

    def parse_inner_first(self, root: etree._Element) -> None:
        """Sub-processes before those around them, so that no depth is too much."""
        for scope in reversed(scopes(root)):
            self.process_parser_of(scope).get_spec()

    def process_parser_of(self, scope: etree._Element) -> Process:
        """The parser of a process or sub-process."""
        name = scope.get("id") or ""
        if name not in self.process_parsers:
            self.create_parser(scope)
        found: Process = self.process_parsers[name]
        return found

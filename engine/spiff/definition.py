"""What a published diagram defines: one immutable `Definition` per executable process, shared by threads and instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bundle import Bundle
from engine.diagram import BPMN, Diagram, child_text, local_name, properties, reference
from engine.spiff.canonical import Canonical, canonical
from engine.spiff.elements import Element, Lane, Start, Step, elements, lanes, outline, starts
from engine.spiff.parser import Parser
from engine.spiff.reader import Names, names
from feel.dmn.model import Decision, Model
from forms.components import Form

__all__ = ["Definition", "Element", "Start", "Step", "build"]


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """An executable process with all that it needs to run.

    `calls`: keys of the processes it calls; `throws`, `catches`: names of messages; `form_keys`: id of a user task or start event → form
    key; `outline`: the process in text. `start_nodes`, `spec` and `subprocess_specs` stay inside `engine.spiff`.
    """

    key: str
    name: str
    documentation: str
    properties: Mapping[str, str]
    elements: Mapping[str, Element]
    starts: tuple[Start, ...]
    calls: frozenset[str]
    throws: frozenset[str]
    catches: frozenset[str]
    form_keys: Mapping[str, str]
    outline: tuple[Step, ...]
    forms: Mapping[str, Form]
    decisions: Mapping[str, tuple[Model, Decision]]
    start_nodes: Mapping[str, str]
    spec: BpmnProcessSpec
    subprocess_specs: Mapping[str, BpmnProcessSpec]
    version_id: int | None = None

    @property
    def title(self) -> str | None:
        """FEEL for the title that people see of an instance, as the diagram writes it."""
        return self.properties.get("title")

    @property
    def business_key(self) -> str | None:
        """FEEL for the business key of an instance, as the diagram writes it."""
        return self.properties.get("businessKey")


def build(bundle: Bundle) -> dict[str, Definition]:
    """The executable processes of a bundle that the checker accepted, by key."""
    found: dict[str, Definition] = {}
    for diagram in bundle.diagrams.values():
        for definition in _of_diagram(diagram, bundle):
            found[definition.key] = definition
    return found


def _of_diagram(diagram: Diagram, bundle: Bundle) -> list[Definition]:
    types = {each.get("id") or "": local_name(each) for each in diagram.root.iter(etree.Element)}
    source = canonical(diagram)
    known = names(diagram.root)
    processes = [each for each in source.root.findall(f"{{{BPMN}}}process") if each.get("isExecutable") != "false"]
    by_node: dict[str, Lane] = {}
    for process in processes:
        by_node |= lanes(process)
    parser = Parser(known, by_node)
    parser.add_bpmn_xml(source.root, filename=diagram.name)
    parser.parse_inner_first(source.root)
    return [_definition(process, source, parser, types, bundle) for process in processes]


def _definition(process: etree._Element, source: Canonical, parser: Parser, types: Mapping[str, str], bundle: Bundle) -> Definition:
    name = process.get("id") or ""
    key = name.strip()
    found = elements(process, source, parser.lanes_by_node, types, parser.known.events)
    return Definition(
        key=key,
        name=process.get("name") or key,
        documentation=child_text(process, "documentation") or "",
        properties=properties(process),
        elements=found,
        starts=starts(process, parser.known.events, source.stand_ins),
        start_nodes={shown: node for node, shown in source.stand_ins.items()},
        calls=frozenset(called for each in process.iter(f"{{{BPMN}}}callActivity") if (called := reference(each.get("calledElement")))),
        throws=_messages(process, parser.known, ("sendTask", "endEvent", "intermediateThrowEvent")),
        catches=_messages(process, parser.known, ("receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent")),
        form_keys={each.id: each.properties["formKey"] for each in found.values() if "formKey" in each.properties},
        outline=outline(process, found),
        forms=bundle.forms,
        decisions=_by_key(bundle),
        spec=parser.get_spec(name),
        subprocess_specs=_inner_specs(parser, process),
    )


def _by_key(bundle: Bundle) -> dict[str, tuple[Model, Decision]]:
    """Decisions by id, and by name where the name says which one is meant."""
    named = {pair[1].name: pair for key in bundle.decisions if (pair := bundle.decision(bundle.decisions[key][1].name))}
    return {**named, **bundle.decisions}


def _inner_specs(parser: Parser, process: etree._Element) -> dict[str, BpmnProcessSpec]:
    tags = ("subProcess", "transaction", "adHocSubProcess")
    ids = [element.get("id") or "" for tag in tags for element in process.iter(f"{{{BPMN}}}{tag}")]
    return {each: parser.get_spec(each) for each in ids}


def _messages(process: etree._Element, known: Names, tags: tuple[str, ...]) -> frozenset[str]:
    found = set()
    for tag in tags:
        for node in process.iter(f"{{{BPMN}}}{tag}"):
            for each in (node, *node.findall(f"{{{BPMN}}}messageEventDefinition")):
                name = known.events.get(reference(each.get("messageRef")) or "")
                if name:
                    found.add(name)
    return frozenset(found)

"""The diagrams of `processes/` can be read by people: everything is drawn, named and labelled; rules live in forms and decisions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.processes.stories import PROCESSES

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
PROPERTY = "{http://spiffworkflow.org/bpmn/schema/1.0/core}property"
NODES = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
DURATION = re.compile(r"(P|R\d*/|20\d\d-)[\dT]")
TECHNICAL = re.compile(r"[a-z]+[._][a-z]+|[a-z] = [a-z]")
DIAGRAMS = sorted(PROCESSES.glob("*/*.bpmn"))


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _nodes(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter(f"{BPMN}*"):
        kind = _name(element)
        if kind in NODES or kind.endswith(("Task", "Gateway", "subProcess", "callActivity")):
            yield element


def _properties(element: etree._Element) -> dict[str, str]:
    extensions = element.find(f"{BPMN}extensionElements")
    found = extensions.iter(PROPERTY) if extensions is not None else ()
    return {str(each.get("name")): str(each.get("value")) for each in found}


@pytest.fixture(params=DIAGRAMS, ids=lambda path: path.stem)
def root(request: pytest.FixtureRequest) -> etree._Element:
    return etree.parse(request.param).getroot()


def test_everything_is_drawn(root: etree._Element) -> None:
    drawn = {element.get("bpmnElement") for element in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
    wanted = {element.get("id") for element in _nodes(root)}
    wanted |= {flow.get("id") for flow in root.iter(f"{BPMN}sequenceFlow", f"{BPMN}messageFlow")}
    assert wanted <= drawn


def test_everything_has_a_name(root: etree._Element) -> None:
    joins = {node.get("id") for node in root.iter(f"{BPMN}*") if len(node.findall(f"{BPMN}outgoing")) == 1}
    nameless = [
        node.get("id")
        for node in _nodes(root)
        if not node.get("name") and not (_name(node).endswith("Gateway") and (node.get("id") in joins or _name(node) == "parallelGateway"))
    ]
    assert nameless == []


def test_every_choice_says_what_it_means(root: etree._Element) -> None:
    flows = {flow.get("id"): flow for flow in root.iter(f"{BPMN}sequenceFlow")}
    silent = [
        flow.text
        for gateway in root.iter(f"{BPMN}exclusiveGateway", f"{BPMN}inclusiveGateway")
        for flow in gateway.findall(f"{BPMN}outgoing")
        if len(gateway.findall(f"{BPMN}outgoing")) > 1 and not flows[flow.text].get("name")
    ]
    assert silent == []


def test_what_people_read_is_no_name_of_a_program(root: etree._Element) -> None:
    """Such as `idea.submitted`: messages have such names for other systems, arrows have words."""
    read = [*_nodes(root), *root.iter(f"{BPMN}sequenceFlow", f"{BPMN}messageFlow", f"{BPMN}lane", f"{BPMN}participant")]
    assert [each.get("name") for each in read if TECHNICAL.search(each.get("name", ""))] == []


def test_every_user_task_has_a_form_and_someone_to_do_it(root: etree._Element) -> None:
    groups = {ref.text: _properties(lane).get("group") for lane in root.iter(f"{BPMN}lane") for ref in lane.findall(f"{BPMN}flowNodeRef")}
    for task in root.iter(f"{BPMN}userTask"):
        said = _properties(task)
        assert said.get("formKey"), task.get("id")
        assert said.get("candidateGroups") or groups.get(task.get("id")), task.get("id")


def test_forms_and_decisions_that_a_diagram_names_lie_beside_it() -> None:
    for path in DIAGRAMS:
        forms = {each.stem for each in path.parent.glob("forms/*.form")}
        decisions = {
            str(each.get("id")) for model in path.parent.glob("decisions/*.dmn") for each in etree.parse(model).iter("{*}decision")
        }
        for element in etree.parse(path).getroot().iter(f"{BPMN}*"):
            said = _properties(element)
            assert said.get("formKey") in forms | {None}, (path.name, element.get("id"))
            assert said.get("decisionKey") in decisions | {None}, (path.name, element.get("id"))


def test_delays_are_parameters_not_constants(root: etree._Element) -> None:
    texts = [each.text for each in root.iter(f"{BPMN}timeDuration", f"{BPMN}timeCycle", f"{BPMN}timeDate")]
    properties = [value for each in root.iter(f"{BPMN}*") for value in _properties(each).values()]
    scripts = [each.text for each in root.iter(f"{BPMN}script", f"{BPMN}conditionExpression")]
    assert [text for text in [*texts, *properties] if text and DURATION.match(text)] == []
    assert [text for text in [*texts, *properties, *scripts] if text and 'duration("P' in text.replace('duration("P" +', "")] == []


def test_no_python_lies_beside_the_diagrams() -> None:
    assert list(Path(PROCESSES).rglob("*.py")) == []

"""The table of support: what it calls executed runs in a diagram, what it calls refused is refused, and nothing else passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from engine.bundle import Bundle, File
from engine.checking import vocabulary
from engine.checking.findings import Examination, Surroundings
from engine.checking.support import Row, parents, rows, standing_of, types
from engine.checking.table import ACTIVITY, DRAWN, EXECUTED, NEEDS_TRIGGER, TRIGGERS
from engine.checking.vocabulary import OPAQUE
from engine.diagram import BPMN, local_name
from engine.spiff.canonical import ACTIVITIES
from engine.spiff.grammar import grammar
from feel.text import Text
from tests.conformance.coverage import uses
from tools.bpmn_support import PAGE, page

ROWS = rows()
BASE = f"""<definitions xmlns="{BPMN}" id="D" targetNamespace="t">
<process id="P" name="P" isExecutable="true"><startEvent id="s"/><task id="t"/><endEvent id="e"/>
<sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e"/></process></definitions>"""


def codes(root: etree._Element) -> set[str]:
    """What the rules on words refuse."""
    return {code for code, _ in refusals(root)}


class Recording(Examination):
    """Keeps which element each rule refuses, not only which one people find it by."""

    def refuse(self, code: str, element: etree._Element, message: Text, remedy: Text | None = None) -> None:
        self.refused.add((code, local_name(element)))
        super().refuse(code, element, message, remedy)

    refused: set[tuple[str, str]]


def refusals(root: etree._Element) -> set[tuple[str, str]]:
    """Codes of the rules on words, each with the name of the element that it refuses."""
    bundle = Bundle([File("diagram", "essai.bpmn", etree.tostring(root))])
    examination = Recording(bundle.diagrams["essai.bpmn"], bundle, Surroundings())
    examination.refused = set()
    vocabulary.check(examination)
    return examination.refused


def put(name: str, parent: str, attributes: dict[str, str] | None = None) -> etree._Element:
    """A small diagram with the element in a parent of that name, which stands where it may."""
    root = etree.fromstring(BASE)
    path = _path(parent)
    found = root if path[0] == "definitions" else root[0]
    for step in path[1:]:
        there = found.find(f"{{{BPMN}}}{step}")
        found = etree.SubElement(found, f"{{{BPMN}}}{step}") if there is None else there
    etree.SubElement(found, f"{{{BPMN}}}{name}").attrib.update(attributes or {})
    return root


def _path(name: str) -> list[str]:
    """The shortest way from the file or its process down to an element of that name, past nothing that is refused if possible."""
    todo = [[name]]
    for path in todo:
        if path[0] in ("definitions", "process"):
            return path
        homes = sorted(parents(path[0]), key=lambda each: (standing_of(each) == "refused", each))
        todo += [[home, *path] for home in homes if home not in path]
    raise AssertionError(name)


def home(name: str) -> str:
    """The parent of an element on the shortest way to it."""
    return _path(name)[-2] if name not in ("process", "definitions") else "definitions"


REFUSED = [(row.name, parent) for row in ROWS if row.standing == "refused" for parent in row.parents]


@pytest.mark.parametrize(("name", "parent"), [each for each in REFUSED if standing_of(each[1]) != "refused"])
def test_refused_element_is_refused_as_not_supported(name: str, parent: str) -> None:
    assert "element-unsupported" in codes(put(name, parent))


def test_refused_attribute_is_refused_as_not_supported() -> None:
    for row in ROWS:
        for name, standing in row.attributes.items():
            if standing == "refused" and row.standing != "refused":
                assert "attribute-unsupported" in codes(put(row.name, home(row.name), {name: "true"})), (row.name, name)


@pytest.mark.parametrize("parent", sorted(each for each in grammar().elements if standing_of(each) != "refused" and types(each) and each not in OPAQUE))
def test_nothing_passes_that_is_not_in_the_table(parent: str) -> None:
    """Every element of BPMN, and one that is not of BPMN, in every place: a place that the schema does not know is refused.

    Tools put their extensions everywhere, and what documentation, texts and scripts hold is not BPMN.
    """
    allowed = {name for kind in types(parent) for name in kind.children}
    every = [*sorted(grammar().elements - {"definitions"}), "inventedElement"]
    root = put("inventedElement", parent)
    around = next(root.iter(f"{{{BPMN}}}inventedElement")).getparent()
    assert around is not None
    for name in every[:-1]:
        etree.SubElement(around, f"{{{BPMN}}}{name}")
    found = refusals(root)
    for name in every:
        if name not in grammar().elements:
            assert ("element-unknown", name) in found
        elif standing_of(name) == "refused":
            assert ("element-unsupported", name) in found
        elif name not in allowed and name != "extensionElements":
            assert ("element-misplaced", name) in found


@pytest.mark.parametrize("row", [row for row in ROWS if row.standing != "refused" and types(row.name)], ids=lambda row: row.name)
def test_attribute_that_bpmn_does_not_know_is_refused(row: Row) -> None:
    root = etree.fromstring(BASE)
    if row.name == "definitions":
        root.set("invented", "1")
    else:
        root = put(row.name, home(row.name), {"invented": "1"})
    if row.name not in ("extensionElements",):
        assert "attribute-unknown" in codes(root)


@pytest.mark.parametrize("name", sorted(EXECUTED))
def test_executed_element_runs_in_a_diagram(name: str) -> None:
    assert (name,) in uses()


@pytest.mark.parametrize(
    ("element", "attribute"),
    [(row.name, name) for row in ROWS for name, standing in row.attributes.items() if standing == "executed"],
)
def test_executed_attribute_runs_in_a_diagram(element: str, attribute: str) -> None:
    of_any_activity = attribute in ACTIVITY and element in ACTIVITIES
    assert any((each, attribute) in uses() for each in (ACTIVITIES if of_any_activity else {element}))


@pytest.mark.parametrize(("place", "kind"), [(place, kind) for place, kinds in TRIGGERS.items() for kind in sorted(kinds)])
def test_event_runs_in_a_diagram(place: str, kind: str) -> None:
    assert ("event", place, kind) in uses()


@pytest.mark.parametrize("place", sorted(set(TRIGGERS) - NEEDS_TRIGGER))
def test_event_without_trigger_runs_in_a_diagram(place: str) -> None:
    assert ("event", place, "none") in uses()


@pytest.mark.parametrize("place", ["boundaryEvent", "event sub-process start"])
def test_event_that_does_not_interrupt_runs_in_a_diagram(place: str) -> None:
    for kind in TRIGGERS[place] - {"error", "cancel", "compensate"}:
        assert ("event", place, kind, "non-interrupting") in uses(), kind


def test_table_names_elements_of_bpmn_alone() -> None:
    assert set(EXECUTED) | DRAWN <= grammar().elements
    assert not DRAWN & EXECUTED.keys()
    for name, attributes in EXECUTED.items():
        assert attributes <= {each for kind in types(name) for each in kind.attributes}, name


def test_page_of_support_is_written_from_the_table() -> None:
    assert Path(PAGE).read_text("utf-8") == page(), "run `python -m tools.bpmn_support`"


def test_every_proof_on_the_page_is_a_diagram_of_the_tests() -> None:
    folder = Path(__file__).parent.parent / "diagrams" / "conformance"
    for name in set(re.findall(r"\[([\w-]+)\]\(\.\./tests/diagrams/conformance/", page())):
        assert (folder / f"{name}.bpmn").is_file()
        assert (folder / f"{name}.yaml").is_file()

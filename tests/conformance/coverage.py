"""Which diagrams of the conformance folder exercise which elements, attributes and events."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from lxml import etree

from engine.bundle import Bundle, File
from engine.checking.events import place_of
from engine.checking.findings import Examination, Surroundings, trigger
from engine.diagram import Diagram, is_bpmn, local_name
from engine.spiff.canonical import EVENTS
from tests.conformance.stories import content, names


@lru_cache(maxsize=1)
def uses() -> dict[tuple[str, ...], list[str]]:
    """The names of the diagrams by (element,), (element, attribute) and ("event", place, trigger)."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names():
        for use in dict.fromkeys(_uses(name)):
            found[use].append(name)
    return dict(found)


def _uses(name: str) -> list[tuple[str, ...]]:
    bundle = Bundle([File("diagram", name, content(name))])
    diagram: Diagram = bundle.diagrams[name]
    found: list[tuple[str, ...]] = []
    for element in diagram.root.iter(etree.Element):
        if is_bpmn(element):
            found.append((local_name(element),))
            found += [(local_name(element), str(attribute)) for attribute in element.attrib]
    examination = Examination(diagram, bundle, Surroundings())
    for scope, node in examination.nodes(*EVENTS):
        kinds = [trigger(each) for each in examination.definitions(node)] or ["none"]
        how = "non-interrupting" if "false" in (node.get("cancelActivity"), node.get("isInterrupting")) else "interrupting"
        found += [("event", place_of(scope, node), kind, how) for kind in kinds]
        found += [("event", place_of(scope, node), kind) for kind in kinds]
    return found

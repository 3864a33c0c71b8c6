"""Reading data objects, properties and associations of a diagram; the checker reads them the same way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.diagram import BPMN, child_text, local_name, reference
from engine.spiff.data import NO_DATA, PLACEHOLDER, Assignment, Association, Data
from engine.spiff.scripts import feel

ITEMS = frozenset(("dataObject", "dataObjectReference", "dataInput", "dataOutput", "property", "inputDataItem", "outputDataItem"))
STORES = frozenset(("dataStore", "dataStoreReference"))
PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def item_names(root: etree._Element) -> dict[str, str]:
    """The variable that each item stands for, by id: a reference to a data object is that object."""
    found, objects = {}, {}
    for element in root.iter(f"{{{BPMN}}}*"):
        own = element.get("id")
        if own and local_name(element) in ITEMS:
            found[own] = element.get("name") or own
            objects[own] = reference(element.get("dataObjectRef"))
    named = {each.get("id") for each in root.iter(f"{{{BPMN}}}dataObject") if each.get("name")}
    for own, target in objects.items():
        if target in found and target not in named:
            found[target], named = found[own], named | {target}
    return {own: found.get(objects[own] or "", name) for own, name in found.items()}


def declared(scope: etree._Element) -> frozenset[str]:
    """The ids of what a sub-process declares for itself. What a process declares are its variables."""
    if local_name(scope) == "process":
        return frozenset()
    return frozenset(each.get("id") or "" for each in scope if local_name(each) in ("dataObject", "property") and each.get("id"))


def associations(node: etree._Element, side: str) -> list[etree._Element]:
    """The data input or output associations of a node (`side`: Input, Output) that carry something: drawn arrows left out."""
    return [each for each in node.findall(f"{{{BPMN}}}data{side}Association") if _carries(each)]


def _carries(association: etree._Element) -> bool:
    if association.find(f"{{{BPMN}}}assignment") is not None or child_text(association, "transformation"):
        return True
    return child_text(association, "sourceRef") is not None and not _is_placeholder(association)


def _is_placeholder(association: etree._Element) -> bool:
    target = reference(child_text(association, "targetRef"))
    node = association.getparent()
    return any(each.get("id") == target and each.get("name") == PLACEHOLDER for each in (node if node is not None else ()))


def assignments(association: etree._Element) -> Iterator[tuple[str, str]]:
    """The `from` and `to` of the assignments."""
    for each in association.findall(f"{{{BPMN}}}assignment"):
        yield child_text(each, "from") or "", (child_text(each, "to") or "").removeprefix("=").strip()


def read_data(node: etree._Element, names: Mapping[str, str]) -> Data:
    """The data of an activity or event. A copy to the same name says nothing but for messages and calls. Raises FeelError."""
    loops = {reference(child_text(each, name)) for each in node for name in ("loopDataInputRef", "loopDataOutputRef")}
    inputs = [_association(each, names) for each in associations(node, "Input") if not _is_copy(each, "targetRef", loops)]
    outputs = [_association(each, names) for each in associations(node, "Output") if not _is_copy(each, "sourceRef", loops)]
    if not local_name(node).endswith("Event") and local_name(node) not in ("sendTask", "receiveTask", "callActivity"):
        inputs, outputs = ([each for each in side if each.says_something] for side in (inputs, outputs))
    properties = [each for each in node.findall(f"{{{BPMN}}}property") if each.get("id") and each.get("name") != PLACEHOLDER]
    own = {names[each.get("id") or ""] for each in properties}
    if not inputs and not outputs and not own:
        return NO_DATA
    mine = {each.target for each in inputs} | {each.source for each in outputs if each.source} | own
    return Data(inputs, outputs, frozenset(mine))


def _is_copy(association: etree._Element, end: str, loops: set[str | None]) -> bool:
    """The list of a multi-instance activity is read where it is, unless it is made first."""
    is_plain = association.find(f"{{{BPMN}}}assignment") is None and not child_text(association, "transformation")
    return is_plain and reference(child_text(association, end)) in loops


def _association(element: etree._Element, names: Mapping[str, str]) -> Association:
    source, target = (reference(child_text(element, end)) or "" for end in ("sourceRef", "targetRef"))
    transformation = child_text(element, "transformation")
    parts = []
    for value, to in assignments(element):
        first, *rest = to.split(".")
        parts.append(Assignment(feel(value), tuple(rest) if first in (target, names.get(target)) else (first, *rest)))
    return Association(names.get(source), names.get(target, target), feel(transformation) if transformation else None, parts)

"""A diagram under examination: what stands where, what ids stand for, and the problems found so far."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from engine.bundle import Bundle
from engine.checking.formulas import Wanted, faults
from engine.checking.wording import kind
from engine.connectors import Connectors
from engine.diagram import BPMN, Diagram, is_bpmn, local_name, reference
from engine.spiff.canonical import NODES, SCOPES, flow_nodes
from feel.problems import Problem, Severity
from feel.text import Text, text


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a diagram meets where it is published: the processes that it may call, the connectors that there are, the moment.

    Without `connectors` or `now` nothing is said about connectors or about dates in the past.
    """

    called: Collection[str] = ()
    connectors: Connectors | None = None
    now: datetime | None = None


@dataclass(slots=True)
class Scope:
    """A process or sub-process: its nodes and flows. `nodes` by id."""

    element: etree._Element
    nodes: dict[str, etree._Element] = field(default_factory=dict)
    flows: list[etree._Element] = field(default_factory=list)
    incoming: dict[str, list[etree._Element]] = field(default_factory=dict)
    outgoing: dict[str, list[etree._Element]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The local name of the scope's element."""
        return local_name(self.element)

    @property
    def is_event_sub(self) -> bool:
        """Whether it is an event sub-process."""
        return is_true(self.element.get("triggeredByEvent"))


class Examination:
    """One diagram with what surrounds it. Rules read it and add problems."""

    def __init__(self, diagram: Diagram, bundle: Bundle, surroundings: Surroundings) -> None:
        self.root = diagram.root
        self.name = diagram.name
        self.bundle = bundle
        self.called = surroundings.called
        self.connectors = surroundings.connectors
        self.now = surroundings.now
        self.problems: list[Problem] = []
        self.foreign: dict[str, tuple[etree._Element, str]] = {}
        """By namespace of another tool the first element that bears something of it, and what."""
        self.ids: dict[str, etree._Element] = {}
        for element in self.root.iter(etree.Element):
            if is_bpmn(element) and element.get("id"):
                self.ids.setdefault(element.get("id") or "", element)
        found = [each for each in self.root if local_name(each) == "process"]
        # Without an executable process, the author also learns what else is missing.
        self.processes = [each for each in found if runs(each)] or found
        self.scopes = [_scope(each) for process in self.processes for each in process.iter(etree.Element) if local_name(each) in SCOPES]

    def refuse(self, code: str, element: etree._Element, message: Text, remedy: Text | None = None) -> None:
        """A problem that forbids publication."""
        self._add(code, element, message, remedy, "error")

    def warn(self, code: str, element: etree._Element, message: Text, remedy: Text | None = None) -> None:
        """Something to look at."""
        self._add(code, element, message, remedy, "warning")

    def refuse_file(self, code: str, message: Text, remedy: Text | None = None) -> None:
        """A problem of the file as a whole."""
        self.problems.append(Problem(code, message, "", "file", self.name, remedy))

    def _add(self, code: str, element: etree._Element, message: Text, remedy: Text | None, severity: Severity) -> None:
        owner = _with_id(element)
        problem = Problem(code, message, owner.get("id") or "", local_name(owner), owner.get("name") or "", remedy, severity)
        self.problems.append(problem)

    def formula(self, element: etree._Element, source: str | None, what: Text, wanted: Wanted = "anything") -> None:
        """Check FEEL that should give what is wanted; `what` says where it stands."""
        if not source:
            return
        for fault in faults(source, wanted):
            message = text("%(what)s : %(reason)s", what=what, reason=fault.message)
            self.refuse(fault.code, element, message, fault.remedy)

    def refers(self, element: etree._Element, attribute: str, tag: str) -> etree._Element | None:
        """The element of that kind that an attribute refers to; None, and a problem, when it is absent."""
        pointer = element.get(attribute) or ""
        return self.leads(element, pointer, frozenset((tag,))) if pointer.strip() else None

    def leads(self, owner: etree._Element, pointer: str, expected: frozenset[str]) -> etree._Element | None:
        """The element that a reference of `owner` leads to, of a kind in `expected` (empty: any); else None, and a problem."""
        target = self.ids.get(reference(pointer) or "")
        shown, remedy = pointer.strip()[:200], text("Choisissez un élément existant.")
        if target is None:
            message = text("« %(name)s », à quoi cet élément renvoie, n’existe pas.", name=shown)
            self.refuse("reference-dangling", owner, message, remedy)
            return None
        if expected and local_name(target) not in expected:
            found = kind(local_name(target))
            message = text("Cet élément renvoie à « %(name)s », qui est d’un autre type (%(kind)s).", name=shown, kind=found)
            if len(expected) == 1:
                remedy = text("Il faut ici un élément de ce type : %(kind)s.", kind=kind(next(iter(expected))))
            self.refuse("reference-mistaken", owner, message, remedy)
            return None
        return target

    def definitions(self, node: etree._Element) -> list[etree._Element]:
        """The event definitions of a node, those that it refers to included."""
        found = []
        for child in node:
            if local_name(child) == "eventDefinitionRef":
                target = self.ids.get(reference(child.text) or "")
                if target is not None and local_name(target).endswith("EventDefinition"):
                    found.append(target)
            elif local_name(child).endswith("EventDefinition"):
                found.append(child)
        return found

    def nodes(self, *tags: str) -> Iterator[tuple[Scope, etree._Element]]:
        """The flow nodes of executable processes, of certain types or all."""
        for scope in self.scopes:
            for node in flow_nodes(scope.element):
                if not tags or local_name(node) in tags:
                    yield scope, node


def runs(process: etree._Element) -> bool:
    """Whether a process is meant to run: it does not say that it is only drawn."""
    return (process.get("isExecutable") or "").strip() not in ("false", "0")


def is_true(value: str | None) -> bool:
    """An XML boolean."""
    return (value or "").strip() in ("true", "1")


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first BPMN child of that name."""
    return element.find(f"{{{BPMN}}}{name}")


def trigger(definition: etree._Element) -> str:
    """The short name of an event definition, such as `timer`."""
    return local_name(definition).removesuffix("EventDefinition")


def is_looped(node: etree._Element) -> bool:
    """Whether an activity has loop characteristics."""
    return child(node, "multiInstanceLoopCharacteristics") is not None or child(node, "standardLoopCharacteristics") is not None


def _scope(element: etree._Element) -> Scope:
    scope = Scope(element)
    for each in element:
        if local_name(each) in NODES:
            scope.nodes[each.get("id") or f" {len(scope.nodes)}"] = each
        elif local_name(each) == "sequenceFlow":
            scope.flows.append(each)
            scope.outgoing.setdefault(each.get("sourceRef") or "", []).append(each)
            scope.incoming.setdefault(each.get("targetRef") or "", []).append(each)
    return scope


def _with_id(element: etree._Element) -> etree._Element:
    """The element itself or the nearest around it that people can find by its id in the drawing."""
    while not (element.get("id") and local_name(element) in NODES | SCOPES | _FOUND):
        parent = element.getparent()
        if parent is None:
            return element
        element = parent
    return element


_FOUND = frozenset(("sequenceFlow", "message", "signal", "error", "escalation", "lane", "dataObject", "dataObjectReference",
                    "dataStoreReference", "dataStore", "participant", "messageFlow", "globalTask", "globalUserTask",
                    "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"))  # fmt: skip

"""A diagram under examination: what stands where, what ids stand for, and the problems found so far."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.bundle import Bundle
from engine.diagram import BPMN, Diagram, is_bpmn, local_name, reference
from engine.spiff.canonical import NODES, SCOPES, flow_nodes
from engine.spiff.scripts import feel
from feel.errors import FeelError, FeelSyntaxError
from feel.problems import Problem, Severity
from feel.text import Text, text


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

    def __init__(self, diagram: Diagram, bundle: Bundle, called: Collection[str]) -> None:
        self.root = diagram.root
        self.name = diagram.name
        self.bundle = bundle
        self.called = called
        self.problems: list[Problem] = []
        self.ids: dict[str, etree._Element] = {}
        for element in self.root.iter(etree.Element):
            if is_bpmn(element) and element.get("id"):
                self.ids.setdefault(element.get("id") or "", element)
        found = [each for each in self.root if local_name(each) == "process"]
        # Without an executable process, the author also learns what else is missing.
        self.processes = [each for each in found if each.get("isExecutable") != "false"] or found
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

    def formula(self, element: etree._Element, source: str | None, what: Text) -> None:
        """Check the syntax of FEEL; `what` says where it stands."""
        if not source:
            return
        try:
            feel(source)
        except FeelSyntaxError as error:
            message = text(
                "%(what)s : l’expression FEEL est incorrecte (ligne %(line)s, colonne %(column)s) : %(reason)s",
                what=what, line=error.line, column=error.column, reason=error.message,
            )  # fmt: skip
            self.refuse("feel-syntax", element, message, _remedy(source))
        except FeelError as error:
            self.refuse("feel-syntax", element, text("%(what)s : %(reason)s", what=what, reason=error.message))

    def refers(self, element: etree._Element, attribute: str, tag: str) -> etree._Element | None:
        """The element of that kind that an attribute refers to; None, and a problem, when it is absent."""
        pointer = reference(element.get(attribute))
        target = self.ids.get(pointer or "")
        if pointer and (target is None or local_name(target) != tag):
            message = text("La référence %(attribute)s vers « %(pointer)s » ne mène à rien.", attribute=attribute, pointer=pointer)
            self.refuse("reference-dangling", element, message, text("Choisissez un élément existant."))
            return None
        return target if pointer else None

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


def _remedy(source: str) -> Text:
    if source.lstrip().startswith(("${", "#{")):
        return text("Les expressions sont en FEEL : écrivez « %(source)s » sans « ${ } ».", source=source.strip()[2:].rstrip("}")[:200])
    return text("Corrigez l’expression « %(source)s ».", source=source[:200])


def is_true(value: str | None) -> bool:
    """An XML boolean."""
    return value in ("true", "1")


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
                    "dataStoreReference", "dataStore", "participant", "globalTask", "globalUserTask", "globalManualTask",
                    "globalScriptTask", "globalBusinessRuleTask"))  # fmt: skip

"""A diagram while it is translated: what its elements say in other tools' words, what they say in ours, and the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from authoring.importing.juel import Untranslatable
from authoring.importing.report import MAXIMUM_SHOWN, Row, Severity
from authoring.importing.shapes import Shape
from authoring.importing.vendors import CAMUNDA_7, CAMUNDA_8
from engine.diagram import BPMN, PROPERTIES, Diagram, child_text, local_name, properties
from feel.text import Text, text

Element = etree._Element
EXTENSIONS = f"{{{BPMN}}}extensionElements"


@dataclass(slots=True)
class Material:
    """What belongs together: forms by id with their JSON, ids of forms by file name, shapes of decisions by id."""

    forms: dict[str, bytes] = field(default_factory=dict)
    form_files: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, Shape] = field(default_factory=dict)
    new_forms: dict[str, bytes] = field(default_factory=dict)


class Sheet:
    """One diagram under translation. `root` is a copy that the translation changes."""

    def __init__(self, diagram: Diagram, material: Material) -> None:
        self.name = diagram.name
        self.root = _with_prefix(diagram.root)
        self.material = material
        self.text = diagram.content.decode("utf-8", "replace")
        self.rows: list[Row] = []

    @property
    def is_of_camunda_7(self) -> bool:
        """Whether the file was written for Camunda 7 or a relative: what it leaves unsaid has their meaning."""
        spaces = self.root.nsmap.values()
        return CAMUNDA_8 not in spaces and any(uri in CAMUNDA_7 for uri in spaces)

    def nodes(self, *tags: str) -> Iterator[Element]:
        """The BPMN elements of these types, in the order of the file; changing them on the way is safe."""
        wanted = {f"{{{BPMN}}}{tag}" for tag in tags}
        return iter([each for each in self.root.iter(etree.Element) if each.tag in wanted])

    # What the other tool says

    def take(self, element: Element, name: str) -> str | None:
        """An attribute of Camunda 7 or a relative, which the element then no longer has."""
        for namespace in CAMUNDA_7:
            key = f"{{{namespace}}}{name}"
            if key in element.attrib:
                return str(element.attrib.pop(key))
        return None

    def take_all(self, element: Element, *names: str) -> list[Element]:
        """The extension elements of these names of Camunda 7, its relatives or Camunda 8, which the element then no longer has."""
        holder = element.find(EXTENSIONS)
        if holder is None:
            return []
        wanted = {f"{{{namespace}}}{name}" for namespace in (*CAMUNDA_7, CAMUNDA_8) for name in names}
        found = [each for each in holder if each.tag in wanted]
        for each in found:
            holder.remove(each)
        return found

    def take_one(self, element: Element, *names: str) -> Element | None:
        """The first of these extension elements."""
        found = self.take_all(element, *names)
        return found[0] if found else None

    def peek(self, element: Element, name: str) -> bool:
        """Whether the element has this extension element."""
        return any(element.find(f"{EXTENSIONS}/{{{namespace}}}{name}") is not None for namespace in (*CAMUNDA_7, CAMUNDA_8))

    # What ours says

    def set(self, element: Element, name: str, value: str) -> None:
        """Give the element a property of ours."""
        box = self._properties(element)
        for each in box:
            if each.get("name") == name:
                each.set("value", value)
                return
        etree.SubElement(box, f"{{{PROPERTIES}}}property", name=name, value=value)

    def get(self, element: Element, name: str) -> str | None:
        """A property of ours that the element has."""
        return properties(element).get(name)

    def retype(self, element: Element, tag: str) -> None:
        """Make another type of element of it; its id, flows and drawing stay."""
        element.tag = f"{{{BPMN}}}{tag}"

    def put_child(self, element: Element, tag: str, content: str, *, first: bool = False) -> Element:
        """Set the text of a BPMN child, which is made when it is missing."""
        child = element.find(f"{{{BPMN}}}{tag}")
        if child is None:
            child = etree.Element(f"{{{BPMN}}}{tag}")
            element.insert(_after_head(element), child) if first else element.append(child)
        child.text = content
        return child

    def drop_children(self, element: Element, *tags: str) -> None:
        """Remove BPMN children."""
        for tag in tags:
            for child in element.findall(f"{{{BPMN}}}{tag}"):
                element.remove(child)

    def _properties(self, element: Element) -> Element:
        holder = element.find(EXTENSIONS)
        if holder is None:
            holder = etree.Element(EXTENSIONS)
            element.insert(_after_documentation(element), holder)
        box = holder.find(f"{{{PROPERTIES}}}properties")
        return box if box is not None else etree.SubElement(holder, f"{{{PROPERTIES}}}properties")

    # The report

    def translated(self, element: Element, code: str, message: Text, original: str = "", result: str = "") -> None:
        """Something says the same in our words."""
        self._note("translated", element, code, message, original, result)

    def dropped(self, element: Element, code: str, message: Text, original: str = "") -> None:
        """Something was left aside and changes nothing."""
        self._note("dropped", element, code, message, original, "")

    def todo(self, element: Element, code: str, message: Text, original: str = "", result: str = "") -> None:
        """Something that its author must complete or decide."""
        self._note("todo", element, code, message, original, result)

    def refused(self, element: Element, what: Text, original: str, error: Untranslatable) -> None:
        """An expression that could not be translated."""
        message = text("%(what)s : l’expression n’a pas pu être traduite. %(reason)s", what=what, reason=error.reason)
        self.todo(element, "expression-untranslated", message, original)

    def _note(self, severity: Severity, element: Element, code: str, message: Text, original: str, result: str) -> None:
        owner = _named(element)
        row = Row(
            code,
            severity,
            owner.get("id") or "",
            local_name(owner),
            " ".join((owner.get("name") or "").split()),
            message,
            _shown(original),
            _shown(result),
        )
        if row not in self.rows:
            self.rows.append(row)

    def content(self) -> bytes:
        """The translated file. Prefixes that texts may use stay declared; those of other engines go when nothing uses them."""
        engines = (*CAMUNDA_7, CAMUNDA_8)
        kept = [prefix for prefix, uri in self.root.nsmap.items() if prefix and uri not in engines]
        etree.cleanup_namespaces(self.root, keep_ns_prefixes=kept)
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")


def _shown(value: str) -> str:
    value = value.strip()
    return value if len(value) <= MAXIMUM_SHOWN else value[: MAXIMUM_SHOWN - 1] + "…"


def _with_prefix(root: Element) -> Element:
    """A copy of the tree whose root declares the namespace of our properties."""
    prefixes: dict[str | None, str] = {prefix: uri for prefix, uri in root.nsmap.items()}  # noqa: C416 - the types of lxml
    if PROPERTIES not in prefixes.values():
        prefixes[next(each for each in ("spiffworkflow", "spiff", "tikub") if each not in prefixes)] = PROPERTIES
    made = etree.Element(str(root.tag), {str(key): str(value) for key, value in root.attrib.items()}, nsmap=prefixes)  # type: ignore[arg-type]
    made.text = root.text
    made.extend(etree.fromstring(etree.tostring(root), _PARSER))
    return made


_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _after_documentation(element: Element) -> int:
    """Where `extensionElements` belongs: behind the documentation, before everything else."""
    return sum(1 for each in element if local_name(each) == "documentation")


def _after_head(element: Element) -> int:
    return sum(1 for each in element if local_name(each) in ("documentation", "extensionElements", "incoming", "outgoing"))


def _named(element: Element) -> Element:
    """The element itself, or the nearest around it that has an id."""
    while not element.get("id") or local_name(element).endswith("EventDefinition") or local_name(element) in _INNER:
        parent = element.getparent()
        if parent is None:
            break
        element = parent
    return element


_INNER = frozenset(("conditionExpression", "multiInstanceLoopCharacteristics", "extensionElements", "formField"))


def expression_child(element: Element, tag: str) -> str:
    """The text of a BPMN child that holds an expression; empty when there is none."""
    return child_text(element, tag) or ""


def is_drawn(element: Element) -> bool:
    """Whether the element belongs to a process that is only drawn: its conditions are words for people."""
    process = next((each for each in element.iterancestors() if local_name(each) == "process"), None)
    return process is not None and process.get("isExecutable") == "false"

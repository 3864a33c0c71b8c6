"""Reading a BPMN file safely: hardened XML parsing with caps on size, depth and number of elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from feel.problems import Problem
from feel.text import Text, text

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PROPERTIES = "http://spiffworkflow.org/bpmn/schema/1.0/core"
MAXIMUM_BYTES = 5_000_000
MAXIMUM_ELEMENTS = 20_000
MAXIMUM_DEPTH = 120
MAXIMUM_ATTRIBUTES = 500
"""Of one element: each look at an attribute walks over those before it."""


class DiagramError(Exception):
    """The file is not a BPMN diagram that can be read safely."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem.message) for problem in problems))
        self.problems: tuple[Problem, ...] = tuple(problems)


@dataclass(frozen=True, slots=True)
class Diagram:
    """A BPMN file: its name, its bytes and its XML tree. The tree belongs to the diagram: readers copy what they change."""

    name: str
    content: bytes
    root: etree._Element


def read(name: str, content: bytes) -> Diagram:
    """Read a BPMN file. Raises DiagramError: too large, too deep, too many elements, DOCTYPE, broken XML, not BPMN 2.0."""
    if len(content) > MAXIMUM_BYTES:
        raise _refusal("xml-size", name, text("Le fichier dépasse %(size)s Mo.", size=MAXIMUM_BYTES // 1_000_000))
    root = _parse(name, content)
    _check_extent(name, root)
    if root.tag != f"{{{BPMN}}}definitions":
        raise _refusal("not-bpmn", name, text("Le fichier n’est pas un diagramme BPMN 2.0."))
    return Diagram(name, content, root)


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def is_bpmn(element: etree._Element) -> bool:
    """Whether the element belongs to BPMN itself, not to an extension or to the drawing."""
    return isinstance(element.tag, str) and element.tag.startswith(f"{{{BPMN}}}")


def child_text(element: etree._Element, name: str) -> str | None:
    """The stripped text of the first BPMN child of that name; None when there is none or it is empty."""
    child = element.find(f"{{{BPMN}}}{name}")
    return (child.text or "").strip() or None if child is not None else None


def reference(name: str | None) -> str | None:
    """What an IDREF or QName refers to: the part after the prefix."""
    return name.strip().rpartition(":")[2] or None if name else None


def properties(element: etree._Element) -> dict[str, str]:
    """The `spiffworkflow:properties` of a BPMN element: name to stripped value, empty ones left out."""
    path = f"{{{BPMN}}}extensionElements/{{{PROPERTIES}}}properties/{{{PROPERTIES}}}property"
    pairs = ((each.get("name") or "", (each.get("value") or "").strip()) for each in element.findall(path))
    return {name: value for name, value in pairs if name and value}


def _parse(name: str, content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise _refusal(
            "xml-syntax", name, text("Le fichier n’est pas du XML bien formé (ligne %(line)s).", line=line)
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refusal("xml-doctype", name, text("Le fichier contient une déclaration DOCTYPE, refusée par sécurité."))
    return root


def _check_extent(name: str, root: etree._Element) -> None:
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start" and len(element.attrib) > MAXIMUM_ATTRIBUTES:
            raise _refusal("xml-attributes", name, text("Un élément du fichier a trop d’attributs."))
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAXIMUM_DEPTH:
            raise _refusal("xml-depth", name, text("Le fichier imbrique trop d’éléments les uns dans les autres."))
        if count > MAXIMUM_ELEMENTS * 4:
            raise _refusal("xml-elements", name, text("Le fichier contient trop d’éléments."))
    if sum(1 for _ in root.iter(f"{{{BPMN}}}*")) > MAXIMUM_ELEMENTS:
        raise _refusal("xml-elements", name, text("Le fichier contient trop d’éléments."))


def _refusal(code: str, name: str, message: Text) -> DiagramError:
    remedy = text("Exportez le diagramme à nouveau depuis votre éditeur, en BPMN 2.0.")
    if code not in ("xml-syntax", "not-bpmn", "xml-doctype"):
        remedy = text("Découpez-le en plusieurs processus qui s’appellent.")
    return DiagramError([Problem(code, message, "", "file", name, remedy)])

"""XML of decision models, read as hostile input, and small questions about its elements."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from feel.dmn.errors import DmnError
from feel.problems import Problem
from feel.text import Text, text

MAX_BYTES = 2_000_000
MAX_ELEMENTS = 200_000
MAX_LEVELS = 100

Element = etree._Element

BOXED = frozenset(
    {
        "literalExpression",
        "decisionTable",
        "context",
        "relation",
        "list",
        "invocation",
        "functionDefinition",
        "conditional",
        "filter",
        "for",
        "some",
        "every",
    }
)
"""Elements that are expressions (DMN 1.5, 10.2)."""


def parse(content: bytes) -> Element:
    """The `definitions` of a model; DmnError when it is too large, no XML, has a DOCTYPE or is something else."""
    if len(content) > MAX_BYTES:
        raise _refused("dmn.size", text("le fichier dépasse %(size)s octets", size=MAX_BYTES))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused("dmn.xml", text("le fichier n’est pas du XML valable")) from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise _refused("dmn.doctype", text("un DOCTYPE n’est pas permis"))
    if local_name(root) != "definitions" or "/DMN/" not in (etree.QName(root).namespace or ""):
        raise _refused("dmn.root", text("le fichier n’est pas un modèle DMN"))
    _check_size(root)
    return root


def _refused(code: str, message: Text) -> DmnError:
    return DmnError([Problem(code, message)])


def _check_size(root: Element) -> None:
    level = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        count += event == "start"
        if level > MAX_LEVELS or count > MAX_ELEMENTS:
            raise _refused("dmn.size", text("le modèle a trop d’éléments ou de niveaux"))


def local_name(element: Element) -> str:
    """The name without its namespace; nothing for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """The children of those names."""
    return (child for child in (element if element is not None else ()) if local_name(child) in names)


def child(element: Element | None, name: str) -> Element | None:
    """The first child of that name."""
    return next(children(element, name), None)


def boxed(element: Element | None) -> Element | None:
    """The expression in an element."""
    return next(children(element, *BOXED), None)


def text_in(element: Element | None, name: str = "text") -> str:
    """The text of a child, without the space around it."""
    found = child(element, name)
    return "" if found is None else "".join(str(piece) for piece in found.itertext()).strip()


def attribute(element: Element | None, name: str) -> str:
    """An attribute, or nothing."""
    return "" if element is None else str(element.get(name) or "")

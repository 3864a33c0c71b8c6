"""Rules on words: elements and attributes of BPMN alone, each at its place, those that the product executes or knows as drawings."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

from engine.checking.findings import Examination
from engine.checking.table import DRAWN, DRAWN_DATA, EXECUTABLE_VENDORS, EXECUTED, OWN_PROBLEM
from engine.checking.wording import called, kind
from engine.diagram import BPMN, is_bpmn, local_name
from engine.diagram import PROPERTIES as SPIFF
from engine.spiff.grammar import Attribute, Type, grammar
from feel.text import Text, text

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
FEEL_LANGUAGE = re.compile(r"(application/|text/)?feel|https?://www\.omg\.org/spec/(dmn|feel)/\d+(/feel)?/?", re.IGNORECASE | re.ASCII)
"""What says FEEL: its name, its media type, the addresses of its specifications."""
FORMAL = ("formalexpression", "tformalexpression", "expression", "texpression")
NOTHING = Type({}, {})
WHOLE_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)
BOOLEANS = ("true", "false", "1", "0")
COLOURS = ("http://bpmn.io/schema/bpmn/biocolor", "http://www.omg.org/spec/BPMN/non-normative/color")
"""Namespaces that only colour the drawing."""

OPAQUE = frozenset(("extensionElements", "documentation", "text", "script"))
"""Elements whose content is not BPMN."""


def check(examination: Examination) -> None:
    """Every element of the file outside processes that do not run."""
    _attributes(examination, examination.root, grammar().types["tDefinitions"])
    todo = [(examination.root, "tDefinitions")]
    while todo:
        parent, type_name = todo.pop()
        todo += reversed(_children(examination, parent, type_name))
    for namespace, (element, name) in examination.foreign.items():
        if not namespace.startswith(COLOURS):
            message = text("Des indications d’un autre outil, comme « %(name)s », seront ignorées.", name=name)
            examination.warn("vendor-ignored", element, message, text("Rien à faire si elles ne règlent que l’apparence."))


def _children(examination: Examination, parent: etree._Element, type_name: str) -> list[tuple[etree._Element, str]]:
    """Look at the BPMN elements directly in `parent`. Answers those whose content is worth a look, each with its type."""
    here = grammar().types.get(type_name, NOTHING)
    found = [each for each in parent.iterchildren(etree.Element) if is_bpmn(each)]
    counts = Counter(local_name(each) for each in found)
    _complete(examination, parent, here, counts)
    inside = []
    for element in found:
        name = local_name(element)
        if name == "process" and parent is examination.root and element not in examination.processes:
            continue
        if name == "extensionElements":
            _extensions(examination, element)
        elif _element(examination, element, here):
            most = here.children[name].most
            if most is not None and counts[name] > most:
                message = text("« %(child)s » est répété ici (%(parent)s).", child=kind(name), parent=called(parent))
                examination.refuse("element-repeated", element, message, text("Gardez-en un seul."))
                counts[name] = 0
            if name not in OPAQUE:
                inside.append((element, here.children[name].type))
    return inside


def _complete(examination: Examination, parent: etree._Element, here: Type, counts: Counter[str]) -> None:
    for name, child in here.children.items():
        if child.least > counts[name] and name not in OWN_PROBLEM:
            message = text("Il manque ici (%(parent)s) : %(child)s.", child=kind(name), parent=called(parent))
            examination.refuse("element-missing", parent, message, text("Complétez-le ou supprimez-le."))


def _element(examination: Examination, element: etree._Element, around: Type) -> bool:
    """Answers whether the element may be there, and so whether its content is worth a look."""
    name = local_name(element)
    if name not in grammar().elements:
        message = text("BPMN ne connaît pas d’élément « %(name)s ».", name=name[:100])
        examination.refuse("element-unknown", element, message, text("Supprimez-le, ou corrigez son nom."))
        return False
    if name not in EXECUTED and name not in DRAWN:
        message = text("BPMN prévoit « %(kind)s », mais ce logiciel ne l’exécute pas.", kind=kind(name))
        examination.refuse("element-unsupported", element, message, text("Supprimez-le ou exprimez-le autrement."))
        return False
    if name not in around.children:
        parent = element.getparent()
        where = called(parent) if parent is not None else ""
        message = text("« %(kind)s » n’a pas sa place ici (%(parent)s).", kind=kind(name), parent=where)
        examination.refuse("element-misplaced", element, message, text("Redessinez-le à sa place."))
        return False
    if name in DRAWN_DATA:
        message = text("Cet entrepôt n’est que dessiné : les activités lisent et écrivent les variables du processus.")
        examination.warn("data-drawn", element, message, text("Rien à faire si ce n’est qu’une note."))
    _attributes(examination, element, grammar().types.get(around.children[name].type, NOTHING))
    return True


def _attributes(examination: Examination, element: etree._Element, allowed: Type) -> None:
    for attribute, value in element.attrib.items():
        _attribute(examination, element, str(attribute), str(value), allowed)
    for name, declared in allowed.attributes.items():
        if declared.required and name not in OWN_PROBLEM and not (element.get(name) or "").strip():
            message = text("L’attribut « %(attribute)s » manque ici (%(element)s).", attribute=name, element=called(element))
            examination.refuse("attribute-missing", element, message, text("Complétez-le."))


def _attribute(examination: Examination, element: etree._Element, attribute: str, value: str, allowed: Type) -> None:
    name = local_name(element)
    if attribute.startswith("{"):
        _foreign_attribute(examination, element, attribute, value, is_expression="evaluatesToTypeRef" in allowed.attributes)
    elif attribute not in allowed.attributes:
        message = text("BPMN ne connaît pas d’attribut « %(name)s » ici (%(element)s).", name=attribute[:100], element=called(element))
        examination.refuse("attribute-unknown", element, message, text("Supprimez-le, ou corrigez son nom."))
    elif name in EXECUTED and attribute not in EXECUTED[name]:
        message = text("L’attribut « %(name)s » n’est pas pris en charge ici (%(element)s).", name=attribute, element=called(element))
        examination.refuse("attribute-unsupported", element, message, text("Supprimez cet attribut."))
    elif not _fits(value.strip(), allowed.attributes[attribute]):
        message = text(
            "La valeur « %(value)s » de l’attribut « %(attribute)s » n’est pas permise.", value=value[:100], attribute=attribute
        )
        examination.refuse("attribute-invalid", element, message, _expected(allowed.attributes[attribute]))
    elif attribute == "language" and value and not FEEL_LANGUAGE.fullmatch(value.strip()):
        message = text("Le langage « %(value)s » n’est pas pris en charge : les expressions sont en FEEL.", value=value[:100])
        examination.refuse("expression-language", element, message, text("Réécrivez l’expression en FEEL."))


def _fits(value: str, declared: Attribute) -> bool:
    if declared.values == "boolean":
        return value in BOOLEANS
    if declared.values == "integer":
        return WHOLE_NUMBER.fullmatch(value) is not None
    return declared.values == "any" or value in declared.choices


def _expected(declared: Attribute) -> Text:
    if declared.values == "boolean":
        return text("Écrivez true ou false.")
    if declared.values == "integer":
        return text("Écrivez un nombre entier.")
    return text("Valeurs permises : %(choices)s.", choices=", ".join(declared.choices))


def _foreign_attribute(examination: Examination, element: etree._Element, name: str, value: str, *, is_expression: bool) -> None:
    if name != XSI_TYPE:
        if element is not examination.root:
            _foreign(examination, element, name)
    elif is_expression and value.rpartition(":")[2].lower() not in FORMAL:
        message = text("Le type d’expression « %(value)s » n’est pas pris en charge.", value=value[:100])
        examination.refuse("attribute-unsupported", element, message, text("Supprimez cet attribut."))


def _foreign(examination: Examination, element: etree._Element, name: str) -> None:
    local = name.rpartition("}")[2]
    if any(vendor in name for vendor in EXECUTABLE_VENDORS):
        message = text("« %(name)s » est propre à un autre moteur et ne serait pas exécuté.", name=local)
        remedy = text("Importez ce diagramme, il sera traduit : page « Processus », ou POST /api/v1/imports.")
        examination.refuse("vendor-extension", element, message, remedy)
    else:
        examination.foreign.setdefault(name.rpartition("}")[0].lstrip("{"), (element, local))


def _extensions(examination: Examination, element: etree._Element) -> None:
    owner = element.getparent()
    for extension in element.iterchildren(etree.Element):
        name = str(extension.tag)
        if name == f"{{{SPIFF}}}properties" or owner is None:
            continue
        if name.startswith(f"{{{SPIFF}}}"):
            message = text("L’extension « %(name)s » n’est pas prise en charge.", name=local_name(extension))
            remedy = text("Dites-le avec les propriétés de l’élément.")
            examination.refuse("extension-unsupported", owner, message, remedy)
        elif not name.startswith(f"{{{BPMN}}}"):
            _foreign(examination, owner, name)

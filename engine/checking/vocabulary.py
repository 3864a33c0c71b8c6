"""Rules on words: only elements, attributes and properties that the product executes or knows to be drawings."""

from __future__ import annotations

import re

from lxml import etree

from engine.checking.findings import Examination
from engine.checking.table import DRAWN, DRAWN_DATA, EXECUTABLE_VENDORS, EXECUTED, FORMULAS, LOOP_PROPERTIES, PROPERTIES
from engine.diagram import BPMN, is_bpmn, local_name, properties
from engine.diagram import PROPERTIES as SPIFF
from engine.spiff.canonical import ACTIVITIES, EVENTS, NODES, SCOPES
from feel.text import text

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
FEEL_LANGUAGE = re.compile(r"(application/|text/)?feel|https?://www\.omg\.org/spec/(dmn|feel)/\d+(/feel)?/?", re.IGNORECASE | re.ASCII)
"""What says FEEL: its name, its media type, the addresses of its specifications."""
ROOTS = frozenset(("process", "message", "signal", "error", "escalation"))
FORMAL = ("formalexpression", "tformalexpression", "expression", "texpression")


def check(examination: Examination) -> None:
    """Every element of the file outside processes that do not run."""
    todo = list(reversed(examination.root))
    while todo:
        element = todo.pop()
        if not is_bpmn(element):
            continue
        if local_name(element) == "process" and element not in examination.processes:
            continue
        if local_name(element) == "extensionElements":
            _extensions(examination, element)
            continue
        if _element(examination, element):
            todo += reversed(element)


def _element(examination: Examination, element: etree._Element) -> bool:
    """Answers whether the element may be there, and so whether its content is worth a look."""
    name = local_name(element)
    if name in DRAWN:
        if name in DRAWN_DATA:
            message = text("Cet entrepôt n’est que dessiné : les activités lisent et écrivent les variables du processus.")
            examination.warn("data-drawn", element, message)
        return True
    if name not in EXECUTED:
        message = text("L’élément BPMN « %(name)s » n’est pas pris en charge.", name=name)
        examination.refuse("element-unsupported", element, message, text("Supprimez-le ou exprimez-le autrement."))
        return False
    if not _is_in_place(element):
        message = text("L’élément BPMN « %(name)s » n’a rien à faire à cet endroit du fichier.", name=name)
        examination.refuse("element-misplaced", element, message, text("Redessinez-le à sa place."))
        return False
    for attribute, value in element.attrib.items():
        _attribute(examination, element, str(attribute), str(value))
    if name in PROPERTIES or name in ACTIVITIES:
        _properties(examination, element)
    return True


def _is_in_place(element: etree._Element) -> bool:
    """Whether the element stands in a parent that BPMN allows; where a wrong place would do no harm, any will do."""
    name, parent = local_name(element), element.getparent()
    around = local_name(parent) if parent is not None else ""
    if name in NODES or name in ("sequenceFlow", "dataObject"):
        return around in SCOPES
    if name in ROOTS or name.startswith("global"):
        return around == "definitions"
    if name.endswith("EventDefinition"):
        return around in EVENTS or around in ("definitions", "event")
    if name == "event":
        return around == "complexBehaviorDefinition"
    return not name.endswith("LoopCharacteristics") or around in ACTIVITIES


def _attribute(examination: Examination, element: etree._Element, attribute: str, value: str) -> None:
    name = local_name(element)
    if attribute.startswith("{"):
        _foreign(examination, element, attribute)
        is_expression = "evaluatesToTypeRef" in EXECUTED[name]
        if attribute == XSI_TYPE and is_expression and value.rpartition(":")[2].lower() not in FORMAL:
            message = text("Le type d’expression « %(value)s » n’est pas pris en charge.", value=value)
            examination.refuse("attribute-unsupported", element, message)
    elif attribute not in EXECUTED[name]:
        message = text("L’attribut « %(attribute)s » de %(name)s n’est pas pris en charge.", attribute=attribute, name=name)
        examination.refuse("attribute-unsupported", element, message, text("Supprimez cet attribut."))
    elif attribute == "language" and value and not FEEL_LANGUAGE.fullmatch(value.strip()):
        message = text("Le langage « %(value)s » n’est pas pris en charge : les expressions sont en FEEL.", value=value)
        examination.refuse("expression-language", element, message, text("Réécrivez l’expression en FEEL."))


def _foreign(examination: Examination, element: etree._Element, name: str) -> None:
    if name == XSI_TYPE:
        return
    if any(vendor in name for vendor in EXECUTABLE_VENDORS):
        message = text("« %(name)s » est propre à un autre moteur et ne serait pas exécuté.", name=name.rpartition("}")[2])
        remedy = text("Importez ce diagramme, il sera traduit : page « Processus », ou POST /api/v1/imports.")
        examination.refuse("vendor-extension", element, message, remedy)
    else:
        message = text("« %(name)s » vient d’un autre outil et sera ignoré.", name=name.rpartition("}")[2])
        examination.warn("vendor-ignored", element, message)


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


def _properties(examination: Examination, element: etree._Element) -> None:
    name = local_name(element)
    allowed = PROPERTIES.get(name, frozenset())
    if element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics") is not None:
        allowed |= LOOP_PROPERTIES
    for key, value in properties(element).items():
        if key not in allowed:
            message = text("La propriété « %(key)s » est inconnue ici et sera ignorée.", key=key)
            known = ", ".join(sorted(allowed)) or "—"
            examination.warn("property-unknown", element, message, text("Propriétés connues : %(known)s.", known=known))
        elif key in FORMULAS:
            examination.formula(element, value, text("Propriété « %(key)s »", key=key))

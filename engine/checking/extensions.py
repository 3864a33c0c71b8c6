"""Rules on the product's own properties of elements: known names, FEEL where they hold FEEL."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from engine import indicators
from engine.checking.findings import Examination, child
from engine.checking.table import FORMULAS, LOOP_PROPERTIES, PROPERTIES
from engine.diagram import BPMN, local_name, properties
from engine.diagram import PROPERTIES as SPIFF
from engine.errors import Unusable
from engine.spiff.canonical import ACTIVITIES
from feel.text import text

PATH = f"{{{BPMN}}}extensionElements/{{{SPIFF}}}properties/{{{SPIFF}}}property"


def check(examination: Examination) -> None:
    """All rules of this module."""
    for process in examination.processes:
        for element in process.iter(f"{{{BPMN}}}*"):
            if local_name(element) in PROPERTIES or local_name(element) in ACTIVITIES:
                _properties(examination, element)


def _properties(examination: Examination, element: etree._Element) -> None:
    allowed = PROPERTIES.get(local_name(element), frozenset())
    if child(element, "multiInstanceLoopCharacteristics") is not None:
        allowed |= LOOP_PROPERTIES
    own = properties(element)
    if own:
        _said_twice(examination, element)
    for key, value in own.items():
        if key not in allowed:
            message = text("La propriété « %(key)s » est inconnue ici et sera ignorée.", key=key)
            known = ", ".join(sorted(allowed)) or "—"
            examination.warn("property-unknown", element, message, text("Propriétés connues : %(known)s.", known=known))
        elif key in FORMULAS:
            examination.formula(element, value, text("Propriété « %(key)s »", key=key))
        elif key == indicators.PROPERTY:
            _indicators(examination, element, value)


def _indicators(examination: Examination, process: etree._Element, source: str) -> None:
    known = {each.get("id") for each in process.iter(f"{{{BPMN}}}*")}
    try:
        told = indicators.read(source)
    except Unusable as error:
        remedy = text("Exemple : [{label: \"Durée\", from: \"debut\", to: \"fin\"}].")
        examination.refuse("indicator-invalid", process, error.text, remedy)
        return
    for each in told:
        for name in each.elements:
            if name not in known:
                message = text("L’indicateur « %(label)s » nomme « %(name)s », qui n’existe pas.", label=each.label, name=name)
                examination.refuse("indicator-element", process, message, text("Donnez l’identifiant d’un élément du processus."))


def _said_twice(examination: Examination, element: etree._Element) -> None:
    given: Counter[str] = Counter(each.get("name") or "" for each in element.findall(PATH))
    for key, count in given.items():
        if key and count > 1:
            message = text("La propriété « %(key)s » est donnée plusieurs fois.", key=key)
            examination.refuse("property-repeated", element, message, text("Gardez-en une seule."))

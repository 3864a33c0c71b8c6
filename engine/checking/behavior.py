"""Rules on what completed instances of a multi-instance activity throw."""

from __future__ import annotations

from lxml import etree

from engine.checking.events import named
from engine.checking.findings import Examination, child, trigger
from engine.diagram import BPMN, child_text, reference
from feel.text import text

KINDS = ("None", "One", "All", "Complex")


def check_loop(examination: Examination, node: etree._Element, loop: etree._Element) -> None:
    """The behaviour of one multi-instance activity."""
    kind = loop.get("behavior") or "All"
    definitions = loop.findall(f"{{{BPMN}}}complexBehaviorDefinition")
    if kind not in KINDS or (kind == "Complex") != bool(definitions):
        message = text("Le comportement « %(name)s » d’une activité multiple n’est pas pris en charge.", name=kind)
        examination.refuse("multi-instance-behavior", node, message, text("Choisissez None, One, All, ou Complex avec ses définitions."))
    if kind in ("None", "One"):
        _thrown(examination, node, examination.ids.get(reference(loop.get(f"{kind.lower()}BehaviorEventRef")) or ""))
    for definition in definitions:
        _complex(examination, node, definition)


def _complex(examination: Examination, node: etree._Element, definition: etree._Element) -> None:
    condition, event = child_text(definition, "condition"), child(definition, "event")
    if not condition:
        examination.refuse("condition-empty", node, text("La condition de l’événement est vide."), text("Écrivez-la en FEEL."))
    examination.formula(node, condition, text("Condition de l’événement"), "truth")
    for thrown in examination.definitions(event) if event is not None else ():
        _thrown(examination, node, thrown)


def _thrown(examination: Examination, node: etree._Element, definition: etree._Element | None) -> None:
    if definition is None or trigger(definition) not in ("message", "signal"):
        message = text("Une activité multiple lève un message ou un signal quand un exemplaire est terminé, et ne dit pas lequel.")
        remedy = text("Choisissez une définition d’événement « message » ou « signal » placée en tête du fichier.")
        examination.refuse("multi-instance-behavior-event", node, message, remedy)
    else:
        named(examination, node, definition, trigger(definition))

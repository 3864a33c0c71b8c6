"""Rules on collaborations: message flows lead from one pool to another, between what may send and what may receive (BPMN 2.0.2, 9.4)."""

from __future__ import annotations

from lxml import etree

from engine.checking.findings import Examination, trigger
from engine.checking.wording import title
from engine.diagram import BPMN, local_name, reference
from engine.spiff.canonical import NODES
from feel.text import text

NEVER_SEND = frozenset(("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"))
NEVER_RECEIVE = frozenset(("endEvent", "intermediateThrowEvent", "sendTask"))


def check(examination: Examination) -> None:
    """All rules of this module."""
    for collaboration in examination.root.findall(f"{{{BPMN}}}collaboration"):
        pools = {
            reference(each.get("processRef")): each
            for each in collaboration.findall(f"{{{BPMN}}}participant")
            if each.get("processRef")
        }
        for flow in collaboration.findall(f"{{{BPMN}}}messageFlow"):
            _message_flow(examination, flow, pools)
        for multiplicity in collaboration.iter(f"{{{BPMN}}}participantMultiplicity"):
            _multiplicity(examination, multiplicity)


def _message_flow(examination: Examination, flow: etree._Element, pools: dict[str | None, etree._Element]) -> None:
    ends = [examination.ids.get(reference(flow.get(end)) or "") for end in ("sourceRef", "targetRef")]
    for end, element in zip(("sourceRef", "targetRef"), ends, strict=True):
        if not flow.get(end):
            message = text("Le flux de message ne relie pas deux éléments.")
            examination.refuse("message-flow-loose", flow, message, text("Redessinez ou supprimez ce flux."))
        elif element is not None:
            _end(examination, flow, element, is_source=end == "sourceRef")
    source, target = ends
    if source is None or target is None:
        return
    pool = _pool(source, pools)
    if pool is not None and pool is _pool(target, pools):
        message = text("Le flux de message reste dans une même piscine.")
        remedy = text("Reliez deux participants, ou dessinez un flux de séquence.")
        examination.refuse("message-flow-inside", flow, message, remedy)


def _end(examination: Examination, flow: etree._Element, element: etree._Element, *, is_source: bool) -> None:
    tag = local_name(element)
    if tag in (NEVER_SEND if is_source else NEVER_RECEIVE):
        message = (
            text("Ce flux de message part de « %(name)s », qui ne peut pas en envoyer.", name=title(element))
            if is_source
            else text("Ce flux de message mène à « %(name)s », qui ne peut pas en recevoir.", name=title(element))
        )
        examination.refuse("message-flow-direction", flow, message, text("Redessinez ou supprimez ce flux."))
    elif tag.endswith("Event") and "message" not in {trigger(each) for each in examination.definitions(element)}:
        message = text("Ce flux de message touche « %(name)s », dont le déclencheur n’est pas un message.", name=title(element))
        examination.warn("message-flow-trigger", flow, message, text("Changez le déclencheur de l’événement, ou supprimez le flux."))


def _pool(element: etree._Element, pools: dict[str | None, etree._Element]) -> etree._Element | None:
    """The participant itself or the one whose process holds the element."""
    if local_name(element) == "participant":
        return element
    if local_name(element) not in NODES:
        return None
    for around in element.iterancestors(f"{{{BPMN}}}process"):
        return pools.get(around.get("id"), around)
    return None


def _multiplicity(examination: Examination, multiplicity: etree._Element) -> None:
    try:
        least = int(multiplicity.get("minimum") or 0)
        most = int(multiplicity.get("maximum") or max(least, 1))
    except ValueError:  # refused as an attribute
        return
    if least < 0 or most < 1 or most < least:
        message = text("Le nombre de participants, de %(least)s à %(most)s, n’est pas possible.", least=least, most=most)
        examination.refuse("multiplicity-invalid", multiplicity, message, text("Le minimum est au moins 0, le maximum au moins 1."))

"""Rules on what sequence flows enter and leave: nothing stands loose, gateways split or merge (BPMN 2.0.2, 10.5 and 10.6)."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from engine.checking.findings import Examination, Scope, is_true, trigger
from engine.diagram import BPMN, local_name, reference
from engine.spiff.canonical import GATEWAYS
from feel.text import text


def check(examination: Examination) -> None:
    """All rules of this module."""
    for scope in examination.scopes:
        names = {local_name(node) for node in scope.nodes.values()}
        for name, node in scope.nodes.items():
            _entered(examination, scope, name, node, has_start="startEvent" in names)
            _left(examination, scope, name, node, has_end="endEvent" in names)
            _listed(examination, scope, name, node)
            if local_name(node) in GATEWAYS:
                _gateway(examination, scope, name, node)


def _entered(examination: Examination, scope: Scope, name: str, node: etree._Element, *, has_start: bool) -> None:
    """A start event begins the process, so whatever no flow enters never happens."""
    tag = local_name(node)
    if scope.incoming.get(name) or tag in ("startEvent", "boundaryEvent") or _is_aside(node) or _is_link(examination, node):
        return
    if has_start and not _instantiates(node):
        message = text("Aucun flux n’entre dans cet élément, qui n’aura jamais lieu.")
        examination.refuse("without-incoming", node, message, text("Reliez-le à ce qui le précède, ou supprimez-le."))


def _left(examination: Examination, scope: Scope, name: str, node: etree._Element, *, has_end: bool) -> None:
    """Where end events are drawn, a path that stops elsewhere may have been forgotten. What it does is plain: it ends."""
    tag = local_name(node)
    if scope.outgoing.get(name) or tag == "endEvent" or _is_aside(node) or _is_link(examination, node):
        return
    kinds = {trigger(each) for each in examination.definitions(node)}
    if tag == "boundaryEvent" and "compensate" in kinds:
        return
    if (has_end and scope.incoming.get(name)) or tag == "boundaryEvent":
        message = text("Aucun flux ne sort de cet élément : le chemin s’arrête là.")
        examination.warn("without-outgoing", node, message, text("Reliez-le à la suite, ou à un événement de fin."))


def _is_aside(node: etree._Element) -> bool:
    return is_true(node.get("isForCompensation")) or is_true(node.get("triggeredByEvent"))


def _is_link(examination: Examination, node: etree._Element) -> bool:
    return any(trigger(each) == "link" for each in examination.definitions(node))


def _instantiates(node: etree._Element) -> bool:
    return is_true(node.get("instantiate"))


def _listed(examination: Examination, scope: Scope, name: str, node: etree._Element) -> None:
    """A node may repeat its flows, all or some; what it says must be what the flows say."""
    incoming = [reference(each.text) for each in node.findall(f"{{{BPMN}}}incoming")]
    outgoing = [reference(each.text) for each in node.findall(f"{{{BPMN}}}outgoing")]
    if not incoming and not outgoing:
        return
    for listed, flows in ((incoming, scope.incoming.get(name, [])), (outgoing, scope.outgoing.get(name, []))):
        drawn = {flow.get("id") for flow in flows if flow.get("id")}
        for flow in [each for each in listed if each not in drawn]:
            message = text("Le flux « %(flow)s », que cite cet élément, ne lui est pas relié.", flow=flow or "")
            examination.refuse("flow-listed-wrong", node, message, _REDRAW)


_REDRAW = text("Redessinez ce flux.")


def _gateway(examination: Examination, scope: Scope, name: str, node: etree._Element) -> None:
    incoming, outgoing = len(scope.incoming.get(name, [])), len(scope.outgoing.get(name, []))
    if local_name(node) == "eventBasedGateway":
        if outgoing < 2:
            message = text("Une passerelle événementielle attend au moins deux événements.")
            examination.refuse("event-gateway-single", node, message, text("Ajoutez un événement, ou supprimez la passerelle."))
    elif incoming < 2 and outgoing < 2:
        message = text("Cette passerelle ne sépare ni ne réunit de chemins.")
        examination.warn("gateway-without-purpose", node, message, text("Ajoutez les flux qui manquent, ou supprimez-la."))
    wrong: dict[str, Callable[[], bool]] = {
        "Converging": lambda: outgoing > 1,
        "Diverging": lambda: incoming > 1,
        "Mixed": lambda: incoming < 2 or outgoing < 2,
    }
    direction = node.get("gatewayDirection") or ""
    if direction in wrong and wrong[direction]():
        message = text("Le sens « %(direction)s » de la passerelle ne convient pas à ses flux.", direction=direction)
        examination.refuse("gateway-direction", node, message, text("Supprimez l’attribut « gatewayDirection », ou corrigez les flux."))

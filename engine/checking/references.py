"""Rules on ids and references: each id once, each reference leads somewhere, flows stay in their scope."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from engine.checking.findings import Examination, Scope
from engine.diagram import BPMN, is_bpmn, local_name, reference
from engine.spiff.canonical import ACTIVITIES
from feel.text import text

MAXIMUM_NESTING = 100


def check(examination: Examination) -> None:
    """All rules of this module."""
    _duplicates(examination)
    for scope in examination.scopes:
        _flows(examination, scope)
        _boundaries(examination, scope)
        _defaults(examination, scope)
    _lanes(examination)
    _definition_references(examination)
    _nesting(examination)


def _duplicates(examination: Examination) -> None:
    elements = [each for each in examination.root.iter(etree.Element) if is_bpmn(each) and each.get("id")]
    counts = Counter(each.get("id") for each in elements)
    for element in elements:
        if counts[element.get("id")] > 1:
            message = text("L’identifiant « %(id)s » est utilisé plusieurs fois.", id=element.get("id"))
            examination.refuse("id-duplicate", element, message, text("Donnez à chaque élément un identifiant à lui."))


def _flows(examination: Examination, scope: Scope) -> None:
    for flow in scope.flows:
        for end in ("sourceRef", "targetRef"):
            if (flow.get(end) or "") not in scope.nodes or not flow.get(end):
                message = text(
                    "Le flux ne relie pas deux éléments du même processus ou sous-processus (%(end)s : « %(value)s »).",
                    end=end,
                    value=flow.get(end) or "",
                )
                examination.refuse("flow-dangling", flow, message, text("Redessinez ou supprimez ce flux."))


def _boundaries(examination: Examination, scope: Scope) -> None:
    for node in scope.nodes.values():
        if local_name(node) != "boundaryEvent":
            continue
        host = scope.nodes.get(node.get("attachedToRef") or "")
        if host is None or local_name(host) not in ACTIVITIES or host.get("triggeredByEvent") == "true":
            message = text("L’événement de bordure n’est pas attaché à une activité.")
            examination.refuse("boundary-detached", node, message, text("Attachez-le à une activité du même niveau."))


def _defaults(examination: Examination, scope: Scope) -> None:
    for name, node in scope.nodes.items():
        default = node.get("default")
        flows = {flow.get("id"): flow for flow in scope.outgoing.get(name, [])}
        if not default:
            continue
        if default not in flows:
            message = text("Le flux par défaut « %(flow)s » ne sort pas de cet élément.", flow=default)
            examination.refuse("default-dangling", node, message, text("Choisissez le flux par défaut parmi ses flux sortants."))
        elif flows[default].find(f"{{{BPMN}}}conditionExpression") is not None:
            message = text("Le flux par défaut porte une condition, qui ne serait jamais lue.")
            examination.refuse("default-with-condition", flows[default], message, text("Supprimez la condition."))


def _lanes(examination: Examination) -> None:
    for process in examination.processes:
        known = {each.get("id") for each in process.iter(etree.Element)}
        for lane in process.iter(f"{{{BPMN}}}lane"):
            for pointer in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                if reference(pointer.text) not in known:
                    message = text("Le couloir contient un élément inexistant, « %(node)s ».", node=pointer.text or "")
                    examination.refuse("lane-dangling", lane, message, text("Retirez-le du couloir."))


def _definition_references(examination: Examination) -> None:
    for process in examination.processes:
        for pointer in process.iter(f"{{{BPMN}}}eventDefinitionRef"):
            target = examination.ids.get(reference(pointer.text) or "")
            if target is None or not local_name(target).endswith("EventDefinition"):
                message = text("La définition d’événement « %(name)s » n’existe pas.", name=pointer.text or "")
                examination.refuse("reference-dangling", pointer, message)


def _nesting(examination: Examination) -> None:
    scopes = {scope.element for scope in examination.scopes}
    for scope in examination.scopes:
        depth = sum(1 for each in scope.element.iterancestors() if each in scopes)
        if depth == MAXIMUM_NESTING + 1:
            message = text("Plus de %(limit)s sous-processus imbriqués.", limit=MAXIMUM_NESTING)
            examination.refuse("nesting-too-deep", scope.element, message, text("Utilisez des activités d’appel."))

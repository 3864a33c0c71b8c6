"""Rules on ids and references: each id once, and each reference leads to an element of the kind that it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.checking.findings import Examination, Scope, is_true
from engine.checking.targets import ATTRIBUTES, CHILDREN, TYPES
from engine.checking.wording import title
from engine.diagram import BPMN, is_bpmn, local_name, reference
from engine.spiff.canonical import ACTIVITIES
from feel.text import text

MAXIMUM_NESTING = 100


def check(examination: Examination) -> None:
    """All rules of this module."""
    _duplicates(examination)
    _imports(examination)
    for element in _in_use(examination):
        _references(examination, element)
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


def _imports(examination: Examination) -> None:
    """An import of types or services is a note; one of another diagram would bring parts of it, so that file must be there."""
    known = {name.rpartition("/")[2] for name in examination.bundle.diagrams}
    for element in examination.root.findall(f"{{{BPMN}}}import"):
        location = element.get("location") or ""
        if BPMN in (element.get("importType") or "", element.get("namespace") or "") and location.rpartition("/")[2] not in known:
            message = text("Le diagramme importé « %(location)s » n’est pas parmi les fichiers.", location=location)
            examination.refuse("import-unknown", element, message, text("Ajoutez-le aux fichiers à publier, ou supprimez l’import."))


def _in_use(examination: Examination) -> Iterator[etree._Element]:
    """The BPMN elements outside processes that do not run."""
    for top in examination.root.iterchildren(etree.Element):
        if local_name(top) != "process" or top in examination.processes:
            yield from top.iter(f"{{{BPMN}}}*")


def _references(examination: Examination, element: etree._Element) -> None:
    for attribute, targets in ATTRIBUTES.get(local_name(element), {}).items():
        if element.get(attribute):
            _leads(examination, element, element.get(attribute) or "", targets)
    parent = element.getparent()
    expected = CHILDREN.get(local_name(element))
    if expected is not None and parent is not None:
        if (element.text or "").strip():
            _leads(examination, parent, element.text or "", expected)
        else:
            message = text("Une référence de cet élément est vide.")
            examination.refuse("reference-empty", parent, message, text("Choisissez un élément existant, ou supprimez-la."))


def _leads(examination: Examination, owner: etree._Element, pointer: str, expected: frozenset[str]) -> None:
    if expected is TYPES and _is_foreign(examination, owner, pointer):
        return
    examination.leads(owner, pointer, expected)


def _is_foreign(examination: Examination, owner: etree._Element, pointer: str) -> bool:
    """Whether a prefix says that a type belongs to another namespace, as in `xsd:string`."""
    prefix, colon, _ = pointer.strip().rpartition(":")
    return bool(colon) and owner.nsmap.get(prefix) not in (None, examination.root.get("targetNamespace"))


def _flows(examination: Examination, scope: Scope) -> None:
    for flow in scope.flows:
        for end in ("sourceRef", "targetRef"):
            if (flow.get(end) or "") not in scope.nodes or not flow.get(end):
                _loose_end(examination, flow, flow.get(end) or "", is_source=end == "sourceRef")


def _loose_end(examination: Examination, flow: etree._Element, name: str, *, is_source: bool) -> None:
    end = text("point de départ") if is_source else text("point d’arrivée")
    target = examination.ids.get(name)
    remedy = text("Redessinez ou supprimez ce flux.")
    if not name:
        message = text("Le flux n’a pas de %(end)s.", end=end)
    elif target is None:
        message = text("Le %(end)s du flux, « %(name)s », n’existe pas.", end=end, name=name)
    else:
        message = text("Le %(end)s du flux, « %(name)s », n’est pas au même niveau que lui.", end=end, name=title(target))
        remedy = text("Un flux relie deux activités, événements ou passerelles du même processus ou sous-processus.")
    examination.refuse("flow-dangling", flow, message, remedy)


def _boundaries(examination: Examination, scope: Scope) -> None:
    for node in scope.nodes.values():
        if local_name(node) != "boundaryEvent":
            continue
        host = scope.nodes.get(reference(node.get("attachedToRef")) or "")
        if host is None or local_name(host) not in ACTIVITIES or is_true(host.get("triggeredByEvent")):
            message = text("L’événement de bordure n’est pas attaché à une activité.")
            examination.refuse("boundary-detached", node, message, text("Attachez-le à une activité du même niveau."))


def _defaults(examination: Examination, scope: Scope) -> None:
    for name, node in scope.nodes.items():
        default = reference(node.get("default"))
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
    """What a throwing event defines is its own; others refer to definitions that stand by themselves or in a catching event."""
    for process in examination.processes:
        for pointer in process.iter(f"{{{BPMN}}}eventDefinitionRef"):
            target = examination.ids.get(reference(pointer.text) or "")
            if target is None or not local_name(target).endswith("EventDefinition"):
                message = text("La définition d’événement « %(name)s » n’existe pas.", name=(pointer.text or "").strip())
                examination.refuse("reference-dangling", pointer, message, text("Choisissez une définition existante."))
                continue
            holder = target.getparent()
            if holder is not None and local_name(holder) in ("endEvent", "intermediateThrowEvent"):
                message = text("La définition de l’événement « %(name)s » ne peut pas servir à un autre.", name=title(holder))
                examination.refuse("definition-of-another", pointer, message, text("Donnez à cet événement sa propre définition."))


def _nesting(examination: Examination) -> None:
    depths: dict[etree._Element, int] = {}
    for scope in examination.scopes:
        parent = scope.element.getparent()
        depths[scope.element] = depths.get(parent, -1) + 1 if parent is not None else 0
        if depths[scope.element] == MAXIMUM_NESTING + 1:
            message = text("Plus de %(limit)s sous-processus imbriqués.", limit=MAXIMUM_NESTING)
            examination.refuse("nesting-too-deep", scope.element, message, text("Utilisez des activités d’appel."))

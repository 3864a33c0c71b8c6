"""Rules on gateways, conditions and reachability."""

from __future__ import annotations

from lxml import etree

from engine.checking.findings import Examination, Scope, child, is_true, trigger
from engine.diagram import child_text, local_name
from engine.spiff.canonical import ACTIVITIES
from feel.text import text

CONDITIONAL = frozenset(("exclusiveGateway", "inclusiveGateway", "complexGateway")) | ACTIVITIES
AFTER_EVENT_GATEWAY = frozenset(("message", "timer", "signal", "conditional"))


def check(examination: Examination) -> None:
    """All rules of this module."""
    for scope, node in examination.nodes():
        _conditions(examination, scope, node)
        _ends(examination, scope, node)
    for scope, node in examination.nodes("eventBasedGateway"):
        _event_gateway(examination, scope, node)
    for _, node in examination.nodes("complexGateway"):
        examination.formula(node, child_text(node, "activationCondition"), text("Condition d’activation"), "truth")
    for scope in examination.scopes:
        _reachable(examination, scope)


def _conditions(examination: Examination, scope: Scope, node: etree._Element) -> None:
    name = local_name(node)
    flows = scope.outgoing.get(node.get("id") or "", [])
    conditional = [flow for flow in flows if child_text(flow, "conditionExpression")]
    for flow in flows:
        examination.formula(flow, child_text(flow, "conditionExpression"), text("Condition du flux"), "truth")
        if child(flow, "conditionExpression") is not None and flow not in conditional:
            examination.refuse("condition-empty", flow, text("La condition du flux est vide."), text("Écrivez-la ou supprimez-la."))
    if conditional and name not in CONDITIONAL:
        message = text("Une condition n’a pas de sens sur un flux qui sort d’un élément de ce type.")
        for flow in conditional:
            examination.refuse("condition-misplaced", flow, message, text("Utilisez une passerelle exclusive ou inclusive."))
    if name in ("exclusiveGateway", "inclusiveGateway", "complexGateway") and len(flows) > 1:
        _split(examination, node, flows, conditional)
    elif name in ACTIVITIES and conditional and len(flows) == 1:
        message = text("Le seul flux qui sort de l’activité porte une condition.")
        examination.refuse("condition-alone", flows[0], message, text("Supprimez la condition, ou ajoutez un autre flux."))
    elif name in ACTIVITIES and conditional and len(conditional) == len(flows):
        _may_block(examination, node)


def _split(examination: Examination, node: etree._Element, flows: list[etree._Element], conditional: list[etree._Element]) -> None:
    for flow in flows:
        if flow not in conditional and flow.get("id") != node.get("default"):
            message = text("Ce flux sort d’une passerelle sans condition et n’est pas le flux par défaut.")
            remedy = text("Écrivez une condition FEEL, ou faites-en le flux par défaut.")
            examination.refuse("flow-without-condition", flow, message, remedy)
    if not node.get("default"):
        _may_block(examination, node)


def _may_block(examination: Examination, node: etree._Element) -> None:
    message = text("Si aucune condition n’est vraie, le processus s’arrête ici sur un incident.")
    examination.warn("gateway-may-block", node, message, text("Choisissez un flux par défaut."))


def _ends(examination: Examination, scope: Scope, node: etree._Element) -> None:
    name, own = local_name(node), node.get("id") or ""
    is_link = child(node, "linkEventDefinition") is not None
    if scope.incoming.get(own) and (name in ("startEvent", "boundaryEvent") or (name == "intermediateCatchEvent" and is_link)):
        examination.refuse("flow-into-start", node, text("Aucun flux ne peut entrer dans cet événement."), text("Supprimez le flux."))
    if scope.outgoing.get(own) and (name == "endEvent" or (name == "intermediateThrowEvent" and is_link)):
        examination.refuse("flow-out-of-end", node, text("Aucun flux ne peut sortir de cet événement."), text("Supprimez le flux."))


def _event_gateway(examination: Examination, scope: Scope, node: etree._Element) -> None:
    own = node.get("id") or ""
    if node.get("eventGatewayType") == "Parallel":
        _parallel(examination, scope, node)
    if is_true(node.get("instantiate")) and (scope.incoming.get(own) or scope.kind != "process"):
        message = text("Une passerelle qui démarre le processus ne peut pas avoir de flux entrant ni être dans un sous-processus.")
        examination.refuse("instantiate-misplaced", node, message, text("Supprimez le flux entrant, ou décochez « instantiate »."))
    for flow in scope.outgoing.get(own, []):
        target = scope.nodes.get(flow.get("targetRef") or "")
        if target is not None and not _may_follow(examination, scope, target):
            message = text("Après une passerelle événementielle, seuls conviennent un événement intermédiaire qui attend ou une réception, "
                           "sans autre flux entrant ni événement de bordure.")  # fmt: skip
            examination.refuse("event-gateway-target", target, message, text("Retirez ce qui ne convient pas, ou changez de passerelle."))
    _either_tasks_or_events(examination, scope, node)


def _either_tasks_or_events(examination: Examination, scope: Scope, node: etree._Element) -> None:
    """Receive tasks and message events are not mixed behind one gateway (BPMN 2.0.2, 10.6.6)."""
    targets = [scope.nodes.get(flow.get("targetRef") or "") for flow in scope.outgoing.get(node.get("id") or "", [])]
    found = [each for each in targets if each is not None]
    by_event = [each for each in found if "message" in {trigger(one) for one in examination.definitions(each)}]
    if by_event and any(local_name(each) == "receiveTask" for each in found):
        message = text("Cette passerelle attend des messages à la fois par un événement et par une tâche de réception.")
        examination.refuse("event-gateway-mixed", node, message, text("Employez partout des événements, ou partout des tâches."))


def _parallel(examination: Examination, scope: Scope, node: etree._Element) -> None:
    """A parallel gateway begins a process on messages, which find the instance afterwards."""
    targets = [scope.nodes.get(flow.get("targetRef") or "") for flow in scope.outgoing.get(node.get("id") or "", [])]
    events = [each for each in targets if each is not None and local_name(each) != "receiveTask"]
    waits_for_messages = all(trigger(one) == "message" for each in events for one in examination.definitions(each))
    if not is_true(node.get("instantiate")) or not waits_for_messages:
        message = text("Une passerelle événementielle parallèle démarre un processus et n’attend que des messages.")
        remedy = text("Cochez « instantiate », ou utilisez une passerelle parallèle suivie des événements.")
        examination.refuse("event-gateway-parallel", node, message, remedy)


def _may_follow(examination: Examination, scope: Scope, target: etree._Element) -> bool:
    own = target.get("id")
    if len(scope.incoming.get(own or "", [])) > 1:
        return False
    if local_name(target) == "receiveTask":
        return not any(each.get("attachedToRef") == own for each in scope.nodes.values())
    kinds = {local_name(each).removesuffix("EventDefinition") for each in examination.definitions(target)}
    return local_name(target) == "intermediateCatchEvent" and kinds <= AFTER_EVENT_GATEWAY


def _reachable(examination: Examination, scope: Scope) -> None:
    todo = [name for name, node in scope.nodes.items() if _begins(scope, name, node)]
    seen: set[str] = set()
    links = _links(scope)
    attached: dict[str, list[str]] = {}
    for name, node in scope.nodes.items():
        if local_name(node) == "boundaryEvent":
            attached.setdefault(node.get("attachedToRef") or "", []).append(name)
    while todo:
        name = todo.pop()
        if name not in seen and name in scope.nodes:
            seen.add(name)
            todo += [flow.get("targetRef") or "" for flow in scope.outgoing.get(name, [])]
            todo += attached.get(name, []) + links.get(name, [])
    for name, node in scope.nodes.items():
        if name not in seen and scope.incoming.get(name):
            message = text("Aucun chemin ne mène à cet élément.")
            examination.warn("unreachable", node, message, text("Reliez-le ou supprimez-le."))


def _begins(scope: Scope, name: str, node: etree._Element) -> bool:
    if local_name(node) == "startEvent" or is_true(node.get("triggeredByEvent")) or is_true(node.get("isForCompensation")):
        return True
    if local_name(node) == "boundaryEvent" or scope.incoming.get(name):
        return False
    has_start = any(local_name(each) == "startEvent" for each in scope.nodes.values())
    return not has_start or is_true(node.get("instantiate"))


def _links(scope: Scope) -> dict[str, list[str]]:
    catches: dict[str | None, list[str]] = {}
    for name, node in scope.nodes.items():
        link = child(node, "linkEventDefinition")
        if link is not None and local_name(node) == "intermediateCatchEvent":
            catches.setdefault(link.get("name"), []).append(name)
    return {
        name: catches.get(link.get("name"), [])
        for name, node in scope.nodes.items()
        if local_name(node) == "intermediateThrowEvent" and (link := child(node, "linkEventDefinition")) is not None
    }

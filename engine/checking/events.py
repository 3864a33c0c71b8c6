"""Rules on events: which triggers stand where, and that each says what it needs."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from lxml import etree

from engine.checking.advice import compensates
from engine.checking.findings import Examination, Scope, child, is_looped, is_true, trigger
from engine.checking.table import NEEDS_TRIGGER, TRIGGERS
from engine.checking.wording import title
from engine.diagram import BPMN, child_text, local_name, reference
from engine.spiff.canonical import EVENTS
from engine.spiff.scripts import feel
from engine.spiff.timers import TimerKind, TimerRule
from feel.errors import FeelError
from feel.text import text

TIMERS = tuple(each for each in get_args(TimerKind) if each.startswith("time"))


def check(examination: Examination) -> None:
    """All rules of this module."""
    for scope, node in examination.nodes(*EVENTS):
        place = place_of(scope, node)
        definitions = examination.definitions(node)
        if not definitions and place in NEEDS_TRIGGER:
            message = text("Cet événement n’a pas de déclencheur.")
            examination.refuse("event-without-trigger", node, message, text("Choisissez ce qu’il attend."))
        for definition in definitions:
            _definition(examination, scope, node, place, definition)
        _whole(examination, node, place, definitions)
    for scope, node in examination.nodes("sendTask", "receiveTask"):
        message_name(examination, node, node)
        _receive(examination, scope, node)
    for scope in examination.scopes:
        _links(examination, scope)
        _compensation(examination, scope)


def place_of(scope: Scope, node: etree._Element) -> str:
    """Where an event stands, in the words of `table.TRIGGERS`."""
    if local_name(node) != "startEvent":
        return local_name(node)
    if scope.kind == "process":
        return "process start"
    return "event sub-process start" if scope.is_event_sub else "sub-process start"


def _definition(examination: Examination, scope: Scope, node: etree._Element, place: str, definition: etree._Element) -> None:
    kind = trigger(definition)
    if kind not in TRIGGERS[place]:
        message = text("Un événement « %(kind)s » n’est pas pris en charge à cet endroit.", kind=kind)
        examination.refuse("trigger-unsupported", node, message, text("Choisissez un autre déclencheur ou un autre endroit."))
        return
    match kind:
        case "message":
            message_name(examination, node, definition)
        case "signal":
            named(examination, node, definition, "signal")
        case "timer":
            _timer(examination, node, definition)
        case "conditional":
            _conditional(examination, node, place, definition)
        case "error" | "escalation":
            _coded(examination, node, definition, kind, place)
        case "cancel":
            _cancel(examination, scope, node)


def _whole(examination: Examination, node: etree._Element, place: str, definitions: list[etree._Element]) -> None:
    kinds = {trigger(each) for each in definitions}
    alone = {"link", "cancel"} if place in ("endEvent", "intermediateThrowEvent") else {"link", "cancel", "compensate"}
    if len(definitions) > 1 and kinds & alone:
        message = text("Ce déclencheur ne peut pas être combiné avec d’autres.")
        examination.refuse("trigger-mixed", node, message, text("Séparez-les en plusieurs événements."))
    if place == "process start" and is_true(node.get("parallelMultiple")) and kinds != {"message"}:
        message = text("Un départ qui attend plusieurs déclencheurs à la fois n’attend que des messages.")
        examination.refuse("start-parallel-multiple", node, message, text("Attendez les autres déclencheurs après le départ."))
    if kinds & {"error", "cancel", "compensate"} and (node.get("cancelActivity") == "false" or node.get("isInterrupting") == "false"):
        message = text("Une erreur, une annulation ou une compensation interrompt toujours.")
        examination.refuse("error-non-interrupting", node, message, text("Rendez l’événement interruptif."))


def message_name(examination: Examination, node: etree._Element, holder: etree._Element) -> None:
    """A message event, send or receive task names its message."""
    named(examination, node, holder, "message")


def named(examination: Examination, node: etree._Element, holder: etree._Element, tag: str) -> None:
    """A definition refers to its message or signal (`tag`), which has a name."""
    target = examination.refers(holder, f"{tag}Ref", tag)
    if not holder.get(f"{tag}Ref"):
        message = text("Aucun message n’est choisi.") if tag == "message" else text("Aucun signal n’est choisi.")
        examination.refuse(f"{tag}-missing", node, message, text("Choisissez-en un."))
    elif target is not None and not target.get("name"):
        message = text("Ce message ou signal n’a pas de nom.")
        examination.refuse(f"{tag}-without-name", target, message, text("Donnez-lui un nom : c’est par lui qu’on le reconnaît."))


def _timer(examination: Examination, node: etree._Element, definition: etree._Element) -> None:
    given: list[tuple[TimerKind, str]] = []
    for kind in TIMERS:
        source = child_text(definition, kind)
        if source:
            given.append((kind, source))
    if len(given) != 1:
        message = text("La minuterie doit dire une date, une durée ou un cycle, et un seul des trois.")
        examination.refuse("timer-missing", node, message, text("Écrivez par exemple la durée P2D."))
    for kind, source in given:
        try:
            TimerRule(kind, source)
        except (FeelError, ValueError, OverflowError) as error:
            message = text("La minuterie « %(source)s » n’est ni ISO 8601 ni FEEL.", source=source[:200])
            remedy = text("Par exemple P2D, R3/P1D, 2019-06-13T10:00 ou une expression FEEL. Détail : %(reason)s", reason=str(error))
            examination.refuse("timer-syntax", node, message, remedy)
        endless = local_name(node) == "intermediateCatchEvent" and source.startswith("R/")
        if kind == "timeCycle" and (endless or _interrupts(node)):
            message = text("À cet endroit, le cycle ne se déclenche qu’une fois.")
            examination.warn("timer-cycle-once", node, message, text("Écrivez une durée, ou un événement qui n’interrompt pas."))


def _interrupts(node: etree._Element) -> bool:
    return local_name(node) == "boundaryEvent" and node.get("cancelActivity") != "false"


def _conditional(examination: Examination, node: etree._Element, place: str, definition: etree._Element) -> None:
    condition = child_text(definition, "condition")
    if not condition:
        examination.refuse("condition-empty", node, text("La condition de l’événement est vide."), text("Écrivez-la en FEEL."))
    examination.formula(node, condition, text("Condition de l’événement"), "truth")
    if place == "process start" and condition and _is_constant(condition):
        message = text("La condition d’un départ porte sur les variables données au départ, et celle-ci n’en lit aucune.")
        examination.refuse("start-condition-constant", node, message, text("Nommez une variable, ou utilisez une minuterie."))


def _is_constant(condition: str) -> bool:
    try:
        return not feel(condition).free
    except FeelError:
        return False


def _coded(examination: Examination, node: etree._Element, definition: etree._Element, kind: str, place: str) -> None:
    target = examination.refers(definition, f"{kind}Ref", kind)
    throws = place in ("endEvent", "intermediateThrowEvent")
    if throws and not definition.get(f"{kind}Ref"):
        message = text("L’erreur ou l’escalade levée n’est pas choisie.")
        examination.refuse(f"{kind}-missing", node, message, text("Choisissez-en une qui porte un code."))
    elif target is not None and not (target.get(f"{kind}Code") or (target.get("name") and not throws)):
        message = text("Cette erreur ou escalade n’a pas de code.")
        examination.refuse(f"{kind}-without-code", target, message, text("Donnez-lui un code : c’est par lui qu’on la reconnaît."))


def _cancel(examination: Examination, scope: Scope, node: etree._Element) -> None:
    host = scope.nodes.get(node.get("attachedToRef") or "")
    inside = scope.kind if local_name(node) == "endEvent" else local_name(host) if host is not None else ""
    transaction = scope.element if local_name(node) == "endEvent" else host
    if transaction is not None and is_looped(transaction):
        message = text("L’annulation d’une transaction répétée n’est pas prise en charge.")
        examination.refuse("cancel-looped", node, message, text("Placez la répétition autour de la transaction."))
    if inside != "transaction":
        message = text("L’annulation n’a de sens que dans une transaction ou à sa bordure.")
        examination.refuse("cancel-misplaced", node, message, text("Placez-le dans une transaction ou à sa bordure."))


def _receive(examination: Examination, scope: Scope, node: etree._Element) -> None:
    if is_true(node.get("instantiate")) and (scope.incoming.get(node.get("id") or "") or scope.kind != "process"):
        message = text("Une réception qui démarre le processus ne peut pas avoir de flux entrant ni être dans un sous-processus.")
        examination.refuse("instantiate-misplaced", node, message, text("Supprimez le flux entrant, ou décochez « instantiate »."))


def _links(examination: Examination, scope: Scope) -> None:
    links = [(node, link) for node in scope.nodes.values() if (link := child(node, "linkEventDefinition")) is not None]
    catches = Counter(link.get("name") for node, link in links if local_name(node) == "intermediateCatchEvent")
    throws = {link.get("name") for node, link in links if local_name(node) == "intermediateThrowEvent"}
    for node, link in links:
        name, is_catch = link.get("name"), local_name(node) == "intermediateCatchEvent"
        if not name:
            examination.refuse("link-without-name", node, text("Ce lien n’a pas de nom."), text("Donnez-lui un nom."))
        elif not is_catch and not catches[name]:
            message = text("Aucun lien d’arrivée ne s’appelle « %(name)s » à ce niveau.", name=name)
            examination.refuse("link-dangling", node, message, text("Dessinez le lien d’arrivée, ou corrigez le nom."))
        elif is_catch and name not in throws:
            message = text("Aucun lien de départ ne s’appelle « %(name)s » à ce niveau.", name=name)
            examination.refuse("link-unused", node, message, text("Dessinez le lien de départ, ou corrigez le nom."))
        elif is_catch and catches[name] > 1:
            message = text("Plusieurs liens d’arrivée s’appellent « %(name)s ».", name=name)
            examination.refuse("link-ambiguous", node, message, text("Gardez-en un seul."))
        _paired(examination, node, link)


def _paired(examination: Examination, node: etree._Element, link: etree._Element) -> None:
    """Links may also name each other by id: a target names its sources, and they name it."""
    for way, back in (("source", "target"), ("target", "source")):
        for pointer in link.findall(f"{{{BPMN}}}{way}"):
            other = examination.leads(node, pointer.text or "", frozenset(("linkEventDefinition",)))
            answers = [reference(each.text) for each in other.findall(f"{{{BPMN}}}{back}")] if other is not None else []
            if other is not None and (link.get("name") != other.get("name") or (answers and link.get("id") not in answers)):
                message = text("Ce lien et celui qu’il désigne ne se correspondent pas.")
                examination.refuse("link-mistaken", node, message, text("Donnez-leur le même nom."))


def _compensation(examination: Examination, scope: Scope) -> None:
    handlers = {
        reference(each.get("sourceRef")): scope.nodes.get(reference(each.get("targetRef")) or "")
        for each in scope.element.findall(f"{{{BPMN}}}association")
        if reference(each.get("targetRef")) in scope.nodes
    }
    for name, node in scope.nodes.items():
        kinds = {trigger(each) for each in examination.definitions(node)}
        if is_true(node.get("isForCompensation")):
            _handler_alone(examination, node, linked=node in handlers.values())
        if "compensate" not in kinds:
            continue
        if local_name(node) == "boundaryEvent":
            _handler(examination, scope, node, handlers.get(name))
        elif local_name(node) == "startEvent":
            _compensation_start(examination, scope, node)
        else:
            _compensation_throw(examination, scope, node)


def _handler(examination: Examination, scope: Scope, node: etree._Element, handler: etree._Element | None) -> None:
    if scope.outgoing.get(node.get("id") or ""):
        message = text("Aucun flux ne part d’un événement de compensation.")
        remedy = text("Reliez-le à l’activité de compensation par une association.")
        examination.refuse("compensation-boundary-flow", node, message, remedy)
    if handler is None or not is_true(handler.get("isForCompensation")):
        message = text("Aucune activité de compensation n’est associée à cet événement.")
        remedy = text("Reliez-le par une association à une activité marquée « compensation ».")
        examination.refuse("compensation-without-handler", node, message, remedy)
        return
    own = handler.get("id") or ""
    if scope.incoming.get(own) or scope.outgoing.get(own):
        message = text("Une activité de compensation n’a pas de flux.")
        examination.refuse("compensation-with-flow", handler, message, text("Supprimez le flux : l’association suffit."))


def _handler_alone(examination: Examination, node: etree._Element, *, linked: bool) -> None:
    if not linked:
        message = text("Aucun événement de compensation ne mène à cette activité.")
        examination.warn("compensation-unused", node, message, text("Associez-la à un événement de compensation."))


def _compensation_start(examination: Examination, scope: Scope, node: etree._Element) -> None:
    around = scope.element.getparent()
    if around is None or not scope.is_event_sub:
        return
    if local_name(around) == "process":
        message = text("Rien ne peut compenser un processus entier : ce sous-processus ne se déclenchera jamais.")
        examination.warn("compensation-unused", node, message, text("Placez-le dans le sous-processus qu’il compense."))
    others = [each for each in examination.scopes if each.is_event_sub and each.element.getparent() is around]
    starts = [start for each in others for start in each.nodes.values() if local_name(start) == "startEvent"]
    compensating = [each for each in starts if any(trigger(one) == "compensate" for one in examination.definitions(each))]
    if compensating.index(node) > 0:
        message = text("Le sous-processus a déjà un sous-processus événementiel de compensation.")
        examination.refuse("compensation-twice", node, message, text("Gardez-en un seul."))


def _compensation_throw(examination: Examination, scope: Scope, node: etree._Element) -> None:
    for definition in examination.definitions(node):
        activity = reference(definition.get("activityRef"))
        if activity and activity not in scope.nodes:
            outer = examination.ids.get(activity)
            parent = scope.element.getparent()
            if not (scope.is_event_sub and outer is not None and outer.getparent() is parent):
                message = text("L’activité à compenser « %(name)s » n’est pas à ce niveau.", name=activity)
                examination.refuse("reference-dangling", node, message)
        if activity in scope.nodes and not compensates(examination, scope, scope.nodes[activity]):
            message = text("Rien n’annule « %(name)s » : cette compensation ne fera rien.", name=title(scope.nodes[activity]))
            examination.warn("compensation-nothing", node, message, text("Dessinez l’activité qui l’annule."))

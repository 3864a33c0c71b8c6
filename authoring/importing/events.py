"""Flows and events: conditions, timers, messages, signals, errors and escalations."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from authoring.importing import mappings
from authoring.importing.expressions import condition, context, from_juel, from_zeebe, is_juel, is_variable
from authoring.importing.human import when
from authoring.importing.juel import Untranslatable
from authoring.importing.loops import renamed
from authoring.importing.sheet import Element, Sheet, is_drawn
from engine.diagram import child_text, local_name, reference
from engine.spiff.timers import ISO
from feel.text import Text, text

CATCHES = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
THROWS = ("intermediateThrowEvent", "endEvent")
CODE = ("class", "delegateExpression", "expression", "topic", "type")


def translate(sheet: Sheet) -> None:
    """All flows and events of the diagram."""
    for flow in sheet.nodes("sequenceFlow"):
        _condition(sheet, flow, "conditionExpression", text("Condition du flux"))
    for definition in sheet.nodes("conditionalEventDefinition"):
        _condition(sheet, definition, "condition", text("Condition de l’événement"))
        _watched(sheet, definition)
    for tag in ("completionCondition", "activationCondition", "loopCondition"):
        for holder in sheet.nodes("adHocSubProcess", "complexGateway", "standardLoopCharacteristics"):
            _condition(sheet, holder, tag, text("Condition de fin"))
    for definition in sheet.nodes("timerEventDefinition"):
        _timer(sheet, definition)
    if sheet.is_of_camunda_7:
        _gateways(sheet)
    _names(sheet)
    _catches(sheet)
    for node in sheet.nodes(*THROWS):
        _throw(sheet, node)
    for kind in ("error", "escalation"):
        for definition in sheet.nodes(f"{kind}EventDefinition"):
            _coded(sheet, definition, kind)


def _condition(sheet: Sheet, holder: Element, tag: str, what: Text) -> None:
    """A condition in JUEL becomes FEEL; one that cannot stays, and the check before publication refuses it."""
    child = next((each for each in holder if local_name(each) == tag), None)
    if child is None:
        return
    if is_drawn(holder):
        return
    source, language = (child.text or "").strip(), child.get("language") or ""
    resource = sheet.take(child, "resource")
    if resource or (language and not re.search("feel|juel", language, re.IGNORECASE)):
        message = text("La condition est écrite en « %(language)s » : récrivez-la en FEEL.", language=language or resource)
        sheet.todo(holder, "condition-language", message, resource or source)
        return
    if not source:
        return
    try:
        written = condition(source, renamed(holder))
    except Untranslatable as error:
        sheet.refused(holder, what, source, error)
        return
    if written == source.removeprefix("=").strip():
        return
    child.text = written
    child.attrib.pop("language", "")
    sheet.translated(holder, "condition", text("La condition est en FEEL."), source, written)


def _gateways(sheet: Sheet) -> None:
    """Camunda 7 takes the one flow without condition of an exclusive gateway last, and each one of an inclusive gateway always."""
    for gateway in sheet.nodes("exclusiveGateway", "inclusiveGateway"):
        scope = gateway.getparent()
        flows = [each for each in (scope if scope is not None else ()) if each.get("sourceRef") == gateway.get("id")]
        bare = [each for each in flows if child_text(each, "conditionExpression") is None and each.get("id") != gateway.get("default")]
        if len(flows) < 2 or not bare:
            continue
        if local_name(gateway) == "inclusiveGateway":
            for flow in bare:
                sheet.put_child(flow, "conditionExpression", "true")
                sheet.translated(flow, "flow-always", text("Ce flux sans condition est toujours suivi."), "", "true")
        elif len(bare) == 1 and not gateway.get("default"):
            gateway.set("default", bare[0].get("id") or "")
            sheet.translated(gateway, "default-flow", text("Le flux sans condition est le flux par défaut."), "", bare[0].get("id") or "")


def _watched(sheet: Sheet, definition: Element) -> None:
    for name in ("variableName", "variableEvents", "variableEvent"):
        value = sheet.take(definition, name)
        if value:
            sheet.dropped(definition, "condition-variable", text("Ici, une condition est relue à chaque changement de variable."), value)
    for box in sheet.take_all(definition, "conditionalFilter"):
        said = box.get("variableNames") or box.get("variableEvents") or ""
        sheet.dropped(definition, "condition-variable", text("Ici, une condition est relue à chaque changement de variable."), said)


def _timer(sheet: Sheet, definition: Element) -> None:
    for child in definition:
        source = (child.text or "").strip()
        if local_name(child) not in ("timeDate", "timeDuration", "timeCycle") or not source:
            continue
        if ISO.fullmatch(source):
            if child.attrib.pop("language", ""):
                sheet.dropped(definition, "timer-language", text("Une durée ou une date ISO 8601 n’a pas besoin d’un langage."), source)
            continue
        if not is_juel(source) and not source.startswith("="):
            if local_name(child) == "timeCycle" and len(source.split()) in (5, 6, 7):
                sheet.todo(
                    definition,
                    "timer-cron",
                    text("Le calendrier « cron » n’est pas repris : écrivez un cycle ISO 8601, comme R/P1D."),
                    source,
                )
            continue
        try:
            written = when(source, renamed(definition))
        except Untranslatable as error:
            sheet.refused(definition, text("Minuterie"), source, error)
            continue
        if written != source:
            child.text = written
            sheet.translated(definition, "timer", text("La minuterie est en FEEL."), source, written)


def _names(sheet: Sheet) -> None:
    """Names and codes are fixed here."""
    for element in sheet.nodes("message", "signal", "error", "escalation"):
        for attribute in ("name", "errorCode", "escalationCode"):
            value = element.get(attribute) or ""
            if is_juel(value) or value.startswith("="):
                sheet.todo(
                    element, "name-expression", text("Ici, les noms de messages et de signaux et les codes d’erreur sont fixes."), value
                )
        text_of_error = sheet.take(element, "errorMessage")
        if text_of_error:
            sheet.dropped(element, "error-message", text("Le texte d’une erreur n’est pas repris ; son code la distingue."), text_of_error)


def _subscriptions(sheet: Sheet) -> Mapping[str, str]:
    """`zeebe:subscription` of each message: id of the message → FEEL of its key."""
    found: dict[str, str] = {}
    for message in sheet.nodes("message"):
        for box in sheet.take_all(message, "subscription"):
            source = box.get("correlationKey") or ""
            try:
                found[message.get("id") or ""] = from_zeebe(source)
            except Untranslatable as error:
                sheet.refused(message, text("Clé de rattachement"), source, error)
    return found


def _catches(sheet: Sheet) -> None:
    keys = _subscriptions(sheet)
    used = {_catch(sheet, node, keys) for node in sheet.nodes(*CATCHES)}
    for message in sheet.nodes("message"):
        if message.get("id") in set(keys) - used:
            said = text("Aucun événement qui attend ce message n’a besoin de sa clé.")
            sheet.dropped(message, "correlation-unused", said, keys[message.get("id") or ""])


def _catch(sheet: Sheet, node: Element, keys: Mapping[str, str]) -> str:
    """Answers the id of the message that the element waits for with a key."""
    definition = next((each for each in node if local_name(each) == "messageEventDefinition"), node)
    pointer = reference(definition.get("messageRef")) or ""
    named = bool(definition.get("messageRef"))
    around = node.getparent()
    starts = local_name(node) == "startEvent" and around is not None and local_name(around) == "process"
    if named and not starts:
        _correlate(sheet, node, keys.get(pointer))
    found = mappings.take(sheet, node, renamed(node))
    if local_name(node) == "startEvent" and not found.adds:
        mappings.without_identities(sheet, node, found)
    if found.inputs or found.outputs:
        mappings.apply(sheet, node, found)
    return "" if starts else pointer


def _correlate(sheet: Sheet, node: Element, key: str | None) -> None:
    if key is None:
        if not sheet.get(node, "correlation") and sheet.is_of_camunda_7:
            message = text("Dites par « correlation » ce qui relie le message au bon dossier ; avant, l’appelant le choisissait.")
            sheet.todo(node, "correlation", message)
        return
    last = key.rsplit(".", 1)[-1]
    name = last if is_variable(last) and re.fullmatch(r"[\w.]+", key) else "correlationKey"
    written = context({name: key})
    sheet.set(node, "correlation", written)
    message = text("Le message est rattaché par sa clé « %(name)s » : envoyez-la dans « correlation » ou dans le contenu.", name=name)
    sheet.translated(node, "correlation", message, key, written)


def _throw(sheet: Sheet, node: Element) -> None:
    found = mappings.take(sheet, node, renamed(node))
    for definition in (each for each in node if local_name(each).endswith("EventDefinition")):
        kind = local_name(definition)
        if kind == "messageEventDefinition":
            _sent(sheet, node, definition)
        elif kind == "signalEventDefinition":
            _signalled(sheet, node, definition, found)
    if found.inputs or found.outputs:
        mappings.apply(sheet, node, found)


def _sent(sheet: Sheet, node: Element, definition: Element) -> None:
    """Other engines let code send the message; here the engine sends it."""
    code = [value for name in CODE if (value := sheet.take(definition, name) or sheet.take(node, name))]
    code += [each.get("name") or local_name(each) for each in sheet.take_all(definition, "field", "inputOutput", "connector")]
    jobs = sheet.take_all(node, "taskDefinition") + sheet.take_all(node, "taskHeaders")
    code += [each.get("type") or "" for each in jobs if each.get("type")]
    if code:
        message = text("Un programme envoyait ce message ; ici, le moteur l’envoie. Dites son contenu (« payload ») et sa « correlation ».")
        sheet.todo(node, "message-sent", message, "; ".join(code))


def _signalled(sheet: Sheet, node: Element, definition: Element, found: mappings.Mappings) -> None:
    entries = dict(found.inputs)
    for line in sheet.take_all(definition, "in"):
        source, target = line.get("source") or "", line.get("target") or ""
        try:
            if line.get("sourceExpression"):
                source = from_juel(line.get("sourceExpression") or "", renamed(node))
            elif not is_variable(source):
                raise Untranslatable(text("« %(name)s » n’est pas un nom de variable en FEEL.", name=source or "*"))
            entries[target] = source
        except Untranslatable as error:
            sheet.refused(node, text("Variable « %(name)s »", name=target), etree.tostring(line, encoding="unicode"), error)
    found.inputs = {}
    if entries:
        sheet.set(node, "payload", context(entries))
        sheet.translated(node, "payload", text("Le contenu du signal."), ", ".join(entries), context(entries))


def _coded(sheet: Sheet, definition: Element, kind: str) -> None:
    for name in (f"{kind}CodeVariable", f"{kind}MessageVariable"):
        value = sheet.take(definition, name)
        if not value:
            continue
        if len(re.findall(rf"\b{re.escape(value)}\b", sheet.text)) > 1:
            message = text("La variable « %(name)s » ne reçoit pas le code ici : posez un événement par code.", name=value)
            sheet.todo(definition, "code-variable", message, value)
        else:
            sheet.dropped(definition, "code-variable", text("Rien ne lit cette variable."), value)

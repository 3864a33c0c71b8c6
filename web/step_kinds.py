"""What the modeler can append, attach, insert or make of a step, in words. A key is the type in BPMN, for events with the trigger."""

from __future__ import annotations

from collections.abc import Mapping

from web.languages import gettext

Kinds = Mapping[str, str]


def kinds() -> dict[str, Kinds | list[Kinds]]:
    """`steps` follow another, `starts` begin, `attached` stand on the border of an activity; of a family one can become the other."""
    tasks, starts = _tasks(), _starts()
    steps = tasks | _gateways() | _waits() | {"bpmn:SubProcess": gettext("Phase")} | _ends()
    return {
        "steps": steps,
        "starts": starts,
        "attached": _attached(),
        "families": [tasks, _gateways() | {"bpmn:InclusiveGateway": gettext("Une ou plusieurs suites")}, starts, _waits(), _ends()],
    }


def _tasks() -> dict[str, str]:
    return {
        "bpmn:UserTask": gettext("Tâche à la main"),
        "bpmn:ServiceTask": gettext("Service extérieur"),
        "bpmn:BusinessRuleTask": gettext("Décision"),
        "bpmn:ScriptTask": gettext("Calcul"),
        "bpmn:SendTask": gettext("Envoi d’un message"),
        "bpmn:ReceiveTask": gettext("Attente d’un message"),
        "bpmn:CallActivity": gettext("Autre processus"),
    }


def _gateways() -> dict[str, str]:
    return {
        "bpmn:ExclusiveGateway": gettext("Choix"),
        "bpmn:ParallelGateway": gettext("En parallèle"),
        "bpmn:EventBasedGateway": gettext("Ce qui arrive en premier"),
    }


def _starts() -> dict[str, str]:
    return {
        "bpmn:StartEvent": gettext("Début"),
        "bpmn:StartEvent:Message": gettext("Début par un message"),
        "bpmn:StartEvent:Timer": gettext("Début à une date"),
        "bpmn:StartEvent:Signal": gettext("Début par un signal"),
    }


def _waits() -> dict[str, str]:
    return {
        "bpmn:IntermediateCatchEvent:Timer": gettext("Attente d’un délai"),
        "bpmn:IntermediateCatchEvent:Message": gettext("Attente d’un message (événement)"),
        "bpmn:IntermediateCatchEvent:Signal": gettext("Attente d’un signal"),
        "bpmn:IntermediateThrowEvent:Message": gettext("Envoi d’un message (événement)"),
        "bpmn:IntermediateThrowEvent:Signal": gettext("Envoi d’un signal"),
    }


def _ends() -> dict[str, str]:
    return {
        "bpmn:EndEvent": gettext("Fin"),
        "bpmn:EndEvent:Message": gettext("Fin qui envoie un message"),
        "bpmn:EndEvent:Error": gettext("Fin en erreur"),
        "bpmn:EndEvent:Terminate": gettext("Fin qui arrête tout"),
    }


def _attached() -> dict[str, str]:
    return {
        "bpmn:BoundaryEvent:Timer": gettext("Échéance"),
        "bpmn:BoundaryEvent:Message": gettext("Message"),
        "bpmn:BoundaryEvent:Error": gettext("Erreur"),
        "bpmn:BoundaryEvent:Signal": gettext("Signal"),
        "bpmn:BoundaryEvent:Escalation": gettext("Escalade"),
    }

"""How authors call what stands in their files: words for the types of elements, in place of the names of their XML tags."""

from __future__ import annotations

from lxml import etree

from engine.diagram import local_name
from feel.problems import Problem
from feel.text import Text, text

KINDS: dict[str, Text] = {
    "adHocSubProcess": text("sous-processus ad hoc"),
    "association": text("association"),
    "boundaryEvent": text("événement de bordure"),
    "businessRuleTask": text("tâche de règle métier"),
    "callActivity": text("activité d’appel"),
    "callChoreography": text("appel d’une chorégraphie"),
    "cancelEventDefinition": text("annulation"),
    "choreography": text("chorégraphie"),
    "choreographyTask": text("tâche de chorégraphie"),
    "collaboration": text("collaboration"),
    "compensateEventDefinition": text("compensation"),
    "complexGateway": text("passerelle complexe"),
    "conditionalEventDefinition": text("condition"),
    "correlationKey": text("clé de rattachement"),
    "correlationProperty": text("propriété de rattachement"),
    "dataInput": text("donnée d’entrée"),
    "dataInputAssociation": text("association de données en entrée"),
    "dataObject": text("objet de données"),
    "dataObjectReference": text("objet de données"),
    "dataOutput": text("donnée de sortie"),
    "dataOutputAssociation": text("association de données en sortie"),
    "dataStore": text("entrepôt de données"),
    "dataStoreReference": text("entrepôt de données"),
    "definitions": text("fichier BPMN"),
    "endEvent": text("événement de fin"),
    "error": text("erreur"),
    "errorEventDefinition": text("erreur"),
    "escalation": text("escalade"),
    "escalationEventDefinition": text("escalade"),
    "eventBasedGateway": text("passerelle événementielle"),
    "exclusiveGateway": text("passerelle exclusive"),
    "globalBusinessRuleTask": text("tâche globale de règle métier"),
    "globalChoreographyTask": text("tâche globale de chorégraphie"),
    "globalConversation": text("conversation globale"),
    "globalManualTask": text("tâche globale manuelle"),
    "globalScriptTask": text("tâche globale de script"),
    "globalTask": text("tâche globale"),
    "globalUserTask": text("tâche globale humaine"),
    "group": text("groupe"),
    "humanPerformer": text("exécutant"),
    "import": text("import"),
    "inclusiveGateway": text("passerelle inclusive"),
    "interface": text("interface de service"),
    "intermediateCatchEvent": text("événement intermédiaire en réception"),
    "intermediateThrowEvent": text("événement intermédiaire en émission"),
    "ioBinding": text("liaison de données"),
    "ioSpecification": text("liste des données d’entrée et de sortie"),
    "itemDefinition": text("type de données"),
    "lane": text("couloir"),
    "linkEventDefinition": text("lien"),
    "manualTask": text("tâche manuelle"),
    "message": text("message"),
    "messageEventDefinition": text("message"),
    "messageFlow": text("flux de message"),
    "multiInstanceLoopCharacteristics": text("répétition pour plusieurs instances"),
    "operation": text("opération de service"),
    "parallelGateway": text("passerelle parallèle"),
    "participant": text("participant"),
    "performer": text("exécutant"),
    "potentialOwner": text("exécutant possible"),
    "process": text("processus"),
    "property": text("propriété de données"),
    "receiveTask": text("tâche de réception"),
    "resource": text("ressource"),
    "resourceRole": text("exécutant"),
    "scriptTask": text("tâche de script"),
    "sendTask": text("tâche d’envoi"),
    "sequenceFlow": text("flux"),
    "serviceTask": text("tâche de service"),
    "signal": text("signal"),
    "signalEventDefinition": text("signal"),
    "standardLoopCharacteristics": text("boucle"),
    "startEvent": text("événement de départ"),
    "subChoreography": text("sous-chorégraphie"),
    "subProcess": text("sous-processus"),
    "task": text("tâche"),
    "terminateEventDefinition": text("terminaison"),
    "textAnnotation": text("annotation"),
    "timerEventDefinition": text("minuterie"),
    "transaction": text("transaction"),
    "userTask": text("tâche humaine"),
}


OTHERS: dict[str, Text] = {
    "decision": text("décision"),
    "diagram": text("diagramme"),
    "file": text("fichier"),
    "form": text("formulaire"),
}
"""What else a problem may be about."""


def where(problem: Problem) -> Text:
    """Where a problem lies, for people: tâche de service « Vérifier le SIRET » (verifier)."""
    own = OTHERS.get(problem.element_type) or kind(problem.element_type)
    name, ident = problem.element_name or problem.element_id, problem.element_id
    if not problem.element_type and not name:
        return text("publication")
    if not name:
        return own
    if name == ident or not ident:
        return text("%(kind)s « %(name)s »", kind=own, name=name)
    return text("%(kind)s « %(name)s » (%(id)s)", kind=own, name=name, id=ident)


def kind(tag: str) -> Text:
    """What authors call an element of that type; the name of its tag where there is no word for it."""
    return KINDS.get(tag) or text("élément « %(tag)s »", tag=tag)


def title(element: etree._Element) -> str:
    """What people call this one element: its name, else its id."""
    return " ".join((element.get("name") or element.get("id") or "").split())[:100]


def called(element: etree._Element) -> Text:
    """An element by its type and its name, else its id: tâche de service « Vérifier le SIRET »."""
    name, own = title(element), kind(local_name(element))
    return text("%(kind)s « %(name)s »", kind=own, name=name) if name else own

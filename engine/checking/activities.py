"""Rules on activities: what each type needs, loops, sub-processes."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from engine.checking import behavior
from engine.checking.connectors import check_service
from engine.checking.findings import Examination, Scope, child, is_looped, is_true
from engine.checking.vocabulary import FEEL_LANGUAGE
from engine.diagram import BPMN, child_text, local_name, properties, reference
from engine.spiff.canonical import ACTIVITIES, SCOPES
from engine.spiff.mapping import MAPPED
from engine.spiff.timers import TimerRule
from feel.errors import FeelError
from feel.text import text

SUB_PROCESSES = SCOPES - {"process"}
KEY = re.compile(r"[\w.-]+")
WHOLE = re.compile(r"\d{1,6}", re.ASCII)


GLOBAL = {
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
"""Tasks that call activities call, each by the task whose rules it keeps."""


def check(examination: Examination) -> None:
    """All rules of this module."""
    rules: dict[str, Callable[[Examination, etree._Element], None]] = {
        "userTask": _user_task,
        "manualTask": _user_task,
        "scriptTask": _script,
        "serviceTask": check_service,
        "businessRuleTask": _decision,
        "callActivity": _call,
    }
    for scope, node in examination.nodes(*ACTIVITIES):
        name = local_name(node)
        if name in rules:
            rules[name](examination, node)
        if name in SUB_PROCESSES:
            _sub_process(examination, scope, node)
        _quantities(examination, node)
        _loop(examination, node)
    for task in examination.root.iterchildren(*(f"{{{BPMN}}}{name}" for name in GLOBAL)):
        rules[GLOBAL[local_name(task)]](examination, task)
    for scope in examination.scopes:
        _content(examination, scope)


def _user_task(examination: Examination, node: etree._Element) -> None:
    own = properties(node)
    form_key(examination, node)
    if own.get("candidateGroups", "").startswith("="):
        examination.formula(node, own["candidateGroups"], text("Propriété « %(key)s »", key="candidateGroups"))
    if own.get("priority") and not re.fullmatch(r"-?\d{1,6}", own["priority"], re.ASCII):
        examination.refuse("priority-invalid", node, text("La priorité doit être un nombre entier."), text("Écrivez par exemple 50."))
    if own.get("dueIn"):
        try:
            TimerRule("dueIn", own["dueIn"])
        except (FeelError, ValueError, OverflowError):
            message = text("Le délai « %(source)s » n’est ni une durée ISO 8601 ni une expression FEEL.", source=own["dueIn"][:200])
            examination.refuse("due-syntax", node, message, text("Écrivez par exemple P2D."))


def form_key(examination: Examination, node: etree._Element) -> None:
    """A form that an element names is among the files."""
    key = properties(node).get("formKey")
    if key and key not in examination.bundle.forms:
        message = text("Le formulaire « %(key)s » n’est pas parmi les fichiers.", key=key)
        examination.refuse("form-unknown", node, message, text("Ajoutez ce formulaire, ou corrigez la clé."))


def _script(examination: Examination, node: etree._Element) -> None:
    source = child_text(node, "script")
    language = node.get("scriptFormat") or node.get("scriptLanguage")
    if language and not FEEL_LANGUAGE.fullmatch(language.strip()):
        message = text("Le langage de script « %(format)s » n’est pas pris en charge.", format=language)
        examination.refuse("script-language", node, message, text("Écrivez le script en FEEL : { variable: expression }."))
    elif not source:
        examination.refuse("script-missing", node, text("La tâche n’a pas de script."), text("Écrivez un contexte FEEL."))
    else:
        examination.formula(node, source, text("Script"), "context")


def _decision(examination: Examination, node: etree._Element) -> None:
    own = properties(node)
    key = own.get("decisionKey")
    if not key:
        message = text("La tâche ne dit pas quelle décision prendre.")
        examination.refuse("decision-missing", node, message, text("Renseignez la propriété « decisionKey »."))
    elif examination.bundle.decision(key) is None:
        message = text("La décision « %(key)s » n’est pas parmi les fichiers.", key=key)
        examination.refuse("decision-unknown", node, message, text("Ajoutez la table de décision, ou corrigez la clé."))
    if not own.get("resultVariable"):
        message = text("Le résultat de la décision n’est gardé nulle part.")
        examination.refuse("result-missing", node, message, text("Renseignez la propriété « resultVariable »."))


def _call(examination: Examination, node: etree._Element) -> None:
    key = reference(node.get("calledElement"))
    if not key:
        message = text("L’activité ne dit pas quel processus appeler.")
        examination.refuse("called-missing", node, message, text("Choisissez le processus appelé."))
    elif key in examination.called:
        _called_start(examination, node, key)
    else:
        message = text("Le processus appelé « %(key)s » n’est pas publié ni parmi les fichiers.", key=key)
        examination.refuse("called-unknown", node, message, text("Publiez-le d’abord, ou ajoutez-le aux fichiers."))


def _called_start(examination: Examination, node: etree._Element, key: str) -> None:
    """A process of the same files that is called begins at a start event without a trigger (BPMN 2.0.2, 10.3.5)."""
    for diagram in examination.bundle.diagrams.values():
        for process in diagram.root.findall(f"{{{BPMN}}}process[@id='{key}']") if KEY.fullmatch(key) else ():
            starts = process.findall(f"{{{BPMN}}}startEvent")
            if starts and all(examination.definitions(each) for each in starts):
                message = text("Le processus appelé « %(key)s » ne commence que par un message, un signal ou une minuterie.", key=key)
                examination.refuse("called-without-start", node, message, text("Ajoutez-lui un événement de départ simple."))


def _quantities(examination: Examination, node: etree._Element) -> None:
    for attribute in ("startQuantity", "completionQuantity"):
        value = node.get(attribute)
        if value and (not WHOLE.fullmatch(value) or not 1 <= int(value) <= 1_000):
            message = text("L’attribut %(attribute)s doit être un nombre entier d’au moins 1.", attribute=attribute)
            examination.refuse("quantity-invalid", node, message, text("Écrivez par exemple 1."))


def _loop(examination: Examination, node: etree._Element) -> None:
    standard, several = child(node, "standardLoopCharacteristics"), child(node, "multiInstanceLoopCharacteristics")
    if standard is not None:
        _standard_loop(examination, node, standard)
    if several is not None:
        _multi_instance(examination, node, several)
    if (standard is not None or several is not None) and local_name(node) in MAPPED and {"input", "output"} & set(properties(node)):
        message = text("Une activité répétée ne peut pas avoir d’entrées ni de sorties.")
        remedy = text("Dites-le par la liste parcourue et « outputElement », ou mettez la tâche dans un sous-processus répété.")
        examination.refuse("mapping-looped", node, message, remedy)


def _standard_loop(examination: Examination, node: etree._Element, loop: etree._Element) -> None:
    maximum, condition = loop.get("loopMaximum"), child_text(loop, "loopCondition")
    if not maximum and not condition:
        message = text("La boucle n’a ni condition ni nombre maximal.")
        examination.refuse("loop-without-end", node, message, text("Donnez l’un ou l’autre."))
    if maximum and not WHOLE.fullmatch(maximum):
        message = text("Le nombre maximal de passages doit être un entier positif ou nul.")
        examination.refuse("loop-maximum-invalid", node, message, text("Écrivez par exemple 3."))
    examination.formula(node, condition, text("Condition de la boucle"), "truth")


def _multi_instance(examination: Examination, node: etree._Element, loop: etree._Element) -> None:
    own = properties(node)
    cardinality = child_text(loop, "loopCardinality")
    collection = own.get("collection") or child_text(loop, "loopDataInputRef")
    if not cardinality and not collection:
        message = text("L’activité multiple ne dit ni combien de fois ni pour quelle liste elle se fait.")
        examination.refuse("multi-instance-without-number", node, message, text("Donnez une cardinalité ou une liste."))
    if cardinality and collection:
        message = text("L’activité multiple dit à la fois un nombre et une liste.")
        examination.refuse("multi-instance-ambiguous", node, message, text("Gardez l’un des deux."))
    behavior.check_loop(examination, node, loop)
    output = own.get("outputCollection") or child_text(loop, "loopDataOutputRef")
    if output and not own.get("outputElement") and child(loop, "outputDataItem") is None:
        message = text("L’activité multiple a une liste de résultats mais ne dit pas ce qu’elle y met.")
        examination.refuse("multi-instance-without-output", node, message, text("Renseignez « outputElement »."))
    examination.formula(node, cardinality, text("Nombre de fois"), "count")
    examination.formula(node, child_text(loop, "completionCondition"), text("Condition de fin"), "truth")
    if reference(child_text(loop, "loopDataInputRef")) not in examination.ids:
        examination.formula(node, child_text(loop, "loopDataInputRef"), text("Liste parcourue"))


def _sub_process(examination: Examination, scope: Scope, node: etree._Element) -> None:
    own = node.get("id") or ""
    if not is_true(node.get("triggeredByEvent")):
        return
    if local_name(node) != "subProcess" or is_looped(node):
        message = text("Un sous-processus événementiel est simple, sans boucle.")
        examination.refuse("event-sub-process-invalid", node, message, text("Utilisez un sous-processus simple, sans répétition."))
    if scope.incoming.get(own) or scope.outgoing.get(own):
        message = text("Un sous-processus événementiel n’a pas de flux.")
        examination.refuse("event-sub-process-flow", node, message, text("Supprimez le flux."))


def _content(examination: Examination, scope: Scope) -> None:
    names = [local_name(node) for node in scope.nodes.values()]
    starts = names.count("startEvent")
    if scope.kind == "process":
        return
    if not scope.nodes:
        message = text("Le sous-processus est vide.")
        examination.refuse("sub-process-empty", scope.element, message, text("Dessinez au moins une activité dedans."))
    elif scope.is_event_sub and starts != 1:
        message = text("Un sous-processus événementiel a exactement un événement de départ.")
        examination.refuse("event-sub-process-start", scope.element, message, text("Gardez un seul événement de départ."))
    elif scope.kind == "adHocSubProcess":
        _ad_hoc(examination, scope, names)
    elif starts > 1:
        message = text("Un sous-processus ne peut avoir qu’un événement de départ.")
        examination.refuse("sub-process-starts", scope.element, message, text("Gardez un seul événement de départ."))
    elif not starts and not any(_can_begin(scope, name) for name in scope.nodes):
        examination.refuse("no-start", scope.element, text("Rien dans le sous-processus ne peut commencer."))


def _ad_hoc(examination: Examination, scope: Scope, names: list[str]) -> None:
    if "startEvent" in names or "endEvent" in names:
        message = text("Un sous-processus ad hoc n’a ni événement de départ ni événement de fin.")
        examination.refuse("ad-hoc-events", scope.element, message, text("Supprimez ces événements."))
    if scope.element.get("ordering") not in (None, "Parallel", "Sequential"):
        message = text("L’ordre doit être Parallel ou Sequential.")
        examination.refuse("attribute-unsupported", scope.element, message, text("Écrivez Parallel ou Sequential."))
    examination.formula(scope.element, child_text(scope.element, "completionCondition"), text("Condition de fin"), "truth")


def _can_begin(scope: Scope, name: str) -> bool:
    node = scope.nodes[name]
    return not scope.incoming.get(name) and local_name(node) != "boundaryEvent" and not is_true(node.get("isForCompensation"))

"""Namespaces of other tools, and what those of executable diagrams say that changes nothing here."""

from __future__ import annotations

from collections.abc import Mapping

from feel.text import Text, text

CAMUNDA_7 = ("http://camunda.org/schema/1.0/bpmn", "http://activiti.org/bpmn", "http://flowable.org/bpmn")
"""Camunda 7 (also Operaton and CIB seven), and the engines that it comes from: they share most of their attributes."""

CAMUNDA_8 = "http://camunda.org/schema/zeebe/1.0"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"

NAMES: Mapping[str, str] = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://camunda.org/schema/zeebe/1.0": "Camunda 8",
    "http://camunda.org/schema/modeler/1.0": "Camunda Modeler",
    "http://www.signavio.com": "Signavio",
    "http://www.bizagi.com/bpmn20": "Bizagi",
    "http://www.visual-paradigm.com": "Visual Paradigm",
    "http://www.omg.org/spec/BPMN/non-normative/color/1.0": "BPMN in Color",
    "http://bpmn.io/schema/bpmn/biocolor/1.0": "bpmn.io",
    "http://www.bpsim.org/schemas/1.0": "BPSim",
    SPIFF: "SpiffArena",
}
PARTS: Mapping[str, str] = {
    "aris": "ARIS",
    "bizagi": "Bizagi",
    "visual-paradigm": "Visual Paradigm",
    "signavio": "Signavio",
    "bpmn.io": "bpmn.io",
    "trisotech": "Trisotech",
    "w4.eu": "W4",
    "itp-commerce": "ITP Commerce",
    "jboss": "jBPM",
    "bonitasoft": "Bonita",
    "yaoqiang": "Yaoqiang",
    "enterprise-architect": "Enterprise Architect",
    "sparxsystems": "Enterprise Architect",
    "adonis": "ADONIS",
    "boc-eu": "ADONIS",
}

_CONTINUATION = text("Ici, chaque étape est enregistrée avec ce qu’elle déclenche : il n’y a rien à régler.")
_NUMBERS = text("Ce réglage de l’autre moteur n’a pas d’équivalent et ne change pas le parcours.")
_READERS = text("Cette note de l’outil d’origine ne sert qu’à ses lecteurs.")
_HISTORY = text("Ici, l’historique est gardé.")
_VERSION = text("Ici, les versions sont numérotées à la publication.")
_TEMPLATE = text("Le modèle d’élément de l’outil d’origine ne sert qu’à son panneau de propriétés.")

HARMLESS: Mapping[str, Text] = {
    "async": _CONTINUATION,
    "asyncBefore": _CONTINUATION,
    "asyncAfter": _CONTINUATION,
    "asyncLeave": _CONTINUATION,
    "asynchronous": _CONTINUATION,
    "exclusive": _CONTINUATION,
    "jobPriority": _NUMBERS,
    "taskPriority": _NUMBERS,
    "jobCategory": _NUMBERS,
    "failedJobRetryTimeCycle": _NUMBERS,
    "category": _READERS,
    "historyTimeToLive": _HISTORY,
    "historyLevel": _HISTORY,
    "versionTag": _VERSION,
    "modelerTemplate": _TEMPLATE,
    "modelerTemplateVersion": _TEMPLATE,
    "modelerTemplateIcon": _TEMPLATE,
    "modelerTemplateId": _TEMPLATE,
    "elementTemplateId": _TEMPLATE,
    "elementTemplateVersion": _TEMPLATE,
    "retryBackoff": _NUMBERS,
    "isStartableInTasklist": text("Ici, un groupe dit qui peut démarrer le processus (« candidateGroups » du départ)."),
    "properties": _READERS,
    "taskHeaders": _READERS,
    "userTask": text("Ici, toute tâche utilisateur est tenue par le moteur lui-même."),
    "executionPlatform": _READERS,
    "executionPlatformVersion": _READERS,
    "diagramRelationId": _READERS,
    "tenantId": _NUMBERS,
    "localScope": _NUMBERS,
}
"""Attributes and elements of Camunda 7, 8, Activiti and Flowable that do not change how a diagram runs here, each with the reason."""


def name_of(namespace: str) -> str:
    """How people call the tool that a namespace belongs to."""
    if namespace in NAMES:
        return NAMES[namespace]
    lowered = namespace.lower()
    return next((name for part, name in PARTS.items() if part in lowered), namespace)


def is_engine(namespace: str) -> bool:
    """Whether what a namespace says changes how its own engine runs a diagram."""
    return namespace in CAMUNDA_7 or namespace == CAMUNDA_8 or any(each in namespace for each in ("jboss.org", "BPMN/jbpm"))

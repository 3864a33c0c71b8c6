"""The fields of the modeler's panel for each kind of element, in the visitor's language, and what may be picked in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from engine import people, versions
from engine.bundle import Bundle, File
from engine.diagram import BPMN
from web.languages import gettext
from webhooks.connectors.registry import ACCEPTED

Kind = Literal["text", "feel", "pick", "suggest", "timer", "inputs"]
Where = Literal["property", "attribute", "body", "reference", "code", "timer"]

Choices = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Field:
    """One field. `key` names a property, an attribute or a child of the element, as `where` says; `choices` what one picks from."""

    key: str
    label: str
    kind: Kind = "text"
    where: Where = "property"
    hint: str = ""
    choices: str = ""


def fields() -> dict[str, list[dict[str, Any]]]:
    """The fields of every type of element (BPMN's local names; events also by their trigger, as `timer`), as JSON."""
    return {kind: [asdict(each) for each in found] for kind, found in _fields().items()}


def choices(session: Session, files: Iterable[File]) -> Choices:
    """What the pickers offer, each as its value and its name: forms and decisions of the draft, processes, groups, connectors, messages."""
    bundle = Bundle(files)
    published = {each.key: each.name for each in versions.processes(session, limit=200).items}
    own = {each.get("id") or "": each.get("name") or "" for each in _roots(bundle, "process")}
    return {
        "forms": [(key, key) for key in sorted(bundle.forms)],
        "decisions": [(key, f"{pair[1].name} ({key})" if pair[1].name != key else key) for key, pair in sorted(bundle.decisions.items())],
        "processes": sorted(((key, f"{name or key} ({key})") for key, name in (published | own).items()), key=lambda pair: pair[1]),
        "groups": sorted(people.group_names(session).items(), key=lambda pair: pair[1]),
        "connectors": [(key, key) for key in sorted(ACCEPTED)],
        "messages": [(name, name) for name in sorted({each.get("name") or "" for each in _roots(bundle, "message")} - {""})],
    }


def _roots(bundle: Bundle, name: str) -> Iterable[Any]:
    for diagram in bundle.diagrams.values():
        yield from diagram.root.iterchildren(f"{{{BPMN}}}{name}")


def _fields() -> dict[str, list[Field]]:
    human, service = _human(), _service()
    correlation = Field(
        "correlation",
        gettext("Corrélation"),
        "feel",
        hint=gettext("Contexte FEEL qui retrouve le bon dossier, par exemple { dossier: numero }."),
    )
    payload = Field("payload", gettext("Contenu"), "feel", hint=gettext("Contexte FEEL envoyé avec le message."))
    result = Field("resultVariable", gettext("Variable du résultat"))
    message = Field(
        "message", gettext("Message"), "suggest", "reference", gettext("Choisissez un message ou écrivez un nouveau nom."), "messages"
    )
    return {
        "process": [
            Field("title", gettext("Titre d’un dossier"), "feel", hint=gettext("Expression FEEL, par exemple « titre ».")),
            Field("businessKey", gettext("Clé métier"), "feel"),
            Field("withdrawMessage", gettext("Message de retrait"), "suggest", choices="messages"),
        ],
        "lane": [Field("group", gettext("Groupe qui fait les tâches du couloir"), "suggest", choices="groups")],
        "userTask": human,
        "manualTask": human,
        "startEvent": [
            Field("formKey", gettext("Formulaire"), "pick", choices="forms"),
            Field("candidateGroups", gettext("Groupes qui peuvent démarrer"), "suggest", choices="groups"),
            Field(
                "publicPath", gettext("Adresse publique"), hint=gettext("Pour une page sans compte : « proposer-une-idee », par exemple.")
            ),
            Field("publicTitle", gettext("Titre de la page publique")),
        ],
        "businessRuleTask": [Field("decisionKey", gettext("Décision"), "pick", choices="decisions"), result],
        "scriptTask": [
            Field(
                "script",
                gettext("Calcul"),
                "feel",
                "body",
                gettext("Contexte FEEL : chaque entrée devient une variable, par exemple { total: sum(notes) }."),
            )
        ],
        "serviceTask": service,
        "callActivity": [
            Field("calledElement", gettext("Processus appelé"), "pick", "attribute", choices="processes"),
            Field("input", gettext("Ce qu’il reçoit"), "feel"),
            Field("output", gettext("Ce qu’il rend"), "feel"),
        ],
        "sendTask": [message, payload, correlation],
        "receiveTask": [message, correlation, result],
        "sequenceFlow": [
            Field(
                "conditionExpression",
                gettext("Condition"),
                "feel",
                "body",
                gettext("Expression FEEL vraie ou fausse, par exemple « montant > 1000 »."),
            )
        ],
        "message:catch": [message, correlation, result],
        "message:throw": [message, payload, correlation],
        "signal": [
            Field(
                "signal", gettext("Signal"), "suggest", "reference", gettext("Choisissez un signal ou écrivez un nouveau nom."), "signals"
            )
        ],
        "error": [Field("error", gettext("Code de l’erreur"), "suggest", "code", choices="errors")],
        "escalation": [Field("escalation", gettext("Code de l’escalade"), "suggest", "code", choices="escalations")],
        "conditional": [
            Field("condition", gettext("Condition"), "feel", "body", gettext("L’attente finit dès que cette expression est vraie."))
        ],
        "timer": [Field("timer", gettext("Minuterie"), "timer", "timer")],
    }


def _human() -> list[Field]:
    return [
        Field("formKey", gettext("Formulaire"), "pick", choices="forms"),
        Field(
            "candidateGroups",
            gettext("Groupes candidats"),
            "suggest",
            hint=gettext("Vide : le groupe du couloir. Plusieurs : séparés par des virgules ; ou une expression après « = »."),
            choices="groups",
        ),
        Field("assignee", gettext("Attribuée à"), "feel", hint=gettext("Expression FEEL qui donne une adresse e-mail.")),
        Field("dueIn", gettext("À faire dans"), "timer", hint=gettext("Durée ISO 8601, par exemple P2D, ou expression FEEL.")),
        Field("priority", gettext("Priorité"), hint=gettext("Nombre entier ; le plus grand passe en premier.")),
        Field("taskTitle", gettext("Titre de la tâche"), "feel", hint=gettext("Expression FEEL ; vide : le nom de l’étape.")),
    ]


def _service() -> list[Field]:
    return [
        Field("connector", gettext("Connecteur"), "pick", choices="connectors"),
        Field(
            "connectorInput", gettext("Entrées du connecteur"), "inputs", hint=gettext("Contexte FEEL : ce que l’étape envoie, par entrée.")
        ),
        Field("resultVariable", gettext("Variable du résultat")),
        Field("retries", gettext("Nouveaux essais"), hint=gettext("Nombre entier.")),
    ]


def inputs() -> dict[str, dict[str, list[str]] | None]:
    """For each connector the names of the inputs that it must have and may have; null: it takes whatever it is given."""
    return {
        name: None if taken is None else {"required": sorted(taken.required), "optional": sorted(taken.optional)}
        for name, taken in ACCEPTED.items()
    }

"""What may be set on each kind of component of a form, in the visitor's language, with the name of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from forms.components import CHOICES, INPUTS
from web.languages import gettext

Kind = Literal["line", "text", "feel", "flag", "number", "value", "pick", "rows"]


@dataclass(frozen=True)
class Setting:
    """One attribute, by its dotted path in the JSON. `options` are what a pick offers, `columns` what a row holds."""

    path: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    columns: tuple[Setting, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """The settings of a component: those that everybody needs, and those for the rest."""

    first: tuple[Setting, ...]
    rest: tuple[Setting, ...] = ()

    @property
    def all(self) -> tuple[Setting, ...]:
        """Both."""
        return (*self.first, *self.rest)


def names() -> dict[str, str]:
    """Every kind of component that can be added, those that ask first."""
    return {
        "textfield": gettext("Réponse courte"),
        "textarea": gettext("Réponse longue"),
        "radio": gettext("Choix unique"),
        "select": gettext("Choix dans une liste"),
        "checklist": gettext("Plusieurs choix"),
        "taglist": gettext("Étiquettes"),
        "checkbox": gettext("Case à cocher"),
        "number": gettext("Nombre"),
        "datetime": gettext("Date ou heure"),
        "filepicker": gettext("Fichiers"),
        "expression": gettext("Valeur calculée"),
        "group": gettext("Partie"),
        "dynamiclist": gettext("Liste répétée"),
        "text": gettext("Texte à lire"),
        "html": gettext("Texte en HTML"),
        "table": gettext("Tableau"),
        "image": gettext("Image"),
        "iframe": gettext("Lien vers une page"),
        "documentPreview": gettext("Lien vers des documents"),
        "separator": gettext("Trait"),
        "spacer": gettext("Espace"),
        "button": gettext("Bouton"),
    }


def sheet(kind: str, subtype: str = "") -> Sheet:
    """The settings of a kind of component; "" is the form itself."""
    if kind == "":
        return Sheet((Setting("title", gettext("Titre")), _checks()))
    own, rest = _own(subtype).get(kind, ()), _rest().get(kind, ())
    if kind not in INPUTS:
        return Sheet(own, (*rest, *((_hide(),) if kind != "button" else ())))
    return Sheet((*_asked(kind, subtype), *own), (_key(), _hide(), *rest, *_always(kind)))


def _asked(kind: str, subtype: str) -> tuple[Setting, ...]:
    label = Setting(
        "timeLabel" if kind == "datetime" and subtype == "time" else "dateLabel" if kind == "datetime" else "label", gettext("Question")
    )
    if kind == "expression":
        return (label,)
    help_ = Setting("description", gettext("Aide"), hint=gettext("Une phrase sous la question."))
    return (label, help_, Setting("validate.required", gettext("Réponse obligatoire"), "flag"))


def _always(kind: str) -> tuple[Setting, ...]:
    if kind == "expression":
        return ()
    return (
        Setting("readonly", gettext("Montrée sans pouvoir changer"), "flag"),
        Setting("properties.requiredMessage", gettext("Message quand la réponse manque")),
        Setting("properties.summary", gettext("Nom court"), hint=gettext("Dans la liste des erreurs et les récapitulatifs.")),
    )


def _key() -> Setting:
    return Setting("key", gettext("Nom de la réponse"), hint=gettext("Celui de la variable du dossier : lettres, chiffres et « _ »."))


def _hide() -> Setting:
    return Setting(
        "conditional.hide", gettext("Cachée quand"), "feel", gettext('Expression FEEL vraie ou fausse, par exemple « =urgence != "oui" ».')
    )


def _lengths() -> tuple[Setting, ...]:
    return (
        Setting("validate.minLength", gettext("Longueur minimale"), "number", gettext("En caractères.")),
        Setting("validate.maxLength", gettext("Longueur maximale"), "number", gettext("En caractères.")),
    )


def _own(subtype: str) -> Mapping[str, tuple[Setting, ...]]:
    list_name = Setting("path", gettext("Nom de la liste"), hint=gettext("Celui de la variable du dossier."))
    title, help_ = Setting("label", gettext("Titre")), Setting("description", gettext("Aide"))
    choices: tuple[Setting, ...] = (_options(),)
    decision = Setting(
        "properties.decision", gettext("Des boutons qui décident"), "flag", gettext("Chaque choix devient un bouton qui termine la tâche.")
    )
    return {
        "textfield": (_format(), *_lengths()),
        "textarea": _lengths(),
        "number": (
            Setting("validate.min", gettext("Au moins"), "number"),
            Setting("validate.max", gettext("Au plus"), "number"),
            Setting("decimalDigits", gettext("Chiffres après la virgule"), "number"),
            Setting("appearance.suffixAdorner", gettext("Unité"), hint=gettext("Écrite après le champ : €, jours…")),
        ),
        "datetime": (
            _subtype(),
            *((Setting("disallowPassedDates", gettext("Refuser les dates passées"), "flag"),) if subtype != "time" else ()),
        ),
        "radio": (*choices, decision),
        "select": (*choices, decision),
        "checklist": choices,
        "taglist": choices,
        "filepicker": (
            Setting("accept", gettext("Fichiers acceptés"), hint=gettext("Terminaisons séparées par des virgules : .pdf,.png")),
            Setting("multiple", gettext("Plusieurs fichiers"), "flag"),
        ),
        "expression": (Setting("expression", gettext("Calcul"), "feel"),),
        "group": (title, help_),
        "dynamiclist": (title, help_, list_name),
        "text": (Setting("text", gettext("Texte"), "text", gettext("Markdown ; {{titre}} montre une valeur du dossier.")),),
        "html": (Setting("content", gettext("Texte"), "text"),),
        "table": (title, Setting("dataSource", gettext("Lignes"), "feel"), _columns()),
        "image": (Setting("source", gettext("Adresse")), Setting("alt", gettext("Ce que l’image montre"))),
        "iframe": (title, Setting("url", gettext("Adresse"))),
        "documentPreview": (Setting("title", gettext("Titre")), Setting("dataSource", gettext("Documents"), "feel")),
        "button": (title,),
    }


def _rest() -> Mapping[str, tuple[Setting, ...]]:
    computed = (
        Setting("valuesKey", gettext("Choix pris dans la variable")),
        Setting("valuesExpression", gettext("Choix calculés"), "feel", gettext("Expression FEEL qui donne une liste.")),
    )
    first = (Setting("defaultValue", gettext("Réponse proposée"), "value"),)
    rows = (
        Setting("properties.item", gettext("Titre de chaque ligne"), hint=gettext("« Membre {{i}} », par exemple.")),
        Setting("properties.addLabel", gettext("Bouton qui ajoute une ligne")),
        Setting("defaultRepetitions", gettext("Lignes au départ"), "number"),
        Setting("properties.minItems", gettext("Lignes au moins"), "number"),
        Setting("properties.maxItems", gettext("Lignes au plus"), "number"),
        Setting("allowAddRemove", gettext("Ajouter et retirer des lignes"), "flag"),
        _checks(),
    )
    return {
        "textfield": (
            *first,
            *_pattern(),
            Setting("properties.autocomplete", gettext("Remplissage automatique"), hint="name, email, tel…"),
        ),
        "textarea": (*first, Setting("properties.rows", gettext("Hauteur en lignes"), "number")),
        "number": (
            *first,
            Setting("increment", gettext("Pas"), "number"),
            Setting("appearance.prefixAdorner", gettext("Écrit avant le champ")),
        ),
        "datetime": (Setting("timeInterval", gettext("Pas des heures, en minutes"), "number"),),
        "filepicker": (
            Setting("properties.maxSize", gettext("Taille maximale d’un fichier, en octets"), "number"),
            Setting("properties.maxFiles", gettext("Fichiers au plus"), "number"),
        ),
        "group": (
            Setting("path", gettext("Nom du groupe de réponses"), hint=gettext("Vide : les réponses vont directement dans le dossier.")),
            _checks(),
        ),
        "dynamiclist": rows,
    } | {kind: (*computed, *(first if kind in ("radio", "select") else ())) for kind in CHOICES}


def _format() -> Setting:
    options = (("", gettext("tout texte")), ("email", gettext("adresse e-mail")), ("phone", gettext("téléphone")))
    return Setting("validate.validationType", gettext("Ce qui est attendu"), "pick", options=options)


def _subtype() -> Setting:
    options = (("date", gettext("date")), ("time", gettext("heure")), ("datetime", gettext("date et heure")))
    return Setting("subtype", gettext("Ce qui est attendu"), "pick", options=options)


def _pattern() -> tuple[Setting, ...]:
    return (
        Setting("validate.pattern", gettext("Modèle à respecter"), hint=gettext("Expression régulière.")),
        Setting("validate.patternErrorMessage", gettext("Message quand le modèle n’est pas respecté")),
    )


def _options() -> Setting:
    columns = (
        Setting("label", gettext("Choix")),
        Setting("value", gettext("Valeur"), "value"),
        Setting("hint", gettext("Aide")),
        Setting("then", gettext("Ce qu’il cause")),
        Setting("who", gettext("Qui est prévenu")),
        Setting("undo", gettext("Si l’on change d’avis")),
        Setting("danger", gettext("Définitif : demander une confirmation"), "flag"),
    )
    return Setting("values", gettext("Les choix"), "rows", columns=columns)


def _checks() -> Setting:
    columns = (
        Setting("when", gettext("C’est faux quand"), "feel", gettext("Expression FEEL vraie quand les réponses ne vont pas ensemble.")),
        Setting("message", gettext("Message")),
        Setting("field", gettext("Nom de la réponse où le dire")),
    )
    return Setting("checks", gettext("Règles entre les réponses"), "rows", columns=columns)


def _columns() -> Setting:
    return Setting(
        "columns", gettext("Colonnes"), "rows", columns=(Setting("label", gettext("Titre")), Setting("key", gettext("Nom de la valeur")))
    )

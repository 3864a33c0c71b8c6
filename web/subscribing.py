"""Subscriptions on pages: the form that asks for one, and their states, events and outcomes in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from engine import versions
from feel.text import text
from web.languages import gettext
from web.typography import french
from webhooks.events import NAMES
from webhooks.subscriptions import Subscription, Wish

LONGEST_NAME = 100
SEPARATOR = "/"
FIELDS = {"name": "nom", "url": "adresse", "types": "evenements", "filter": "filtre", "fields": "champs"}
"""Names of the controls, by part of the wish."""
NAMELESS = text("Donnez un nom à cet abonnement.")


@dataclass(frozen=True)
class Place:
    """A process and its steps, to choose from: each with its value and its name."""

    name: str
    value: str
    steps: Sequence[tuple[str, str]]


def read(form: MultiDict[str, str]) -> Wish:
    """What the form asks for; what cannot be is refused by `subscriptions.check`."""
    process, _, step = form.get("quoi", "").partition(SEPARATOR)
    lines = [each.strip() for each in form.get("champs", "").replace(",", "\n").splitlines()]
    return Wish(
        form.get("nom", "").strip()[:LONGEST_NAME],
        form.get("adresse", "").strip() or None,
        process or None,
        step or None,
        tuple(each for each in form.getlist("evenements") if each in NAMES),
        form.get("filtre", "").strip() or None,
        tuple(dict.fromkeys(filter(None, lines))),
        "ordre" in form,
    )


def places(session: Session) -> list[Place]:
    """What is published, with the steps that have a name, in the order of the diagram."""
    found = []
    for each in versions.processes(session, limit=200).items:
        elements = versions.definition(session, each.version_id).elements.values()
        steps = [(f"{each.key}{SEPARATOR}{element.id}", french(element.name)) for element in elements if element.name]
        found.append(Place(french(each.name), each.key, steps))
    return found


def place_of(wish: Wish) -> str:
    """The value of the choice that a wish stands for."""
    return SEPARATOR.join(filter(None, (wish.process, wish.step)))


def events() -> dict[str, str]:
    """What each type of event means."""
    return {
        "instance.started": gettext("un dossier commence"),
        "instance.completed": gettext("un dossier se termine"),
        "instance.failed": gettext("un dossier échoue"),
        "instance.cancelled": gettext("un dossier est annulé"),
        "step.entered": gettext("une étape commence"),
        "step.completed": gettext("une étape se termine"),
        "task.created": gettext("une tâche est à faire"),
        "task.assigned": gettext("une tâche est prise ou attribuée"),
        "task.completed": gettext("une tâche est terminée"),
        "message.sent": gettext("un message part"),
        "incident.opened": gettext("une étape se bloque"),
        "incident.resolved": gettext("une étape n’est plus bloquée"),
        "version.published": gettext("une version est publiée"),
        "test": gettext("événement d’essai"),
    }


def options(chosen: Sequence[str]) -> list[dict[str, Any]]:
    """The events as boxes to tick."""
    meanings = events()
    return [{"value": name, "text": meanings[name].capitalize(), "hint": name, "on": name in chosen} for name in NAMES]


def state(one: Subscription) -> tuple[str, str, str]:
    """How a subscription fares: words, tone, icon."""
    if one.state == "paused":
        return gettext("En pause"), "plain", "pause"
    if one.state == "disabled":
        gone = one.reason == "gone"
        return gettext("Arrêté : le destinataire n’en veut plus") if gone else gettext("Arrêté après cinq jours d’échecs"), "bad", "stop"
    if one.failures:
        return gettext("Le destinataire ne répond pas bien"), "late", "alert"
    return gettext("En service"), "good", "check"


def outcomes() -> dict[str, tuple[str, str, str]]:
    """What became of a delivery: words, tone, icon."""
    return {
        "pending": (gettext("à envoyer"), "info", "clock"),
        "delivered": (gettext("reçu"), "good", "check"),
        "dead": (gettext("abandonné"), "bad", "stop"),
        "fresh": (gettext("à lire"), "info", "clock"),
        "kept": (gettext("lu"), "good", "check"),
    }


def reasons() -> dict[str, str]:
    """Why a delivery was given up, or an attempt had no answer."""
    return {
        "exhausted": gettext("toutes les tentatives ont échoué"),
        "gone": gettext("le destinataire a répondu 410 : il ne veut plus rien recevoir"),
        "failing": gettext("le destinataire échoue depuis cinq jours"),
        "disabled": gettext("l’abonnement était arrêté"),
        "filter": gettext("le filtre n’a pas pu être calculé"),
        "timeout": gettext("pas de réponse à temps"),
        "unreachable": gettext("injoignable, ou connexion coupée"),
        "address-refused": gettext("adresse intérieure, refusée"),
    }


def entries() -> dict[str, str]:
    """What was done to a subscription."""
    return {
        "created": gettext("Abonnement créé"),
        "changed": gettext("Abonnement modifié"),
        "paused": gettext("Mis en pause"),
        "enabled": gettext("Remis en service"),
        "disabled": gettext("Arrêté automatiquement"),
        "rotated": gettext("Secret renouvelé"),
        "replayed": gettext("Envois rejoués"),
    }

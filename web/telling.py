"""A process told as text, for people who do not read diagrams: each step, who does it, and where it leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from web import outline
from web.languages import gettext
from web.outline import Exit, Step

ICONS: Mapping[str, str] = {
    "startEvent": "play",
    "endEvent": "flag",
    "userTask": "user",
    "manualTask": "user",
    "businessRuleTask": "star",
    "serviceTask": "link",
    "scriptTask": "copy",
    "sendTask": "mail",
    "receiveTask": "mail",
    "callActivity": "box",
    "subProcess": "box",
    "boundaryEvent": "alert",
}


@dataclass(frozen=True)
class Told:
    """One step: its name, what kind of step it is and by whom, its ways out when there are several, the process it calls.

    `id` is the element's; an unnamed step is told by what kind it is.
    """

    text: str
    say: str
    icon: str
    exits: tuple[str, ...]
    sub: tuple[Told, ...]
    called: str = ""
    id: str = ""
    is_named: bool = True


def tell(steps: Iterable[Step], *, unnamed: bool = False) -> tuple[Told, ...]:
    """Every named step, or those without a name too, nested as drawn, in the order of the flows."""
    return tuple(
        Told(
            step.name or _kind(step),
            _say(step),
            _icon(step),
            tuple(_exit(each) for each in _choices(step)),
            tell(step.children, unnamed=unnamed),
            step.called,
            step.id,
            bool(step.name),
        )
        for step in steps
        if step.name or unnamed
    )


def _say(step: Step) -> str:
    kind = _kind(step)
    return gettext("%(kind)s, par %(lane)s", kind=kind, lane=step.lane) if step.lane and _human(step) else kind


def _human(step: Step) -> bool:
    return step.type in ("userTask", "manualTask")


def _kind(step: Step) -> str:
    kinds = {
        "startEvent": gettext("début"),
        "endEvent": gettext("fin"),
        "userTask": gettext("tâche"),
        "manualTask": gettext("tâche"),
        "businessRuleTask": gettext("règle appliquée automatiquement"),
        "serviceTask": gettext("service extérieur"),
        "scriptTask": gettext("calcul automatique"),
        "sendTask": gettext("envoi d’un message"),
        "receiveTask": gettext("attente d’un message"),
        "callActivity": gettext("autre processus"),
        "subProcess": gettext("phase"),
        "exclusiveGateway": gettext("question"),
        "inclusiveGateway": gettext("une ou plusieurs suites"),
        "parallelGateway": gettext("en parallèle"),
        "eventBasedGateway": gettext("ce qui arrive en premier"),
    }
    triggers = {
        "timer": gettext("échéance"),
        "message": gettext("message"),
        "signal": gettext("signal"),
        "error": gettext("en cas d’erreur"),
    }
    if step.type in outline.EVENTS and step.type not in ("startEvent", "endEvent"):
        return triggers.get(step.trigger, gettext("événement"))
    return kinds.get(step.type, gettext("étape automatique"))


def _icon(step: Step) -> str:
    if step.type in outline.EVENTS and step.trigger == "timer":
        return "clock"
    if step.type in outline.EVENTS and step.trigger == "message":
        return "mail"
    return ICONS.get(step.type, "arrow" if step.type in outline.GATEWAYS else "dot")


def _choices(step: Step) -> list[Exit]:
    """Ways out are told where there is a choice."""
    return [each for each in step.exits if each.name or each.label] if len(step.exits) > 1 else []


def _exit(way: Exit) -> str:
    if way.label and way.name:
        return gettext("si « %(label)s » : %(name)s", label=way.label, name=way.name)
    return gettext("vers : %(name)s", name=way.name) if way.name else gettext("si « %(label)s »", label=way.label)

"""The history of an instance in people's words: what machines do without anybody noticing is left out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Literal

from engine.history import Event
from web.dates import moment
from web.languages import gettext
from web.typography import french

State = Literal["done", "now", "todo", "bad"]


@dataclass(frozen=True)
class Entry:
    """One line of a timeline: when it was, what happened, a word more, and the icon that goes with it."""

    when: str
    title: str
    text: str = ""
    state: State = "done"
    ic: str = "check"
    here: str = ""


@dataclass(frozen=True)
class _Told:
    """An event with what a sentence about it needs."""

    event: Event
    name: str
    who: str

    @property
    def data(self) -> Mapping[str, object]:
        return self.event.data

    def datum(self, key: str) -> str:
        value = self.event.data.get(key)
        return "" if value is None else str(value)


def entries(events: Iterable[Event], names: Mapping[str, str], now: datetime) -> list[Entry]:
    """The events that people care about, newest first as given. `names`: element id → name in the diagram."""
    found: list[Entry] = []
    done: set[tuple[str, str]] = set()
    for event in events:
        if event.type == "element.completed":
            done.add((event.element_id, event.actor))
        elif event.type == "task.claimed" and (event.element_id, event.actor) in done:
            continue  # who did it had taken it: that needs no line of its own
        told = _Told(event, names.get(event.element_id, ""), person(event.actor))
        say = SENTENCES.get(event.type)
        entry = say(told, moment(event.at, now)) if say else None
        if entry is not None:
            found.append(entry)
    return [_several(list(same)) for _, same in groupby(found)]


def _several(same: Sequence[Entry]) -> Entry:
    """What happened several times at one moment, such as in each iteration, is one line."""
    if len(same) == 1:
        return same[0]
    return replace(same[0], title=gettext("%(title)s, %(count)s fois", title=same[0].title, count=len(same)))


def person(label: str) -> str:
    """« Maëlle Le Goff » from the history's `user:Maëlle Le Goff`; nothing for the system and for programs."""
    kind, _, name = label.partition(":")
    return name if kind == "user" else ""


def _started(told: _Told, when: str) -> Entry:
    if told.datum("parent"):
        return Entry(when, gettext("Dossier ouvert par un autre dossier"), ic="flag")
    by = gettext("Par %(name)s.", name=told.who) if told.who else ""
    return Entry(when, gettext("Dossier ouvert"), by, ic="flag")


#: What waits has told already that its message, signal or deadline came.
UNNOTICED = ("startEvent", "boundaryEvent", "scriptTask", "intermediateCatchEvent", "receiveTask")


def _completed(told: _Told, when: str) -> Entry | None:
    kind = told.event.element_type
    if not told.name or kind.endswith("Gateway") or kind in UNNOTICED:
        return None
    if kind in ("userTask", "manualTask"):
        by = gettext("Par %(name)s.", name=told.who) if told.who else ""
        return Entry(when, gettext("Fait : %(name)s", name=told.name), by, ic="user" if told.who else "check")
    if kind == "endEvent":
        return Entry(when, gettext("Issue : %(name)s", name=told.name), ic="flag")
    if kind in ("sendTask", "intermediateThrowEvent"):
        return Entry(when, gettext("Envoyé : %(name)s", name=told.name), ic="mail")
    if kind == "callActivity":
        return Entry(when, gettext("Terminé : %(name)s", name=told.name), ic="box")
    if kind == "subProcess":
        return Entry(when, gettext("Phase terminée : %(name)s", name=told.name), ic="flag")
    return Entry(when, gettext("Fait automatiquement : %(name)s", name=told.name))


def _cancelled(told: _Told, when: str) -> Entry | None:
    if not told.name or told.event.element_type not in ("userTask", "manualTask", "subProcess", "callActivity"):
        return None
    return Entry(when, gettext("Interrompu : %(name)s", name=told.name), ic="stop")


def _migrated(told: _Told, when: str) -> Entry:
    numbers = {"before": told.datum("from"), "after": told.datum("to")}
    return Entry(when, gettext("Passé de la version %(before)s à la version %(after)s", **numbers), _by(told), ic="arrow")


def _taken_back(told: _Told, when: str) -> Entry:
    return Entry(when, gettext("Revenu à la version %(before)s", before=told.datum("from")), _by(told), ic="undo")


def _by(told: _Told) -> str:
    return gettext("Par %(name)s.", name=told.who) if told.who else ""


def _named(sentence: str, icon: str, state: State = "done") -> Callable[[_Told, str], Entry | None]:
    """A sentence about the element, by the person who acted."""

    def say(told: _Told, when: str) -> Entry | None:
        name = told.name or told.datum("name")
        if not name:
            return None
        by = gettext("Par %(name)s.", name=told.who) if told.who else ""
        return Entry(when, gettext(sentence, name=french(name)), by, state, icon)

    return say


def _plain(sentence: str, icon: str, state: State = "done", *, why: str = "reason") -> Callable[[_Told, str], Entry]:
    """A sentence about the whole case, with the reason that was given."""

    def say(told: _Told, when: str) -> Entry:
        parts = [gettext("Par %(name)s.", name=told.who) if told.who else "", told.datum(why)]
        return Entry(when, gettext(sentence), " ".join(filter(None, parts)), state, icon)

    return say


def N_(message: str) -> str:  # noqa: N802
    """Mark a message for the catalogue; it is translated when it is shown."""
    return message


SENTENCES: Mapping[str, Callable[[_Told, str], Entry | None]] = {
    "instance.started": _started,
    "instance.cancelled": _plain(N_("Dossier arrêté"), "stop", "bad"),
    "instance.completed": lambda _, when: Entry(when, gettext("Dossier terminé"), ic="flag"),
    "instance.failed": _plain(N_("Dossier interrompu par une erreur"), "alert", "bad", why="error_code"),
    "element.completed": _completed,
    "element.cancelled": _cancelled,
    "instance.migrated": _migrated,
    "instance.migration-undone": _taken_back,
    "task.claimed": _named(N_("Tâche prise : %(name)s"), "user"),
    "task.unclaimed": _named(N_("Tâche rendue au groupe : %(name)s"), "users"),
    "task.assigned": _named(N_("Tâche confiée : %(name)s"), "user"),
    "timer.fired": _named(N_("Échéance atteinte : %(name)s"), "clock"),
    "message.received": _named(N_("Message reçu : %(name)s"), "mail"),
    "signal.received": _named(N_("Signal reçu : %(name)s"), "mail"),
    "incident.opened": _named(N_("Bloqué : %(name)s"), "alert", "bad"),
    "incident.resolved": _named(N_("Fin du blocage : %(name)s"), "retry"),
    "incident.closed": _named(N_("Relancé : %(name)s"), "retry"),
    "incident.retried": _named(N_("Relancé : %(name)s"), "retry"),
    "error.caught": _named(N_("Erreur prévue par le parcours : %(name)s"), "alert"),
    "error.uncaught": _named(N_("Erreur : %(name)s"), "alert", "bad"),
    "escalation.caught": _named(N_("Escalade prévue par le parcours : %(name)s"), "alert"),
    "escalation.uncaught": _named(N_("Escalade que rien n’attend dans le parcours : %(name)s"), "alert"),
}

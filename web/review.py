"""The page before a publication: changes in the words of owners, and what happens to the cases under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from authoring.differences import Change, Detail, ProcessChange
from authoring.review import Cases, Review
from engine.bundle import Bundle, File
from engine.diagram import BPMN
from feel.problems import Problem
from web import migrating
from web.drafting import named
from web.languages import gettext, ngettext, render
from web.migrating import Badge
from web.progress import Map
from web.typography import french

MOST_DETAILS = 30


@dataclass(frozen=True)
class ChangeRow:
    """One change: badge tone and words, the element's id and name, the details before → after, the cases that stand there."""

    id: str
    name: str
    tone: str
    icon: str
    say: str
    details: tuple[Detail, ...]
    more: int
    standing: str


@dataclass(frozen=True)
class Section:
    """One process: what changes, in a sentence and row by row; what happens to its cases; its diagram with the changes marked."""

    key: str
    name: str
    summary: str
    cases: str
    touched: str
    fates: tuple[tuple[str, Badge], ...]
    rows: tuple[ChangeRow, ...]
    map: Map | None


@dataclass(frozen=True)
class ProblemRow:
    """A problem that forbids the publication, or a remark."""

    name: str
    text: str
    remedy: str


class View:
    """All that the page shows."""

    def __init__(self, review: Review, files: Sequence[File], urls: dict[str, str]) -> None:
        self.errors = tuple(_problem(each) for each in review.problems if each.severity == "error")
        self.warnings = tuple(_problem(each) for each in review.problems if each.severity == "warning")
        self.is_empty = review.differences.is_empty
        self.names = [french(each.name) for each in review.differences.processes]
        homes = _homes(files)
        self.sections = tuple(
            _section(each, review.cases.get(each.key), urls.get(homes.get(each.key, ""))) for each in review.differences.processes
        )
        self.forms = tuple(_row(each, None) for each in review.differences.forms)
        self.decisions = tuple(_row(each, None) for each in review.differences.decisions)


def _homes(files: Sequence[File]) -> dict[str, str]:
    """The name of the file that holds each process."""
    diagrams = Bundle([each for each in files if each.kind == "diagram"]).diagrams
    return {node.get("id") or "": name for name, diagram in diagrams.items() for node in diagram.root.iterchildren(f"{{{BPMN}}}process")}


def _section(process: ProcessChange, cases: Cases | None, url: str | None) -> Section:
    name = french(process.name)
    shown = Map(url, name, added=_ids(process, "added"), changed=_ids(process, "changed")) if url else None
    return Section(
        process.key,
        name,
        _summary(process),
        _cases(cases),
        _touched(process, cases),
        tuple(migrating.told(cases.fates)) if cases else (),
        tuple(_row(each, cases) for each in process.changes),
        shown,
    )


def _ids(process: ProcessChange, kind: str) -> tuple[str, ...]:
    return tuple(each.id for each in process.changes if each.kind == kind and each.type != "process")


def _summary(process: ProcessChange) -> str:
    if process.is_new:
        return gettext("Ce processus est nouveau.")
    if not process.changes:
        return gettext("Le parcours ne change pas.")
    counts = {kind: sum(each.kind == kind for each in process.changes) for kind in ("added", "changed", "removed")}
    said = (
        ngettext("%(num)s élément ajouté", "%(num)s éléments ajoutés", counts["added"]) if counts["added"] else "",
        ngettext("%(num)s modifié", "%(num)s modifiés", counts["changed"]) if counts["changed"] else "",
        ngettext("%(num)s supprimé", "%(num)s supprimés", counts["removed"]) if counts["removed"] else "",
    )
    return f"{', '.join(filter(None, said))}."


def _cases(cases: Cases | None) -> str:
    if cases is None or not cases.running:
        return gettext("Aucun dossier n’est en cours : personne n’est touché.")
    kept = ngettext(
        "%(num)s dossier en cours garde sa version et finit comme il a commencé.",
        "%(num)s dossiers en cours gardent leur version et finissent comme ils ont commencé.",
        cases.running,
    )
    each = ", ".join(
        gettext("version %(version)s : %(count)s", version=version, count=count) for version, count in cases.by_version.items()
    )
    return f"{kept} ({each})" if len(cases.by_version) > 1 else kept


def _touched(process: ProcessChange, cases: Cases | None) -> str:
    """Where cases stand now at a step that changes for those to come."""
    number = sum(cases.standing.get(each, 0) for each in process.touched) if cases else 0
    if not number:
        return ""
    return ngettext(
        "%(num)s attente a lieu à une étape qui change : pour ces dossiers, l’étape reste ce qu’elle était.",
        "%(num)s attentes ont lieu à des étapes qui changent : pour ces dossiers, elles restent ce qu’elles étaient.",
        number,
    )


def _row(change: Change, cases: Cases | None) -> ChangeRow:
    tones = {
        "added": ("good", "plus", gettext("ajouté")),
        "changed": ("info", "pencil", gettext("modifié")),
        "removed": ("bad", "minus", gettext("supprimé")),
    }
    tone, icon, say = tones[change.kind]
    standing = cases.standing.get(change.id, 0) if cases and change.kind != "added" else 0
    said = ngettext("%(num)s dossier y attend", "%(num)s dossiers y attendent", standing) if standing else ""
    details = tuple(Detail(_what(each.what), each.before, each.after) for each in change.details[:MOST_DETAILS])
    return ChangeRow(
        change.id, named(change.name, change.type, change.id), tone, icon, say, details, len(change.details) - len(details), said
    )


def _name(change: Change) -> str:
    """What people call it; a flow without a name by its ends."""
    if change.ends and not change.name:
        source, target = map(french, change.ends)
        return gettext("Flux de « %(source)s » à « %(target)s »", source=source, target=target)
    return named(change.name, change.type, change.id)


def _what(key: str) -> str:
    """What changed, in words; what has none is named as the file names it."""
    words = {
        "name": gettext("nom"),
        "documentation": gettext("explication"),
        "lane": gettext("couloir"),
        "sourceRef": gettext("vient de"),
        "targetRef": gettext("mène à"),
        "conditionExpression": gettext("condition"),
        "script": gettext("calcul"),
        "formKey": gettext("formulaire"),
        "candidateGroups": gettext("groupes candidats"),
        "group": gettext("groupe"),
        "assignee": gettext("attribuée à"),
        "dueIn": gettext("à faire dans"),
        "priority": gettext("priorité"),
        "taskTitle": gettext("titre de la tâche"),
        "decisionKey": gettext("décision"),
        "resultVariable": gettext("variable du résultat"),
        "connector": gettext("connecteur"),
        "connectorInput": gettext("entrées du connecteur"),
        "payload": gettext("contenu du message"),
        "correlation": gettext("corrélation"),
        "calledElement": gettext("processus appelé"),
        "default": gettext("flux par défaut"),
        "head": gettext("en-tête"),
    }
    if key.startswith("row "):
        return gettext("ligne %(number)s", number=key[4:])
    timers = {
        "timeDuration": gettext("durée"),
        "timeDate": gettext("date"),
        "timeCycle": gettext("répétition"),
        "messageRef": gettext("message"),
    }
    last = key.rpartition(" ")[2]
    return words.get(key) or (timers.get(last) if "EventDefinition" in key or last == key else None) or key


def _problem(problem: Problem) -> ProblemRow:
    name = named(problem.element_name, problem.element_type, problem.element_id)
    return ProblemRow(name, render(problem.message), render(problem.remedy) if problem.remedy else "")


def sentence(names: Iterable[str]) -> str:
    """Names in a row, in quotation marks."""
    return ", ".join(gettext("« %(name)s »", name=each) for each in names)

"""A case as its applicant may see it: stages in plain words, who is awaited, what they sent, what they still must answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import g
from sqlalchemy.orm import Session

from engine import documents, instances, passages, people, tasks, versions
from engine.documents import DocumentRow
from engine.instances import InstanceView
from engine.tasklist import TaskRow
from web import cases, diagrams, outline, progress
from web.languages import gettext
from web.progress import State
from web.typography import french

DEEPEST = 5


@dataclass(frozen=True)
class Status:
    """Where the case stands, in one sentence, and until when an answer is expected."""

    tone: str
    title: str
    text: str
    due: datetime | None = None


@dataclass(frozen=True)
class Stage:
    """One stage of the way."""

    when: str
    title: str
    text: str
    state: State
    here: str = ""


def stages(session: Session, view: InstanceView) -> list[Stage]:
    """What was done, what is under way, and the next steps."""
    groups = people.group_names(session)
    content = diagrams.content(session, view.version_id)
    found = progress.stages(content, view.process, cases.standing(session, view, groups), g.now)
    here = gettext("Vous en êtes là")
    return [Stage(line.say, line.text, "", line.state, here if line.state == "now" else "") for line in found]


def status(session: Session, view: InstanceView, asked: Sequence[TaskRow]) -> Status:
    """The sentence at the top of the page."""
    if view.state == "completed":
        return Status("good", gettext("Votre demande est arrivée au bout de son parcours"), _outcome(session, view))
    if view.state in ("cancelled", "failed"):
        return Status("late", gettext("Votre demande est close"), gettext("Elle ne sera plus traitée. L’équipe peut vous dire pourquoi."))
    if asked:
        due = min((each.due for each in asked if each.due), default=None)
        return Status("late", gettext("Une réponse est attendue de vous"), gettext("Le parcours continue dès que vous avez répondu."), due)
    waiting = list(_open_tasks(session, view))
    if not waiting:
        return Status("info", gettext("Votre demande suit son parcours"), gettext("Vous n’avez rien à faire pour l’instant."))
    due = min((each.due for each in waiting if each.due), default=None)
    groups = people.group_names(session)
    by = ", ".join(dict.fromkeys(french(groups.get(key, key)) for each in waiting for key in each.groups))
    said = gettext("C’est à : %(groups)s. Vous n’avez rien à faire pour l’instant.", groups=by) if by else gettext(
        "Vous n’avez rien à faire pour l’instant."
    )
    title = gettext("En ce moment : %(task)s", task=french(waiting[0].name))
    return Status("info", title, said, due)


def _outcome(session: Session, view: InstanceView) -> str:
    """The end that the case reached last, by its name."""
    steps = outline.steps(diagrams.content(session, view.version_id), view.process)
    ends = {step.id: step.name for step in outline.walk(steps) if step.type == "endEvent" and step.name}
    reached = [ends[key] for key in passages.passed(session, int(view.id)) if key in ends]
    nothing = gettext("Il n’y a plus rien à faire.")
    return gettext("Issue : %(name)s.", name=reached[-1]) + " " + nothing if reached else nothing


def applicant_tasks(session: Session, view: InstanceView) -> list[TaskRow]:
    """The open tasks of the case, and of those it called, that its applicant answers."""
    found = []
    for each in tree(session, view):
        definition = versions.definition(session, each.version_id)
        for row in tasks.open_of(session, int(each.id)):
            element = definition.elements.get(row.element_id)
            if element is not None and element.properties.get("applicant") == "true":
                found.append(row)
    return found


def own_documents(session: Session, view: InstanceView) -> list[DocumentRow]:
    """The documents that came from the applicant, not those that the team added."""
    found = documents.of_instance(session, int(view.id))
    return [each for each in found if each.owner.startswith(("draft:", "link:", "public"))]


def withdraw_message(session: Session, view: InstanceView) -> str:
    """The message by which the applicant withdraws, when the process knows one and still runs."""
    if view.state != "running":
        return ""
    return versions.definition(session, view.version_id).properties.get("withdrawMessage", "")


def tree(session: Session, view: InstanceView) -> Iterator[instances.InstanceRow]:
    """The case and all that it called that still runs."""
    level: list[instances.InstanceRow] = [view]
    for _ in range(DEEPEST):
        yield from level
        level = [child for each in level for child in instances.children(session, int(each.id)) if child.state == "running"]


def _open_tasks(session: Session, view: InstanceView) -> Iterator[TaskRow]:
    for each in tree(session, view):
        yield from tasks.open_of(session, int(each.id))

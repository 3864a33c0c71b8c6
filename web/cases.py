"""A case in people's words: its state, what it waits for, its facts, and where it stands in its process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import g, url_for
from sqlalchemy.orm import Session

from engine import instances, passages, versions
from engine.instances import InstanceRow, InstanceView
from engine.spiff.definition import Definition
from engine.tasklist import TaskRow
from forms.components import Form
from forms.review import Part, review
from web import diagrams, outline, progress
from web.dates import moment
from web.languages import gettext
from web.progress import Progress, Standing
from web.typography import french

SHORT = 240


@dataclass(frozen=True)
class State:
    """A state as a badge."""

    text: str
    tone: str
    icon: str


@dataclass(frozen=True)
class Case:
    """A case as pages name it. `key` is its business key, else its number."""

    id: str
    key: str
    title: str
    process: str
    process_name: str
    version: int
    state: State
    running: bool
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Given:
    """Answers read back: those of one section of a form, or of one row of a list."""

    title: str
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class Wait:
    """Something that a case waits for, and a link to where it can be done."""

    title: str
    text: str
    href: str = ""
    act: str = ""


def case(row: InstanceRow) -> Case:
    """The case of an instance."""
    return Case(
        row.id,
        row.business_key or row.id,
        french(row.title),
        row.process,
        french(row.process_name),
        row.version,
        state(row.state),
        row.state == "running",
        row.created_at,
        row.ended_at,
    )


def state(name: str) -> State:
    """The state in words."""
    return {
        "running": State(gettext("En cours"), "info", "play"),
        "completed": State(gettext("Terminé"), "good", "check"),
        "failed": State(gettext("Interrompu par une erreur"), "bad", "alert"),
        "cancelled": State(gettext("Arrêté"), "", "stop"),
    }.get(name, State(name, "", ""))


def standing(session: Session, view: InstanceView, groups: Mapping[str, str], *, here: str = "") -> Standing:
    """What happened to the elements of this instance. `here`: the element of the page that asks."""
    number = int(view.id)
    now = dict.fromkeys(sorted(passages.active(session, number)), "") if view.state == "running" else {}
    definition = versions.definition(session, view.version_id)
    now = {key: said for key, said in now.items() if not _possible(definition, key)}
    now |= {each.element_id: gettext("attendu") for each in view.waits if _alone(definition, each.element_id)}
    now |= {each.element_id: _awaited(each, groups) for each in view.tasks}
    bad = {each.element_id: gettext("bloqué depuis %(when)s", when=moment(each.opened_at, g.now)) for each in view.incidents}
    now = {key: said for key, said in now.items() if key not in bad}
    return Standing(passages.passed(session, number), now, bad, view.state != "running", here)


def read_progress(session: Session, view: InstanceView, groups: Mapping[str, str], *, here: str = "") -> Progress:
    """Outline and marked diagram of this instance."""
    content = diagrams.content(session, view.version_id)
    url = url_for("catalogue.diagram", key=view.process, number=view.version)
    return progress.read(
        content, view.process, standing(session, view, groups, here=here), url, french(view.process_name), g.now
    )


def names(session: Session, view: InstanceRow) -> dict[str, str]:
    """Names of the elements by id, as the diagram has them."""
    steps = outline.steps(diagrams.content(session, view.version_id), view.process)
    return {step.id: step.name for step in outline.walk(steps)}


def waits(session: Session, view: InstanceView, groups: Mapping[str, str]) -> list[Wait]:
    """What the case waits for: people first, then other cases, messages and deadlines."""
    if view.state != "running":
        return []
    told = names(session, view)
    definition = versions.definition(session, view.version_id)
    return [
        *(_task(each, groups) for each in view.tasks),
        *_children(session, view),
        *(_message(told.get(each.element_id, ""), each.name) for each in view.waits if _alone(definition, each.element_id)),
        *(
            _timer(told.get(each.element_id, ""), each.due)
            for each in view.timers
            if _alone(definition, each.element_id) and told.get(each.element_id)
        ),
    ]


def facts(session: Session, view: InstanceView) -> list[tuple[str, str]]:
    """The answers that the case started with, short, without rows of lists; of the case that called it when it started without any."""
    parts = _answers(session, view)
    if not parts and view.root_id != view.id:
        parts = _answers(session, instances.view(session, int(view.root_id)))
    told = [line for part in parts if not part.row for line in part.lines if line.answered and line.value != view.title]
    return [(french(line.label), _short(line.value)) for line in told if not line.consent][:8]


def answers_given(session: Session, view: InstanceView) -> list[Given]:
    """The same in full, for who gave them."""
    return given(_answers(session, view))


def given(parts: Iterable[Part]) -> list[Given]:
    """The answers of a review that are there, by section and by row."""
    told = [Given(part.title, [(french(line.label), line.value) for line in part.lines if line.answered]) for part in parts]
    return [each for each in told if each.lines]


def _answers(session: Session, view: InstanceView) -> tuple[Part, ...]:
    definition = versions.definition(session, view.version_id)
    for start in definition.starts:
        form = definition.forms.get(start.form_key or "")
        if isinstance(form, Form):
            return review(form, view.variables, variables={}, now=view.created_at, empty=False, polish=french)
    return ()


def _short(value: str) -> str:
    return value if len(value) <= SHORT else value[: SHORT - 1].rstrip() + "…"


def who(task: TaskRow, groups: Mapping[str, str]) -> str:
    """Who has a task, or which group may take it."""
    return task.assignee_name or _group(task.groups, groups)


def _awaited(task: TaskRow, groups: Mapping[str, str]) -> str:
    by = who(task, groups)
    if task.due:
        return gettext("on attend %(who)s, jusqu’à %(when)s", who=by, when=moment(task.due, g.now))
    return gettext("on attend %(who)s", who=by)


def _group(keys: Sequence[str], groups: Mapping[str, str]) -> str:
    return gettext("le groupe %(name)s", name=french(", ".join(groups.get(key, key) for key in keys))) if keys else gettext("quelqu’un")


def _task(task: TaskRow, groups: Mapping[str, str]) -> Wait:
    since = gettext("Depuis %(when)s.", when=moment(task.created_at, g.now))
    until = gettext("Échéance : %(when)s.", when=moment(task.due, g.now)) if task.due else ""
    title = gettext("On attend %(who)s : %(task)s", who=who(task, groups), task=french(task.name))
    return Wait(title, f"{since} {until}".strip(), url_for("task.show", task_id=task.id), gettext("Voir la tâche"))


def _children(session: Session, view: InstanceView) -> Iterator[Wait]:
    for child in instances.children(session, int(view.id)):
        if child.state == "running":
            yield Wait(
                gettext("On attend la suite de « %(title)s »", title=french(child.title)),
                gettext("%(process)s, ouvert %(when)s.", process=french(child.process_name), when=moment(child.created_at, g.now)),
                url_for("cases.show", instance_id=child.id),
                gettext("Voir ce dossier"),
            )


def _message(name: str, message: str) -> Wait:
    title = gettext("On attend un message : %(name)s", name=name or message)
    return Wait(title, gettext("Il arrivera d’un autre dossier ou d’un service extérieur."))


def _timer(name: str, due: datetime) -> Wait:
    return Wait(gettext("Une échéance est posée : %(name)s", name=name), gettext("Elle tombe %(when)s.", when=moment(due, g.now)))


def _alone(definition: Definition, element_id: str) -> bool:
    """Boundary events and event sub-processes are possibilities, not what a case waits for."""
    element = definition.elements.get(element_id)
    waits = element is not None and element.type in ("intermediateCatchEvent", "receiveTask")
    return waits and not _possible(definition, element_id)


def _possible(definition: Definition, element_id: str) -> bool:
    """Whether the diagram says of a catch event that it may come at any time, such as a withdrawal: nobody awaits it."""
    element = definition.elements.get(element_id)
    return element is not None and element.properties.get("possibility") == "true"

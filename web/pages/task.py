"""One task: its form with a draft, taking and giving back, completing, and what is said when somebody was first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import documents, instances, passages, people, tasks
from engine.errors import Conflict
from engine.taskviews import Completed, TaskView
from forms.errors import InvalidAnswers
from forms.review import review
from web import answering, cases, inbox, timeline
from web.answering import Answers, Messages, Posted
from web.dates import ago, moment
from web.inbox import InboxRow
from web.languages import gettext, render
from web.pages.gate import guard
from web.pages.tasks import last_seen
from web.rendering import page
from web.transactions import reading, transaction
from web.typography import french

blueprint = guard(Blueprint("task", __name__))

RECENT = 4


@dataclass(frozen=True)
class Holder:
    """Who has the task."""

    icon: str
    text: str


@dataclass(frozen=True)
class Lost:
    """Somebody was first: who and when, and the person's next task."""

    title: str
    text: str
    next: str


@dataclass(frozen=True)
class TaskPage:
    """The task as its page shows it."""

    id: str
    name: str
    case: str
    instance_id: str
    documentation: str
    due: datetime | None
    open: bool
    free: bool
    mine: bool
    writable: bool
    holder: Holder
    locked: str


@blueprint.get("/taches/<task_id>")
def show(task_id: str) -> str:
    """The task, with the person's draft."""
    with reading() as session:
        view = tasks.find(session, task_id, g.actor)
        draft = tasks.draft_of(session, task_id, g.actor)
        return _page(session, view, draft.answers if draft else None, saved=draft.saved_at if draft else None)


@blueprint.post("/taches/<task_id>")
def answer(task_id: str) -> ResponseReturnValue:
    """Keep a draft, change a row, or complete the task."""
    with transaction() as session:
        view = tasks.find(session, task_id, g.actor)
        if view.task.state != "open":
            return _was_first(session, view, {})
        posted = _read(session, view)
        wanted = answering.action("complete")
        if wanted == "draft" and not posted.edited and not posted.errors:
            tasks.save_draft(session, task_id, posted.answers, actor=g.actor, now=g.now)
            flash(gettext("Brouillon enregistré : « %(name)s ».", name=french(view.task.name)), "good")
            return redirect(last_seen())
        if wanted == "draft" or posted.edited or posted.errors:
            return _again(session, view, posted, posted.errors)
        return _complete(session, view, posted)


@blueprint.post("/taches/<task_id>/brouillon")
def draft(task_id: str) -> ResponseReturnValue:
    """Keep the draft while somebody writes, and say what changes on the page."""
    with transaction() as session:
        view = tasks.find(session, task_id, g.actor)
        posted = _read(session, view)
        tasks.save_draft(session, task_id, posted.answers, actor=g.actor, now=g.now)
    shown = answering.draw(view.form, variables=view.variables, answers=posted.answers)
    return jsonify(answering.live(shown, saved=True))


@blueprint.post("/taches/<task_id>/main")
def hold(task_id: str) -> ResponseReturnValue:
    """Take the task, or give it back to its group."""
    command, said = {
        "take": (tasks.claim, gettext("La tâche est à vous.")),
        "return": (tasks.unclaim, gettext("La tâche est rendue à son groupe. Votre brouillon est gardé.")),
    }[request.form.get("_do", "take")]
    try:
        with transaction() as session:
            command(session, task_id, actor=g.actor, now=g.now)
    except Conflict as refusal:
        flash(render(refusal.text), "late")
    else:
        flash(said, "good")
    return redirect(url_for("task.show", task_id=task_id))


def _read(session: Session, view: TaskView) -> Posted:
    if view.form is None:
        return Posted({})
    kept = tasks.draft_of(session, view.task.id, g.actor)
    before: Answers = kept.answers if kept else {}
    owner = documents.owner_of(g.actor)
    return answering.read(session, view.form, draft=before, variables=view.variables, owner=owner)


def _complete(session: Session, view: TaskView, posted: Posted) -> ResponseReturnValue:
    """Complete; what was written is kept as a draft when that is refused."""
    try:
        with session.begin_nested():
            done = tasks.complete(session, view.task.id, posted.answers, actor=g.actor, now=g.now)
    except InvalidAnswers as refusal:
        return _again(session, view, posted, {path: list(found) for path, found in refusal.messages.items()})
    except Conflict:
        tasks.save_draft(session, view.task.id, posted.answers, actor=g.actor, now=g.now)
        return _was_first(session, tasks.find(session, view.task.id, g.actor), posted.answers)
    flash(gettext("C’est fait : « %(name)s ».", name=french(view.task.name)), "good")
    return redirect(_after(done))


def _after(done: Completed) -> str:
    """The person's next task in the same case, else the list where they were."""
    following = next(
        (each for each in done.following if each.assignee == g.actor.email or g.actor.groups & set(each.groups)), None
    )
    return url_for("task.show", task_id=following.id) if following else last_seen()


def _again(session: Session, view: TaskView, posted: Posted, errors: Messages) -> ResponseReturnValue:
    saved = tasks.save_draft(session, view.task.id, posted.answers, actor=g.actor, now=g.now)
    return _page(session, view, posted.answers, saved=saved, errors=errors), 422 if errors else 200


def _was_first(session: Session, view: TaskView, answers: Answers) -> ResponseReturnValue:
    row = view.task
    when = moment(row.closed_at, g.now) if row.closed_at else ""
    if row.state == "open":
        title = gettext("%(name)s a pris cette tâche", name=row.assignee_name or gettext("Quelqu’un"))
    elif row.state == "completed":
        title = gettext("%(name)s a terminé cette tâche, %(when)s", name=row.closed_by or gettext("Quelqu’un"), when=when)
    else:
        title = gettext("Cette tâche n’est plus à faire : le dossier a suivi un autre chemin")
    told = gettext("Votre brouillon est gardé et reste lisible ici ; il n’a rien changé au dossier.")
    lost = Lost(title, told, _next_task(session, row.id))
    kept = answers or getattr(tasks.draft_of(session, row.id, g.actor), "answers", {})
    return _page(session, view, kept, lost=lost), 409


def _next_task(session: Session, other_than: str) -> str:
    found = tasks.page(session, g.actor, tab="mine", now=g.now, limit=2).items
    following = next((each for each in found if each.id != other_than), None)
    return url_for("task.show", task_id=following.id) if following else ""


def _page(
    session: Session,
    view: TaskView,
    answers: Answers | None,
    *,
    saved: datetime | None = None,
    errors: Messages | None = None,
    lost: Lost | None = None,
) -> str:
    """The page as it is now. Everything is read in the transaction of the request."""
    groups = people.group_names(session)
    case = instances.view(session, int(view.task.instance_id))
    shown = _task(view, inbox.row(view.task, g.actor, groups), lost)
    names = cases.names(session, case)
    found = passages.latest(session, int(case.id), timeline.SENTENCES, limit=RECENT * 4)
    # Who has this task is said at the top of the page.
    events = [each for each in found if each.type != "task.claimed" or each.element_id != view.task.element_id]
    return page(
        "tasks/show.html",
        task=shown,
        list_href=last_seen(),
        page=answering.draw(view.form, variables=view.variables, answers=answers, errors=errors) if shown.writable else None,
        answers=_answers(session, view, answers, lost),
        draft_at=saved,
        lost=lost,
        facts=cases.facts(session, case),
        progress=cases.read_progress(session, case, groups, here=view.task.element_id if shown.open else ""),
        documents=documents.of_instance(session, int(case.id)),
        events=timeline.entries(events, names, g.now)[:RECENT],
    )


def _task(view: TaskView, row: InboxRow, lost: Lost | None) -> TaskPage:
    task = view.task
    is_open = task.state == "open"
    return TaskPage(
        id=task.id,
        name=row.name,
        case=row.case,
        instance_id=row.instance_id,
        documentation=french(view.documentation),
        due=row.due,
        open=is_open,
        free=row.free,
        mine=row.mine,
        writable=view.may_work and lost is None,
        holder=_holder(view, row),
        locked=gettext("Cette tâche n’est pas à vous : elle est lisible, sans plus."),
    )


def _holder(view: TaskView, row: InboxRow) -> Holder:
    task = view.task
    if task.state == "completed" and task.closed_at:
        by = task.closed_by or gettext("un programme")
        return Holder("check", gettext("Terminée par %(name)s, %(when)s", name=by, when=moment(task.closed_at, g.now)))
    if task.state != "open":
        return Holder("stop", gettext("N’est plus à faire"))
    if row.mine and task.claimed_at:
        return Holder("user", gettext("Prise par vous %(when)s", when=ago(task.claimed_at, g.now)))
    return Holder("user" if task.assignee else "users", row.reason.text)


def _answers(session: Session, view: TaskView, answers: Answers | None, lost: Lost | None) -> list[cases.Given]:
    """The answers read back: the draft of who was too late, else what completed the task."""
    if view.form is None or (view.may_work and lost is None):
        return []
    given: Mapping[str, object] = answers or {}
    if not given and view.task.state == "completed":
        given = passages.answers_of(session, int(view.task.instance_id), view.task.element_id, view.task.closed_at)
    if not given:
        return []
    return cases.given(review(view.form, given, variables=view.variables, now=g.now, empty=False, polish=french))

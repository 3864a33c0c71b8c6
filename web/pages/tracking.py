"""A case seen by its applicant through the private link: where it stands, what they must answer, what they sent, withdrawing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, g, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import instances, links, messages, tasks
from engine.actors import Actor
from engine.errors import Conflict, NotFound
from engine.instances import InstanceView
from engine.tasklist import TaskRow
from engine.taskviews import TaskView
from forms.errors import InvalidAnswers
from web import answering, cases, tracked
from web.answering import Answers, Messages, Posted
from web.languages import gettext, render
from web.pages.documents import download
from web.rendering import page
from web.transactions import reading, transaction
from web.typography import french

blueprint = Blueprint("tracking", __name__)


@dataclass(frozen=True)
class ApplicantTask:
    """Something that the applicant must answer."""

    id: str
    name: str
    due: datetime | None
    href: str
    documentation: str = ""


@blueprint.get("/suivi/<token>")
def show(token: str) -> str:
    """The case behind this link."""
    with reading() as session:
        view = _case(session, token)
        asked = tracked.applicant_tasks(session, view)
        context = {
            "status": tracked.status(session, view, asked),
            "stages": tracked.stages(session, view),
            "facts": cases.answers_given(session, view),
            "documents": tracked.own_documents(session, view),
            "withdrawable": bool(tracked.withdraw_message(session, view)),
        }
    return page("public/track.html", token=token, case=cases.case(view), tasks=[_told(token, each) for each in asked], **context)


@blueprint.get("/suivi/<token>/taches/<task_id>")
def ask(token: str, task_id: str) -> ResponseReturnValue:
    """The form of something that the applicant must answer."""
    with reading() as session:
        case = _case(session, token)
        view = _task(session, case, task_id)
        if view is None:
            return _done(token)
    return _page(token, case, view, None)


@blueprint.post("/suivi/<token>/taches/<task_id>")
def answer(token: str, task_id: str) -> ResponseReturnValue:
    """The applicant's answer."""
    with transaction() as session:
        case = _case(session, token)
        view = _task(session, case, task_id)
        if view is None:
            return _done(token)
        posted = _read(session, token, view)
        if posted.edited or posted.errors or answering.action("complete") != "complete":
            return _page(token, case, view, posted.answers, posted.errors), 422 if posted.errors else 200
        try:
            with session.begin_nested():
                tasks.complete(
                    session, task_id, posted.answers, actor=_applicant(view.task), now=g.now, owners=[_owner(token)]
                )
        except InvalidAnswers as refusal:
            wrong = {path: list(found) for path, found in refusal.messages.items()}
            return _page(token, case, view, posted.answers, wrong), 422
        except Conflict as refusal:
            flash(render(refusal.text), "late")
            return redirect(url_for("tracking.show", token=token))
    flash(gettext("Votre réponse est arrivée. Merci."), "good")
    return redirect(url_for("tracking.show", token=token))


@blueprint.post("/suivi/<token>/taches/<task_id>/suite")
def live(token: str, task_id: str) -> ResponseReturnValue:
    """What changes in the form while the applicant answers; nothing is kept."""
    with transaction() as session:
        view = _task(session, _case(session, token), task_id)
        if view is None:
            abort(409)
        posted = _read(session, token, view)
    shown = answering.draw(view.form, variables=view.variables, answers=posted.answers)
    return jsonify(answering.live(shown, saved=False))


@blueprint.post("/suivi/<token>/retrait")
def withdraw(token: str) -> ResponseReturnValue:
    """Tell the process that the applicant withdraws; it decides what follows."""
    with transaction() as session:
        case = _case(session, token)
        name = tracked.withdraw_message(session, case)
        if not name:
            raise NotFound
        correlation = {"equipe": case.id, "dossier": case.business_key}
        found = messages.receive(
            session, name, correlation, {}, message_id=f"withdraw-{case.id}", source="suivi", now=g.now
        )
    if found.matched or found.duplicate:
        flash(gettext("Votre retrait est enregistré. L’équipe est prévenue."), "good")
    else:
        flash(gettext("Votre retrait est noté. Il sera pris en compte dès que le parcours le permet."), "late")
    return redirect(url_for("tracking.show", token=token))


@blueprint.get("/suivi/<token>/documents/<document_id>")
def document(token: str, document_id: str) -> ResponseReturnValue:
    """A document that the applicant sent."""
    with reading() as session:
        view = _case(session, token)
        row = next((each for each in tracked.own_documents(session, view) if str(each.id) == document_id), None)
        if row is None:
            raise NotFound
    return download(row)


def _case(session: Session, token: str) -> InstanceView:
    instance_id = links.instance_of(session, token)
    if instance_id is None:
        raise NotFound
    return instances.view(session, instance_id)


def _task(session: Session, case: InstanceView, task_id: str) -> TaskView | None:
    """A task of this case that is still the applicant's to answer."""
    row = next((each for each in tracked.applicant_tasks(session, case) if each.id == task_id), None)
    return tasks.find(session, row.id, _applicant(row)) if row is not None else None


def _applicant(row: TaskRow) -> Actor:
    """Who holds the link answers in the place of the group that the task is offered to."""
    return Actor("public", None, gettext("la personne qui a déposé la demande"), frozenset(row.groups))


def _owner(token: str) -> str:
    """Whose the files are that come through this link."""
    return "link:" + hashlib.sha256(token.encode()).hexdigest()[:32]


def _read(session: Session, token: str, view: TaskView) -> Posted:
    if view.form is None:
        return Posted({})
    before: Answers = {}
    return answering.read(session, view.form, draft=before, variables=view.variables, owner=_owner(token))


def _told(token: str, row: TaskRow) -> ApplicantTask:
    return ApplicantTask(row.id, french(row.name), row.due, url_for("tracking.ask", token=token, task_id=row.id))


def _done(token: str) -> ResponseReturnValue:
    flash(gettext("Cette question n’attend plus de réponse."), "late")
    return redirect(url_for("tracking.show", token=token))


def _page(
    token: str, case: InstanceView, view: TaskView, answers: Answers | None, errors: Messages | None = None
) -> str:
    href = url_for("tracking.ask", token=token, task_id=view.task.id)
    shown = ApplicantTask(view.task.id, french(view.task.name), view.task.due, href, french(view.documentation))
    drawn = answering.draw(view.form, variables=view.variables, answers=answers, errors=errors)
    live_at = url_for("tracking.live", token=token, task_id=view.task.id)
    return page("public/task.html", token=token, case=cases.case(case), task=shown, page=drawn, live=live_at)

"""Calls about tasks: read, claim, give back, assign, complete."""

from __future__ import annotations

from typing import Any

import orjson
from flask import g
from sqlalchemy.orm import Session

from engine import instances, tasks, versions
from engine.tasks import TaskView
from web.api import shapes
from web.api.blueprint import ApiBlueprint
from web.api.schemas import Assignment, CompletedTask, Completion, Nothing, TaskDetails, TaskFilter, TaskPage

blueprint = ApiBlueprint("tasks", __name__, url_prefix="/api/v1/tasks", description="What people must do")


@blueprint.query("", scope="tasks", takes=TaskFilter, answers=TaskPage)
def page(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """The tasks that the caller may see, the most urgent first."""
    return shapes.page(tasks.page(session, g.actor, **query), shapes.task)


@blueprint.query("/<task_id>", scope="tasks", answers=TaskDetails, errors=(404,))
def find(session: Session, task_id: str) -> dict[str, Any]:
    """One task with its form and the variables that it sees."""
    return _details(session, task_id)


@blueprint.command("/<task_id>/claim", scope="tasks", takes=Nothing, answers=TaskDetails, errors=(404, 409))
def claim(session: Session, _: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Take a task. 409: somebody else has it, or it is done.

    A token of a person (`tikub token create NAME --user EMAIL`) takes it for that person. Any other takes it in the name of the
    program: `assignee` is then the token's name, nobody else is offered the task, and it may be completed, given back or
    assigned. Completing needs no claim.
    """
    tasks.claim(session, task_id, actor=g.actor, now=g.now)
    return _details(session, task_id)


@blueprint.command("/<task_id>/unclaim", scope="tasks", takes=Nothing, answers=TaskDetails, errors=(404, 409))
def unclaim(session: Session, _: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Give a task back to its groups. A program may give back what others have."""
    tasks.unclaim(session, task_id, actor=g.actor, now=g.now)
    return _details(session, task_id)


@blueprint.command("/<task_id>/assign", scope="tasks", takes=Assignment, answers=TaskDetails, errors=(404, 409, 422))
def assign(session: Session, order: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Give a task to a user, named by e-mail address."""
    tasks.assign(session, task_id, order["assignee"], actor=g.actor, now=g.now)
    return _details(session, task_id)


@blueprint.command("/<task_id>/complete", scope="tasks", takes=Completion, answers=CompletedTask, errors=(404, 409, 422))
def complete(session: Session, order: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Complete a task with its answers. 409: somebody was first; 422: messages by field. Answers with the instance after it."""
    done = tasks.complete(session, task_id, order["data"], actor=g.actor, now=g.now)
    return {"task": shapes.task(done.task), "instance": shapes.instance(instances.after(session, done))}


def _details(session: Session, task_id: str) -> dict[str, Any]:
    view = tasks.find(session, task_id, g.actor)
    return shapes.task_details(view, _form(session, view))


def _form(session: Session, view: TaskView) -> Any:
    """The JSON of the task's form, as it was published."""
    if view.task.form_key is None:
        return None
    forms = (orjson.loads(each.content) for each in versions.files(session, view.version_id) if each.kind == "form")
    return next((each for each in forms if each.get("id") == view.task.form_key), None)

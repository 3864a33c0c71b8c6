"""Tasks as their list shows them: for which case, until when, and why they are in front of this person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.actors import Actor
from engine.tasklist import TaskRow
from web.languages import gettext
from web.typography import french


@dataclass(frozen=True)
class Reason:
    """Why a task is shown: a kind (assigned, group) and the sentence."""

    kind: str
    text: str
    by: str = ""


@dataclass(frozen=True)
class InboxRow:
    """One line of the list."""

    id: str
    name: str
    case: str
    instance_id: str
    process_name: str
    due: datetime | None
    created_at: datetime
    completed_at: datetime | None
    draft_at: datetime | None
    reason: Reason
    mine: bool
    free: bool


def row(task: TaskRow, actor: Actor, groups: Mapping[str, str]) -> InboxRow:
    """A task for this person. `groups`: names of groups by key."""
    mine = task.assignee is not None and task.assignee == actor.email
    return InboxRow(
        id=task.id,
        name=french(task.name),
        case=french(task.title),
        instance_id=task.instance_id,
        process_name=french(task.process_name),
        due=task.due,
        created_at=task.created_at,
        completed_at=task.closed_at,
        draft_at=task.draft_saved_at,
        reason=_reason(task, actor, groups, mine=mine),
        mine=mine and task.state == "open",
        free=task.state == "open" and task.assignee is None and bool(actor.groups & set(task.groups)),
    )


def _reason(task: TaskRow, actor: Actor, groups: Mapping[str, str], *, mine: bool) -> Reason:
    if task.state != "open":
        return Reason("assigned", task.closed_by or gettext("personne : le parcours a changé"))
    if mine and task.claimed_at:
        return Reason("assigned", gettext("Prise par vous"))
    if mine:
        return Reason("assigned", gettext("Confiée à vous par le parcours"))
    if task.assignee_name:
        return Reason("assigned", gettext("Prise par %(name)s", name=task.assignee_name))
    shared = [groups.get(key, key) for key in task.groups if key in actor.groups] or [
        groups.get(key, key) for key in task.groups
    ]
    return Reason("group", gettext("Groupe %(groups)s, libre", groups=french(", ".join(shared))))

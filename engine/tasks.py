"""Tasks: list, take, give back, assign, complete. Completing moves the instance in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from engine import documents, history, permissions, versions
from engine.actors import Actor
from engine.advance import Advance, Gone, Running
from engine.effects import Happened
from engine.errors import Conflict, Forbidden, NotFound, Unusable
from engine.history import Written
from engine.ids import new_id, read_id
from engine.largevalues import reader
from engine.people import find_by_email
from engine.permissions import TaskAccess
from engine.spiff.execution import Execution
from engine.statements import Prepared
from engine.tables import NEVER, draft, event, instance, task, task_candidate, user_account, version
from engine.tasklist import TaskRow, counts, instances_of_groups, open_of, opened_row, page, task_row
from engine.taskviews import Completed, Draft, TaskView
from feel.host import to_json
from feel.text import text
from forms.files import references
from forms.schema import check

__all__ = [
    "Completed",
    "Draft",
    "TaskRow",
    "TaskView",
    "assign",
    "claim",
    "complete",
    "counts",
    "draft_of",
    "find",
    "instances_of_groups",
    "open_of",
    "page",
    "save_draft",
    "unclaim",
]

FIND = Prepared(
    select(task, instance.c.title, instance.c.business_key, instance.c.version_id, instance.c.seq, instance.c.root_id)
    .add_columns(instance.c.parent_id, instance.c.parent_ref, instance.c.revision, instance.c.snapshot)
    .add_columns(instance.c.state.label("instance_state"), instance.c.created_at.label("instance_created_at"))
    .add_columns(instance.c.started_by.label("instance_started_by"), version.c.name.label("process_name"))
    .add_columns(version.c.number, user_account.c.email, user_account.c.name.label("assignee_name"))
    .add_columns(exists().where(draft.c.task_id == task.c.id).label("has_draft"))
    .join(instance, instance.c.id == task.c.instance_id)
    .join(version, version.c.id == instance.c.version_id)
    .outerjoin(user_account, user_account.c.id == task.c.assignee_id)
    .where(task.c.id == bindparam("id"))
)
TAKE = (
    update(task)
    .where(task.c.id == bindparam("key"), task.c.state == "open", task.c.assignee_id.is_(None), task.c.program.is_(None))
    .values(assignee_id=bindparam("person"), program=bindparam("its_program"), claimed_at=bindparam("at"))
)
GIVE = (
    update(task)
    .where(task.c.id == bindparam("key"), task.c.state == "open")
    .values(assignee_id=bindparam("person"), program=None, claimed_at=bindparam("at"))
)
DROP_CANDIDATES = delete(task_candidate).where(task_candidate.c.task_id == bindparam("key"))
DROP_DRAFT = Prepared(
    delete(draft).where(draft.c.task_id == bindparam("task_key"), draft.c.user_id == bindparam("person"))
)
NEXT_SEQ = (
    update(instance).where(instance.c.id == bindparam("key")).values(seq=instance.c.seq + 1).returning(instance.c.seq)
)


def find(session: Session, task_id: str | int, actor: Actor) -> TaskView:
    """One task, open or done, with its form and what it sees. Raises NotFound also when the actor may not see it."""
    row = _find(session, task_id, actor)
    definition = versions.definition(session, row.version_id)
    read = reader(session, row.instance_id)
    variables = Execution.restore(definition, row.snapshot, now=row.created_at, read=read).variables
    seen = {**to_json(variables), **row.local}
    element = definition.elements.get(row.element)
    return TaskView(
        task_row(row),
        definition.forms.get(row.form_key) if row.form_key else None,
        seen,
        element.documentation if element else "",
        row.version_id,
        row.instance_state,
        permissions.can(actor, "work", _access(row)) and row.state == "open",
        permissions.can(actor, "assign", _access(row)) and row.state == "open",
        _has(actor, row),
    )


def claim(session: Session, task_id: str | int, *, actor: Actor, now: datetime) -> None:
    """Take a task; a program that acts for nobody takes it in its own name.

    Raises Conflict when somebody else has it or it is done, Forbidden, NotFound.
    """
    _, row = _locked(session, task_id, actor, now)
    _must_be_open(row)
    if _has(actor, row):
        return
    if _is_taken(row):
        raise _taken(row)
    permissions.require(actor, "work", _access(row))
    taken = session.execute(TAKE, {"key": row.id, "person": actor.id, "its_program": actor.program, "at": now})
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise _taken(_find(session, task_id, actor))
    session.execute(DROP_CANDIDATES, {"key": row.id})
    _note(session, row, "task.claimed", {"name": row.name}, actor, now)


def unclaim(session: Session, task_id: str | int, *, actor: Actor, now: datetime) -> None:
    """Give a task back to its groups. Raises Conflict when it is done, Forbidden when it is somebody else's, NotFound."""
    _, row = _locked(session, task_id, actor, now)
    _must_be_open(row)
    if not _is_taken(row):
        return
    if not _has(actor, row) and not permissions.can(actor, "assign", None):
        raise Forbidden
    _hand_over(session, row, None, now)
    _note(session, row, "task.unclaimed", {"name": row.name}, actor, now)


def assign(session: Session, task_id: str | int, email: str, *, actor: Actor, now: datetime) -> None:
    """Give a task to somebody. Raises Unusable for an unknown address, Conflict, Forbidden, NotFound."""
    _, row = _locked(session, task_id, actor, now)
    _must_be_open(row)
    permissions.require(actor, "assign", _access(row))
    person = find_by_email(session, email)
    if person is None or not person.active:
        raise Unusable(text("Aucun compte n’a l’adresse %(email)s.", email=email))
    _hand_over(session, row, person.id, now)
    _note(session, row, "task.assigned", {"name": row.name, "to": person.name}, actor, now)


def complete(
    session: Session,
    task_id: str | int,
    answers: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
    owners: Collection[str] = (),
) -> Completed:
    """Complete a task and let its instance run on.

    `owners`: whose uploaded files the answers may refer to, besides the actor's own.

    Raises InvalidAnswers with messages by field, Conflict when somebody was first (who and when), Forbidden, NotFound.
    """
    advance, row = _locked(session, task_id, actor, now)
    _must_be_open(row)
    if _is_taken(row) and not _has(actor, row) and "admin" not in actor.roles:
        raise _taken(row)
    permissions.require(actor, "work", _access(row))
    running = advance.load(row.instance_id, row)
    cleaned = _checked(session, running, row, answers, [documents.owner_of(actor), *owners], now)
    data = {"name": row.name, "answers": cleaned}
    running.writer.note(Happened("task.completed", row.element, "userTask", data))
    try:
        advance.act(row.instance_id, lambda execution: execution.complete(row.ref, cleaned))
    except Gone:
        raise _over(row) from None
    advance.save()
    if actor.id is not None and row.has_draft:
        DROP_DRAFT.run(session, task_key=row.id, person=actor.id)
    return _completed(session, advance, row, actor)


def _locked(session: Session, task_id: str | int, actor: Actor, now: datetime) -> tuple[Advance, Any]:
    """The task as it is under the lock of its instance's tree. Raises NotFound also when the actor may not see it."""
    advance = Advance(session, actor=actor, now=now)
    number = read_id(task_id)
    if number is not None:
        with suppress(NotFound):
            advance.lock_of_task(number)
    return advance, _find(session, task_id, actor)


def _checked(
    session: Session,
    running: Running,
    row: Any,
    answers: Mapping[str, object],
    owners: Collection[str],
    now: datetime,
) -> Mapping[str, object]:
    """The answers as the form accepts them; the files that they refer to belong to the instance from now on."""
    form = running.definition.forms.get(row.form_key) if row.form_key else None
    if form is None:
        return dict(answers)
    seen = {**to_json(running.execution.variables), **row.local}
    cleaned = check(form, answers, variables=seen, now=now)
    documents.attach(session, references(form, cleaned), row.instance_id, owners=owners)
    return cleaned


def _completed(session: Session, advance: Advance, row: Any, actor: Actor) -> Completed:
    running = advance.running[row.instance_id]
    done = row._replace(state="completed", closed_at=advance.now, closed_by=actor.name, closed_by_id=actor.id)
    done = done._replace(title=running.title, business_key=running.business_key)
    following = [
        _opened(session, made, each, row)
        for each in advance.running.values()
        for made in each.writer.new_tasks
        if permissions.can(actor, "see task", TaskAccess(made["assignee_id"], frozenset(made["groups"])))
    ]
    return Completed(task_row(done), str(row.instance_id), tuple(following), running, row)


def _opened(session: Session, made: Mapping[str, Any], running: Running, before: Any) -> TaskRow:
    """A task that opened in this transaction. `before`: the task that was completed, most often of the same version."""
    if running.version_id == before.version_id:
        return opened_row(session, made, running, before.process_name, before.number)
    return task_row(FIND.one(session, id=made["id"]))


def save_draft(
    session: Session, task_id: str | int, answers: Mapping[str, object], *, actor: Actor, now: datetime
) -> datetime:
    """Keep unfinished answers for this person. Raises NotFound, Forbidden for who has no account."""
    row = _find(session, task_id, actor)
    if actor.id is None:
        raise Forbidden
    DROP_DRAFT.run(session, task_key=row.id, person=actor.id)
    session.execute(insert(draft).values(task_id=row.id, user_id=actor.id, answers=dict(answers), saved_at=now))
    return now


def draft_of(session: Session, task_id: str | int, actor: Actor) -> Draft | None:
    """This person's unfinished answers."""
    found = select(draft).where(draft.c.task_id == read_id(task_id), draft.c.user_id == actor.id)
    row = session.execute(found).one_or_none()
    return None if row is None else Draft(row.answers, row.saved_at)


def _find(session: Session, task_id: str | int, actor: Actor) -> Any:
    number = read_id(task_id)
    row = FIND.one(session, id=number) if number is not None else None
    if row is None or not permissions.can(actor, "see task", _access(row)):
        raise NotFound(text("Cette tâche n’existe pas, ou vous n’y avez pas accès."))
    return row


def _access(row: Any) -> TaskAccess:
    return TaskAccess(row.assignee_id, frozenset(row.groups), row.closed_by_id, row.program)


def _is_taken(row: Any) -> bool:
    return row.assignee_id is not None or row.program is not None


def _has(actor: Actor, row: Any) -> bool:
    if row.program is not None:
        return bool(row.program == actor.program)
    return row.assignee_id is not None and bool(row.assignee_id == actor.id)


def _must_be_open(row: Any) -> None:
    if row.state != "open":
        raise _over(row)


def _over(row: Any) -> Conflict:
    if row.state == "completed" and row.closed_by:
        return Conflict(
            text("%(name)s a déjà terminé cette tâche.", name=row.closed_by), by=row.closed_by, at=row.closed_at
        )
    if row.state == "completed":
        return Conflict(text("Cette tâche est déjà terminée."), at=row.closed_at)
    return Conflict(text("Cette tâche n’est plus à faire : le dossier a suivi un autre chemin."), at=row.closed_at)


def _taken(row: Any) -> Conflict:
    if row.state != "open":
        return _over(row)
    by = row.assignee_name or row.program or "?"
    return Conflict(text("%(name)s a pris cette tâche.", name=by), by=by, at=row.claimed_at)


def _hand_over(session: Session, row: Any, person: int | None, now: datetime) -> None:
    session.execute(GIVE, {"key": row.id, "person": person, "at": now if person else None})
    session.execute(DROP_CANDIDATES, {"key": row.id})
    if person is None:
        order = {"priority": row.priority, "due": row.due or NEVER, "task_id": row.id}
        candidates: Sequence[Mapping[str, object]] = [{"group_key": group, **order} for group in row.groups]
        if candidates:
            session.execute(insert(task_candidate), candidates)


def _note(session: Session, row: Any, kind: str, data: Mapping[str, object], actor: Actor, now: datetime) -> None:
    """An entry of the history that moves nothing; the instance's counter gives its place."""
    seq = session.execute(NEXT_SEQ, {"key": row.instance_id}).scalar()
    entry = {
        "instance_id": row.instance_id,
        "seq": seq,
        "place": new_id(now),
        "at": now,
        "actor": actor.label,
        "type": kind,
    }
    entry |= {"element": row.element, "element_type": "userTask", "data": dict(data)}
    session.execute(insert(event), entry)

    def variables() -> Mapping[str, object]:
        definition = versions.definition(session, row.version_id)
        return Execution.restore(definition, row.snapshot, now=now, read=reader(session, row.instance_id)).variables

    history.note(session, Written(row.process, row.instance_id, row.business_key, row.title, [entry], variables))

"""The list of tasks: of a person, of a group, of everybody; filtered or not; open or done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy import Select, bindparam, exists, func, literal, select, tuple_
from sqlalchemy.orm import Session

from engine import permissions, worklists
from engine.actors import Actor
from engine.ids import read_id
from engine.pages import Page, read_cursor, write_cursor
from engine.people import find_by_email
from engine.statements import Prepared
from engine.tables import EPOCH, NEVER, OPEN, draft, instance, task, task_candidate
from engine.worklists import DETAILS, ORDER

if TYPE_CHECKING:
    from engine.advance import Running

Tab: TypeAlias = Literal["mine", "groups", "overdue", "done"]

ONE = Prepared(DETAILS.where(task.c.id == bindparam("id")))
OPEN_OF = Prepared(DETAILS.where(task.c.instance_id == bindparam("id"), task.c.state == OPEN).order_by(task.c.id))


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a list. `due` is None without a due date; `groups`: who may take it; `assignee`: the address of a person, or a program."""

    id: str
    instance_id: str
    process: str
    process_name: str
    version: int
    element_id: str
    name: str
    state: str
    assignee: str | None
    assignee_name: str | None
    groups: tuple[str, ...]
    priority: int
    due: datetime | None
    form_key: str | None
    title: str
    business_key: str | None
    created_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    draft_saved_at: datetime | None = None
    local: Mapping[str, object] | None = None


def task_row(row: Any, draft_saved_at: datetime | None = None) -> TaskRow:
    """The task of a row of DETAILS."""
    return TaskRow(
        str(row.id),
        str(row.instance_id),
        row.process,
        row.process_name,
        row.number,
        row.element,
        row.name,
        row.state,
        row.email or row.program,
        row.assignee_name or row.program,
        tuple(row.groups),
        row.priority,
        None if row.due == NEVER else row.due,
        row.form_key,
        row.title,
        row.business_key,
        row.created_at,
        row.claimed_at,
        row.closed_at,
        row.closed_by,
        draft_saved_at,
        row.local,
    )


def opened_row(session: Session, made: Mapping[str, Any], running: Running, process_name: str, number: int) -> TaskRow:
    """The task of a row that this transaction inserted. `process_name`, `number`: of its instance's version."""
    if made["assignee_id"] is not None:
        return task_row(ONE.one(session, id=made["id"]))
    known = {"title": running.title, "business_key": running.business_key, "process_name": process_name, "number": number}
    nobody = dict.fromkeys(("email", "assignee_name", "program", "claimed_at", "closed_at", "closed_by"))
    return task_row(SimpleNamespace(**made, **known, **nobody))


def open_of(session: Session, instance_id: int) -> list[TaskRow]:
    """The open tasks of an instance, oldest first."""
    return [task_row(row) for row in OPEN_OF.all(session, id=instance_id)]


def open_by_instance(session: Session, instance_ids: Sequence[int]) -> dict[int, list[TaskRow]]:
    """The open tasks of several instances, oldest first."""
    found: dict[int, list[TaskRow]] = {each: [] for each in instance_ids}
    wanted = DETAILS.where(task.c.instance_id.in_(instance_ids), task.c.state == OPEN).order_by(task.c.id)
    for row in session.execute(wanted):
        found[row.instance_id].append(task_row(row))
    return found


def instances_of_groups(session: Session, groups: Sequence[str]) -> Select[Any]:
    """Instances with a task, open or done, that one of these groups was asked for."""
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(task.c.groups).table_valued("value", joins_implicitly=True).alias("each")
        return select(task.c.instance_id).select_from(task, each).where(each.c.value.in_(groups))
    each = func.json_array_elements_text(task.c.groups).table_valued("value", joins_implicitly=True).alias("each")
    return select(task.c.instance_id).select_from(task, each).where(each.c.value.in_(groups))


def page(
    session: Session,
    actor: Actor,
    *,
    state: str = "open",
    group: str | None = None,
    assignee: str | None = None,
    process: str | None = None,
    instance: str | None = None,
    due_before: datetime | None = None,
    q: str | None = None,
    tab: Tab | None = None,
    now: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[TaskRow]:
    """The tasks that the actor may see, the most urgent first; done ones newest first.

    `tab`: `mine`, `groups` (nobody has them yet), `overdue` (mine or my groups', needs `now`) or `done` (by this actor).
    """
    filters = _filters(session, actor, group, assignee, process, instance, due_before, q)
    if tab == "done" or state != "open":
        wanted = "completed" if tab == "done" else state
        return _closed(session, actor, wanted, filters, own=tab == "done", cursor=cursor, limit=limit)
    if tab == "overdue":
        filters.append(task.c.due < (now or EPOCH))
    return _open(session, actor, tab, group, filters, cursor, limit)


def _filters(
    session: Session,
    actor: Actor,
    group: str | None,
    assignee: str | None,
    process: str | None,
    instance_id: str | None,
    due_before: datetime | None,
    q: str | None,
) -> list[Any]:
    filters: list[Any] = []
    if group:
        offered = exists().where(task_candidate.c.task_id == task.c.id, task_candidate.c.group_key == group)
        filters.append(offered | func.coalesce(_names_group(session, group), literal(value=False)))
    if assignee:
        filters.append(_had_by(session, actor, assignee))
    if process:
        filters.append(task.c.process == process)
    if instance_id:
        filters.append(task.c.instance_id == read_id(instance_id))
    if due_before:
        filters.append(task.c.due < due_before)
    if q:
        filters.append(
            task.c.name.icontains(q, autoescape=True)
            | instance.c.title.icontains(q, autoescape=True)
            | instance.c.business_key.icontains(q, autoescape=True)
        )
    return filters


def _had_by(session: Session, actor: Actor, assignee: str) -> Any:
    """Whether this person, or this program, has a task; `me` is the actor."""
    person = actor.id if assignee == "me" else getattr(find_by_email(session, assignee), "id", None)
    if person is not None:
        return task.c.assignee_id == person
    program = actor.program if assignee == "me" else assignee
    return task.c.program == program if program else literal(value=False)


def _names_group(session: Session, group: str) -> Any:
    """Whether a task, taken or not, was offered to this group."""
    function = func.json_each if session.get_bind().dialect.name == "sqlite" else func.json_array_elements_text
    each = function(task.c.groups).table_valued("value").alias("named")
    return exists(select(literal(1)).select_from(each).where(each.c.value == group).correlate(task))


def _open(
    session: Session,
    actor: Actor,
    tab: Tab | None,
    group: str | None,
    filters: list[Any],
    cursor: str | None,
    limit: int,
) -> Page[TaskRow]:
    place = read_cursor(cursor, int, datetime, int)
    after = tuple(place) if place else None
    everybody = tab is None and permissions.can(actor, "see task", None)
    own = tab != "groups" and actor.id is not None
    groups = sorted(actor.groups if group is None else actor.groups & {group}) if tab != "mine" else []
    if filters:
        rows = _filtered(session, actor, None if everybody else (own, groups), filters, after, limit)
    else:
        rows = worklists.first(session, person=actor.id, groups=groups, own=own, after=after, most=limit + 1, everybody=everybody)
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = write_cursor(last.priority, last.due, last.id)
    return Page([task_row(row, row.draft_saved_at) for row in rows[:limit]], following)


def _filtered(
    session: Session, actor: Actor, seen: tuple[bool, list[str]] | None, filters: list[Any], after: Any, limit: int
) -> Sequence[Any]:
    """Open tasks that fit, of those that the actor has or is offered by groups (`seen`), or of all."""
    saved = (draft.c.task_id == task.c.id) & (draft.c.user_id == actor.id)
    found = DETAILS.add_columns(draft.c.saved_at.label("draft_saved_at")).outerjoin(draft, saved)
    found = found.where(task.c.state == OPEN, *filters)
    if seen is not None:
        own, groups = seen
        offered = task.c.id.in_(select(task_candidate.c.task_id).where(task_candidate.c.group_key.in_(groups)))
        found = found.where((task.c.assignee_id == actor.id) | offered if own else offered)
    if after is not None:
        found = found.where(tuple_(*ORDER) > after)
    return session.execute(found.order_by(*ORDER).limit(limit + 1)).all()


def _closed(
    session: Session,
    actor: Actor,
    state: str,
    filters: list[Any],
    *,
    own: bool,
    cursor: str | None,
    limit: int,
) -> Page[TaskRow]:
    place = read_cursor(cursor, datetime, int)
    found = DETAILS.where(task.c.state == state, *filters)
    if own or not permissions.can(actor, "see task", None):
        if actor.id is None:
            return Page([])
        found = found.where(task.c.closed_by_id == actor.id)
    order = (task.c.closed_at, task.c.id)
    if place:
        found = found.where(tuple_(*order) < tuple(place))
    rows = session.execute(found.order_by(task.c.closed_at.desc(), task.c.id.desc()).limit(limit + 1)).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = write_cursor(last.closed_at, last.id)
    return Page([task_row(row) for row in rows[:limit]], following)


def counts(session: Session, actor: Actor, *, now: datetime) -> dict[Tab, int]:
    """How many tasks each tab holds."""
    if actor.id is None:
        return {"mine": 0, "groups": 0, "overdue": 0, "done": 0}
    mine = select(func.count()).select_from(task).where(task.c.assignee_id == actor.id, task.c.state == OPEN)
    keys = sorted(actor.groups)
    offered = select(func.count(task_candidate.c.task_id.distinct())).where(task_candidate.c.group_key.in_(keys))
    done = select(func.count()).select_from(task).where(task.c.closed_by_id == actor.id)
    late_mine = session.execute(mine.where(task.c.due < now)).scalar() or 0
    late_offered = session.execute(offered.where(task_candidate.c.due < now)).scalar() or 0
    return {
        "mine": session.execute(mine).scalar() or 0,
        "groups": session.execute(offered).scalar() or 0,
        "overdue": late_mine + late_offered,
        "done": session.execute(done).scalar() or 0,
    }

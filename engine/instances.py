"""Instances: start, find, list, cancel. An instance is a running or ended process; people call it a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import documents, permissions, tasks, versions
from engine.actors import Actor
from engine.advance import Advance, Running
from engine.effects import Happened
from engine.errors import Conflict, NotFound, Unusable
from engine.ids import read_id
from engine.incidents import of_instance
from engine.instanceviews import InstanceRow, InstanceView, Timed, Waiting
from engine.largevalues import reader
from engine.pages import Page, read_cursor, write_cursor
from engine.permissions import InstanceAccess, StartAccess
from engine.spiff.definition import Definition, Start
from engine.spiff.execution import Execution
from engine.statements import Prepared
from engine.tables import instance, task, timer, version, wait
from engine.tasklist import opened_row
from engine.taskviews import Completed
from feel.host import to_json
from feel.text import text
from forms.files import references
from forms.schema import check

__all__ = [
    "InstanceRow",
    "InstanceView",
    "Timed",
    "Waiting",
    "after",
    "cancel",
    "children",
    "find",
    "page",
    "rows",
    "start",
    "variables",
    "view",
]

VARIABLES_SIZE = 1_000_000

VIEW = Prepared(
    select(instance, version.c.number, version.c.name.label("process_name"))
    .join(version, version.c.id == instance.c.version_id)
    .where(instance.c.id == bindparam("id"))
)
PEOPLE = select(task.c.assignee_id, task.c.closed_by_id, task.c.groups).where(task.c.instance_id == bindparam("id"))
WAITS = Prepared(select(wait).where(wait.c.instance_id == bindparam("id")).order_by(wait.c.id))
TIMERS = Prepared(select(timer).where(timer.c.instance_id == bindparam("id")).order_by(timer.c.due))


def start(
    session: Session,
    key: str,
    variables: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
    business_key: str | None = None,
    start_event: str | None = None,
    owners: Collection[str] = (),
) -> InstanceView:
    """Start the newest version of a process and run it until it waits or ends.

    `owners`: whose uploaded files the answers may refer to, besides the actor's own. A start event with a form checks
    the variables as the form's answers. Raises NotFound, Forbidden, Unusable, InvalidAnswers.
    """
    latest = versions.newest(session, key)
    if latest is None:
        raise NotFound(text("Aucun processus publié ne s’appelle « %(key)s ».", key=key))
    definition = versions.definition(session, latest.id)
    begin = _start(definition, start_event)
    if begin is not None:
        _may_start(actor, begin)
        variables = _checked(definition, begin, variables, actor, now)
    advance = Advance(session, actor=actor, now=now)
    chosen = begin.element_id if begin is not None and (start_event or begin.kind != "none") else None
    running = advance.start(latest.id, variables, business_key=business_key, start_event=chosen)
    advance.save()
    form = definition.forms.get(begin.form_key) if begin is not None and begin.form_key else None
    if form is not None:
        documents.attach(session, references(form, variables), running.id, owners=[documents.owner_of(actor), *owners])
    return _started(session, running, latest, now)


def _start(definition: Definition, start_event: str | None) -> Start | None:
    """The start event meant. Without a name: the none start, else the only one, else the only one that has a form."""
    if start_event is not None:
        for each in definition.starts:
            if each.element_id == start_event:
                return each
        raise Unusable(text("Le processus n’a pas d’événement de début « %(name)s ».", name=start_event))
    plain = [each for each in definition.starts if each.kind == "none"]
    if plain:
        return plain[0]
    for several in (definition.starts, [each for each in definition.starts if each.form_key]):
        if len({each.element_id for each in several}) == 1:
            return several[0]
    if not definition.starts:
        return None
    names = ", ".join(dict.fromkeys(each.element_id for each in definition.starts))
    raise Unusable(text("Ce processus a plusieurs débuts : choisissez parmi %(names)s.", names=names))


def _may_start(actor: Actor, begin: Start) -> None:
    if begin.properties.get("publicPath") and actor.kind == "public":
        return
    named = begin.properties.get("candidateGroups", "")
    access = StartAccess(frozenset(name.strip() for name in named.split(",") if name.strip()))
    permissions.require(actor, "start", access)


def _checked(
    definition: Definition, begin: Start, variables: Mapping[str, object], actor: Actor, now: datetime
) -> Mapping[str, object]:
    """People's answers must satisfy the start form. Programs that start without a form's answers are taken at their word."""
    form = definition.forms.get(begin.form_key) if begin.form_key else None
    if form is None or actor.kind in ("token", "system"):
        return variables
    return check(form, variables, variables={}, now=now)


def find(session: Session, instance_id: str | int, actor: Actor) -> InstanceView:
    """One instance. Raises NotFound also when the actor may not see it."""
    number = read_id(instance_id)
    if number is None or not _sees(session, number, actor):
        raise NotFound
    return view(session, number)


def _started(session: Session, running: Running, latest: Any, now: datetime) -> InstanceView:
    """An instance that began in this transaction. `latest`: its version."""
    return _moved(session, running, latest.name, latest.number, running.started_by.label, now, now)


def after(session: Session, done: Completed) -> InstanceView:
    """The instance as it is after a task of it was completed in this transaction: most of it is still in memory."""
    row, running = done.row, done.running
    by, created_at = row.instance_started_by, row.instance_created_at
    return _moved(session, running, row.process_name, row.number, by, created_at, running.writer.now)


def _moved(
    session: Session, running: Running, name: str, number: int, started_by: str, created_at: datetime, now: datetime
) -> InstanceView:
    """An instance that this transaction moved; what it does not hold open need not be looked for. `name`, `number`: its version's."""
    execution, parent, ended = running.execution, running.parent_id, running.execution.state != "running"
    return InstanceView(
        str(running.id), running.definition.key, name, number, execution.state, running.title, running.business_key,
        None if parent is None else str(parent), str(running.root_id), created_at, now, now if ended else None, started_by,
        running.version_id, execution.error_code,
        variables=to_json(execution.variables),
        tasks=_opened(session, running, name, number),
        incidents=of_instance(session, running.id) if execution.held("incident") else (),
        waits=_waiting(session, running.id) if execution.held("wait") else (),
        timers=_timed(session, running.id) if execution.held("timer") else (),
    )  # fmt: skip


def _opened(session: Session, running: Running, name: str, number: int) -> Sequence[tasks.TaskRow]:
    """The open tasks; those of earlier transactions are read."""
    new = running.writer.new_tasks
    if len(new) < len(running.execution.held("task")):
        return tasks.open_of(session, running.id)
    return [opened_row(session, made, running, name, number) for made in new]


def view(session: Session, instance_id: int) -> InstanceView:
    """One instance, without asking who looks. Raises NotFound."""
    row = VIEW.one(session, id=instance_id)
    if row is None:
        raise NotFound
    definition = versions.definition(session, row.version_id)
    execution = Execution.restore(definition, row.snapshot, now=row.updated_at, read=reader(session, instance_id))
    shown = _row(row)
    common = {name: getattr(shown, name) for name in InstanceRow.__slots__}
    runs = row.state == "running"  # what is over holds nothing open
    return InstanceView(
        **common,
        variables=to_json(execution.variables),
        tasks=tasks.open_of(session, instance_id) if runs else (),
        incidents=of_instance(session, instance_id) if runs else (),
        waits=_waiting(session, instance_id) if runs else (),
        timers=_timed(session, instance_id) if runs else (),
    )


def _waiting(session: Session, instance_id: int) -> list[Waiting]:
    return [Waiting(row.element, row.kind, row.name, row.correlation) for row in WAITS.all(session, id=instance_id)]


def _timed(session: Session, instance_id: int) -> list[Timed]:
    return [Timed(row.element, row.due) for row in TIMERS.all(session, id=instance_id)]


def _sees(session: Session, instance_id: int, actor: Actor) -> bool:
    """Who may see the root of a call tree sees its children."""
    row = session.execute(
        select(instance.c.started_by_id, instance.c.parent_id).where(instance.c.id == instance_id)
    ).one_or_none()
    if row is None:
        return False
    if permissions.can(actor, "see", _access(session, instance_id, row.started_by_id)):
        return True
    return row.parent_id is not None and _sees(session, row.parent_id, actor)


def _access(session: Session, instance_id: int, started_by_id: int | None) -> InstanceAccess:
    people: set[int] = set()
    groups: set[str] = set()
    for assignee, closer, named in session.execute(PEOPLE, {"id": instance_id}):
        people |= {person for person in (assignee, closer) if person is not None}
        groups |= set(named)
    return InstanceAccess(started_by_id, frozenset(people), frozenset(groups - {"agents"}))


def page(
    session: Session,
    actor: Actor,
    *,
    process: str | None = None,
    business_key: str | None = None,
    state: str | None = None,
    q: str | None = None,
    roots: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[InstanceRow]:
    """The instances that the actor may see, newest first. `roots`: without those that another instance called."""
    found = select(instance, version.c.number, version.c.name.label("process_name")).join(
        version, version.c.id == instance.c.version_id
    )
    for column, value in (
        (instance.c.process, process),
        (instance.c.business_key, business_key),
        (instance.c.state, state),
    ):
        if value:
            found = found.where(column == value)
    if q:
        found = found.where(
            instance.c.title.icontains(q, autoescape=True) | instance.c.business_key.icontains(q, autoescape=True)
        )
    if roots:
        found = found.where(instance.c.parent_id.is_(None))
    if not permissions.can(actor, "see", None):
        found = found.where(_visible_to(session, actor))
    place = read_cursor(cursor, int)
    if place:
        found = found.where(instance.c.id < place[0])
    rows = session.execute(found.order_by(instance.c.id.desc()).limit(limit + 1)).all()
    following = write_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page([_row(row) for row in rows[:limit]], following)


def _visible_to(session: Session, actor: Actor):  # type: ignore[no-untyped-def]
    """Instances that the actor started or has a part in."""
    mine = instance.c.started_by_id == actor.id
    if actor.id is None:
        return mine & False
    touched = select(task.c.instance_id).where((task.c.assignee_id == actor.id) | (task.c.closed_by_id == actor.id))
    visible = mine | instance.c.id.in_(touched)
    shared = sorted(actor.groups - {"agents"})
    if shared:
        visible = visible | instance.c.id.in_(tasks.instances_of_groups(session, shared))
    return visible


def cancel(session: Session, instance_id: str | int, reason: str, *, actor: Actor, now: datetime) -> InstanceView:
    """End an instance with everything inside it. Raises NotFound, Forbidden, Conflict when it is over."""
    number = read_id(instance_id)
    if number is None or not _sees(session, number, actor):
        raise NotFound
    permissions.require(actor, "steer", None)
    advance = Advance(session, actor=actor, now=now)
    advance.lock(number)
    running = advance.load(number)
    if running.execution.state != "running":
        raise Conflict(text("Ce dossier est déjà terminé."))
    if running.parent_id is not None:
        raise Conflict(text("Ce dossier est appelé par un autre : annulez celui qui l’appelle."))
    running.writer.note(Happened("instance.cancel_asked", data={"reason": reason}))
    advance.act(number, lambda execution: execution.cancel(reason))
    advance.save()
    return view(session, number)


def rows(session: Session, instance_ids: Sequence[int]) -> dict[int, InstanceRow]:
    """Several instances as in a list, by id, without asking who looks."""
    found = select(instance, version.c.number, version.c.name.label("process_name")).join(
        version, version.c.id == instance.c.version_id
    )
    return {row.id: _row(row) for row in session.execute(found.where(instance.c.id.in_(instance_ids)))}


def children(session: Session, instance_id: int) -> list[InstanceRow]:
    """The instances that this one called, oldest first."""
    found = (
        select(instance, version.c.number, version.c.name.label("process_name"))
        .join(version, version.c.id == instance.c.version_id)
        .where(instance.c.parent_id == instance_id)
        .order_by(instance.c.id)
    )
    return [_row(row) for row in session.execute(found)]


def variables(session: Session, instance_ids: Sequence[int]) -> dict[int, Mapping[str, object]]:
    """The variables of several instances, for connectors that look at other cases."""
    found = select(instance.c.id, instance.c.version_id, instance.c.snapshot, instance.c.updated_at)
    read: dict[int, Mapping[str, object]] = {}
    for row in session.execute(found.where(instance.c.id.in_(instance_ids))):
        definition = versions.definition(session, row.version_id)
        execution = Execution.restore(definition, row.snapshot, now=row.updated_at, read=reader(session, row.id))
        read[row.id] = to_json(execution.variables)
    return read


def _row(row: Row) -> InstanceRow:  # type: ignore[type-arg]
    return InstanceRow(
        str(row.id),
        row.process,
        row.process_name,
        row.number,
        row.state,
        row.title,
        row.business_key,
        None if row.parent_id is None else str(row.parent_id),
        str(row.root_id),
        row.created_at,
        row.updated_at,
        row.ended_at,
        row.started_by,
        row.version_id,
        row.error_code,
    )

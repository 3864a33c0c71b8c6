"""Which open tasks come first for somebody: one walk through an index for each group and one for the person, merged on the way.

The walks stop when the page is full, so that its cost grows neither with the tasks of others nor with those that come later.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, Text, bindparam, func, literal_column, select, tuple_, union, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from engine.statements import Prepared, is_sqlite
from engine.tables import OPEN, Big, Moment, Urgency, draft, instance, task, task_candidate, user_account, version

DETAILS = (
    select(task, instance.c.title, instance.c.business_key, instance.c.version_id, version.c.number)
    .add_columns(version.c.name.label("process_name"), user_account.c.email, user_account.c.name.label("assignee_name"))
    .join(instance, instance.c.id == task.c.instance_id)
    .join(version, version.c.id == instance.c.version_id)
    .outerjoin(user_account, user_account.c.id == task.c.assignee_id)
)
ORDER = (task.c.priority, task.c.due, task.c.id)


class Walks(NamedTuple):
    """Which walks a statement makes: the person's own tasks, so many groups, or everybody's tasks; from a place on; how far.

    How far stands in the statement, since PostgreSQL would plan for a tenth of all rows otherwise.
    """

    own: bool
    groups: int
    everybody: bool
    after: bool
    most: int


def first(
    session: Session, *, person: int | None, groups: Sequence[str], own: bool, after: tuple[Any, ...] | None, most: int, everybody: bool
) -> list[Any]:
    """Rows of DETAILS with `draft_saved_at`, in the order of the list. `after`: priority, due and id of the row before."""
    walks = Walks(own and not everybody, 0 if everybody else len(groups), everybody, after is not None, most)
    if not (walks.own or walks.groups or everybody):
        return []
    values: dict[str, Any] = {f"group_{number}": key for number, key in enumerate(groups)} | {"person": person, "groups": list(groups)}
    if after is not None:
        values |= zip(("after_priority", "after_due", "after_id"), after, strict=True)
    return (_sqlite if is_sqlite(session) else _postgresql)(walks).all(session, **values)


@lru_cache(maxsize=256)
def _sqlite(walks: Walks) -> Prepared:
    """SQLite merges the parts of an ordered UNION row by row, and stops where the page ends."""
    groups: list[Any] = [bindparam(f"group_{number}") for number in range(walks.groups)]
    arms = _tasks(walks) + [_offered(walks, each) for each in groups]
    if len(arms) == 1:
        return _page(_ordered(arms[0], walks))
    together = union(*arms)
    return _page(together.order_by(*together.selected_columns).limit(_most(walks)))


@lru_cache(maxsize=256)
def _postgresql(walks: Walks) -> Prepared:
    """PostgreSQL walks each index as far as a page, and sorts what it found. (Of many parts it would make a dear plan, or a wrong one.)"""
    arms = [select(_ordered(each, walks).subquery()) for each in _tasks(walks)]
    if walks.groups:
        keys = func.unnest(bindparam("groups", type_=ARRAY(Text))).table_valued("key").render_derived("named")
        found = _ordered(_offered(walks, keys.c.key).correlate(keys), walks).lateral("found")
        arms.append(select(found).select_from(keys).join(found, literal_column("true")))
    every = union_all(*arms).subquery("every")
    columns = (every.c.priority, every.c.due, every.c.id)
    return _page(select(*columns).distinct().order_by(*columns).limit(_most(walks)))


def _page(found: Any) -> Prepared:
    walk = found.subquery("walk")
    saved = (draft.c.task_id == task.c.id) & (draft.c.user_id == bindparam("person"))
    rows = DETAILS.join(walk, walk.c.id == task.c.id).outerjoin(draft, saved)
    return Prepared(rows.add_columns(draft.c.saved_at.label("draft_saved_at")).order_by(walk.c.priority, walk.c.due, walk.c.id))


def _tasks(walks: Walks) -> list[Select[Any]]:
    """Everybody's tasks, or the person's own, or none."""
    some = select(*ORDER).where(task.c.state == OPEN)
    if walks.own:
        some = some.where(task.c.assignee_id == bindparam("person"))
    return [_from(some, ORDER, walks)] if walks.own or walks.everybody else []


def _offered(walks: Walks, group: Any) -> Select[Any]:
    columns = (task_candidate.c.priority, task_candidate.c.due, task_candidate.c.task_id.label("id"))
    place = (*columns[:2], task_candidate.c.task_id)
    return _from(select(*columns).where(task_candidate.c.group_key == group), place, walks)


def _from(found: Select[Any], columns: Sequence[Any], walks: Walks) -> Select[Any]:
    if not walks.after:
        return found
    place = bindparam("after_priority", type_=Urgency()), bindparam("after_due", type_=Moment()), bindparam("after_id", type_=Big)
    return found.where(tuple_(*columns) > tuple_(*place))


def _ordered(found: Select[Any], walks: Walks) -> Select[Any]:
    return found.order_by(*found.selected_columns).limit(_most(walks))


def _most(walks: Walks) -> Any:
    return literal_column(str(walks.most), Integer)

"""Which rows of a queue come next: the oldest, but of each instance first those that have the fewest before them.

A thousand rows of one instance thus never stand before the single row of another, and what a worker holds already counts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Table, bindparam, func, select

LOOKED_AT = 5_000
"""Of more rows that are ready than this, only the oldest take part."""
SPARE = 64
"""Rows beyond those wanted that are looked at, since other workers may be taking the first."""


def select_fairly(
    table: Table, *, ready: ColumnElement[bool], held: ColumnElement[bool], place: ColumnElement[Any], owner: ColumnElement[Any]
) -> Select[Any]:
    """At most `:most` whole rows that are `ready`, locked; rows that others lock are passed over.

    `held` tells the rows under way, `place` orders rows by age, `owner` tells whose rows they are.
    """
    waiting = (
        select(table.c.id, place.label("place"), owner.label("owner"))
        .where(ready)
        .order_by(place, table.c.id)
        .limit(LOOKED_AT)
        .subquery("waiting")
    )
    under_way = select(owner.label("owner"), func.count().label("number")).where(held).group_by(owner).subquery("under_way")
    turn = func.row_number().over(partition_by=waiting.c.owner, order_by=(waiting.c.place, waiting.c.id))
    turns = (
        select(waiting.c.id, waiting.c.place, (turn + func.coalesce(under_way.c.number, 0)).label("turn"))
        .select_from(waiting.outerjoin(under_way, under_way.c.owner == waiting.c.owner))
        .subquery("turns")
    )
    first = (
        select(turns)
        .order_by(turns.c.turn, turns.c.place, turns.c.id)
        .limit(bindparam("most", type_=Integer) + SPARE)
        .subquery("first")
    )
    return (
        select(table)
        .join(first, first.c.id == table.c.id)
        .where(ready)
        .order_by(first.c.turn, first.c.place, first.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=table)
    )

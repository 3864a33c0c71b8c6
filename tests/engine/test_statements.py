"""Statements that run on the driver: the values, rows and errors are those of SQLAlchemy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.statements import MOST_PLACES, Prepared, PreparedInsert, database
from engine.tables import message
from tests.engine.world import NOW, World

INSERT = PreparedInsert(message)
NAMED = Prepared(select(message).where(message.c.name == bindparam("name"), message.c.state == "pending").order_by(message.c.id))
DELIVER = Prepared(
    update(message).where(message.c.id == bindparam("key")).values(state=bindparam("outcome"), delivered_at=bindparam("at"))
)
FORGET = Prepared(delete(message).where(message.c.received_at < bindparam("before")))


def rows(number: int) -> list[dict[str, Any]]:
    """Messages with a value of every kind that a column holds."""
    return [
        {
            "id": each, "source": "test", "external_id": str(each), "name": "l’été", "correlation": {"numéro": each}, "payload": {"a": [1.5, None]},
            "state": "pending", "received_at": NOW + timedelta(microseconds=each), "expires_at": NOW, "target_process": None,
        }
        for each in range(1, number + 1)
    ]  # fmt: skip


@pytest.mark.parametrize("number", [0, 1, max(MOST_PLACES.values()), 2 * max(MOST_PLACES.values()) + 1])
def test_rows_come_back_as_they_went_in(world: World, number: int) -> None:
    world.do(lambda session: INSERT.run(session, rows(number)))
    found = world.ask(lambda session: NAMED.all(session, name="l’été"))
    assert [(row.id, row.correlation, row.payload, row.received_at, row.delivered_at) for row in found] == [
        (row["id"], row["correlation"], row["payload"], row["received_at"], None) for row in rows(number)
    ]
    through_sqlalchemy = world.ask(lambda session: session.execute(select(message).order_by(message.c.id)).all())
    assert [tuple(row) for row in found] == [tuple(row) for row in through_sqlalchemy]


def test_the_driver_and_the_session_share_a_transaction(world: World) -> None:
    def both(session: Session) -> None:
        INSERT.run(session, rows(1))
        assert session.execute(select(message.c.name)).scalar() == "l’été"
        session.execute(update(message).values(name="autre"))
        DELIVER.run(session, key=1, outcome="delivered", at=datetime(2019, 6, 14, 8, 0, 0, 5, tzinfo=UTC))
        assert NAMED.one(session, name="autre") is None

    world.do(both)
    (row,) = world.ask(lambda session: session.execute(select(message)).all())
    assert (row.name, row.state, row.delivered_at) == ("autre", "delivered", datetime(2019, 6, 14, 8, 0, 0, 5, tzinfo=UTC))
    world.do(lambda session: FORGET.run(session, before=NOW + timedelta(days=1)))
    assert world.ask(lambda session: NAMED.value(session, name="autre")) is None
    assert world.rows() == {}


def test_a_column_without_a_name_is_read_by_its_place(world: World) -> None:
    latest = Prepared(select(func.max(message.c.received_at)))
    assert world.ask(latest.value) is None
    world.do(lambda session: INSERT.run(session, rows(3)))
    assert world.ask(latest.value) == NOW + timedelta(microseconds=3)


def test_what_fails_on_the_driver_fails_as_in_sqlalchemy_and_leaves_nothing(world: World) -> None:
    def twice(session: Session) -> None:
        INSERT.run(session, rows(1))
        INSERT.run(session, rows(1))

    with pytest.raises(IntegrityError):
        world.do(twice)
    assert world.rows() == {}


def test_a_reading_session_keeps_nothing_that_the_driver_wrote(world: World) -> None:
    world.ask(lambda session: INSERT.run(session, rows(1)))
    assert world.rows() == {}


def test_a_session_made_elsewhere_works_as_well(world: World, database_url: str) -> None:
    with Session(world.sessions.engine) as session:
        INSERT.run(session, rows(1))
        assert NAMED.value(session, name="l’été") == 1
        assert database(session) == world.ask(database)

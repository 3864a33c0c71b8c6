"""The one clock. Every command gets its moment from here through its transaction; nothing else reads the system's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine.statements import Prepared
from engine.tables import MICROSECOND, clock_offset

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Ids begin with the time in 43 bits; a test clock stays well below what they hold."""

OFFSET = Prepared(select(clock_offset.c.microseconds).where(clock_offset.c.id == 1))


class Clock:
    """The system's time, in UTC."""

    movable = False

    def now(self, session: Session) -> datetime:  # noqa: ARG002
        """The moment of this transaction, aware, in UTC."""
        return datetime.now(UTC)

    def move(self, session: Session, to: datetime) -> None:  # noqa: ARG002
        """Only the test clock moves. Raises RuntimeError."""
        raise RuntimeError("the system's clock does not move")


class TestClock(Clock):
    """A clock that can be moved. How far it is from the system's stands in a row, so that all processes and restarts agree."""

    __test__ = False
    movable = True

    def now(self, session: Session) -> datetime:
        offset = OFFSET.value(session)
        return super().now(session) + MICROSECOND * (offset or 0)

    def move(self, session: Session, to: datetime) -> None:
        """Let it be `to` now, in this transaction and for everybody after it."""
        distance = to - super().now(session)
        self._keep(session, distance)

    def _keep(self, session: Session, distance: timedelta) -> None:
        moved = session.execute(
            update(clock_offset).where(clock_offset.c.id == 1).values(microseconds=distance // MICROSECOND)
        )
        if moved.rowcount == 0:  # type: ignore[attr-defined]
            session.execute(insert(clock_offset).values(id=1, microseconds=distance // MICROSECOND))

"""Ids of rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.ids import new_id

NOW = datetime(2031, 6, 13, 8, 0, tzinfo=UTC)


def test_ids_of_one_moment_are_all_different_and_in_order_however_many_there_are() -> None:
    made = [new_id(NOW) for _ in range(100_000)]
    assert made == sorted(set(made))
    assert new_id(NOW + timedelta(milliseconds=1)) > made[-1]

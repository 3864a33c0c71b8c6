"""Host values in, JSON out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from feel.errors import EvaluationError, LimitExceeded
from feel.expression import compile as compile_text
from feel.expression import evaluate
from feel.host import to_feel, to_json
from feel.strings import string_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (3, "3"),
        (0.1, "0.1"),
        (float("nan"), None),
        (Decimal("1.50"), "1.5"),
        ("é", "é"),
        (date(2019, 6, 13), "2019-06-13"),
        (datetime(2019, 6, 13, 10, tzinfo=UTC), "2019-06-13T10:00:00Z"),
        (datetime(2019, 6, 13, 10, tzinfo=ZoneInfo("Europe/Paris")), "2019-06-13T10:00:00@Europe/Paris"),
        (timedelta(hours=36), "P1DT12H"),
        ([1, (2,)], "[1, [2]]"),
        ({1: {"a": None}}, '{"1": {a: null}}'),
    ],
)
def test_host_value_becomes_feel(value: object, expected: str | None) -> None:
    assert string_of(to_feel(value)) == expected


def test_foreign_object_never_gets_in() -> None:
    with pytest.raises(EvaluationError):
        to_feel(object())

    result = compile_text("secret").explain({"secret": object()})
    assert result.value is None
    assert "object" in str(result.diagnostics[0])


def test_value_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(LimitExceeded):
        evaluate("x", {"x": endless})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.0", 1),
        ("1.5", 1.5),
        ("{total: sum([1, 2]), late: null}", {"total": 3, "late": None}),
        ('[@"2019-06-13", @"P1D", @"10:00:00Z"]', ["2019-06-13", "P1D", "10:00:00Z"]),
        ("[1..3]", "[1..3]"),
    ],
)
def test_result_becomes_json(text: str, expected: object) -> None:
    result = to_json(evaluate(text))

    assert result == expected
    assert type(result) is type(expected)

"""Unary tests, the cells of decision tables (DMN 1.5, rules 7 to 17)."""

from __future__ import annotations

from datetime import date

import pytest

from feel.expression import compile_unary

CASES: list[tuple[str, object, bool | None]] = [
    ('"a", "b"', "b", True),
    ('not("a", "b")', "b", False),
    ("< 5, > 10", 11, True),
    ("[1..5], 7", 7, True),
    ("-", None, True),
    ("? > 5 and ? < 10", 7, True),
    ('contains(?, "x")', "axb", True),
    ("not(? > 5)", 7, False),
    ("null", None, True),
    ("not(null)", None, False),
    ("niveaux", 2, True),
    ('date("2020-01-01")', date(2020, 1, 1), True),
    (">= limite", 5, True),
    ('"x"', ["x"], True),
    ("(1..5)", 5, False),
    ("]1..5[", 2, True),
    ("not(<5)", 7, True),
    ("true", True, True),
    ("< 5", "a", None),
    ("[1..5]", None, None),
    ("not(contains(?, \"x\")) and ? != \"y\"", "z", True),
    ("= 3", 3, True),
    ("!= 3", 3, False),
    ("limite > 3", "a", True),
    ("limite > 7", "a", False),
    ("limite > 3", None, True),
    ("limite > 3", False, False),
    ('contains("axb", "x")', "a", True),
]


@pytest.mark.parametrize(("text", "value", "expected"), CASES)
def test_value_passes(text: str, value: object, *, expected: bool | None) -> None:
    assert compile_unary(text).evaluate({"niveaux": [1, 2], "limite": 5}, value=value) is expected


def test_test_without_an_answer_says_why() -> None:
    result = compile_unary("< 5").explain({}, value="a")

    assert "ne se comparent pas" in str(result.diagnostics[0])

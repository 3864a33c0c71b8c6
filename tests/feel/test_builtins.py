"""Built-in functions (DMN 1.5, 10.3.4)."""

from __future__ import annotations

import pytest

from feel.builtins.table import BUILTINS
from feel.expression import evaluate
from feel.strings import source_of

CASES = [
    # strings
    ('substring("foobar", 3)', '"obar"'),
    ('substring("foobar", -2, 1)', '"a"'),
    ('substring("foobar", 0)', "null"),
    ('string length("été")', "3"),
    ('upper case("aé")', '"AÉ"'),
    ('lower case("AÉ")', '"aé"'),
    ('substring before("foobar", "bar")', '"foo"'),
    ('substring after("foobar", "foo")', '"bar"'),
    ('contains("foobar", "oba")', "true"),
    ('starts with("foobar", "fo")', "true"),
    ('ends with("foobar", "ar")', "true"),
    ('matches("foobar", "^fo*b")', "true"),
    ('matches("A", "a", "i")', "true"),
    ('matches("abab", "(ab)\\\\1")', "true"),
    ('matches("a", "[a-z-[aeiou]]")', "false"),
    ('matches("a", "(")', "null"),
    ('replace("abcd", "(ab)|(a)", "[1=$1]")', '"[1=ab]cd"'),
    ('replace("abc", "x*", "-")', "null"),
    ('split("a;b;;c", ";")', '["a", "b", "", "c"]'),
    ('string join(["a", null, "b"], "-")', '"a-b"'),
    # lists
    ("list contains([1, 2], 2)", "true"),
    ("count([1, 2])", "2"),
    ("min(1, 2, 3)", "1"),
    ('max(["a", "b"])', '"b"'),
    ("max([])", "null"),
    ("sum([])", "null"),
    ('sum([@"PT1H", @"PT30M"])', "PT1H30M"),
    ("mean([1, 2, 3])", "2"),
    ("all([true, false])", "false"),
    ("all([])", "true"),
    ("any([false, true])", "true"),
    ("any([null, false])", "null"),
    ("sublist([1, 2, 3], 2)", "[2, 3]"),
    ("append([1], 2, 3)", "[1, 2, 3]"),
    ("concatenate([1], [2, 3])", "[1, 2, 3]"),
    ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
    ("remove([1, 2, 3], -1)", "[1, 2]"),
    ("list replace([1, 2], 1, 5)", "[5, 2]"),
    ("list replace([1, 2, 3], function(item, newItem) item > 1, 0)", "[1, 0, 0]"),
    ("reverse([1, 2])", "[2, 1]"),
    ("index of([1, 2, 1], 1)", "[1, 3]"),
    ("union([1, 2], [2, 3])", "[1, 2, 3]"),
    ("distinct values([1, 1.0, {a: 1}, {a: 1}])", "[1, {a: 1}]"),
    ("flatten([[1, [2]], 3])", "[1, 2, 3]"),
    ("product([2, 3])", "6"),
    ("median([1, 2, 3, 4])", "2.5"),
    ("stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"),
    ("mode([1, 2, 2, 3, 3])", "[2, 3]"),
    ("sort([3, 1, 2])", "[1, 2, 3]"),
    ("sort([3, 1, 2], function(x, y) x > y)", "[3, 2, 1]"),
    ('sort([1, "a"])', "null"),
    # numbers
    ("decimal(1 / 3, 2)", "0.33"),
    ("decimal(2.5, 0)", "2"),
    ("floor(-1.5)", "-2"),
    ("ceiling(1.25, 1)", "1.3"),
    ("round up(5.5, 0)", "6"),
    ("round down(-5.5, 0)", "-5"),
    ("round half up(2.5, 0)", "3"),
    ("round half down(2.5, 0)", "2"),
    ("abs(-1)", "1"),
    ('abs(@"-PT5H")', "PT5H"),
    ("modulo(-12, 5)", "3"),
    ("modulo(1, 0)", "null"),
    ("sqrt(16)", "4"),
    ("sqrt(-1)", "null"),
    ("log(1)", "0"),
    ("exp(0)", "1"),
    ("odd(3)", "true"),
    ("even(2.5)", "false"),
    ('number("1 000,5", " ", ",")', "1000.5"),
    ('number("x")', "null"),
    # contexts
    ('get value({a: 1}, "a")', "1"),
    ("get entries({a: 1})", '[{key: "a", value: 1}]'),
    ('context([{key: "a", value: 1}])', "{a: 1}"),
    ('context put({a: 1}, "b", 2)', "{a: 1, b: 2}"),
    ('context put({a: {b: 1}}, ["a", "b"], 2)', "{a: {b: 2}}"),
    ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
    # conversion
    ("string(1.10)", '"1.1"'),
    ("string(null)", "null"),
    ('string([1, "a", null])', '"[1, \\"a\\", null]"'),
    ("date(2024, 2, 29)", "2024-02-29"),
    ('time("10:00:00@Europe/Paris").timezone', '"Europe/Paris"'),
    ("time(10, 30, 0.5)", "10:30:00.5"),
    ('duration("P14M")', "P1Y2M"),
    ('duration("P1M1D")', "null"),
    ('date and time(date("2024-01-01"), time("10:00:00Z"))', "2024-01-01T10:00:00Z"),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_builtin_gives(text: str, expected: str) -> None:
    assert source_of(evaluate(text)) == expected


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_builtin_refuses_too_many_arguments_with_null(name: str) -> None:
    arguments = ", ".join(["{x: 1}"] * 9)

    evaluate(f"{name}({arguments})")


@pytest.mark.parametrize("name", sorted(set(BUILTINS) - {"now", "today"}))
def test_builtin_of_null_never_raises(name: str) -> None:
    for arguments in ("null", "null, null", "null, null, null"):
        evaluate(f"{name}({arguments})")

"""What expressions give, chapter by chapter of DMN 1.5, section 10.3."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from feel.expression import compile as compile_text
from feel.expression import evaluate
from feel.strings import source_of

ARITHMETIC = [
    ("2 + 3 * 4", "14"),
    ("10 - 2 - 3", "5"),
    ("12 / 2 / 3", "2"),
    ("-2 ** 2", "4"),
    ("2 ** 3 ** 2", "64"),
    ("0.1 + 0.2 = 0.3", "true"),
    ("1 / 3", "0.3333333333333333333333333333333333"),
    ("1e3", "1000"),
    (".5 + 1", "1.5"),
    ("1 / 0", "null"),
    ('1 + "a"', "null"),
    ("null + 1", "null"),
    ("12345678901234567890123456789012345678", "12345678901234567890123456789012350000"),
    ('"a" + "b"', '"ab"'),
    ('"a" - "b"', "null"),
]
COMPARISON = [
    ("1 = 1.0", "true"),
    ('1 = "1"', "null"),
    ("null = null", "true"),
    ("1 != null", "true"),
    ("null < 1", "null"),
    ('"a" < "b"', "true"),
    ("[1, 2] = [1, 2]", "true"),
    ("{a: 1} = {a: 1}", "true"),
    ("[1] = 1", "true"),
    ("2 between 1 and 3", "true"),
    ("null between 1 and 3", "null"),
    ("2 in (1, 2)", "true"),
    ("5 in (<3, >4)", "true"),
    ("5 in [1..5)", "false"),
    ("5 in ((1..5], 7)", "true"),
    ("1 in [[1..3], 7]", "true"),
    ("(2 + 3) in (4 + 1)", "true"),
    ("2 in (1) or true", "true"),
    ("5 in (? > 3)", "true"),
    ("[1, 7] in (count(?) = 2)", "true"),
]
LOGIC = [
    ("true and null", "null"),
    ("false and null", "false"),
    ("null or true", "true"),
    ("null or false", "null"),
    ("true and true and false", "false"),
    ("not(null)", "null"),
    ("if null then 1 else 2", "2"),
    ('if "x" then 1 else 2', "2"),
    ("true or 1 / 0 = 1", "true"),
]
CONTEXTS = [
    ("{a: 1, b: a + 1}.b", "2"),
    ("{total cost: 4, x: total cost * 2}.total cost", "4"),
    ('{"a b": 1}.a b', "1"),
    ("{a: 1, a: 2}", "null"),
    ("{a: {b: 3}}.a.b", "3"),
    ("{a: 1}.b", "null"),
    ("[{a: 1}, {a: 2}].a", "[1, 2]"),
    ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(20)}.r", "2432902008176640000"),
    ("{prénom: \"Éloïse\", âge: 30}.âge", "30"),
]
FILTERS = [
    ("[1, 2, 3][2]", "2"),
    ("[1, 2, 3][-1]", "3"),
    ("[1, 2, 3][4]", "null"),
    ("[1, 2, 3][item >= 2]", "[2, 3]"),
    ("[{x: 1}, {x: 2}][x = 2]", "[{x: 2}]"),
    ("[{unit price: 2}, {unit price: 5}][unit price > 3].unit price", "[5]"),
    ("[{item: 1}, {item: 2}][item = 2]", "[{item: 2}]"),
    ("null[1]", "null"),
    ("5[1]", "5"),
    ("[][item > 1]", "[]"),
]
ITERATION = [
    ("for x in [1, 2], y in [10, 20] return x * y", "[10, 20, 20, 40]"),
    ("for i in 5..1 return i", "[5, 4, 3, 2, 1]"),
    ("for i in (1..4] return i", "[2, 3, 4]"),
    ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"),
    ("for x in null return x", "null"),
    ("for x in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
    ("for x in 1..2 return {so far: partial}", "[{so far: []}, {so far: [{so far: []}]}]"),
    ("for x in 5 return x", "[5]"),
    ("count(for d in @\"2024-02-28\"..@\"2024-03-01\" return d)", "3"),
    ("some x in [1, 2, 3] satisfies x > 2", "true"),
    ("every x in [1, 2, 3] satisfies x > 2", "false"),
    ("every x in [] satisfies false", "true"),
    ("some x in [null] satisfies x > 2", "null"),
    ("some x in [1, 2], y in [2, 3] satisfies x > y", "false"),
]
FUNCTIONS = [
    ("(function(a: number) a)(3)", "3"),
    ('(function(a: number) a)("x")', "null"),
    ("{f: function(a, b) a - b, r: f(b: 1, a: 5)}.r", "4"),
    ("{f: function(a) a, r: f(1, 2)}.r", "null"),
    ("substring(string: \"abc\", start position: 2)", '"bc"'),
    ("sum([1, 2, 3])", "6"),
    ("sum(1, 2, 3)", "6"),
    ("nothing(1)", "null"),
    ("{sum to: function(n) if n = 0 then 0 else n + sum to(n - 1), r: sum to(90)}.r", "4095"),
    ("{add: function(n) function(m) n + m, r: add(1)(2)}.r", "3"),
]
TYPES = [
    ("1 instance of number", "true"),
    ("null instance of number", "false"),
    ("[1, 2] instance of list<number>", "true"),
    ('[1, "a"] instance of list<number>', "false"),
    ("{a: 1} instance of context<a: number>", "true"),
    ("[1..3] instance of range<number>", "true"),
    ('@"P1D" instance of days and time duration', "true"),
    ("(function(a: number) a) instance of function<number> -> Any", "true"),
    ("1 instance of nothing", "null"),
]
RANGES = [
    ("[1..3].start", "1"),
    ("(1..3).start included", "false"),
    ("]1..3] = (1..3]", "true"),
    ("(> 5).start", "5"),
    ("[1..null]", "[1..null)"),
    ("[(< 5)..null]", "[(< 5)..null)"),
    ('[1.."a"]', "null"),
    ('range("[18..21)").end', "21"),
    ("before(1, [2..3])", "true"),
    ("overlaps([1..5], [3..8])", "true"),
    ("during(2, [1..3])", "true"),
    ("meets([1..3], [3..5])", "true"),
    ("includes([1..10], 5)", "true"),
    ("coincides(1, 1)", "true"),
]
TEMPORAL = [
    ('date("2024-02-29") + duration("P1Y")', "2025-02-28"),
    ('date("2024-01-31") + duration("P1M")', "2024-02-29"),
    ('string(@"2024-03-30T12:00:00@Europe/Berlin" + @"P1D")', '"2024-03-31T13:00:00@Europe/Berlin"'),
    ('date("2024-03-10") - date("2024-03-01")', "P9D"),
    ('@"2024-01-01T00:00:00Z" < @"2024-01-01T01:00:00+02:00"', "false"),
    ('@"2024-01-01T00:00:00Z" < @"2024-01-01T01:00:00"', "null"),
    ('years and months duration(date("2020-02-29"), date("2024-02-28"))', "P3Y11M"),
    ('@"P1Y" > @"P11M"', "true"),
    ('@"PT90M" * 2', "PT3H"),
    ('@"P1D" / @"PT12H"', "2"),
    ('date("2024-06-05").weekday', "3"),
    ('@"P1DT2H".hours', "2"),
    ('time("10:00:00") + @"PT15H"', "01:00:00"),
    ('day of week(@"2024-06-05")', '"Wednesday"'),
    ('week of year(@"2021-01-03")', "53"),
    ('date("2023-02-29")', "null"),
    ('date("99999-01-01").year', "99999"),
    ('date and time(@"2024-07-01T12:00:00Z", "Europe/Paris")', "2024-07-01T14:00:00@Europe/Paris"),
    ('is(@"10:00:00Z", @"10:00:00+00:00")', "true"),
]
ALL = [*ARITHMETIC, *COMPARISON, *LOGIC, *CONTEXTS, *FILTERS, *ITERATION, *FUNCTIONS, *TYPES, *RANGES, *TEMPORAL]


@pytest.mark.parametrize(("text", "expected"), ALL, ids=[text for text, _ in ALL])
def test_expression_gives(text: str, expected: str) -> None:
    assert source_of(evaluate(text)) == expected


NAMED = {
    "a": 5,
    "b": 3,
    "a-b": 100,
    "date of birth": "x",
    "in stock": 7,
    "Person's age": 30,
    "order total": 12,
    "profit and loss": 4,
    "a+b c": 9,
    "first name": "Al",
    "café serré": 2,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a - b", "100"),
        ("a-b", "100"),
        ("b - a", "-2"),
        ("if in stock > 5 then order total else profit and loss", "12"),
        ("Person's age + 1", "31"),
        ("profit and loss = 4 and in stock = 7", "true"),
        ("a+b c", "9"),
        ("date of birth + first name", '"xAl"'),
        ("café serré * 2", "4"),
        ("a /* b */ + b // c", "8"),
    ],
)
def test_longest_name_in_scope_is_read(text: str, expected: str) -> None:
    assert source_of(evaluate(text, NAMED)) == expected


def test_variable_hides_a_builtin() -> None:
    assert evaluate("sum + 1", {"sum": 1}) == 2


def test_members_of_several_words_come_from_the_type_of_the_loop() -> None:
    text = "for o in [{unit price: 3}] return o.unit price * 2"

    assert evaluate(text) == [Decimal(6)]


def test_only_free_names_are_converted() -> None:
    expression = compile_text("montant > 10")

    assert expression.free == expression.required == {"montant"}
    assert expression.evaluate({"montant": 11, "fichier": object()}) is True


def test_compiled_expression_is_kept() -> None:
    assert compile_text("a + 1", ["a", "b"]) is compile_text("a + 1", ["c"])


def test_clock_is_given_and_shown_in_paris() -> None:
    now = datetime(2024, 7, 1, 22, 30, tzinfo=UTC)

    assert source_of(evaluate("now()", now=now)) == "2024-07-02T00:30:00@Europe/Paris"
    assert source_of(evaluate("today()", now=now)) == "2024-07-02"
    assert evaluate("today() > limite", {"limite": date(2024, 7, 1)}, now=now) is True


def test_now_without_a_clock_is_null_with_a_reason() -> None:
    result = compile_text("now()").explain()

    assert result.value is None
    assert "horloge" in str(result.diagnostics[0])


def test_members_of_filtered_items_are_not_required() -> None:
    expression = compile_text("dossiers[note > seuil][1].nom")

    assert expression.free == {"dossiers", "note", "seuil"}
    assert expression.required == {"dossiers"}
    assert expression.evaluate({"dossiers": [{"note": 3, "nom": "a"}], "seuil": 2}) == "a"

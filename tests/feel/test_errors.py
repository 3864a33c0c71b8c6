"""Errors: where the text is wrong, why a null is null, what an evaluation may not use."""

from __future__ import annotations

import time

import pytest

from feel.errors import FeelSyntaxError, LimitExceeded
from feel.expression import Surroundings, build, compile_unary
from feel.expression import compile as compile_text
from feel.limits import Limits
from feel.lint import check


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("1 +", 1, 4),
        ("1 + ) 2", 1, 5),
        ("a >\n  ]", 2, 4),
        ('"ouvert', 1, 1),
        ("/* ouvert", 1, 1),
        ("if a then b", 1, 12),
        ("for x return x", 1, 15),
        ("[1..2", 1, 6),
        ("{a 1}", 1, 5),
        ("f(a: 1, 2)", 1, 9),
        ("@2024", 1, 2),
        ("1 instance of 2", 1, 15),
        ("a b c = = 2", 1, 9),
        ("1e999999", 1, 1),
    ],
)
def test_syntax_error_says_where(text: str, line: int, column: int) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_text(text)

    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("text", ["", "not(< 1), 2", "< ", "1,", "not(<1) and true"])
def test_wrong_unary_tests_are_refused(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_unary(text)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("montant > 10", 0, "la variable « montant » n’existe pas ici"),
        ("1 + 2 / 0", 6, "division par zéro"),
        ('1 < "a"', 2, "number et string ne se comparent pas"),
        ('sum(["a"])', 3, "« sum » n’accepte pas string"),
        ('date("demain")', 4, "« demain » n’est pas une date"),
        ("[1, 2][5]", 6, "la position 5 est hors de 1..2"),
        ("{a: 1}.b", 7, "le contexte n’a pas d’entrée « b »"),
        ("nothing(1)", 7, "null n’est pas une fonction"),
        ('@"2024-01-01T00:00:00Z" < @"2024-01-01T01:00:00"', 24, "une heure avec fuseau et une heure sans fuseau"),
        ("1 and true", 2, "« and » attend vrai ou faux, non number"),
        ("null and true", 5, "« and » attend vrai ou faux, non null"),
        ("some x in [1] satisfies x", 0, "une condition est vraie ou fausse, non number"),
        ('get value({a: 1}, "b")', 9, "le contexte n’a pas d’entrée « b »"),
        ("string(null)", 6, "« string » n’a pas de résultat ici"),
        ('@"10:00:00".timezone', 12, "time n’a pas de propriété « timezone »"),
        ("(< 5).start", 6, "range n’a pas de propriété « start »"),
        ('substring("abc", 2, length: 1)', None, None),
    ],
)
def test_null_says_why_and_where(text: str, position: int | None, reason: str | None) -> None:
    if reason is None:
        with pytest.raises(FeelSyntaxError):
            compile_text(text)
        return
    result = compile_text(text).explain({})

    assert result.value is None
    found = [(diagnostic.origin.position, str(diagnostic.message)) for diagnostic in result.diagnostics]
    assert any(place == position and message.startswith(reason) for place, message in found), found


def test_null_in_a_list_says_why_and_where() -> None:
    result = compile_text("[{a: 1}, {b: 2}].a").explain({})

    assert result.value == [1, None]
    assert [(str(found.message), found.origin.position) for found in result.diagnostics] == [("le contexte n’a pas d’entrée « a »", 17)]


def test_good_value_has_no_diagnostics() -> None:
    assert compile_text("a + 1").explain({"a": 1}).diagnostics == ()


LIMITED = {
    "loop": "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
    "quantified": "some " + ", ".join(f"v{i} in 1..100" for i in range(20)) + " satisfies false",
    "recursion": "{f: function(n) f(n + 1), r: f(1)}.r",
    "exponential recursion": "{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(35)}.r",
    "doubled string": 'for i in 1..60 return if i = 1 then "aaaaaaaa" else partial[-1] + partial[-1]',
    "doubled list": "for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
    "shared lists compared": "{a: for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]], "
    "b: for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]], r: a = b}.r",
    "shared lists flattened": "flatten(for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]])",
    "shared lists as text": "string(for i in 1..30 return if i = 1 then [1] else [partial[-1], partial[-1]])",
    "long range": "count(for i in 1..1000000000 return i)",
    "joined": 'string join(for i in 1..100000 return "aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb")',
    "distinct": "distinct values(for i in 1..100000 return [i])",
    "calls in iterations": "some " + ", ".join(f"v{i} in [1]" for i in range(2000)) + " satisfies false",
    "sorting": "sort(for i in 1..100000 return 100000 - i, function(a, b) a < b)",
}


@pytest.mark.parametrize("name", LIMITED)
def test_limit_ends_the_evaluation_and_is_never_null(name: str) -> None:
    with pytest.raises(LimitExceeded):
        compile_text(f"if ({LIMITED[name]}) = null then 1 else 2").evaluate({})


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..40 return if i = 1 then [1] else [partial[-1], partial[-1]]",
        "(= for x in 1..5, y in 1..5 return partial)",
        "{a: [(!= for x in 1..5, y in 1..5 return partial)]}",
    ],
)
def test_value_too_large_to_write_is_a_limit(text: str) -> None:
    with pytest.raises(LimitExceeded):
        compile_text(text).evaluate({})


def test_wall_clock_ends_the_evaluation() -> None:
    limits = Limits(steps=10**12, seconds=0.05)
    expression = build(LIMITED["quantified"], Surroundings(), limits=limits)
    started = time.monotonic()

    with pytest.raises(LimitExceeded):
        expression.evaluate({})

    assert time.monotonic() - started < 5


HOSTILE = {
    "parentheses": "(" * 5000 + "1" + ")" * 5000,
    "brackets": "[" * 3000 + "]" * 3000,
    "signs": "-" * 5000 + "1",
    "conditions": "if true then " * 2000 + "1",
    "steps": "a" + ".b" * 5000,
    "filters": "[1]" + "[1]" * 5000,
    "types": "1 instance of " + "list<" * 500 + "number" + ">" * 500,
    "length": "1" * 200_000,
    "functions": "function(a) " * 500 + "1",
    "names": "{" + ",".join(f"a b{i}: 1" for i in range(9000)) + "}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused(name: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_text(HOSTILE[name])


@pytest.mark.parametrize(
    "text",
    [
        '"".__class__',
        "[1][item.__class__]",
        "{a: 1}.__init__",
        "open(1)",
        "__import__(1)",
        'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a|a)*\\\\1?(a)\\\\2b")',
        'matches("a", "((a{1000}){1000}){1000}")',
        "9 ** 999999",
        '@"999999999-12-31" + @"P999999999Y"',
        'duration("P999999999999999D") * 999999999',
        "[1, 2][1e6000]",
        'substring("abc", 1e6000)',
    ],
)
def test_hostile_value_is_null(text: str) -> None:
    assert compile_text(text).evaluate({}) in (None, [])


def test_chains_of_any_length_are_read() -> None:
    assert compile_text(" + ".join(["1"] * 9000)).evaluate({}) == 9000
    assert compile_text(" and ".join(["true"] * 9000)).evaluate({}) is True


@pytest.mark.parametrize(
    ("text", "code", "remedy"),
    [
        ("1 +", "feel.syntax", None),
        ('contain(montant, "x")', "feel.function", "voulez-vous dire « contains » ?"),
        ("sum()", "feel.arguments", None),
        ('@"2019-13-01"', "feel.literal", None),
        ("montent > 3", "feel.name", "voulez-vous dire « montant » ?"),
        ('function(x) external {java: {class: "x"}}', "feel.external", None),
    ],
)
def test_problem_is_named_before_it_runs(text: str, code: str, remedy: str | None) -> None:
    problems = check(text, ["montant"])

    assert code in [problem.code for problem in problems]
    found = next(problem for problem in problems if problem.code == code)
    assert (str(found.remedy) if found.remedy else None) == remedy


def test_sound_expression_has_no_problems() -> None:
    assert check("montant > 3 and {f: function(x) x, r: f(2)}.r = 2", ["montant"]) == []


def test_what_is_repeated_is_charged_by_its_size() -> None:
    body = " + ".join(["i"] * 300)

    assert compile_text("for i in 1..1000 return i").explain({}).value is not None
    with pytest.raises(LimitExceeded):
        compile_text(f"for i in 1..10000 return {body}").evaluate({})


@pytest.mark.parametrize("text", ["sort([true])", "sort([{a: 1}])", "sort([[1..2]])"])
def test_one_item_needs_no_order(text: str) -> None:
    assert len(compile_text(text).evaluate({})) == 1


def test_processor_time_ends_the_evaluation() -> None:
    limits = Limits(steps=10**12, cpu_seconds=0.02, seconds=60)

    with pytest.raises(LimitExceeded, match=r"0\.02"):
        build(LIMITED["quantified"], Surroundings(), limits=limits).evaluate({})

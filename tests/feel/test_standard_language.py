"""What the standard says of the language, rule by rule (DMN 1.5, 10.3.1 and 10.3.2)."""

from __future__ import annotations

import pytest

from feel.expression import compile as compile_text
from feel.strings import source_of

# Grammar rules 33 to 40; \uXXXX, \UXXXXXX and surrogate pairs in strings.
LITERALS = [
    (".5", "0.5"),
    ("1.5e-3", "0.0015"),
    ("1.2E+3", "1200"),
    ("0001", "1"),
    ("--5", "5"),
    ("-(5)", "-5"),
    ('-"a"', "null"),
    (r'"\u00e9"', '"é"'),
    (r'"\U01F40E"', '"🐎"'),
    (r'"\uD83D\uDC0E"', '"🐎"'),
    (r'"a\"b"', r'"a\"b"'),
    (r'"a\\b"', r'"a\\b"'),
    ('"a\\\'b"', '"a\'b"'),
    (r'"a\d"', r'"a\\d"'),
    (r'string length("\U01F40E")', "1"),
    (r'string length("\uD83D\uDC0E")', "1"),
    ('"a" /* comment */ + "b" // rest', '"ab"'),
    ("{}", "{}"),
    ("{a    b: 1}", "{a b: 1}"),
    ("{a+b: 1}", '{"a+b": 1}'),
    ("{a-b: 1}.a-b", "1"),
    ('{"": 1}', '{"": 1}'),
    ('{"foo+bar((!!],foo": 10}', '{"foo+bar((!!],foo": 10}'),
    ("{if: 1}", "{if: 1}"),
    ("{a: b, b: 1}", "{a: null, b: 1}"),
    ("{a: 1, b: {c: a}}", "{a: 1, b: {c: 1}}"),
    ("[1, [2, 3]]", "[1, [2, 3]]"),
    ('@"foo"', "null"),
    ('@"P1D"', "P1D"),
]
# Rules 66 and 67: closed and open ends, ends of any ordered kind, operators with an open side.
RANGE_LITERALS = [
    ("[1..10]", "[1..10]"),
    ("(1..10)", "(1..10)"),
    ("]1..10[", "(1..10)"),
    ("[1..10)", "[1..10)"),
    ("[10..1]", "[10..1]"),
    ('["a".."z"]', '["a".."z"]'),
    ('[@"2024-01-01"..@"2024-12-31"]', "[2024-01-01..2024-12-31]"),
    ('[@"P1D"..@"P2D"]', "[P1D..P2D]"),
    ("[1+1..10]", "[2..10]"),
    ("[null..5]", "(null..5]"),
    ("[null..null]", "null"),
    ('["a"..1]', "null"),
    ("[true..false]", "null"),
    ("(>5)", "(> 5)"),
    ("(<=5)", "(<= 5)"),
    ("(=5)", "(= 5)"),
    ("(!=5)", "(!= 5)"),
    ("(> null)", "null"),
    ("[1..10] = [1..10]", "true"),
    ("[1..10] = [1..10)", "false"),
    ("[1..10].start", "1"),
    ("(1..10].end included", "true"),
    ("(1..10].start included", "false"),
    ("(>5).end", "null"),
    ("(>=5).start included", "true"),
    ("(<=5).end included", "true"),
]
# Table 42 and 10.3.2.13.1: kinds do not compare with each other, null only with itself.
EQUALITY = [
    ("1 = 1.00", "true"),
    ('1 = "1"', "null"),
    ("true = 1", "null"),
    ("null = 1", "false"),
    ("null != null", "false"),
    ('1 != "1"', "null"),
    ('@"2024-01-01" = @"2024-01-01T00:00:00"', "null"),
    ('@"10:00:00" = @"10:00:00Z"', "false"),
    ('@"10:00:00Z" = @"11:00:00+01:00"', "true"),
    ('@"2024-01-01T10:00:00Z" = @"2024-01-01T11:00:00+01:00"', "true"),
    ('@"2024-07-01T10:00:00@Europe/Paris" = @"2024-07-01T08:00:00Z"', "true"),
    ('@"P1Y" = @"P12M"', "true"),
    ('@"P1D" = @"PT24H"', "true"),
    ('@"P1Y" = @"P365D"', "null"),
    ("[1,2] = [2,1]", "false"),
    ("[1,[2]] = [1,[2]]", "true"),
    ("[] = null", "false"),
    ("[null] = null", "false"),
    ("{a:1,b:2} = {b:2,a:1}", "true"),
    ("{a:1} = {a:1,b:2}", "false"),
    ('{a:1} = {a:"1"}', "false"),
]
# Table 43: what has no order gives null.
ORDER = [
    ("1 < 2", "true"),
    ('"a" < "B"', "false"),
    ("true < false", "null"),
    ("[1] < [2]", "null"),
    ("null < null", "null"),
    ('@"2024-01-01" < @"2024-01-02"', "true"),
    ('@"2024-01-01" < @"2024-01-02T00:00:00"', "null"),
    ('@"P1Y" < @"P13M"', "true"),
    ('@"P1Y" < @"P366D"', "null"),
    ('@"10:00:00Z" > @"10:00:00+01:00"', "true"),
    ("1 between 1 and 3", "true"),
    ("1 between 3 and 1", "false"),
    ("1 between null and 3", "null"),
    ('"b" between "a" and "c"', "true"),
    ('1 between "a" and 3', "null"),
    ("1 + 1 between 1 and 3", "true"),
]
# Tables 50 and 51: three values; what is no boolean counts as null.
LOGIC = [
    ("true and null", "null"),
    ("false and null", "false"),
    ("null and null", "null"),
    ("true and 1", "null"),
    ("false and 1", "false"),
    ("true or null", "true"),
    ("false or null", "null"),
    ('false or "a"', "null"),
    ("1 or true", "true"),
    ('true and (1 = "a")', "null"),
    ("if null then 1 else 2", "2"),
    ('if "true" then 1 else 2', "2"),
    ("if [true] then 1 else 2", "2"),
]
# Rules 7 to 17 and table 55: lists, ranges, tests, `?`.
MEMBERSHIP = [
    ("1 in [1,2]", "true"),
    ("3 in (1,2)", "false"),
    ("1 in (1..5)", "false"),
    ("1 in [[1..5]]", "true"),
    ("1 in <5", "true"),
    ("1 in (<5, >10)", "true"),
    ("5 in !=5", "false"),
    ("5 in (=5)", "true"),
    ("null in [null]", "true"),
    ("null in [1..5]", "null"),
    ("null in (null)", "true"),
    ("[1] in [[1],[2]]", "true"),
    ("[1,2] in [1,2]", "true"),
    ("{a:1} in [{a:1}]", "true"),
    ('1 in "a"', "null"),
    ('"a" in ([1..5])', "null"),
    ('1 in ([1..5], "a")', "true"),
    ("[1..5] in [[1..5]]", "true"),
    ("false in (false)", "true"),
    ("7 in (? > 5 and ? < 10)", "true"),
    ('"axb" in (contains(?, "x"))', "true"),
]
# 10.3.2.9 and rule 53: refined types, conformance of functions, null of type Null alone.
INSTANCE = [
    ("[1,2] instance of list<number>", "true"),
    ('[1,"a"] instance of list<number>', "false"),
    ("[] instance of list<number>", "true"),
    ("[null] instance of list<number>", "true"),
    ("[[1]] instance of list<list<number>>", "true"),
    ("1 instance of list<number>", "false"),
    ("{a:1,b:2} instance of context<a: number>", "true"),
    ('{a:"x"} instance of context<a: number>', "false"),
    ("{} instance of context<a: number>", "false"),
    ("null instance of Any", "false"),
    ("null instance of Null", "true"),
    ("1 instance of Any", "true"),
    ('["a".."b"] instance of range<number>', "false"),
    ("(<3) instance of range<number>", "true"),
    ("(function(x: number) x) instance of function<number> -> number", "true"),
    ("(function(x: number) x) instance of function<string> -> Any", "false"),
    ("(function(x) x) instance of function<Any> -> Any", "true"),
    ('@"P1D" instance of years and months duration', "false"),
    ('@"2024-01-01T00:00:00" instance of date and time', "true"),
    ('@"10:00:00" instance of time', "true"),
    ("1 instance of unknown", "null"),
]
# Rules 46 to 50 and 10.3.2.14: ranges in both directions, later domains, results so far.
ITERATION = [
    ("for i in -1..1 return i", "[-1, 0, 1]"),
    ("for i in 3..1 return i", "[3, 2, 1]"),
    ("for i in (1..4] return i", "[2, 3, 4]"),
    ("for i in [3..1] return i", "null"),
    ("for i in 1.5..3 return i", "null"),
    ('for i in @"2024-01-01"..@"2024-01-03" return i', "[2024-01-01, 2024-01-02, 2024-01-03]"),
    ("for i in 1..2, j in 1..i return [i,j]", "[[1, 1], [2, 1], [2, 2]]"),
    ("for i in [1,2], j in [] return i", "[]"),
    ('for i in "abc" return i', '["abc"]'),
    ("for i in (<3) return i", "null"),
    ('for i in ["a".."c"] return i', "null"),
    ("for i in 0..5 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24, 120]"),
    ("for a in [1,2] return for b in [a] return b", "[[1], [2]]"),
    ("some i in [1,2] j in [2,3] satisfies i = j", "true"),
    ("every i in [] satisfies false", "true"),
    ("some i in [] satisfies true", "false"),
    ("every i in [1,null] satisfies i > 0", "null"),
    ("some i in [null, 3] satisfies i > 2", "true"),
    ("every i in [null, 3] satisfies i > 5", "false"),
    ("some x in null satisfies true", "null"),
]
# Rule 50 and 10.3.2.5: positions from both ends, conditions, members of contexts, single values.
FILTERS = [
    ("[1,2,3][0]", "null"),
    ("[1,2,3][-3]", "1"),
    ("[1,2,3][1.5]", "null"),
    ('[1,2,3]["a"]', "null"),
    ("[1,2,3][true]", "[1, 2, 3]"),
    ("[1,2,3][null]", "[]"),
    ("[1,2,3][item > 1][1]", "2"),
    ("[{a:1},{b:2}][a = 1]", "[{a: 1}]"),
    ("[{a:1,b:2}][a = 1].b", "[2]"),
    ("[{a:1},{a:2}][item.a = 2]", "[{a: 2}]"),
    ("{a:1}[1]", "{a: 1}"),
    ("{a:1}[a = 1]", "[{a: 1}]"),
    ("5[2]", "null"),
    ("null[item > 1]", "[]"),
    ("[[1,2],[3,4]][2][1]", "3"),
    ("{l: [1,2,3], i: 2, r: l[i]}.r", "2"),
    ("{l: [1,2,3], f: function(x) x > 1, r: l[f(item)]}.r", "[2, 3]"),
    ("{a: 5, r: [{a: 1}, {b: 2}][a = 5]}.r", "[{b: 2}]"),
    ("[{a: 1, item: 5}][item = 5]", "[{a: 1, item: 5}]"),
    ("[1,2,3,4][even(item)]", "[2, 4]"),
]
# Rule 45 and tables 65 and 66.
PATHS = [
    ("[{a:1},{b:2}].a", "[1, null]"),
    ("{a:[{b:1},{b:2}]}.a.b", "[1, 2]"),
    ("{a:{b:null}}.a.b.c", "null"),
    ('{"a b": {"c d": 1}}.a b.c d', "1"),
    ('"abc".length', "null"),
    ('[@"2024-01-31", @"2023-01-31"].year', "[2024, 2023]"),
]
# Rules 40 to 44 and 55 to 57: names, closures, conversions, recursion.
CALLS = [
    ("{f: function(a, b) a - b, r: f(b: 1, a: 2)}.r", "1"),
    ("{f: function(a, b) a + b, r: f(1)}.r", "null"),
    ("{f: function(a, b) a + b, r: f(a: 1, c: 2)}.r", "null"),
    ('{f: function(a: number) a, r: f("x")}.r', "null"),
    ("{f: function(a: list<number>) a, r: f(1)}.r", "[1]"),
    ("{f: function(a: number) a, r: f([1])}.r", "1"),
    ('{f: function(a: date and time) a, r: f(@"2024-01-01")}.r', "2024-01-01T00:00:00Z"),
    ("{f: function(x) {g: function(y) x + y}, r: f(1).g(2)}.r", "3"),
    ("{f: function(n) if n < 2 then n else f(n-1) + f(n-2), r: f(15)}.r", "610"),
    ("{f: sum, r: f([1,2])}.r", "3"),
    ('{f: function(first name, last name) first name + last name, r: f(first name: "a", last name: "b")}.r', '"ab"'),
    ("{fs: [function(x) x, function(x) x * 2], r: fs[2](4)}.r", "8"),
    ("for f in [abs, floor] return f(-1.5)", "[1.5, -2]"),
    ("unknown(1)", "null"),
]
ALL = [*LITERALS, *RANGE_LITERALS, *EQUALITY, *ORDER, *LOGIC, *MEMBERSHIP, *INSTANCE, *ITERATION, *FILTERS, *PATHS, *CALLS]


@pytest.mark.parametrize(("text", "expected"), ALL, ids=[text for text, _ in ALL])
def test_standard_says(text: str, expected: str) -> None:
    result = compile_text(text).explain()

    assert source_of(result.value) == expected
    assert result.value is not None or text.endswith("null") or result.diagnostics

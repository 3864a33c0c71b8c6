"""Writes random FEEL by its grammar (DMN 1.5, 10.3.1.2), and breaks expressions at random: what the fuzzer feeds on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from feel.builtins.table import BUILTINS

NUMBERS = ("0", "1", "2", "3", "-1", "1.5", ".5", "10", "1000", "1e3", "1E-2", "34028236692093846346337460743176821145", "1e6000")
STRINGS = (
    '""',
    '"a"',
    '"foobar"',
    '"2024-02-29"',
    '"10:00:00Z"',
    '"P1D"',
    '"é\\u00e9\\U01F600"',
    '"\\n\\t\\""',
    '"Europe/Paris"',
    '"__class__"',
    '"/etc/passwd"',
)
PATTERNS = (
    '"a+"',
    '"(a|b)*c"',
    '"^[a-z-[aeiou]]+$"',
    '"\\\\p{IsBasicLatin}"',
    '"(a)\\\\1"',
    '"(a+)+$"',
    '"[^"',
    '"\\\\d{2}"',
    '"(?:x|y)?"',
    '"\\\\s*,\\\\s*"',
    '"(((a{9}){9}){9})"',
)
MOMENTS = (
    '@"2024-02-29"',
    '@"-0044-03-15"',
    '@"2024-03-31T02:30:00@Europe/Paris"',
    '@"2024-02-29T10:00:00Z"',
    '@"99999-12-31T23:59:59.999"',
    '@"10:00:00"',
    '@"10:00:00+01:30"',
    '@"P1Y2M"',
    '@"-P1DT2H3M4.5S"',
    '@"PT0S"',
    '@"P999999999Y"',
    '@"nothing"',
)
NAMES = ("a", "b", "c", "x", "y", "a b", "x-y", "item", "partial", "list", "unknown", "__class__", "__init__", "f")
MEMBERS = ("a", "b", "a b", "year", "hour", "days", "start", "start included", "time offset", "timezone", "__class__", "__globals__")
TYPES = (
    "number",
    "string",
    "boolean",
    "date",
    "time",
    "date and time",
    "years and months duration",
    "days and time duration",
    "Any",
    "Null",
    "context",
    "list",
    "range",
    "function",
    "nothing",
)
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
PIECES = re.compile(r'"(?:[^"\\]|\\.)*"|\w+|\s+|\S')


class Writer:
    """Writes one expression after the other; every choice comes from `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.left = 0
        """Constructs that may still be opened: keeps expressions short."""

    def expression(self, size: int = 12) -> str:
        """An expression of about so many constructs."""
        self.left = size
        return self._any()

    def unary_tests(self, size: int = 6) -> str:
        """A cell of a decision table."""
        self.left = size
        tests = ", ".join(self._test() for _ in range(self.random.randint(1, 3)))
        return self._one_of(["-", f"not({tests})", tests, tests])

    def _one_of(self, choices: Sequence[str]) -> str:
        return self.random.choice(choices)

    def _any(self) -> str:
        self.left -= 1
        if self.left <= 0 or self.random.random() < 0.15:
            return self._leaf()
        return self.random.choice(_CONSTRUCTS)(self)

    def _leaf(self) -> str:
        kinds = (NUMBERS, STRINGS, MOMENTS, NAMES, NAMES, ("true", "false", "null", "?"), ("[]", "{}", "[1, 2, 3]", "[1..3]"))
        return self._one_of(self.random.choice(kinds))

    def _several(self, most: int = 3) -> str:
        return ", ".join(self._any() for _ in range(self.random.randint(0, most)))

    def _test(self) -> str:
        return f"{self._one_of(COMPARISONS)} {self._any()}" if self.random.random() < 0.3 else self._any()

    # -------------------------------------------------------------------------------------------- constructs
    def _arithmetic(self) -> str:
        return f"{self._any()} {self._one_of(['+', '-', '*', '/', '**'])} {self._any()}"

    def _comparison(self) -> str:
        return f"{self._any()} {self._one_of(COMPARISONS)} {self._any()}"

    def _logic(self) -> str:
        return f"{self._any()} {self._one_of(['and', 'or'])} {self._any()}"

    def _negative(self) -> str:
        return f"-{self._any()}"

    def _parenthesis(self) -> str:
        return f"({self._any()})"

    def _between(self) -> str:
        return f"{self._any()} between {self._any()} and {self._any()}"

    def _in(self) -> str:
        if self.random.random() < 0.5:
            return f"{self._any()} in {self._test()}"
        return f"{self._any()} in ({', '.join(self._test() for _ in range(self.random.randint(1, 3)))})"

    def _interval(self) -> str:
        return f"{self._one_of('[(]')}{self._any()}..{self._any()}{self._one_of('])[')}"

    def _open_interval(self) -> str:
        return f"({self._one_of(COMPARISONS)} {self._any()})"

    def _list(self) -> str:
        return f"[{self._several()}]"

    def _context(self) -> str:
        keys = self.random.sample(["a", "b", "a b", "x-y", '"c d"', "f", "item"], self.random.randint(0, 3))
        return "{" + ", ".join(f"{key}: {self._any()}" for key in keys) + "}"

    def _path(self) -> str:
        return f"{self._any()}.{self._one_of(MEMBERS)}"

    def _filter(self) -> str:
        return f"{self._any()}[{self._any()}]"

    def _if(self) -> str:
        return f"if {self._any()} then {self._any()} else {self._any()}"

    def _iterations(self) -> str:
        domains = [self._any(), f"{self._any()}..{self._any()}", "1..3", "5..1"]
        return ", ".join(f"{self._one_of(['x', 'y', 'a b'])} in {self._one_of(domains)}" for _ in range(self.random.randint(1, 2)))

    def _for(self) -> str:
        return f"for {self._iterations()} return {self._any()}"

    def _quantified(self) -> str:
        return f"{self._one_of(['some', 'every'])} {self._iterations()} satisfies {self._any()}"

    def _function(self) -> str:
        types = ["", f": {self._type()}"]
        params = ", ".join(name + self._one_of(types) for name in self.random.sample(["x", "y", "a b"], self.random.randint(0, 2)))
        return f"function({params}) {self._one_of(['', '', 'external '])}{self._any()}"

    def _closure(self) -> str:
        return f"(function(x, y) {self._any()})({self._any()}, {self._any()})"

    def _recursion(self) -> str:
        return f"{{f: function(n) if n <= 0 then {self._any()} else f(n - 1), r: f(3)}}.r"

    def _call(self) -> str:
        name = self._one_of(_BUILTIN_NAMES)
        if name in ("matches", "replace", "split") and self.random.random() < 0.7:
            rest = "".join(f", {self._one_of(STRINGS)}" for _ in range(self.random.randint(0, 2)))
            return f"{name}({self._any()}, {self._one_of(PATTERNS)}{rest})"
        return f"{name}({self._several()})"

    def _named_call(self) -> str:
        name = self._one_of(_BUILTIN_NAMES)
        names = self.random.choice(_PARAMETERS[name])
        return f"{name}({', '.join(f'{param}: {self._any()}' for param in names)})"

    def _instance(self) -> str:
        return f"{self._any()} instance of {self._type()}"

    def _type(self) -> str:
        simple = self._one_of(TYPES)
        refined = [simple, f"list<{simple}>", f"range<{simple}>", f"context<a: {simple}>", f"function<{simple}> -> Any"]
        return self._one_of(refined)


_BUILTIN_NAMES = sorted(BUILTINS)
_PARAMETERS = {
    name: [overload.names for overload in function.native.overloads] for name, function in BUILTINS.items() if function.native
}
_CONSTRUCTS: tuple[Callable[[Writer], str], ...] = (
    Writer._arithmetic,
    Writer._comparison,
    Writer._logic,
    Writer._negative,
    Writer._parenthesis,
    Writer._between,
    Writer._in,
    Writer._interval,
    Writer._open_interval,
    Writer._list,
    Writer._context,
    Writer._path,
    Writer._filter,
    Writer._if,
    Writer._for,
    Writer._quantified,
    Writer._function,
    Writer._closure,
    Writer._recursion,
    Writer._call,
    Writer._call,
    Writer._call,
    Writer._named_call,
    Writer._instance,
)


def broken(text: str, others: Sequence[str], random: Random) -> str:
    """The text after some accidents: pieces lost, doubled, put elsewhere, taken from other texts."""
    for _ in range(random.randint(1, 4)):
        pieces = PIECES.findall(text)
        place, other = random.randint(0, len(pieces)), PIECES.findall(random.choice(others))
        accident = random.random()
        if accident < 0.3:
            pieces[place:place] = random.sample(other, min(len(other), random.randint(1, 3)))
        elif accident < 0.6:
            del pieces[place : place + random.randint(1, 3)]
        elif accident < 0.8:
            start = random.randint(0, len(other))
            pieces[place:place] = other[start : start + random.randint(1, 8)]
        else:
            pieces[place:place] = pieces[: random.randint(0, min(len(pieces), 10))]
        text = "".join(pieces)
    return text

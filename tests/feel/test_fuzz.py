"""Whatever the text, nothing but FEEL's own errors comes out, and soon."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from feel.builtins.table import BUILTINS
from feel.errors import FeelError
from feel.expression import Surroundings, build
from feel.limits import Limits
from feel.strings import source_of

SIGNS = "( ) ( ) [ ] [ ] { } , , : . .. + - * / ** = != < <= > >= @ ? -"
WORDS = "if then else for in return some every satisfies and or not between instance of function external null true"
LITERALS = '1 2 0.5 -1 1e30 "a" "2024-02-29" @"2024-02-29" @"P1D" @"PT1H" @"10:00:00@Europe/Paris"'
PIECES = [
    *sorted(BUILTINS),
    *SIGNS.split(),
    *WORDS.split(),
    *LITERALS.split(),
    *["a", "b c", "d-e", "item", "partial", "list", "context", "number", "x", "x: 1", "a b", "[1, 2, 3]", "{a: 1}"],
]
LIMITS = Limits(steps=20_000, seconds=0.5)
VARIABLES = {"a": 1, "b c": [1, "z", None], "d-e": {"a": "2024-02-29"}, "x": 2.5}


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.booleans())
def test_any_sequence_of_pieces_ends_well(pieces: list[str], unary: bool) -> None:
    run(" ".join(pieces), unary=unary)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.booleans())
def test_any_text_ends_well(text: str, unary: bool) -> None:
    run(text, unary=unary)


def run(text: str, *, unary: bool) -> None:
    try:
        expression = build(text, Surroundings(frozenset(VARIABLES)), unary=unary, limits=LIMITS)
        source_of(expression.evaluate(VARIABLES, value=1))
    except FeelError:
        return

"""Expressions of FEEL, compiled once and evaluated often: the entrance to the language.

    compile('montant > 1000 and ville = "Rennes"').evaluate({"montant": 1500, "ville": "Rennes"})
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from feel import ast
from feel.builtins.table import BUILTIN_NAMES, BUILTINS
from feel.compiler.code import compiled
from feel.compiler.scope import Run, Scopes, TypeFinder, no_types
from feel.cursor import EMPTY, Scope
from feel.errors import EvaluationError, FeelSyntaxError
from feel.host import checked_result, to_feel
from feel.lexer import is_plain
from feel.limits import DEFAULT, Budget, Diagnostic, Limits, Origin, evaluating, explain
from feel.names import Names, names_of
from feel.parser import Parser
from feel.text import text as message
from feel.types import Type
from feel.values import Function

CACHED = 4_096


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The value of an expression, and why nulls on the way to it were null."""

    value: object
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression or cell of unary tests.

    `free` are the names that it takes from outside, `required` those of them that cannot be members of a filtered item
    instead: `items[a > b]` may take both `a` and `b`, depending on the item. `run` takes surroundings of FEEL values
    under a running budget: the mapping of the variables, for unary tests the pair of the tested value and that mapping.
    """

    text: str
    free: frozenset[str]
    run: Run
    is_unary: bool
    limits: Limits
    required: frozenset[str] = frozenset()
    has_external: bool = False
    """Whether it defines an external function (Java, PMML), which is null here."""
    steps: int = 1
    """What one evaluation costs about, for callers that repeat it."""

    def evaluate(
        self,
        variables: Mapping[str, object] | None = None,
        *,
        now: datetime | None = None,
        value: object = None,
    ) -> object:
        """The FEEL value for host values of the variables; `value` is what unary tests test, `now` an aware moment.

        Errors of the expression are null, as the specification says; LimitExceeded is raised.
        """
        return self._evaluate(variables, value, Budget(self.limits, now))

    def explain(
        self,
        variables: Mapping[str, object] | None = None,
        *,
        now: datetime | None = None,
        value: object = None,
    ) -> Evaluation:
        """As `evaluate`, with the reasons of nulls."""
        budget = Budget(self.limits, now)
        return Evaluation(self._evaluate(variables, value, budget), tuple(budget.diagnostics))

    def _evaluate(self, variables: Mapping[str, object] | None, value: object, budget: Budget) -> object:
        with evaluating(budget):
            names = self.free & variables.keys() if variables else ()
            given = {name: self._converted(name, variables[name]) for name in names} if variables else {}
            return checked_result(self.run((self._converted("?", value), given) if self.is_unary else given))

    def _converted(self, name: str, value: object) -> object:
        try:
            return to_feel(value)
        except EvaluationError as error:
            explain(error, Origin(self.text, 0, name))
            return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a model adds to the scope of its expressions; messages name `element`."""

    names: Collection[str] = frozenset()
    spellings: Names | None = None
    """`names` as the parser's table, when the caller keeps one."""
    types: Mapping[str, Type | None] | None = None
    members: Names = EMPTY
    filtering: bool = False
    """Whether the text is the condition of a filter, where a name may be a member of the item."""
    find_type: TypeFinder = no_types
    type_names: Names = EMPTY
    element: str = ""


def build(text: str, around: Surroundings, *, unary: bool = False, limits: Limits = DEFAULT) -> Expression:
    """Compile without the cache; FeelSyntaxError when the text is no expression."""
    spellings = names_of(frozenset(around.names)) if around.spellings is None else around.spellings
    scope = Scope(
        spellings, BUILTIN_NAMES, around.types or {}, around.members, filtering=around.filtering, type_names=around.type_names
    )
    scopes = Scopes(
        builtins=_visible_builtins(frozenset({name for name in BUILTINS if name in around.names})) if around.names else BUILTINS,
        source=text,
        element=around.element,
        find_type=around.find_type,
        limits=limits,
    )
    try:
        parser = Parser(text, scope, limits)
        node: ast.Node = parser.parse_unary_tests() if unary else parser.parse_expression()
        code = compiled(node, scopes)
    except RecursionError:
        raise FeelSyntaxError(message("l’expression est trop imbriquée"), 0, text) from None
    free, required = frozenset(scopes.free), frozenset(scopes.required)
    return Expression(text, free, code.run, unary, limits, required, scopes.external, scopes.steps_since(0))


@lru_cache(512)
def _visible_builtins(hidden: frozenset[str]) -> Mapping[str, Function]:
    """The built-ins that no variable hides."""
    return {name: function for name, function in BUILTINS.items() if name not in hidden} if hidden else BUILTINS


@lru_cache(CACHED)
def _cached(text: str, names: frozenset[str], unary: bool) -> Expression:  # noqa: FBT001  a cache key is positional
    return build(text, Surroundings(names), unary=unary)


def _telling(names: Iterable[str]) -> frozenset[str]:
    """The names that change how a text reads: those of several tokens, and those that hide a built-in."""
    return frozenset(name for name in names if not is_plain(name) or name in BUILTINS)


def compile(text: str, names: Iterable[str] = ()) -> Expression:  # noqa: A001  the term of the field
    """The expression of a text, from the cache when it is known; FeelSyntaxError when it is none.

    `names` are the variables that may be in scope: those of several words are only read as one name when they are told.
    A leading `=`, which other tools put before expressions, says nothing.
    """
    if text.lstrip().startswith("="):
        text = text.replace("=", " ", 1)
    return _cached(text, _telling(names), False)  # noqa: FBT003


def compile_unary(text: str, names: Iterable[str] = ()) -> Expression:
    """The unary tests of a text, such as `< 10` or `"a", "b"`; FeelSyntaxError when it is none."""
    return _cached(text, _telling(names), True)  # noqa: FBT003


def evaluate(text: str, variables: Mapping[str, object] | None = None, *, now: datetime | None = None) -> object:
    """Compile and evaluate; the names of the variables are in scope."""
    return compile(text, variables or ()).evaluate(variables, now=now)

"""What is wrong with the FEEL of a diagram before it runs: its syntax, its functions, and a value that can never be of the kind needed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from feel import ast, lint
from feel.builtins.table import BUILTIN_NAMES
from feel.cursor import Scope
from feel.errors import FeelError, FeelSyntaxError
from feel.names import names_of
from feel.parser import Parser
from feel.text import Text, text

Wanted: TypeAlias = Literal["anything", "truth", "context", "count"]

NUMBERS = (ast.Negative, ast.Sum, ast.Product, ast.Power)
TESTS = (ast.And, ast.Or, ast.Comparison, ast.Between, ast.In, ast.InstanceOf, ast.Quantified)
OTHERS = (ast.AtLiteral, ast.ListLiteral, ast.For, ast.Interval, ast.FunctionLiteral)
NEVER: dict[Wanted, tuple[type[ast.Node], ...]] = {
    "anything": (),
    "truth": (*NUMBERS, *OTHERS, ast.ContextLiteral),
    "context": (*NUMBERS, *TESTS, *OTHERS, ast.Literal),
    "count": (*TESTS, *OTHERS, ast.ContextLiteral, ast.Negative),
}
"""Expressions that cannot give what is wanted, whatever the variables hold."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem of an expression; who holds it says where it stands."""

    code: str
    message: Text
    remedy: Text


def faults(source: str, wanted: Wanted) -> list[Fault]:
    """What is wrong with an expression that should give what is wanted."""
    string = source.strip().removeprefix("=")
    try:
        tree = Parser(string, Scope(names_of(()), BUILTIN_NAMES)).parse_expression()
        found = [each for each in lint.check(string) if each.severity == "error"]
    except FeelSyntaxError as error:
        message = text(
            "l’expression FEEL est incorrecte (ligne %(line)s, colonne %(column)s) : %(reason)s",
            line=error.line, column=error.column, reason=error.message,
        )  # fmt: skip
        return [Fault("feel-syntax", message, _remedy(source))]
    except FeelError as error:
        return [Fault("feel-syntax", error.message, _remedy(source))]
    if found:
        return [Fault(each.code.replace(".", "-"), each.message, each.remedy or _remedy(source)) for each in found]
    return [_WRONG[wanted]] if _can_never(tree, wanted) else []


def _can_never(tree: ast.Node, wanted: Wanted) -> bool:
    if isinstance(tree, ast.Literal) and wanted in ("truth", "count"):
        value = tree.value
        if wanted == "truth":
            return not isinstance(value, bool)
        return isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value) or value < 0
    return isinstance(tree, NEVER[wanted])


def _remedy(source: str) -> Text:
    if source.lstrip().startswith(("${", "#{")):
        return text("Les expressions sont en FEEL : écrivez « %(source)s » sans « ${ } ».", source=source.strip()[2:].rstrip("}")[:200])
    return text("Corrigez l’expression « %(source)s ».", source=source.strip()[:200])


_WRONG: dict[Wanted, Fault] = {
    "truth": Fault(
        "condition-not-boolean",
        text("cette expression ne donne jamais vrai ou faux"),
        text("Écrivez une comparaison, par exemple montant > 1000."),
    ),
    "context": Fault(
        "script-not-context",
        text("cette expression ne donne pas de variables"),
        text("Écrivez un contexte FEEL, par exemple { total: a + b }."),
    ),
    "count": Fault(
        "count-invalid",
        text("cette expression ne donne pas un nombre de fois"),
        text("Écrivez un nombre entier positif ou nul, ou une expression qui en donne un."),
    ),
}

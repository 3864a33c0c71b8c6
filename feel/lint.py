"""What is wrong with an expression before it runs: for authors, when a diagram, a form or a decision is published."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields
from difflib import get_close_matches

from feel import ast
from feel.builtins.table import BUILTIN_NAMES, BUILTINS
from feel.cursor import Scope
from feel.errors import EvaluationError, FeelSyntaxError
from feel.expression import Surroundings, build
from feel.iso import parse_temporal
from feel.names import names_of
from feel.parser import Parser
from feel.problems import Problem, Severity
from feel.text import Text, text


def check(string: str, names: Collection[str] | None = None, *, unary: bool = False) -> list[Problem]:
    """The problems of an expression. With `names`, a variable that is none of them is a warning.

    Problems carry no element: who holds the expression puts it in.
    """
    known = frozenset(names or ())
    try:
        expression = build(string, Surroundings(known), unary=unary)
        parser = Parser(string, Scope(names_of(known), BUILTIN_NAMES))
        tree = parser.parse_unary_tests() if unary else parser.parse_expression()
    except FeelSyntaxError as error:
        return [_syntax(error)]
    found = [problem for node in walk(tree) for problem in _of_node(node, expression.free, known)]
    if names is not None:
        called = {node.function.name for node in walk(tree) if _calls_by_name(node)}  # type: ignore[attr-defined]
        found += [_unknown(name, known) for name in sorted(expression.required - known - called - {"?"})]
    return found


def walk(node: ast.Node) -> Iterator[ast.Node]:
    """A node and all nodes below it."""
    waiting: list[object] = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, ast.Node):
            yield item
            waiting.extend(getattr(item, field.name) for field in reversed(fields(item)))
        elif isinstance(item, tuple):
            waiting.extend(reversed(item))


def _of_node(node: ast.Node, free: frozenset[str], known: frozenset[str]) -> Iterator[Problem]:
    if isinstance(node, ast.FunctionLiteral) and node.external:
        yield _problem("feel.external", text("les fonctions externes sont refusées"))
    elif isinstance(node, ast.AtLiteral):
        try:
            parse_temporal(node.text)
        except EvaluationError as error:
            yield _problem("feel.literal", error.message)
    elif isinstance(node, ast.Call) and isinstance(node.function, ast.Name):
        yield from _of_call(node, node.function.name, free, known)


def _of_call(node: ast.Call, name: str, free: frozenset[str], known: frozenset[str]) -> Iterator[Problem]:
    if name in free and name not in known:
        message = text("la fonction « %(name)s » n’existe pas", name=name)
        yield _problem("feel.function", message, remedy=_closest(name, BUILTINS))
        return
    native = None if name in known or name not in BUILTINS else BUILTINS[name].native
    if native is None:
        return
    if node.names is None:
        fits = any(overload.accepts(len(node.arguments)) for overload in native.overloads)
    else:
        fits = bool(native.by_names(node.names))
    if not fits:
        message = text("« %(name)s » ne s’appelle pas avec ces arguments", name=name)
        yield _problem("feel.arguments", message)


def _calls_by_name(node: ast.Node) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.function, ast.Name)


def _closest(name: str, candidates: Collection[str]) -> Text | None:
    close = get_close_matches(name, list(candidates), 1)
    return text("voulez-vous dire « %(name)s » ?", name=close[0]) if close else None


def _unknown(name: str, known: frozenset[str]) -> Problem:
    message = text("la variable « %(name)s » n’est pas connue ici", name=name)
    return _problem("feel.name", message, remedy=_closest(name, known), severity="warning")


def _problem(code: str, message: Text, *, remedy: Text | None = None, severity: Severity = "error") -> Problem:
    return Problem(code, message, remedy=remedy, severity=severity)


def _syntax(error: FeelSyntaxError) -> Problem:
    message = text(
        "%(reason)s (ligne %(line)s, colonne %(column)s)", reason=error.message, line=error.line, column=error.column
    )
    return _problem("feel.syntax", message)

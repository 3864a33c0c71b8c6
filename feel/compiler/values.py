"""Code of literals, names, lists, contexts, ranges, paths and filters (DMN 1.5, 10.3.2.4 to 10.3.2.6, 10.3.2.12)."""

from __future__ import annotations

from decimal import Decimal

from feel import ast
from feel.compiler.dispatch import compile_node, compiles
from feel.compiler.scope import Code, Entries, Env, Item, Run, Scopes, constant
from feel.errors import EvaluationError
from feel.iso import parse_temporal
from feel.limits import Origin, explain, note, spend
from feel.operators import make_range, operator_range
from feel.properties import property_of
from feel.text import text

BOOLEAN_NODES = (ast.Comparison, ast.And, ast.Or, ast.In, ast.Between, ast.InstanceOf, ast.Quantified)
"""What is a condition by its form. As a filter it is no index: over an empty list it gives the empty list unasked."""


@compiles(ast.Literal)
def literal(node: ast.Literal, scopes: Scopes) -> Code:  # noqa: ARG001  the shape of all compilers
    """A known value."""
    return constant(node.value)


@compiles(ast.AtLiteral)
def at_literal(node: ast.AtLiteral, scopes: Scopes) -> Code:
    """A temporal value."""
    try:
        return constant(parse_temporal(node.text))
    except EvaluationError as error:
        message, origin = error.message, scopes.origin(node.position)
        return Code(lambda _env: note(message, origin))


@compiles(ast.Name)
def name(node: ast.Name, scopes: Scopes) -> Code:
    """What the name stands for."""
    return scopes.resolve(node.name, node.position)


@compiles(ast.ListLiteral)
def list_literal(node: ast.ListLiteral, scopes: Scopes) -> Code:
    """A list of values."""
    items = [compile_node(item, scopes).run for item in node.items]
    return Code(lambda env: [item(env) for item in items])


@compiles(ast.ContextLiteral)
def context_literal(node: ast.ContextLiteral, scopes: Scopes) -> Code:
    """A context: an entry sees those before it, and a function in it sees itself too."""
    names: set[str] = set()
    entries: list[tuple[str, Run]] = []
    scopes.stack.append(Entries(names))
    for key, value in node.entries:
        if isinstance(value, ast.FunctionLiteral):
            names.add(key)
        entries.append((key, compile_node(value, scopes).run))
        names.add(key)
    scopes.stack.pop()
    if len(names) < len(node.entries):
        origin = scopes.origin(node.position)
        return Code(lambda _env: note(text("le contexte a une clé en double"), origin))
    return Code(_context(entries))


def _context(entries: list[tuple[str, Run]]) -> Run:
    def run(env: Env) -> dict[str, object]:
        result: dict[str, object] = {}
        inner = (result, env)
        for key, value in entries:
            result[key] = value(inner)
        return result

    return run


@compiles(ast.Interval)
def interval(node: ast.Interval, scopes: Scopes) -> Code:
    """A range of values."""
    start, end = compile_node(node.start, scopes), compile_node(node.end, scopes)
    start_included, end_included, origin = node.start_included, node.end_included, scopes.origin(node.position)

    def run(env: Env) -> object:
        try:
            return make_range(
                start.run(env), end.run(env), start_included=start_included, end_included=end_included
            )
        except EvaluationError as error:
            explain(error, origin)
            return None

    if start.is_constant and end.is_constant:
        value = run(None)
        return Code(run) if value is None else constant(value)
    return Code(run)


@compiles(ast.OperatorTest)
def operator_test(node: ast.OperatorTest, scopes: Scopes) -> Code:
    """A comparison with an open side as a range, such as `(> 5)`."""
    sign, operand, origin = node.operator, compile_node(node.operand, scopes).run, scopes.origin(node.position)

    def run(env: Env) -> object:
        try:
            return operator_range(sign, operand(env))
        except EvaluationError as error:
            explain(error, origin)
            return None

    return Code(run)


@compiles(ast.Path)
def path(node: ast.Path, scopes: Scopes) -> Code:
    """`source.name`."""
    source, member, origin = compile_node(node.source, scopes).run, node.name, scopes.origin(node.position)

    def run(env: Env) -> object:
        value = source(env)
        if type(value) is dict and member in value:
            return value[member]
        try:
            return property_of(value, member, origin)
        except EvaluationError as error:
            explain(error, origin)
            return None

    return Code(run)


@compiles(ast.Filter)
def filter_or_index(node: ast.Filter, scopes: Scopes) -> Code:
    """`source[condition]`: an index when the condition is a number, else the items for which it is true."""
    source, origin = _filtered(node.source, scopes), scopes.origin(node.position)
    scopes.stack.append(Item())
    before = scopes.nodes
    condition = compile_node(node.condition, scopes)
    steps = scopes.steps_since(before)
    scopes.stack.pop()
    if isinstance(condition.constant, Decimal):
        place = condition.constant
        return Code(lambda env: item_at(as_list(source(env)), place, origin))
    return Code(_filter(source, condition.run, origin, steps, boolean=isinstance(node.condition, BOOLEAN_NODES)))


def _filtered(node: ast.Node, scopes: Scopes) -> Run:
    """What a filter reads is not kept, so that `partial[-1]` need not copy."""
    if isinstance(node, ast.Name):
        return scopes.resolve(node.name, node.position, kept=False).run
    return compile_node(node, scopes).run


def _filter(source: Run, condition: Run, origin: Origin, steps: int, *, boolean: bool) -> Run:
    def run(env: Env) -> object:
        items = as_list(source(env))
        if not items:
            return None if not boolean and type(condition((None, env))) is Decimal else []
        spend(len(items) * steps)
        first = condition((items[0], env))
        if type(first) is Decimal:
            return item_at(items, first, origin)
        if type(first) is not bool and first is not None:
            note(text("un filtre attend une condition ou une position"), origin)
            return None
        found = [items[0]] if first is True else []
        found += [item for item in items[1:] if condition((item, env)) is True]
        return found

    return run


def as_list(value: object) -> list[object]:
    """The list that a filter sees: of null none, of a single value one item."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def item_at(items: list[object], place: Decimal, origin: Origin) -> object:
    """The item at a position counted from 1, or from the end when negative; null with a reason outside."""
    if place == place.to_integral_value() and 0 < abs(place) <= len(items):
        index = int(place)
        return items[index - 1] if index > 0 else items[index]
    note(text("la position %(place)s est hors de 1..%(size)s", place=place, size=len(items)), origin)
    return None

"""Code of `for`, `some` and `every` (DMN 1.5, 10.3.2.14 and table 52)."""

from __future__ import annotations

from decimal import Decimal

from feel import ast
from feel.compiler.dispatch import compile_node, compiles
from feel.compiler.scope import Code, Env, Run, Scopes, Variable
from feel.errors import EvaluationError
from feel.limits import check_size, explain, note, spend
from feel.operators import compare
from feel.temporal import Date
from feel.text import text
from feel.values import Range, kind_of


def span(start: object, end: object) -> list[object]:
    """All whole numbers or dates from start to end, downwards too; EvaluationError for other kinds."""
    if isinstance(start, Decimal) and isinstance(end, Decimal):
        if start == start.to_integral_value() and end == end.to_integral_value():
            check_size(int(min(abs(end - start), Decimal(10) ** 18)) + 1)
            return [Decimal(number) for number in _steps(int(start), int(end))]
    elif isinstance(start, Date) and isinstance(end, Date):
        check_size(abs(end.days() - start.days()) + 1)
        return [Date.from_days(days) for days in _steps(start.days(), end.days())]
    raise EvaluationError(text("une itération va d’un nombre entier ou d’une date à un autre"))


def _steps(start: int, end: int) -> range:
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)


def iterated(value: object) -> list[object]:
    """What an iteration goes over: a list, a range, or a single value; EvaluationError for null and open ranges."""
    if isinstance(value, list):
        return value
    if value is None:
        raise EvaluationError(text("null ne se parcourt pas"))
    if not isinstance(value, Range):
        return [value]
    if value.start is None or value.end is None or compare(value.start, value.end) not in (0, -1):
        raise EvaluationError(text("cet intervalle ne se parcourt pas"))
    items = span(value.start, value.end)
    items = items if value.start_included else items[1:]
    return items if value.end_included else items[:-1]


@compiles(ast.Span)
def compiled_span(node: ast.Span, scopes: Scopes) -> Code:
    """`start..end` as a domain."""
    start, end = compile_node(node.start, scopes).run, compile_node(node.end, scopes).run
    origin = scopes.origin(node.position)

    def run(env: Env) -> object:
        try:
            return span(start(env), end(env))
        except EvaluationError as error:
            explain(error, origin)
            return None

    return Code(run)


def _domains(iterations: tuple[tuple[str, ast.Node], ...], scopes: Scopes) -> list[Run]:
    """The code of each domain, its variable in scope of what follows. The caller takes them off again."""
    domains = []
    for variable, domain in iterations:
        domains.append(compile_node(domain, scopes).run)
        scopes.stack.append(Variable(variable))
    return domains


@compiles(ast.For)
def loop(node: ast.For, scopes: Scopes) -> Code:
    """`for … return …`: the results so far are in scope as `partial`."""
    origin = scopes.origin(node.position)
    scopes.stack.append(Variable("partial", grows=True))
    before = scopes.nodes
    domains = _domains(node.iterations, scopes)
    body = compile_node(node.body, scopes).run
    steps = scopes.steps_since(before)
    del scopes.stack[-len(domains) - 1 :]
    collect = _collect_one(domains[0], body, steps) if len(domains) == 1 else _collect_all(domains, body, steps)

    def run(env: Env) -> object:
        results: list[object] = []
        try:
            collect(results, (results, env))
        except EvaluationError as error:
            explain(error, origin)
            return None
        return results

    return Code(run)


def _collect_one(domain: Run, body: Run, steps: int) -> Run:
    def collect(results: list[object], env: Env) -> None:
        items = iterated(domain(env))
        check_size(len(items))
        spend(len(items) * steps)
        for item in items:
            results.append(body((item, env)))

    return collect


def _collect_all(domains: list[Run], body: Run, steps: int) -> Run:
    def collect(results: list[object], env: Env, depth: int = 0) -> None:
        if depth == len(domains):
            results.append(body(env))
            check_size(len(results))
            return
        for item in iterated(domains[depth](env)):
            spend(steps)
            collect(results, (item, env), depth + 1)

    return collect


@compiles(ast.Quantified)
def quantified(node: ast.Quantified, scopes: Scopes) -> Code:
    """`some`: true when a condition is; `every`: false when a condition is. Else null if one was no boolean."""
    origin, decisive = scopes.origin(node.position), node.quantifier == "some"
    before = scopes.nodes
    domains = _domains(node.iterations, scopes)
    condition = compile_node(node.condition, scopes).run
    steps = scopes.steps_since(before)
    del scopes.stack[-len(domains) :]

    def search(env: Env, depth: int) -> bool | None:
        """The decisive value as soon as it is found, else its contrary or null."""
        if depth == len(domains):
            value = condition(env)
            if isinstance(value, bool):
                return value
            note(text("une condition est vraie ou fausse, non %(kind)s", kind=kind_of(value)), origin)
            return None
        result: bool | None = not decisive
        for item in iterated(domains[depth](env)):
            spend(steps)
            found = search((item, env), depth + 1)
            if found is decisive:
                return decisive
            if found is None:
                result = None
        return result

    def run(env: Env) -> bool | None:
        try:
            return search(env, 0)
        except EvaluationError as error:
            explain(error, origin)
            return None

    return Code(run)

"""Code of `in` and of unary tests, the cells of a decision table (DMN 1.5, 7.3.3 and rules 7 to 17 of the grammar)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from feel import ast
from feel.compiler.dispatch import compile_node, compiles
from feel.compiler.operators import NATIVE, compared_or_null
from feel.compiler.scope import Code, Env, Run, Scopes, Variable
from feel.compiler.values import BOOLEAN_NODES
from feel.limits import Origin, note
from feel.operators import is_in
from feel.text import text
from feel.values import Range, kind_of

Test = Callable[[object, Env], bool | None]
"""Whether a value passes, in the surroundings of the test; None when that has no answer."""


@compiles(ast.In)
def membership(node: ast.In, scopes: Scopes) -> Code:
    """`value in (test, …)`; in the tests, `?` is the value."""
    value = compile_node(node.value, scopes).run
    if scopes.binds("?"):  # inside unary tests it stays what they test
        passes = any_of([compiled_test(test, scopes) for test in node.tests])
        return Code(lambda env: passes(value(env), env))
    scopes.stack.append(Variable("?"))
    passes = any_of([compiled_test(test, scopes) for test in node.tests])
    scopes.stack.pop()

    def run(env: Env) -> bool | None:
        tested = value(env)
        return passes(tested, (tested, env))

    return Code(run)


@compiles(ast.UnaryTests)
def unary_tests(node: ast.UnaryTests, scopes: Scopes) -> Code:
    """The tests of a cell. They run in `(value, surroundings)`, so `?` is the innermost variable."""
    scopes.stack.append(Variable("?"))
    tests = None if node.tests is None else [compiled_test(test, scopes, cell=True) for test in node.tests]
    scopes.stack.pop()
    if tests is None:
        return Code(lambda _env: True)
    passes = any_of(tests)
    if not node.negated:
        return Code(lambda env: passes(env[0], env))

    def run(env: Env) -> bool | None:
        result = passes(env[0], env)
        return None if result is None else not result

    return Code(run)


def any_of(tests: list[Test]) -> Test:
    """True when a test passes, false when all fail, else null."""
    if len(tests) == 1:
        return tests[0]

    def passes(value: object, env: Env) -> bool | None:
        result: bool | None = False
        for test in tests:
            passed = test(value, env)
            if passed is True:
                return True
            if passed is None:
                result = None
        return result

    return passes


def compiled_test(node: ast.Node, scopes: Scopes, *, cell: bool = False) -> Test:
    """One positive unary test. In a cell, a condition that does not read `?` passes when it is true (7.3.3)."""
    if isinstance(node, ast.OperatorTest):
        return _operator_test(node, scopes)
    outer, scopes.tested = scopes.tested, False
    code, origin = compile_node(node, scopes), scopes.origin(node.position)
    tested, scopes.tested = scopes.tested, outer or scopes.tested
    if tested:
        return _condition(code.run, origin)
    if code.is_constant:
        return _constant_test(code.constant, origin)
    return _cell_test(code.run, origin, isinstance(node, BOOLEAN_NODES)) if cell else _value_test(code.run, origin)


def _operator_test(node: ast.OperatorTest, scopes: Scopes) -> Test:
    sign, operand, origin = node.operator, compile_node(node.operand, scopes), scopes.origin(node.position)
    bound, native = operand.constant, NATIVE[node.operator]
    if not isinstance(bound, Decimal | str):
        return lambda value, env: compared_or_null(sign, value, operand.run(env), origin)
    kind = type(bound)

    def test(value: object, env: Env) -> bool | None:  # noqa: ARG001  the shape of a test
        return native(value, bound) if type(value) is kind else compared_or_null(sign, value, bound, origin)

    return test


def _condition(run: Run, origin: Origin) -> Test:
    """An expression about `?`."""

    def test(value: object, env: Env) -> bool | None:  # noqa: ARG001  it reads `?` from its surroundings
        result = run(env)
        if isinstance(result, bool):
            return result
        note(text("une condition est vraie ou fausse, non %(kind)s", kind=kind_of(result)), origin)
        return None

    return test


def _value_test(run: Run, origin: Origin) -> Test:
    return lambda value, env: _is_in(value, run(env), origin)


def _cell_test(run: Run, origin: Origin, is_condition: bool) -> Test:  # noqa: FBT001  said at its only call
    def test(value: object, env: Env) -> bool | None:
        result = run(env)
        if type(result) is bool and type(value) not in (bool, list) and (is_condition or value is not None):
            return result
        return _is_in(value, result, origin)

    return test


def _is_in(value: object, candidate: object, origin: Origin) -> bool | None:
    result = is_in(value, candidate)
    if result is None:
        kinds = {"left": kind_of(value), "right": kind_of(candidate)}
        note(text("%(left)s et %(right)s ne se comparent pas", **kinds), origin)
    return result


def _constant_test(candidate: object, origin: Origin) -> Test:
    if isinstance(candidate, Range):
        return _range_test(candidate, origin)
    kind = type(candidate)
    if kind not in (str, Decimal, bool):
        return lambda value, _env: _is_in(value, candidate, origin)

    def test(value: object, env: Env) -> bool | None:  # noqa: ARG001  the shape of a test
        return value == candidate if type(value) is kind else _is_in(value, candidate, origin)

    return test


def _range_test(interval: Range, origin: Origin) -> Test:
    start, end = interval.start, interval.end
    if not (isinstance(start, Decimal) and isinstance(end, Decimal)) or interval.operator:
        return lambda value, _env: _is_in(value, interval, origin)
    first: Decimal = start
    last: Decimal = end
    with_first, with_last = interval.start_included, interval.end_included

    def test(value: object, env: Env) -> bool | None:  # noqa: ARG001  the shape of a test
        if type(value) is not Decimal:
            return _is_in(value, interval, origin)
        return (first < value or (with_first and first == value)) and (value < last or (with_last and value == last))

    return test

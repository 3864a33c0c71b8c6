"""Code of arithmetic, comparison, logic and `instance of` (DMN 1.5, 10.3.2.13). Numbers and strings take short ways."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal

from feel import ast
from feel.compiler.dispatch import compile_node, compiles
from feel.compiler.scope import Code, Env, Run, Scopes, constant
from feel.compiler.types import compiled_type
from feel.errors import EvaluationError
from feel.limits import Origin, explain, note
from feel.operators import (
    add,
    arithmetic_error,
    compared,
    divide,
    multiply,
    negate,
    ordered,
    power,
    subtract,
)
from feel.text import text
from feel.types import is_instance
from feel.values import ARITHMETIC, kind_of

Operation = Callable[[object, object], object]

_SLOW: dict[str, Operation] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}
_FAST: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
}
NATIVE: dict[str, Callable[..., bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""Python's own comparison of two numbers or two strings, which is FEEL's."""


# ------------------------------------------------------------------------------------------------ arithmetic
@compiles(ast.Sum)
@compiles(ast.Product)
def arithmetic(node: ast.Sum | ast.Product, scopes: Scopes) -> Code:
    """A chain of `+` and `-`, or of `*` and `/`."""
    first = compile_node(node.first, scopes)
    rest = [(sign, compile_node(term, scopes)) for sign, term in node.rest]
    origin = scopes.origin(node.position)
    if len(rest) == 1:
        run = _binary(rest[0][0], first.run, rest[0][1].run, origin)
    else:
        run = _chain(first.run, [(_SLOW[sign], code.run) for sign, code in rest], origin)
    return _folded(run, [first, *(code for _, code in rest)])


def _binary(sign: str, left: Run, right: Run, origin: Origin) -> Run:
    fast, slow = _FAST[sign], _SLOW[sign]

    def run(env: Env) -> object:
        one, other = left(env), right(env)
        if type(one) is Decimal and type(other) is Decimal:
            try:
                return fast(one, other)
            except ArithmeticError:
                note(arithmetic_error(sign, one, other), origin)
                return None
        return _attempt(slow, one, other, origin)

    return run


def _attempt(operation: Operation, left: object, right: object, origin: Origin) -> object:
    try:
        return operation(left, right)
    except EvaluationError as error:
        explain(error, origin)
        return None


def _chain(first: Run, rest: list[tuple[Operation, Run]], origin: Origin) -> Run:
    def run(env: Env) -> object:
        value = first(env)
        try:
            for operation, term in rest:
                value = operation(value, term(env))
        except EvaluationError as error:
            explain(error, origin)
            return None
        return value

    return run


def _folded(run: Run, operands: list[Code]) -> Code:
    """The code, or its value when all operands are known. A failing one is left to say why when it runs."""
    if all(operand.is_constant for operand in operands):
        value = run(None)
        if value is not None:
            return constant(value)
    return Code(run)


@compiles(ast.Power)
def exponentiation(node: ast.Power, scopes: Scopes) -> Code:
    """A chain of `**`, from left to right."""
    first, rest = compile_node(node.first, scopes), [compile_node(item, scopes) for item in node.rest]
    run = _chain(first.run, [(power, code.run) for code in rest], scopes.origin(node.position))
    return Code(run)


@compiles(ast.Negative)
def negative(node: ast.Negative, scopes: Scopes) -> Code:
    """`-operand`."""
    operand = compile_node(node.operand, scopes)
    origin = scopes.origin(node.position)

    def run(env: Env) -> object:
        try:
            return negate(operand.run(env))
        except EvaluationError as error:
            explain(error, origin)
            return None

    return _folded(run, [operand])


# ------------------------------------------------------------------------------------------------ comparison
@compiles(ast.Comparison)
def comparison(node: ast.Comparison, scopes: Scopes) -> Code:
    """`left = right` and the like."""
    left, right = compile_node(node.left, scopes), compile_node(node.right, scopes)
    origin = scopes.origin(node.position)
    if isinstance(right.constant, Decimal | str):
        return Code(_compared_to(node.operator, left.run, right.constant, origin))
    return Code(_compared(node.operator, left.run, right.run, origin))


def _compared_to(sign: str, left: Run, right: Decimal | str, origin: Origin) -> Run:
    kind, native = type(right), NATIVE[sign]

    def run(env: Env) -> object:
        value = left(env)
        if type(value) is kind:
            return native(value, right)
        return compared_or_null(sign, value, right, origin)

    return run


def _compared(sign: str, left: Run, right: Run, origin: Origin) -> Run:
    native = NATIVE[sign]

    def run(env: Env) -> object:
        one, other = left(env), right(env)
        kind = type(one)
        if kind is type(other) and (kind is Decimal or kind is str):
            return native(one, other)
        return compared_or_null(sign, one, other, origin)

    return run


def compared_or_null(sign: str, left: object, right: object, origin: Origin) -> bool | None:
    """A comparison, or null with its reason."""
    try:
        return compared(sign, left, right)
    except EvaluationError as error:
        explain(error, origin)
        return None


@compiles(ast.Between)
def between(node: ast.Between, scopes: Scopes) -> Code:
    """`value between low and high`."""
    value, low, high = (compile_node(item, scopes).run for item in (node.value, node.low, node.high))
    origin = scopes.origin(node.position)

    def run(env: Env) -> object:
        middle = value(env)
        try:
            after, until = ordered(">=", middle, low(env)), ordered("<=", middle, high(env))
        except EvaluationError as error:
            explain(error, origin)
            return None
        return after and until

    return Code(run)


# ------------------------------------------------------------------------------------------------ logic
@compiles(ast.And)
def conjunction(node: ast.And, scopes: Scopes) -> Code:
    """False when an operand is false, true when all are true, else null (table 50)."""
    operands = [compile_node(operand, scopes).run for operand in node.operands]
    origin = scopes.origin(node.position)

    def run(env: Env) -> bool | None:
        result: bool | None = True
        for operand in operands:
            value = operand(env)
            if value is False:
                return False
            if value is not True:
                _note_truth("and", value, origin)
                result = None
        return result

    return Code(run)


@compiles(ast.Or)
def disjunction(node: ast.Or, scopes: Scopes) -> Code:
    """True when an operand is true, false when all are false, else null (table 50)."""
    operands = [compile_node(operand, scopes).run for operand in node.operands]
    origin = scopes.origin(node.position)

    def run(env: Env) -> bool | None:
        result: bool | None = False
        for operand in operands:
            value = operand(env)
            if value is True:
                return True
            if value is not False:
                _note_truth("or", value, origin)
                result = None
        return result

    return Code(run)


def _note_truth(word: str, value: object, origin: Origin) -> None:
    note(text("« %(word)s » attend vrai ou faux, non %(kind)s", word=word, kind=kind_of(value)), origin)


@compiles(ast.If)
def conditional(node: ast.If, scopes: Scopes) -> Code:
    """`if … then … else …`: what is not true goes to else."""
    condition, chosen, otherwise = (
        compile_node(item, scopes).run for item in (node.condition, node.chosen, node.otherwise)
    )
    return Code(lambda env: chosen(env) if condition(env) is True else otherwise(env))


@compiles(ast.InstanceOf)
def instance_of(node: ast.InstanceOf, scopes: Scopes) -> Code:
    """`value instance of type`; null when there is no such type."""
    value, type_ = compile_node(node.value, scopes).run, compiled_type(node.type, scopes)
    origin = scopes.origin(node.position)

    def run(env: Env) -> bool | None:
        if type_ is None:
            note(text("le type « %(name)s » n’existe pas", name=node.type.name), origin)
            return None
        return is_instance(value(env), type_)

    return Code(run)

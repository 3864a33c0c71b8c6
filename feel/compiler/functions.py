"""Code of function definitions and calls (DMN 1.5, 10.3.2.13.4 and 10.3.2.15)."""

from __future__ import annotations

from collections.abc import Sequence

from feel import ast
from feel.builtins.signatures import UNFIT, Native, Overload
from feel.compiler.dispatch import compile_node, compiles
from feel.compiler.scope import Code, Entries, Env, Run, Scopes
from feel.compiler.types import compiled_type
from feel.errors import EvaluationError
from feel.limits import CALL, Origin, explain, note, running, spend
from feel.text import text
from feel.types import Type, coerced
from feel.values import Function, kind_of


@compiles(ast.FunctionLiteral)
def function_literal(node: ast.FunctionLiteral, scopes: Scopes) -> Code:
    """`function(…) body` as a value; external ones (Java, PMML) are refused."""
    names = [name for name, _ in node.params]
    types = [compiled_type(type_, scopes) if type_ else None for _, type_ in node.params]
    scopes.stack.append(Entries(set(names)))
    before = scopes.nodes
    body = compile_node(node.body, scopes).run
    steps = CALL + scopes.steps_since(before)
    scopes.stack.pop()
    origin = scopes.origin(node.position)
    if node.external:
        scopes.external = True
        return Code(lambda _env: note(text("les fonctions externes sont refusées"), origin))
    if any(written and not found for (_, written), found in zip(node.params, types, strict=True)):
        return Code(lambda _env: note(text("le type d’un paramètre n’existe pas"), origin))

    def run(env: Env) -> Function:
        spend(CALL)
        return _closure(names, types, body, env, steps)

    return Code(run)


def _closure(names: list[str], types: list[Type | None], body: Run, env: Env, steps: int) -> Function:
    def call(arguments: list[object]) -> object:
        return invoked(body, (bound(names, types, arguments), env), steps)

    return Function(names, call, types)


def bound(names: Sequence[str], types: Sequence[Type | None], arguments: Sequence[object]) -> dict[str, object]:
    """The parameters with their arguments; EvaluationError when one does not fit."""
    if len(arguments) != len(names):
        raise EvaluationError(
            text("%(expected)s arguments attendus, %(given)s donnés", expected=len(names), given=len(arguments))
        )
    return {name: coerced(value, type_) for name, type_, value in zip(names, types, arguments, strict=True)}


def invoked(body: Run, env: Env, steps: int = CALL) -> object:
    """The value of a function's body, one call deeper."""
    budget = running.budget
    budget.enter(steps)
    try:
        return body(env)
    finally:
        budget.leave()


@compiles(ast.Call)
def call(node: ast.Call, scopes: Scopes) -> Code:
    """`function(…)`: for a built-in the overloads are chosen now."""
    arguments = [compile_node(argument, scopes).run for argument in node.arguments]
    function, origin, names = compile_node(node.function, scopes), scopes.origin(node.position), node.names
    if isinstance(function.constant, Function) and function.constant.native:
        return Code(_builtin_call(function.constant.native, arguments, names, origin))

    def run(env: Env) -> object:
        called = function.run(env)
        try:
            return call_function(called, [argument(env) for argument in arguments], names)
        except EvaluationError as error:
            explain(error, origin)
            return None

    return Code(run)


def _builtin_call(native: Native, arguments: list[Run], names: tuple[str, ...] | None, origin: Origin) -> Run:
    if names is not None:
        choices = native.by_names(names)
        return _guarded(lambda env: native.call_by_names([argument(env) for argument in arguments], choices), origin)
    overloads = [overload for overload in native.overloads if overload.accepts(len(arguments))]
    if len(arguments) == 1 and len(overloads) == 1 and not overloads[0].variadic:
        return _single(native, overloads[0], arguments[0], origin)
    return _guarded(lambda env: native.call([argument(env) for argument in arguments], overloads), origin)


def _guarded(run: Run, origin: Origin) -> Run:
    def guarded(env: Env) -> object:
        try:
            return run(env)
        except EvaluationError as error:
            explain(error, origin)
            return None

    return guarded


def _single(native: Native, overload: Overload, argument: Run, origin: Origin) -> Run:
    convert = overload.conversions[0]

    def call_single(env: Env) -> object:
        value = argument(env)
        taken = convert(value)
        if taken is UNFIT:
            raise native.unfit([value])
        return native.run(overload, [taken])

    return _guarded(call_single, origin)


def call_function(function: object, arguments: list[object], names: tuple[str, ...] | None = None) -> object:
    """Call a function value, by position or by name; EvaluationError when it cannot be called so."""
    if isinstance(function, list) and len(function) == 1:
        function = function[0]
    if not isinstance(function, Function):
        raise EvaluationError(text("%(kind)s n’est pas une fonction", kind=kind_of(function)))
    if function.native:
        if names is None:
            return function.native(arguments)
        return function.native.call_by_names(arguments, function.native.by_names(names))
    if names is not None:
        if len(names) != len(function.params) or set(names) != set(function.params):
            raise EvaluationError(text("les noms des arguments ne sont pas ceux des paramètres"))
        given = dict(zip(names, arguments, strict=True))
        arguments = [given[name] for name in function.params]
    return function.call(arguments)

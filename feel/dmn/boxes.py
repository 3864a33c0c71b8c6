"""Boxed expressions (DMN 1.5, 10.2) compiled to functions of the variables in scope, tables apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from feel.compiler.functions import bound, call_function, invoked
from feel.compiler.loops import iterated
from feel.compiler.values import as_list, item_at
from feel.dmn.graph import Box, Variables
from feel.dmn.reading import BOXED, Element, attribute, boxed, child, children, local_name, text_in
from feel.dmn.scope import Scope
from feel.dmn.source import Source
from feel.dmn.tables import decision_table
from feel.errors import EvaluationError
from feel.limits import checked_list, spend
from feel.text import text
from feel.types import ANY, Type, coerced
from feel.values import Function, kind_of


def box(source: Source, element: Element | None, scope: Scope) -> Box:
    """The compiled form of an expression element, its value brought to the type that it declares."""
    if element is None:
        return source.null(text("l’expression est vide"))
    name = local_name(element)
    compiled = source.guarded(_BOXES[name](source, element, scope))
    return compiled if name == "functionDefinition" else source.typed(compiled, source.type_of(element))


def _inner(source: Source, element: Element, name: str, scope: Scope) -> Box:
    return box(source, boxed(child(element, name)), scope)


def _literal(source: Source, element: Element, scope: Scope) -> Box:
    return source.literal(text_in(element), scope)


def _context(source: Source, element: Element, scope: Scope) -> Box:
    entries: list[tuple[str, Box]] = []
    result: Box | None = None
    with scope.inner():
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            value = box(source, boxed(entry), scope)
            if variable is None:
                result = value
                continue
            name, type_ = attribute(variable, "name"), source.type_of(variable)
            entries.append((name, source.typed(value, type_)))
            scope.declare(name, type_)
    if len({name for name, _ in entries}) < len(entries):
        return source.null(text("le contexte a une clé en double"))

    def run(variables: Variables) -> object:
        context: Variables = {}
        inner = dict(variables)
        for name, value in entries:
            context[name] = inner[name] = value(inner)
        return result(inner) if result else context

    return run


def _relation(source: Source, element: Element, scope: Scope) -> Box:
    columns = [attribute(column, "name") for column in children(element, "column")]
    rows = [[box(source, cell, scope) for cell in children(row, *BOXED)] for row in children(element, "row")]

    def run(variables: Variables) -> object:
        return [{name: cell(variables) for name, cell in zip(columns, row, strict=False)} for row in rows]

    return run


def _list(source: Source, element: Element, scope: Scope) -> Box:
    items = [box(source, item, scope) for item in children(element, *BOXED)]
    return lambda variables: [item(variables) for item in items]


def _invocation(source: Source, element: Element, scope: Scope) -> Box:
    function = box(source, boxed(element), scope)
    bindings = list(children(element, "binding"))
    params = tuple(attribute(child(binding, "parameter"), "name") for binding in bindings)
    arguments = [box(source, boxed(binding), scope) for binding in bindings]
    return lambda variables: call_function(
        function(variables), [argument(variables) for argument in arguments], params
    )


def function_definition(source: Source, element: Element, scope: Scope) -> Box:
    """A function of formal parameters; external ones (Java, PMML) are refused."""
    if attribute(element, "kind") not in ("", "FEEL"):
        message = text("les fonctions externes sont refusées")
        source.problem("dmn.external", message)
        return source.null(message)
    formal = list(children(element, "formalParameter"))
    params, types = [attribute(param, "name") for param in formal], [source.type_of(param) for param in formal]
    with scope.inner(dict(zip(params, types, strict=True))):
        body, result = box(source, boxed(element), scope), source.type_of(element)
    if result is not None and result.kind == "function":  # older models give the type of the function itself
        result = None
    return lambda variables: _function(params, types, result, body, variables)


def _function(
    params: Sequence[str], types: Sequence[Type | None], result: Type | None, body: Box, variables: Variables
) -> Function:
    def call(arguments: list[object]) -> object:
        return coerced(invoked(body, {**variables, **bound(params, types, arguments)}), result)

    return Function(params, call, [type_ or ANY for type_ in types], result=result)


def _conditional(source: Source, element: Element, scope: Scope) -> Box:
    condition, chosen, otherwise = (_inner(source, element, name, scope) for name in ("if", "then", "else"))

    def run(variables: Variables) -> object:
        value = condition(variables)
        if value is True:
            return chosen(variables)
        if value is False or value is None:
            return otherwise(variables)
        raise EvaluationError(text("une condition est vraie ou fausse, non %(kind)s", kind=kind_of(value)))

    return run


def _item_type(source: Source, element: Element, scope: Scope) -> Type | None:
    """What an iteration over the `in` of an element takes one by one, as far as its types tell."""
    domain = boxed(child(element, "in"))
    declared = source.type_of(domain)
    if declared is None and domain is not None and local_name(domain) == "literalExpression":
        declared = scope.types.get(text_in(domain))
    return declared.item if declared is not None and declared.kind == "list" else declared


def _filter(source: Source, element: Element, scope: Scope) -> Box:
    items_of = _inner(source, element, "in", scope)
    item = _item_type(source, element, scope)
    fields = item.fields if item and item.fields else None
    with scope.inner({"item": item, **(fields or {})}, filters=fields is None):
        match = _inner(source, element, "match", scope)

    def run(variables: Variables) -> object:
        items, found = as_list(items_of(variables)), []
        spend(len(items))
        for index, item in enumerate(items):
            members = item if isinstance(item, dict) else {}
            value = match({**variables, "item": item, **members})
            if index == 0 and isinstance(value, Decimal):
                return item_at(items, value, source.origin)
            if not isinstance(value, bool):
                raise EvaluationError(text("une condition est vraie ou fausse, non %(kind)s", kind=kind_of(value)))
            if value:
                found.append(item)
        return found

    return run


def _for(source: Source, element: Element, scope: Scope) -> Box:
    variable, items_of = attribute(element, "iteratorVariable"), _inner(source, element, "in", scope)
    inner = {"partial": None, variable: _item_type(source, element, scope)}
    with scope.inner(inner):
        body = _inner(source, element, "return", scope)
    returned = child(element, "return")
    reads_partial = returned is not None and any("partial" in str(piece) for piece in returned.itertext())

    def run(variables: Variables) -> object:
        results: list[object] = []
        items = iterated(items_of(variables))
        spend(len(items))
        for item in items:
            partial = checked_list(results.copy()) if reads_partial else results
            results.append(body({**variables, "partial": partial, variable: item}))
        return results

    return run


def _quantified(source: Source, element: Element, scope: Scope) -> Box:
    decisive = local_name(element) == "some"
    variable, items_of = attribute(element, "iteratorVariable"), _inner(source, element, "in", scope)
    with scope.inner({variable: _item_type(source, element, scope)}):
        condition = _inner(source, element, "satisfies", scope)

    def run(variables: Variables) -> object:
        result = not decisive
        for item in iterated(items_of(variables)):
            spend()
            value = condition({**variables, variable: item})
            if not isinstance(value, bool):
                raise EvaluationError(text("une condition est vraie ou fausse, non %(kind)s", kind=kind_of(value)))
            if value is decisive:
                result = decisive
        return result

    return run


_BOXES: dict[str, Callable[[Source, Element, Scope], Box]] = {
    "literalExpression": _literal,
    "decisionTable": decision_table,
    "context": _context,
    "relation": _relation,
    "list": _list,
    "invocation": _invocation,
    "functionDefinition": function_definition,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
}

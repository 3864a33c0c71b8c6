"""Boxed expressions (DMN 1.5, 10.2) compiled to functions of the variables in scope, tables apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from feel.compiler.functions import bound, call_function, invoked
from feel.compiler.loops import iterated
from feel.compiler.values import as_list, item_at
from feel.dmn.graph import Box, Variables, no_value
from feel.dmn.reading import BOXED, Element, attribute, boxed, child, children, local_name, text_in
from feel.dmn.source import Names, Source
from feel.dmn.tables import decision_table
from feel.errors import EvaluationError
from feel.limits import spend
from feel.text import text
from feel.types import ANY, Type, coerced
from feel.values import Function, kind_of


def box(source: Source, element: Element | None, names: Names) -> Box:
    """The compiled form of an expression element, its value brought to the type that it declares."""
    if element is None:
        return no_value
    name = local_name(element)
    compiled = source.guarded(_BOXES[name](source, element, names))
    return compiled if name == "functionDefinition" else source.typed(compiled, source.type_of(element))


def _inner(source: Source, element: Element, name: str, names: Names) -> Box:
    return box(source, boxed(child(element, name)), names)


def _literal(source: Source, element: Element, names: Names) -> Box:
    return source.literal(text_in(element), names)


def _context(source: Source, element: Element, names: Names) -> Box:
    entries: list[tuple[str, Box]] = []
    result: Box | None = None
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        value = box(source, boxed(entry), names)
        if variable is None:
            result = value
            continue
        type_ = source.type_of(variable)
        entries.append((attribute(variable, "name"), source.typed(value, type_)))
        names = names.plus({attribute(variable, "name"): type_})
    if len({name for name, _ in entries}) < len(entries):
        return source.null(text("le contexte a une clé en double"))

    def run(variables: Variables) -> object:
        context: Variables = {}
        inner = dict(variables)
        for name, value in entries:
            context[name] = inner[name] = value(inner)
        return result(inner) if result else context

    return run


def _relation(source: Source, element: Element, names: Names) -> Box:
    columns = [attribute(column, "name") for column in children(element, "column")]
    rows = [[box(source, cell, names) for cell in children(row, *BOXED)] for row in children(element, "row")]

    def run(variables: Variables) -> object:
        return [{name: cell(variables) for name, cell in zip(columns, row, strict=False)} for row in rows]

    return run


def _list(source: Source, element: Element, names: Names) -> Box:
    items = [box(source, item, names) for item in children(element, *BOXED)]
    return lambda variables: [item(variables) for item in items]


def _invocation(source: Source, element: Element, names: Names) -> Box:
    function = box(source, boxed(element), names)
    bindings = list(children(element, "binding"))
    params = tuple(attribute(child(binding, "parameter"), "name") for binding in bindings)
    arguments = [box(source, boxed(binding), names) for binding in bindings]
    return lambda variables: call_function(
        function(variables), [argument(variables) for argument in arguments], params
    )


def function_definition(source: Source, element: Element, names: Names) -> Box:
    """A function of formal parameters; external ones (Java, PMML) are refused."""
    if attribute(element, "kind") not in ("", "FEEL"):
        message = text("les fonctions externes sont refusées")
        source.problem("dmn.external", message)
        return source.null(message)
    formal = list(children(element, "formalParameter"))
    params, types = [attribute(param, "name") for param in formal], [source.type_of(param) for param in formal]
    for param, type_ in zip(params, types, strict=True):
        names = names.plus({param: type_})
    body, result = box(source, boxed(element), names), source.type_of(element)
    if result is not None and result.kind == "function":  # older models give the type of the function itself
        result = None
    return lambda variables: _function(params, types, result, body, variables)


def _function(
    params: Sequence[str], types: Sequence[Type | None], result: Type | None, body: Box, variables: Variables
) -> Function:
    def call(arguments: list[object]) -> object:
        return coerced(invoked(body, {**variables, **bound(params, types, arguments)}), result)

    return Function(params, call, [type_ or ANY for type_ in types], result=result)


def _conditional(source: Source, element: Element, names: Names) -> Box:
    condition, chosen, otherwise = (_inner(source, element, name, names) for name in ("if", "then", "else"))

    def run(variables: Variables) -> object:
        value = condition(variables)
        if value is True:
            return chosen(variables)
        if value is False or value is None:
            return otherwise(variables)
        raise EvaluationError(text("une condition est vraie ou fausse, non %(kind)s", kind=kind_of(value)))

    return run


def _item_type(source: Source, element: Element, names: Names) -> Type | None:
    """What an iteration over the `in` of an element takes one by one, as far as its types tell."""
    domain = boxed(child(element, "in"))
    declared = source.type_of(domain)
    if declared is None and domain is not None and local_name(domain) == "literalExpression":
        declared = names.types.get(text_in(domain))
    return declared.item if declared is not None and declared.kind == "list" else declared


def _filter(source: Source, element: Element, names: Names) -> Box:
    items_of = _inner(source, element, "in", names)
    item = _item_type(source, element, names)
    members = {"item": item, **(item.fields if item and item.fields else dict.fromkeys(source.members))}
    match = _inner(source, element, "match", names.plus(members))

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


def _for(source: Source, element: Element, names: Names) -> Box:
    variable, items_of = attribute(element, "iteratorVariable"), _inner(source, element, "in", names)
    inner = {"partial": None, variable: _item_type(source, element, names)}
    body = _inner(source, element, "return", names.plus(inner))

    def run(variables: Variables) -> object:
        results: list[object] = []
        items = iterated(items_of(variables))
        spend(len(items))
        for item in items:
            results.append(body({**variables, "partial": results, variable: item}))
        return results

    return run


def _quantified(source: Source, element: Element, names: Names) -> Box:
    decisive = local_name(element) == "some"
    variable, items_of = attribute(element, "iteratorVariable"), _inner(source, element, "in", names)
    condition = _inner(source, element, "satisfies", names.plus({variable: _item_type(source, element, names)}))

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


_BOXES: dict[str, Callable[[Source, Element, Names], Box]] = {
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

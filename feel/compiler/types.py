"""Types as they are written in an expression."""

from __future__ import annotations

from feel import ast
from feel.compiler.scope import Scopes
from feel.types import ANY, Type, named_type


def compiled_type(node: ast.TypeName, scopes: Scopes) -> Type | None:
    """The type that a name stands for; None when there is no such type."""
    if node.item is not None:
        item = compiled_type(node.item, scopes)
        return Type(node.name, item=item) if item else None
    if node.fields is not None:
        return _context_type(node.fields, scopes)
    if node.params is not None:
        return _function_type(node.params, node.result, scopes)
    return scopes.find_type(node.name) or named_type(node.name)


def _context_type(nodes: tuple[tuple[str, ast.TypeName], ...], scopes: Scopes) -> Type | None:
    fields: dict[str, Type] = {}
    for name, node in nodes:
        field = compiled_type(node, scopes)
        if field is None:
            return None
        fields[name] = field
    return Type("context", fields=fields)


def _function_type(nodes: tuple[ast.TypeName, ...], result: ast.TypeName | None, scopes: Scopes) -> Type | None:
    params: list[Type] = []
    for node in nodes:
        param = compiled_type(node, scopes)
        if param is None:
            return None
        params.append(param)
    given = compiled_type(result, scopes) if result else None
    return Type("function", params=tuple(params), result=given or ANY)

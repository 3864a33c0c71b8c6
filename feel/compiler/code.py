"""The entrance of the compiler: a syntax tree becomes code."""

from __future__ import annotations

from feel import ast
from feel.compiler import functions, loops, operators, tests, values
from feel.compiler.dispatch import compile_node
from feel.compiler.scope import Code, Scopes
from feel.limits import Budget, evaluating

PARTS = (functions, loops, operators, tests, values)
"""The modules whose import fills the table of compilers."""


def compiled(node: ast.Node, scopes: Scopes) -> Code:
    """The code of a whole expression. What is known already is calculated here, on a budget of its own."""
    with evaluating(Budget(scopes.limits)):
        return compile_node(node, scopes)

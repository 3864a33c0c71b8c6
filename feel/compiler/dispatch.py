"""Which function compiles which node of the syntax tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from feel import ast
from feel.compiler.scope import Code, Scopes

Compile = Callable[[Any, Scopes], Code]
AnyCompile = TypeVar("AnyCompile", bound=Compile)

COMPILERS: dict[type[ast.Node], Compile] = {}
"""Filled by the modules of this package."""


def compiles(node_type: type[ast.Node]) -> Callable[[AnyCompile], AnyCompile]:
    """Declare the function that compiles a kind of node."""

    def declare(function: AnyCompile) -> AnyCompile:
        COMPILERS[node_type] = function
        return function

    return declare


def compile_node(node: ast.Node, scopes: Scopes) -> Code:
    """The code of a node in its scopes."""
    scopes.deepen()
    code = COMPILERS[type(node)](node, scopes)
    scopes.depth -= 1
    return code

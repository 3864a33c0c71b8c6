"""The codes of problems, as the code of the checker says them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = (ROOT / "engine/checks.py", ROOT / "engine/bundle.py", ROOT / "engine/diagram.py", *sorted((ROOT / "engine/checking").glob("*.py")))
CALLS = {"refuse", "warn", "refuse_file", "Problem", "Fault", "_refusal", "_twice"}
NAMED = {"tag": ("message", "signal"), "kind": ("error", "escalation")}
"""What the variables in codes stand for, as in `f"{tag}-missing"`."""
FEEL = {f"feel-{kind}" for kind in ("syntax", "function", "arguments", "literal", "external")}
"""Codes that the language itself gives."""


def written() -> set[str]:
    """Every code that a rule gives."""
    trees = (ast.parse(path.read_text("utf-8")) for path in SOURCES)
    return FEEL | set(chain.from_iterable(_codes(tree) for tree in trees))


def _codes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
            elif isinstance(first, ast.JoinedStr):
                yield from _spelled(first)


def _spelled(template: ast.JoinedStr) -> Iterator[str]:
    variable, rest = template.values
    assert isinstance(variable, ast.FormattedValue)
    assert isinstance(variable.value, ast.Name)
    assert isinstance(rest, ast.Constant)
    for word in NAMED[variable.value.id]:
        yield f"{word}{rest.value}"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""

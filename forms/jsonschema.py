"""The JSON Schema (2020-12) of a form's answers, for the HTTP API and the contract of each step.

It says what a schema can say; conditions, checks between fields and computed bounds are the form's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from forms import limits
from forms.answers.types import answer
from forms.components import Form, Leaf, Level

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, object]


def schema(form: Form) -> Json:
    """The schema of what completes a task with this form."""
    return {"$schema": _DIALECT, "title": form.title or form.key, **_level(form.level)}


def _level(level: Level) -> Json:
    tree: Json = {}
    for leaf in level.leaves:
        if leaf.component.type == "expression" or leaf.component.settings.get("disabled"):
            continue
        inner = tree
        for key in leaf.where[:-1]:
            inner = inner.setdefault(key, {})  # type: ignore[assignment]  # only objects are put there
        inner[leaf.where[-1]] = leaf
    return _object(tree)


def _object(tree: Mapping[str, object]) -> Json:
    properties = {name: _node(node) for name, node in tree.items()}
    required = [name for name, node in tree.items() if _required(node)]
    found: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


def _node(node: object) -> Json:
    if not isinstance(node, Leaf):
        assert isinstance(node, dict)  # noqa: S101  what _level built
        return _object(node)
    if node.rows:
        return _described({"type": "array", "items": _level(node.rows), "maxItems": limits.ROWS}, node)
    schema = answer(node).json_schema()
    return _described(schema if node.component.required else _or_null(schema), node)


def _or_null(schema: Json) -> Json:
    kind = schema.get("type")
    if isinstance(kind, str) and kind not in ("array", "boolean"):
        return {**schema, "type": [kind, "null"]}
    return {**schema, "enum": [*schema["enum"], None]} if isinstance(schema.get("enum"), list) else schema  # type: ignore[misc]


def _described(schema: Json, leaf: Leaf) -> Json:
    label = leaf.component.label.source
    return {**schema, "title": label} if label else schema


def _required(node: object) -> bool:
    """A field that a condition may hide is not always required."""
    if isinstance(node, Leaf):
        return node.component.required and not node.hides
    return isinstance(node, dict) and any(_required(inner) for inner in node.values())

"""What a form shows between its fields: texts, images, tables, links."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from feel.expression import Expression
from forms import limits
from forms.components import Component
from forms.french import shown
from forms.prose import from_html, from_markdown
from forms.scope import Scope
from forms.templates import Template
from forms.view import BlockView

_IMAGE = re.compile(r"https://[^\s]+|/(?!/)[^\s]*|data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")
_LINK = re.compile(r"https://[^\s]+|/(?!/)[^\s]*")
_COLUMNS = 30


def block(component: Component, scope: Scope, polish: Callable[[str], str], *, hidden: bool) -> BlockView | None:
    """The view of a presentation component; None when it has nothing to show, as a button has."""
    found = _draw(component, scope, polish)
    if found is None:
        return None
    columns, row = component.settings.get("columns"), component.settings.get("row")
    return BlockView(
        kind=str(found.pop("kind")),
        id=(scope.prefix + f"b-{component.id}").replace(".", "-"),
        columns=columns if isinstance(columns, int) else 16,
        row=str(row or ""),
        hidden_when=component.hide.text if component.hide else "",
        hidden=hidden,
        **found,
    )


def _draw(component: Component, scope: Scope, polish: Callable[[str], str]) -> dict[str, Any] | None:
    if component.type in ("text", "html"):
        markdown = component.type == "text"
        drawn = from_markdown(component.text, scope, polish) if markdown else from_html(component.text, scope)
        return {"kind": "text", "html": drawn}
    if component.type == "image":
        return _image(component, scope)
    if component.type in ("iframe", "documentPreview"):
        return _link(component, scope)
    if component.type == "table":
        return _table(component, scope)
    return {"kind": component.type} if component.type in ("spacer", "separator") else None


def _image(component: Component, scope: Scope) -> dict[str, Any] | None:
    source = scope.setting(component.settings.get("source"))
    alt = component.settings.get("alt")
    if not isinstance(source, str) or not _IMAGE.fullmatch(source):
        return None
    return {"kind": "image", "source": source, "text": alt.render(scope) if isinstance(alt, Template) else ""}


def _link(component: Component, scope: Scope) -> dict[str, Any] | None:
    """Frames are drawn as links: a foreign page inside ours would be neither safe nor usable with the keyboard."""
    source = scope.setting(component.settings.get("url"))
    if not isinstance(source, str) or not _LINK.fullmatch(source):
        return None
    return {
        "kind": "link",
        "source": source,
        "text": component.label.render(scope) or component.text.render(scope) or source,
    }


def _table(component: Component, scope: Scope) -> dict[str, Any]:
    source = scope.setting(component.settings.get("dataSource"))
    rows = [row for row in source if isinstance(row, Mapping)] if isinstance(source, list) else []
    columns = _columns(component, scope)
    cells = tuple(tuple(shown(row.get(key)) for key, _ in columns) for row in rows[: limits.ROWS])
    return {
        "kind": "table",
        "text": component.label.render(scope),
        "headers": tuple(label for _, label in columns),
        "cells": cells,
    }


def _columns(component: Component, scope: Scope) -> list[tuple[str, str]]:
    """The (key, label) of each column."""
    given = component.settings.get("columnsExpression")
    found = scope.evaluate(given) if isinstance(given, Expression) else component.settings.get("tableColumns")
    listed = found if isinstance(found, list) else []
    return [
        (str(item["key"]), str(item.get("label") or item["key"]))
        for item in listed[:_COLUMNS]
        if isinstance(item, Mapping) and "key" in item
    ]

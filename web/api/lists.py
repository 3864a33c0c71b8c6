"""Pages of lists that are short enough to be read whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from engine.pages import Page, read_cursor, write_cursor

Item = TypeVar("Item")


def cut(items: Sequence[Item], query: dict[str, Any]) -> Page[Item]:
    """The page that `cursor` and `limit` ask for. Raises Unusable for a broken cursor."""
    place = read_cursor(query.get("cursor"), int)
    first = max(0, int(place[0])) if place else 0
    last = first + int(query["limit"])
    return Page(items[first:last], write_cursor(last) if last < len(items) else None)

"""Lists in pages: items and a cursor that leads to the next ones."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import orjson

from engine.errors import Unusable
from feel.text import text

Item = TypeVar("Item")

#: Lists answer at most this many items at once.
MOST = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list. `cursor` is None on the last page."""

    items: Sequence[Item]
    cursor: str | None = None


def write_cursor(*place: int | str) -> str:
    """The place after which the next page starts, as opaque text."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


def read_cursor(cursor: str | None, *kinds: type) -> list[int | str] | None:
    """The place in a cursor; None without one. Raises Unusable for a text that is no cursor of this list."""
    if not cursor:
        return None
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        place = None
    if not isinstance(place, list) or len(place) != len(kinds) or not all(map(isinstance, place, kinds)):
        raise Unusable(text("Ce curseur n’est pas valable : reprenez la liste depuis le début."))
    if any(isinstance(value, int) and abs(value) >= 1 << 63 for value in place):
        raise Unusable(text("Ce curseur n’est pas valable : reprenez la liste depuis le début."))
    return place

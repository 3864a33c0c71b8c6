"""Lists in pages: items and a cursor that leads to the next ones."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from engine.errors import Unusable
from engine.tables import EPOCH, MICROSECOND
from feel.text import text

Item = TypeVar("Item")

#: Lists answer at most this many items at once.
MOST = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list. `cursor` is None on the last page."""

    items: Sequence[Item]
    cursor: str | None = None


def write_cursor(*place: int | str | datetime) -> str:
    """The place after which the next page starts, as opaque text."""
    written = [(each - EPOCH) // MICROSECOND if isinstance(each, datetime) else each for each in place]
    return base64.urlsafe_b64encode(orjson.dumps(written)).rstrip(b"=").decode()


def read_cursor(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The place in a cursor, of these kinds; None without one. Raises Unusable for a text that is no cursor of this list."""
    if not cursor:
        return None
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(place, list):
            raise TypeError
        return [_part(kind, value) for kind, value in zip(kinds, place, strict=True)]
    except (ValueError, TypeError, OverflowError) as error:
        raise Unusable(text("Ce curseur n’est pas valable : reprenez la liste depuis le début.")) from error


def _part(kind: type, value: object) -> int | str | datetime:
    """A moment is written as microseconds since 1970. Raises TypeError, OverflowError."""
    if kind is str and isinstance(value, str):
        return value
    if not isinstance(value, int) or isinstance(value, bool) or kind is str:
        raise TypeError
    if abs(value) >= 1 << 63:
        raise OverflowError
    return EPOCH + MICROSECOND * value if kind is datetime else value

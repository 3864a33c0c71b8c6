"""JSON text of host values: as fast as orjson, and exact where it is not, for whole numbers beyond 64 bits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, time
from functools import partial
from typing import Any, TypeAlias

import orjson

Default: TypeAlias = Callable[[object], object]

LONG = re.compile(rb"\d{19}")
"""Digits that may be a whole number beyond 64 bits, which orjson reads as a float."""


def load(content: bytes | str) -> Any:
    """The value of a JSON text (RFC 8259); whole numbers of any length are int. Raises ValueError."""
    value = orjson.loads(content)
    raw = content.encode() if isinstance(content, str) else content
    return json.loads(content) if LONG.search(raw) else value


def dump(value: object, default: Default | None = None, *, indent: bool = False) -> bytes:
    """The JSON text of a value, of dates and times too; `default` says what else becomes. Raises TypeError for the rest."""
    try:
        return orjson.dumps(value, default=default, option=orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if indent else 0))
    except TypeError:
        layout: dict[str, Any] = {"indent": 2} if indent else {"separators": (",", ":")}
        return json.dumps(value, default=partial(_plain, default), ensure_ascii=False, **layout).encode()


def _plain(default: Default | None, value: object) -> object:
    """What orjson does of itself, then what the caller says."""
    if isinstance(value, date | time):
        return value.isoformat()
    if default is None:
        raise TypeError(type(value).__name__)
    return default(value)

"""Ids of rows, made here: 43 bits of milliseconds and 20 random bits, so that they sort by age and need no answer from the database."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime

from engine.tables import EPOCH

SPILL = 1 << 30
"""How far ids run ahead of the clock, about a second, when one moment needs more of them than its random bits can tell apart."""

_lock = threading.Lock()
_last = 0


def new_id(now: datetime) -> int:
    """A new id, larger than those that this process made before at the same moment."""
    global _last
    moment = int((now - EPOCH).total_seconds() * 1000) << 20
    with _lock:
        made = moment | secrets.randbits(20)
        if moment <= _last < moment + SPILL:
            made = _last + 1 + secrets.randbits(6)
        _last = made
        return made


def read_id(text: str | int) -> int | None:
    """The id that a caller names; None when the text cannot be one."""
    if isinstance(text, int):
        return text
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 1 << 63 else None

"""Ids of rows, made here: 43 bits of milliseconds and 20 random bits, so that they sort by age and need no answer from the database."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta

from engine.tables import EPOCH

SPILL = 1 << 30
"""How far ids run ahead of the clock, about a second, when one moment needs more of them than its random bits can tell apart."""

MILLISECOND = timedelta(milliseconds=1)

_lock = threading.Lock()
_last = 0


def new_id(now: datetime) -> int:
    """A new id, larger than those that this process made before at the same moment."""
    global _last
    moment = (now - EPOCH) // MILLISECOND << 20
    with _lock:
        # No secret: Python's own generator will do, and each forked process has a seed of its own.
        made = _last + 1 + random.getrandbits(6) if moment <= _last < moment + SPILL else moment | random.getrandbits(20)
        _last = made
        return made


def read_id(text: str | int) -> int | None:
    """The id that a caller names; None when the text cannot be one."""
    if isinstance(text, int):
        return text
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 1 << 63 else None

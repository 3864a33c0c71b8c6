"""What there is to do besides requests: thrown messages, due timers, service calls, and now and then some tidying.

A `Round` is one look at all of it at one moment. What fails is left alone for a while, longer each time, so that it neither stops the
others nor keeps the machine busy.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import calls, messages, timers
from engine.calls import Call, CallError
from engine.clock import Clock
from engine.errors import EngineError
from engine.sessions import Sessions
from feel.text import text
from webhooks.connectors.connector import CallFailed, Context, Outside
from webhooks.connectors.registry import EXTERNAL, perform

log = logging.getLogger(__name__)

Moment: TypeAlias = Callable[[Session], datetime]

BATCH = 50
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds before a failed step is tried again, doubled each time."""
TIDYING = 60.0
"""Seconds between two looks for what expired, or what may be delivered since another version was published."""


@dataclass(slots=True)
class Pause:
    """A step that failed `count` times and is left alone until `until` on the monotonic clock."""

    count: int
    until: float


class Work:
    """All that is to be done in this database. One thread at a time calls `round`; `call` is made from several."""

    def __init__(self, sessions: Sessions, clock: Clock, outside: Outside, *, name: str) -> None:
        self.sessions = sessions
        self._clock = clock
        self._outside = outside
        self._name = name
        self._pauses: dict[tuple[str, int], Pause] = {}
        self._tidied = float("-inf")

    def round(self, moment: Moment) -> int:
        """Deliver and fire what is due; the number of steps done."""
        done = 0
        for found in (self._untried(), self._due(moment)):
            done += sum(self._step(*each, moment) for each in found)
        self._tidy(moment)
        return done

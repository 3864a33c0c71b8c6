"""When a delivery is tried again, given up, or its subscription disabled: every default of sending, and the decisions made with them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before the second attempt and those after it: 75 h 35 min in all, as the specification of Standard Webhooks proposes."""
JITTER = 0.1
"""Share by which a pause is shorter or longer, so that many deliveries do not come back at once."""
FAILING = timedelta(days=5)
"""A receiver that took nothing for so long is told nothing more until somebody enables its subscription."""
CONCURRENCY = 4
"""Deliveries of one subscription under way at once."""
PATIENCE = 5
"""Failures in a row after which a receiver is left alone for a while, and then asked with one delivery at a time."""
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=15)
KEPT = timedelta(days=30)
"""How long deliveries are kept that are no longer to be sent, and how long events can be fetched."""
GONE = 410

_uniform: Callable[[float, float], float] = random.SystemRandom().uniform


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt: the status of the answer, or `error` when there was none. `answer`: the beginning of its body, kept for people."""

    status: int | None
    milliseconds: int
    error: str | None = None
    answer: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        """Only 2xx is a yes: a redirection is not followed (Standard Webhooks)."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a delivery that was not taken: tried again at `again`, or dead for `reason`. `disable`: why its subscription ends."""

    again: datetime | None
    reason: str | None = None
    disable: str | None = None


def judge(outcome: Outcome, tries: int, failing_since: datetime, now: datetime) -> Verdict:
    """`tries`: attempts so far, this one included, since the delivery was made or replayed."""
    if outcome.status == GONE:
        return Verdict(None, "gone", "gone")
    disable = "failing" if now - failing_since >= FAILING else None
    if disable or tries > len(PAUSES):
        return Verdict(None, disable or "exhausted", disable)
    pause = PAUSES[tries - 1] * _uniform(1 - JITTER, 1 + JITTER)
    return Verdict(now + max(pause, outcome.retry_after or timedelta()))


def rest(failures: int, now: datetime) -> datetime | None:
    """Until when a receiver that failed so often in a row is left alone; None while it has not failed often enough."""
    if failures < PATIENCE:
        return None
    doubled: timedelta = FIRST_REST * 2 ** min(failures - PATIENCE, 10)
    return now + min(doubled, LONGEST_REST)


def room(failures: int) -> int:
    """How many deliveries may be under way to a receiver at once."""
    return 1 if failures >= PATIENCE else CONCURRENCY

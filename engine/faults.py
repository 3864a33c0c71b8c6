"""Named places at which a process can be told to die or to freeze, so that tests and `make chaos` choose the moment.

`before-commit=kill@137,timer-claimed=stop@1`: the process is killed at its 137th commit, just before it, and stopped when it has
claimed its first timers. Nothing happens at a place that nobody named, and without any each costs one look at an empty table.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass

POINTS = {
    "before-commit": "a transaction has written everything and not yet committed",
    "after-commit": "a transaction has committed and nobody was told",
    "message-claimed": "a worker holds leases on messages and has not begun with them",
    "signal-claimed": "the same with signals",
    "timer-claimed": "the same with timers",
    "migration-claimed": "the same with steps of migrations",
    "message-done": "a worker has delivered a message and not yet committed",
    "signal-done": "the same with a signal",
    "timer-done": "the same with a timer",
    "migration-done": "the same with a step of a migration",
    "call-claimed": "a worker holds leases on calls and has made none",
    "call-answered": "an outside system has answered and the answer is not yet written",
    "delivery-claimed": "a worker holds leases on deliveries and has sent none",
    "delivery-answered": "a receiver has answered and the outcome is not yet written",
    "jobs-deferred": "jobs are written that will wake workers, in a transaction not yet committed",
    "document-written": "the bytes of a document lie on the disk and its row is not committed",
}
ACTIONS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
FAULT = re.compile(r"([a-z-]+)=([a-z]+)@([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at a place when it is reached for the `at`th time, counted from 1 in each process."""

    action: str
    at: int


_armed: dict[str, Fault] = {}
_reached: dict[str, int] = {}
_lock = threading.Lock()


def parse(text: str) -> dict[str, Fault]:
    """Read `place=action@count,…`. Raises ValueError for a place or an action that there is not."""
    found: dict[str, Fault] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = FAULT.fullmatch(part)
        if match is None or match[1] not in POINTS or match[2] not in ACTIONS:
            raise ValueError(f"place=action@count is expected, with a place of {', '.join(POINTS)}, and kill or stop")
        found[match[1]] = Fault(match[2], int(match[3]))
    return found


def arm(faults: Mapping[str, Fault]) -> None:
    """From now on these faults happen in this process, and no others."""
    with _lock:
        _armed.clear()
        _reached.clear()
        _armed.update(faults)


def reach(point: str) -> None:
    """This process is at a place: die or freeze here if it was told so."""
    if point in _armed:
        _count(point)


def _count(point: str) -> None:
    with _lock:
        reached = _reached[point] = _reached.get(point, 0) + 1
        fault = _armed[point]
    if reached == fault.at:
        # To this thread: sent to the process, any other thread may take it, and this one goes on for a moment, as far as a commit.
        signal.pthread_kill(threading.get_ident(), ACTIONS[fault.action])

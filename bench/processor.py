"""CPU time of other processes: a server with all that it started, read from /proc (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(*roots: int) -> float:
    """CPU seconds of these processes and of all below them, ended ones included. One tick, 10 ms most often, is the finest step."""
    known = _processes()
    return sum(ticks for pid, (_, ticks) in known.items() if _is_below(pid, known, roots)) / TICKS


def _processes() -> dict[int, tuple[int, int]]:
    """Parent and ticks of every process that can be read; the ticks of children that were waited for count with their parent."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    return found


def _is_below(pid: int, known: dict[int, tuple[int, int]], roots: Iterable[int]) -> bool:
    while pid in known:
        if pid in roots:
            return True
        pid = known[pid][0]
    return False

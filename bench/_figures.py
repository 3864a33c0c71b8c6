"""Measuring CPU time and printing figures, one JSON line each: name, unit, median, spread (5th and 95th percentile), runs."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Sequence


def measure(step: Callable[[], object], runs: int) -> list[float]:
    """CPU milliseconds of this process for each run of a step, after a few that do not count."""
    for _ in range(min(runs, 20)):
        step()
    gc.collect()
    taken = []
    for _ in range(runs):
        before = time.process_time()
        step()
        taken.append((time.process_time() - before) * 1000)
    return taken


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return sorted(values)[len(values) // 2]


def tell(name: str, unit: str, values: Sequence[float], **more: object) -> None:
    """Print a figure."""
    ordered = sorted(values)
    spread = [round(ordered[int(len(ordered) * part)], 4) for part in (0.05, 0.95)]
    line = {"name": name, "unit": unit, "median": round(median(values), 4), "spread": spread, "runs": len(values), **more}
    print(json.dumps(line), flush=True)

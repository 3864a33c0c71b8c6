"""Measuring CPU time and printing figures, one JSON line each: name, unit, median, spread (5th and 95th percentile), runs.

A figure with a goal says so: `goal`, and whether it was `reached`. That is data, never a failure: machines differ.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence

QUICK = "--quick" in sys.argv
"""Small sizes and few runs, to see that everything runs."""


def size(full: int, quick: int) -> int:
    """How many of something this run takes."""
    return quick if QUICK else full


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


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which this part of the values lies."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def tell(
    name: str, unit: str, values: Sequence[float], *, most: float | None = None, least: float | None = None, **more: object
) -> None:
    """Print a figure; `most` or `least` is its goal."""
    middle = median(values)
    spread = [round(percentile(values, part), 4) for part in (0.05, 0.95)]
    line: dict[str, object] = {"name": name, "unit": unit, "median": round(middle, 4), "spread": spread, "runs": len(values)}
    if most is not None:
        line |= {"goal": f"<= {most:g}", "reached": middle <= most}
    if least is not None:
        line |= {"goal": f">= {least:g}", "reached": middle >= least}
    print(json.dumps(line | more, ensure_ascii=False), flush=True)

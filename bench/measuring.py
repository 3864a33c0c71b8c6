"""How the benchmarks measure: CPU time of this process, several runs, one line of JSON for each figure."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable


def measure(name: str, work: Callable[[], object], *, repeat: int, runs: int = 9) -> None:
    """Print the microseconds of CPU that one call of `work` takes: the median of `runs`, each the mean of `repeat` calls.

    `spread` is the distance between the quartiles of the runs.
    """
    for _ in range(max(repeat // 10, 1)):
        work()
    taken = [_mean_microseconds(work, repeat) for _ in range(runs)]
    low, median, high = statistics.quantiles(taken, n=4)
    figure = {"name": name, "unit": "µs", "median": round(median, 2), "spread": round(high - low, 2), "runs": runs}
    print(json.dumps(figure, ensure_ascii=False))


def _mean_microseconds(work: Callable[[], object], repeat: int) -> float:
    started = time.process_time()
    for _ in range(repeat):
        work()
    return (time.process_time() - started) / repeat * 1e6

"""A completion in process beside many other instances, each with an open task, from 1,000 to 300,000 of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from bench import bulk
from bench.candidature import files
from bench.completion import BATCH, one_instance
from bench.databases import BOTH, Database, sessions_on
from bench.figures import median, size, tell
from bench.processor import cpu_of
from bench.setting import agent, now, publish
from engine.tables import NEVER, instance, task

SIZES = (1_000, 10_000, 100_000, 300_000)[: size(4, 2)]
RUNS = size(9, 3)


def tasks(count: int) -> Iterator[dict[str, Any]]:
    """The task of each."""
    moment = now()
    for number in range(1, count + 1):
        yield {
            "id": number, "instance_id": number, "process": "P", "element": "first", "ref": "t1", "name": "Instruire", "form_key": "avis",
            "state": "open", "groups": [], "local": {}, "priority": 0, "due": NEVER, "created_at": moment,
        }  # fmt: skip


def run(database: Database, count: int) -> float:
    """CPU of a completion beside so many."""
    with sessions_on(database) as sessions:
        bulk.load(sessions, instance, bulk.instances(count, publish(sessions, files())))
        bulk.load(sessions, task, tasks(count))
        bulk.analyze(sessions)
        somebody = agent(sessions)
        for _ in range(BATCH):
            one_instance(sessions, somebody)
        own, below = [], cpu_of(*database.servers)
        for _ in range(RUNS):
            before = time.process_time()
            for _ in range(BATCH):
                one_instance(sessions, somebody)
            own.append((time.process_time() - before) * 1000 / (2 * BATCH))
        server = (cpu_of(*database.servers) - below) * 1000 / (RUNS * 2 * BATCH)
        cpu = [each + server for each in own]
        tell(f"{database.name}: completion beside {count:,} instances", "ms", cpu, database=round(server, 3), instances=count)
        return median(cpu)


def main() -> None:
    """All sizes on both databases, and how the largest compares with the smallest."""
    for make in BOTH:
        found = []
        for count in SIZES:
            with make() as database:
                found.append(run(database, count))
        tell(f"{database.name}: completion beside {SIZES[-1]:,} / {SIZES[0]:,} instances", "ratio", [found[-1] / found[0]])


if __name__ == "__main__":
    main()

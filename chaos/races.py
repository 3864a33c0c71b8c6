"""Eight clients complete the same task at the same moment: one is answered with 200, the seven others with 409, and nobody otherwise."""

from __future__ import annotations

import random
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from chaos.client import Client
from chaos.database import Sqlite, database
from chaos.diagrams import ONE
from chaos.site import Site, site, until

RACERS = 8


def run(kind: str, folder: Path, *, seed: int, races: int) -> dict[str, Any]:
    """So many races on two servers; `outcomes` counts how each ended, as the sorted statuses of its racers."""
    with database(kind, folder) as base, site(base, folder, ONE) as made:
        made.serve(processes=1 if isinstance(base, Sqlite) else 2)
        made.serve()
        tasks = _tasks(made, seed, races)
        statuses = _race(made, seed, tasks)
        outcomes = Counter(" ".join(f"{status}×{number}" for status, number in sorted(Counter(each).items())) for each in statuses)
        twice = base.rows("SELECT count(*) FROM (SELECT 1 FROM event WHERE type = 'task.completed' GROUP BY instance_id HAVING count(*) <> 1) AS e")[0][0]
        done = base.rows("SELECT count(*) FROM instance WHERE state = 'completed'")[0][0]
        fair = outcomes == {f"200×1 409×{RACERS - 1}": races}
        return {"races": races, "outcomes": dict(outcomes), "completed_twice": twice, "holds": fair and twice == 0 and done == races}


def _tasks(made: Site, seed: int, races: int) -> list[str]:
    """The ids of so many open tasks."""
    client = Client(made.ports(), made.token, random.Random(seed))
    until(lambda: all(client.call("GET", "/readyz", port=port).status == 200 for port in made.ports()), 60, "servers are ready")
    started = [client.start("one", {}, f"{seed}-{number}") for number in range(races)]
    client.close()
    return [each.body["tasks"][0]["id"] for each in started]


def _race(made: Site, seed: int, tasks: list[str]) -> list[list[int]]:
    """The statuses that the racers of each task got."""
    statuses: list[list[int]] = [[] for _ in tasks]
    line = threading.Barrier(RACERS)

    def racer(number: int) -> None:
        client = Client(made.ports(), made.token, random.Random(f"{seed}-{number}"))
        for task, ended in zip(tasks, statuses, strict=True):
            line.wait(60)
            ended.append(client.call("POST", f"/api/v1/tasks/{task}/complete", {"data": {"racer": number}}).status)
        client.close()

    threads = [threading.Thread(target=racer, args=(number,)) for number in range(RACERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return statuses

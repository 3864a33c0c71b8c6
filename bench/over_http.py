"""Completions over HTTP: a real `tikub serve`, clients on raw sockets; each starts instances and completes their two tasks.

The rate is wall time and says much about the machine; the CPU time is that of the server and of the database, without the clients.
"""

from __future__ import annotations

import threading
import time

from bench.candidature import ANSWERS, DECISION, KEY, VARIABLES, files
from bench.client import Client
from bench.databases import BOTH, Database, sessions_on
from bench.figures import size, tell
from bench.processor import cpu_of
from bench.server import Server, serving
from bench.setting import publish

RUNS = size(7, 2)
INSTANCES = size(200, 20)
CLIENTS = {1: (1, 2, 4, 8), 2: (4, 8)}
"""How many clients, for each number of serving processes."""
GOALS = {"SQLite": {(1, 1): 350, (2, 4): 500}, "PostgreSQL": {(1, 1): 250, (2, 4): 380}}
"""Completions a second, for processes and clients: four clients have both processors."""
CPU_GOALS = {"SQLite": 2.0, "PostgreSQL": 4.0}


def instance(client: Client) -> None:
    """A start and two completions."""
    started = client.post(f"/api/v1/processes/{KEY}/instances", {"variables": VARIABLES})
    (first,) = started["tasks"]
    done = client.post(f"/api/v1/tasks/{first['id']}/complete", {"data": ANSWERS})
    (second,) = done["instance"]["tasks"]
    done = client.post(f"/api/v1/tasks/{second['id']}/complete", {"data": DECISION})
    assert done["instance"]["state"] == "completed"


def together(server: Server, clients: int, instances: int) -> float:
    """The seconds in which so many clients run so many instances, each its share."""

    def work() -> None:
        try:
            with Client(server.port, server.token) as client:
                ready.wait()
                for _ in range(instances // clients):
                    instance(client)
        except BaseException as error:
            failures.append(error)
            raise

    failures: list[BaseException] = []
    ready = threading.Barrier(clients + 1)
    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    assert not failures
    return time.perf_counter() - begun


def measure(database: Database, server: Server, processes: int, clients: int) -> None:
    """Rate and CPU of so many clients."""
    together(server, clients, INSTANCES // 2)
    rates, own, others = [], [], []
    for _ in range(RUNS):
        before, below = cpu_of(server.pid), cpu_of(*database.servers)
        seconds = together(server, clients, INSTANCES)
        completions = 2 * INSTANCES
        rates.append(completions / seconds)
        own.append((cpu_of(server.pid) - before) * 1000 / completions)
        others.append((cpu_of(*database.servers) - below) * 1000 / completions)
    name, shown = f"{database.name} over HTTP, {clients} client{'s' * (clients > 1)}", sorted(others)[RUNS // 2]
    name += f", {processes} processes" * (processes > 1)
    tell(f"{name}: completions", "1/s", rates, least=GOALS[database.name].get((processes, clients)), clients=clients)
    total = [one + other for one, other in zip(own, others, strict=True)]
    goal = CPU_GOALS[database.name] if (processes, clients) in GOALS[database.name] else None
    tell(f"{name}: CPU of a completion", "ms", total, most=goal, database=round(shown, 3), clients=clients)


def main() -> None:
    """Both databases, one client and several."""
    for make in BOTH:
        for processes, every in CLIENTS.items():
            with make() as database, serving(database, processes=processes) as server:
                with sessions_on(database) as sessions:
                    publish(sessions, files())
                for clients in every:
                    measure(database, server, processes, clients)


if __name__ == "__main__":
    main()

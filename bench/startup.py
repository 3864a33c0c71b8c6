"""How long `tikub serve` takes until it answers, with 100 published processes, and what its first request to each of them costs."""

from __future__ import annotations

import time

from bench.candidature import VARIABLES, files
from bench.client import Client
from bench.databases import BOTH, sessions_on
from bench.figures import size, tell
from bench.processor import cpu_of
from bench.server import serving
from bench.setting import publish

PROCESSES, RUNS = size(100, 10), size(5, 2)


def main() -> None:
    """Both databases."""
    for make in BOTH:
        with make() as database:
            with sessions_on(database) as sessions:
                for number in range(PROCESSES):
                    publish(sessions, files(f"P{number}"))
            walls, cpu, firsts = [], [], []
            for _ in range(RUNS):
                with serving(database) as server, Client(server.port, server.token) as client:
                    walls.append(server.started)
                    cpu.append(cpu_of(server.pid))
                    begun = time.perf_counter()
                    for number in range(PROCESSES):
                        client.post(f"/api/v1/processes/P{number}/instances", {"variables": VARIABLES})
                    firsts.append((time.perf_counter() - begun) * 1000 / PROCESSES)
        name = f"{database.name}: start of `tikub serve` with {PROCESSES} processes"
        tell(name, "s", walls, most=3.0)
        tell(f"{name}, CPU", "s", cpu)
        tell(f"{name}, first start of each", "ms", firsts)


if __name__ == "__main__":
    main()

"""Instances of ten script tasks over HTTP, from their start to their end in one request."""

from __future__ import annotations

import time

from bench.client import Client
from bench.databases import BOTH, sessions_on
from bench.figures import size, tell
from bench.processor import cpu_of
from bench.server import serving
from bench.setting import publish
from engine.bundle import File

RUNS, INSTANCES = size(7, 2), size(300, 30)
STEPS = 10


def diagram() -> bytes:
    """The tasks in a row, each of which sets a variable from the one before."""
    names = ["start", *(f"s{number}" for number in range(STEPS)), "end"]
    tasks = "".join(
        f'<scriptTask id="s{number}" scriptFormat="feel"><script>{{total: total + {number}}}</script></scriptTask>'
        for number in range(STEPS)
    )
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{names[number]}" targetRef="{names[number + 1]}"/>' for number in range(STEPS + 1)
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench"><process id="P" isExecutable="true">'
        f'<startEvent id="start"/>{tasks}<endEvent id="end"/>{flows}</process></definitions>'
    ).encode()


def main() -> None:
    """Both databases."""
    for make in BOTH:
        with make() as database, serving(database) as server, Client(server.port, server.token) as client:
            with sessions_on(database) as sessions:
                publish(sessions, [File("diagram", "p.bpmn", diagram())])

            def batch(client: Client = client) -> None:
                for _ in range(INSTANCES):
                    made = client.post("/api/v1/processes/P/instances", {"variables": {"total": 0}})
                    assert (made["state"], made["variables"]) == ("completed", {"total": sum(range(STEPS))})

            batch()
            rates, cpu = [], []
            for _ in range(RUNS):
                begun, before = time.perf_counter(), cpu_of(server.pid, *database.servers)
                batch()
                rates.append(INSTANCES / (time.perf_counter() - begun))
                cpu.append((cpu_of(server.pid, *database.servers) - before) * 1000 / INSTANCES)
        name = f"{database.name} over HTTP: instance of ten script tasks"
        tell(f"{name}, rate", "1/s", rates, least=250 if database.name == "SQLite" else None)
        tell(f"{name}, CPU", "ms", cpu)


if __name__ == "__main__":
    main()

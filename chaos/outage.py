"""The database stops and comes back: what everybody is told meanwhile, and how long after its return everything works again by itself."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chaos.client import Client
from chaos.database import Postgres, database
from chaos.diagrams import ONE, TIMED
from chaos.site import Site, site, until

MOST = 10.0
"""Seconds after which everything works again."""
OUTAGES = (("stop", 1.0), ("kill", 5.0), ("stop", 25.0))


def run(kind: str, folder: Path, *, seed: int, outages: Sequence[tuple[str, float]] = OUTAGES) -> dict[str, Any]:
    """Three outages. `recovered_in`: seconds from the database's return until each server and the worker did their work again."""
    if kind == "sqlite":
        return {"skipped": "SQLite has no server that could stop", "holds": True}
    with database(kind, folder) as base, site(base, folder, ONE, TIMED) as made:
        assert isinstance(base, Postgres)  # noqa: S101  for the type checker
        made.serve(processes=2)
        made.serve()
        made.work()
        client = Client(made.ports(), made.token, random.Random(seed))
        until(lambda: all(client.call("GET", "/readyz", port=port).status == 200 for port in made.ports()), 60, "servers are ready")
        answers: Counter[int] = Counter()
        recovered = [_outage(base, made, client, how, seconds, answers) for how, seconds in outages]
        client.close()
        holds = all(seconds <= MOST for each in recovered for seconds in each.values()) and set(answers) <= {0, 201, 503}
        return {"recovered_in": recovered, "answers_meanwhile": {str(key): number for key, number in answers.items()}, "holds": holds}


def _outage(base: Postgres, made: Site, client: Client, how: str, seconds: float, answers: Counter[int]) -> dict[str, float]:
    """One outage under a light load."""
    before = [client.start("timed", {}, f"before-{seconds}-{number}").body["id"] for number in range(5)]
    over = threading.Event()
    load = threading.Thread(target=_ask, args=(made, answers, over))
    load.start()
    base.stop() if how == "stop" else base.kill()
    time.sleep(seconds)
    base.restart()
    back = time.monotonic()
    found = {}
    for number, port in enumerate(made.ports(), 1):
        until(partial(_works, client, port), 60, "a server answers")
        found[f"server {number}"] = round(time.monotonic() - back, 1)
    until(lambda: _completed(base, before), 60, "timers that became due in the outage fire")
    found["due timers"] = round(time.monotonic() - back, 1)
    again = time.monotonic()
    after = client.start("timed", {}, f"after-{seconds}").body["id"]
    until(lambda: _completed(base, [after]), 60, "a new timer fires")
    found["new timer, due after 0.5 s"] = round(time.monotonic() - again, 1)
    over.set()
    load.join()
    return found


def _works(client: Client, port: int) -> bool:
    return client.call("POST", "/api/v1/processes/one/instances", {}, port=port).status == 201


def _completed(base: Postgres, cases: list[str]) -> bool:
    found = base.rows(f"SELECT count(*) FROM instance WHERE state = 'completed' AND id IN ({', '.join(cases)})")
    return bool(found[0][0] == len(cases))


def _ask(made: Site, answers: Counter[int], over: threading.Event) -> None:
    client = Client(made.ports(), made.token, random.Random(0))
    while not over.wait(0.05):
        answers[client.call("POST", "/api/v1/processes/one/instances", {}).status] += 1
    client.close()

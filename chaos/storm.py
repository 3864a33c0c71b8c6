"""Kill -9 of everything under load: clients complete tasks and keep a ledger, a storm kills and freezes processes and the database.

The seed decides what clients do, what is hit, in which order and after which pause, and the fail points of each process's start. What the
machine does meanwhile is its own: the same seed gives the same storm, not the same interleaving.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos.client import Client
from chaos.database import Postgres, Sqlite, database
from chaos.diagrams import PLAIN, RICH, SIRET
from chaos.ledger import Ledger, judge
from chaos.site import LEASE, Kept, Site, site, until

BLOWS = {
    "sqlite": {"web": 30, "serving": 20, "worker": 30, "freeze": 8},
    "postgresql": {"web": 22, "serving": 18, "worker": 26, "database": 12, "backend": 6, "freeze": 6, "jobs": 6},
}
"""What is hit, and how often beside the others: a `tikub serve`, one of its serving processes, a `tikub worker`, the postmaster, one
process of the database, a process frozen past its lease, the tables of Procrastinate emptied."""
KILLS = frozenset({"web", "serving", "worker", "database", "backend"})
EMPTY = "TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_events, procrastinate_periodic_defers"
POINTS = ("before-commit", "after-commit", "message-claimed", "timer-claimed", "call-claimed", "call-answered", "timer-done", "message-done")
STUCK_AFTER = 60.0


@dataclass
class Storm:
    """One run on one database."""

    site: Site
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    blows: Counter[str] = field(default_factory=Counter)
    ending: threading.Event = field(default_factory=threading.Event)

    # -- load

    def load(self, number: int) -> None:
        """One client, until the storm ends: starts cases, completes their tasks, comes back for those that waited for workers."""
        chance = random.Random(f"{self.seed}-client-{number}")
        client = Client(self.site.ports(), self.site.token, chance)
        waiting: list[str] = []
        for turn in range(10**9):
            if self.ending.is_set():
                break
            process = "rich" if chance.random() < 0.3 else "plain"
            answer = client.start(process, {"siret": SIRET}, f"{self.seed}-{number}-{turn}")
            self.ledger.count(answer.status)
            if answer.status != 201:
                self.ledger.complain(f"start: {answer.status} {answer.body}")
                continue
            self.ledger.start(answer.body["id"])
            self._work_on(client, chance, answer.body)
            waiting += [answer.body["id"]] if process == "rich" else []
            if len(waiting) > 5:
                found = client.insist("GET", f"/api/v1/instances/{waiting[0]}")
                if found.status == 200:
                    self._work_on(client, chance, found.body)
                    del waiting[0]
                elif found.known:
                    self.ledger.complain(f"GET instance {waiting.pop(0)}: {found.status}")
        client.close()

    def _work_on(self, client: Client, chance: random.Random, instance: Any) -> None:
        """Complete its open tasks and those that follow at once."""
        todo = [each["id"] for each in instance["tasks"] if each["state"] == "open"]
        while todo:
            after = self.complete(client, chance, todo.pop(0))
            todo = [each["id"] for each in after["tasks"] if each["state"] == "open"] if after else todo

    def complete(self, client: Client, chance: random.Random, task: str) -> Any:
        """Complete a task, whatever it takes; the instance afterwards as the answer gave it."""
        mark = f"{chance.getrandbits(64):016x}"
        headers = {"Idempotency-Key": mark} if chance.random() < 0.5 else {}
        silent = False
        while True:
            answer = client.call("POST", f"/api/v1/tasks/{task}/complete", {"data": {"mark": mark}}, headers)
            self.ledger.count(answer.status)
            if answer.status == 200:
                self.ledger.acknowledge(task, mark)
                return answer.body["instance"]
            if answer.status == 409 and not answer.again and silent:
                self.ledger.settle(task)
                found = client.insist("GET", f"/api/v1/tasks/{task}")
                instance = found.body.get("instance_id") if found.status == 200 else None
                return client.insist("GET", f"/api/v1/instances/{instance}").body if instance else None
            if answer.known and not answer.again:
                self.ledger.complain(f"complete {task}: {answer.status} {answer.body}")
                return None
            silent = True
            time.sleep(chance.uniform(0.02, 0.2))

    # -- blows

    def blow(self, chance: random.Random) -> None:
        """Hit something."""
        kinds = BLOWS[self.site.database.kind]
        kind = chance.choices(list(kinds), list(kinds.values()))[0]
        servers, workers = [each for each in self.site.kept if each.port], [each for each in self.site.kept if not each.port]
        target = chance.choice(workers if kind == "worker" else servers if kind in ("web", "serving") else self.site.kept)
        database = self.site.database
        done = True
        if kind in ("web", "worker"):
            done = _signal(target.pid, signal.SIGKILL)
        elif kind == "serving":
            children = target.children()
            done = bool(children) and _signal(chance.choice(children), signal.SIGKILL)
        elif kind == "freeze":
            threading.Thread(target=freeze, args=(target,), daemon=True).start()
        elif isinstance(database, Postgres):
            self._hit(database, kind, chance)
        self.blows[kind] += done

    def _hit(self, database: Postgres, kind: str, chance: random.Random) -> None:
        if kind == "jobs":
            with contextlib.suppress(Exception):
                database.rows(EMPTY)
        elif kind == "backend":
            database.kill_backend(chance)
        else:
            database.kill()
            threading.Thread(target=self._revive, args=(database,), daemon=True).start()

    def _revive(self, database: Postgres) -> None:
        try:
            database.restart()
        except Exception as error:  # noqa: BLE001  told with the verdict
            self.ledger.complain(f"the database does not start: {error}")

    def kills(self) -> int:
        """Processes killed so far: by the storm, and by the fail points that went off."""
        storm = sum(number for kind, number in self.blows.items() if kind in KILLS)
        return storm + self.own_deaths()

    def own_deaths(self) -> int:
        """Workers that died at a fail point."""
        return max(0, self.site.deaths - self.blows["web"] - self.blows["worker"])

    # -- afterwards

    def drain(self) -> float:
        """Complete what is open until nothing is left, or a minute is over; the seconds it took. Nothing is killed any more."""
        begun = time.monotonic()
        chance = random.Random(f"{self.seed}-drain")
        client = Client(self.site.ports(), self.site.token, chance)
        while time.monotonic() - begun < STUCK_AFTER:
            try:
                tasks = [str(row[0]) for row in self.site.database.rows("SELECT id FROM task WHERE state = 'open'")]
                left = self.site.database.rows("SELECT count(*) FROM instance WHERE state = 'running'")[0][0]
                left += self.site.database.rows("SELECT count(*) FROM message WHERE state = 'pending'")[0][0]
            except Exception:  # noqa: BLE001  it starts again
                time.sleep(0.2)
                continue
            if not left:
                break
            for each in tasks:
                self.complete(client, chance, each)
            time.sleep(0.1)
        client.close()
        return time.monotonic() - begun


def _signal(pid: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        if pid:
            os.kill(pid, number)
            return True
    return False


def freeze(kept: Kept) -> None:
    """Stop a process and its children for longer than a lease, then let them go on."""
    family = kept.family()
    for pid in family:
        _signal(pid, signal.SIGSTOP)
    time.sleep(LEASE + 2)
    for pid in family:
        _signal(pid, signal.SIGCONT)


def points(seed: int, name: str) -> Any:
    """The fail points of each start of a process: one of the places, at a count between a few and a few hundred."""
    chance = random.Random(f"{seed}-points-{name}")
    return lambda: f"{chance.choice(POINTS)}=kill@{chance.randint(20, 400)}"


def run(kind: str, folder: Path, *, seed: int, kills: int, completions: int, seconds: float, clients: int = 4, pause: float = 2.0) -> dict[str, Any]:
    """Blow until so many kills and so many acknowledged completions are reached, or the time is over; then judge."""
    with database(kind, folder) as base, site(base, folder, PLAIN, RICH) as made:
        storm = Storm(made, seed)
        made.serve(processes=1 if isinstance(base, Sqlite) else 2)
        made.serve()
        made.work(faults=points(seed, "worker-1"))
        made.work(faults=points(seed, "worker-2"))
        first = Client(made.ports(), made.token, random.Random(seed))
        until(lambda: all(first.call("GET", "/readyz", port=port).status == 200 for port in made.ports()), 60, "servers are ready")
        first.close()
        threads = [threading.Thread(target=storm.load, args=(number,), daemon=True) for number in range(clients)]
        begun = time.monotonic()
        for each in threads:
            each.start()
        chance = random.Random(f"{seed}-storm")
        while time.monotonic() - begun < seconds and (storm.kills() < kills or len(storm.ledger.acknowledged) < completions):
            time.sleep(chance.uniform(0.5, 1.5) * pause)
            if storm.kills() < kills:
                storm.blow(chance)
        lasted = time.monotonic() - begun
        storm.ending.set()
        for each in threads:
            each.join(120)
        time.sleep(LEASE + 2.5 if storm.blows["freeze"] else 0)  # whoever is frozen is let go
        if isinstance(base, Postgres):
            base.restart()
        drained = storm.drain()
        verdict = judge(storm.ledger, base)
        verdict |= {"kills": storm.kills(), "own_deaths": storm.own_deaths(), "blows": dict(storm.blows), "seconds": round(lasted)}
        return verdict | {"drained_in": round(drained, 1), "answers": {str(key): number for key, number in sorted(storm.ledger.answers.items())}}


WRONG = ("lost", "doubled", "torn", "stuck", "wrong_answers")

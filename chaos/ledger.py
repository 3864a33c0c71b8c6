"""What clients were told, and the judgement of what the database holds afterwards.

Every completion carries a mark of its own, which the history keeps: an acknowledged mark that is missing was lost, one that is there twice
happened twice.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.database import Postgres, Sqlite

#: How often an element of each process completes in one instance.
ONCE: Mapping[str, tuple[str, ...]] = {
    "plain": ("start", "a", "b", "end"),
    "rich": ("start", "a", "ouvrir", "attendre", "appeler", "dire", "b", "fermer", "c", "end"),
    "told": ("s", "fin"),
}
PEOPLE: Mapping[str, tuple[str, ...]] = {"plain": ("a", "b"), "rich": ("a", "b", "c"), "told": ()}


@dataclass
class Ledger:
    """`acknowledged`: task and mark of each completion that was answered with 200; `settled`: those that a 409 told after a silence."""

    started: set[str] = field(default_factory=set)
    acknowledged: dict[str, str] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, instance: str) -> None:
        with self._lock:
            self.started.add(instance)

    def acknowledge(self, task: str, mark: str) -> None:
        """A completion was answered with 200. Twice for one task is wrong whatever the database says."""
        with self._lock:
            if task in self.acknowledged:
                self.wrong.append(f"task {task} was acknowledged twice")
            self.acknowledged[task] = mark

    def settle(self, task: str) -> None:
        with self._lock:
            self.settled.add(task)

    def complain(self, what: str) -> None:
        with self._lock:
            self.wrong.append(what)

    def count(self, status: int) -> None:
        with self._lock:
            self.answers[status] += 1


def judge(ledger: Ledger, database: Sqlite | Postgres) -> dict[str, Any]:
    """What the database holds against what clients were told: numbers of what is lost, doubled, torn and stuck, and the first examples."""
    instances = {int(row[0]): (row[1], row[2]) for row in database.rows("SELECT id, process, state FROM instance")}
    events: dict[int, list[tuple[int, str, str, Any]]] = defaultdict(list)
    for instance, seq, kind, element, data in database.rows("SELECT instance_id, seq, type, element, data FROM event ORDER BY instance_id, seq"):
        events[int(instance)].append((seq, kind, element, data))
    lost = [f"instance {each}" for each in ledger.started if int(each) not in instances]
    lost += _missing_marks(ledger, events, database)
    doubled = [each for key, rows in events.items() for each in _doubled(key, instances[key], rows)]
    torn = [f"instance {key}: gaps in its history" for key, rows in events.items() if [each[0] for each in rows] != list(range(1, len(rows) + 1))]
    stuck = [f"{process} {key} is {state}" for key, (process, state) in instances.items() if state != "completed"]
    stuck += [f"rows left in {table}" for table in ("timer", "call", "signal", "wait", "incident") if database.rows(f"SELECT 1 FROM {table} LIMIT 1")]
    doubled += _messages(instances, database)
    found = {"lost": lost, "doubled": doubled, "torn": torn, "stuck": stuck, "wrong_answers": ledger.wrong}
    return {
        "instances": len(instances),
        "acknowledged": len(ledger.acknowledged),
        "settled_by_409": len(ledger.settled),
        **{name: len(each) for name, each in found.items()},
        "examples": [example for each in found.values() for example in each[:5]],
    }


def _missing_marks(ledger: Ledger, events: Mapping[int, Iterable[tuple[int, str, str, Any]]], database: Sqlite | Postgres) -> list[str]:
    kept: Counter[str] = Counter()
    for rows in events.values():
        for _, kind, _, data in rows:
            if kind == "task.completed":
                kept[str((data if isinstance(data, dict) else json.loads(data))["answers"].get("mark"))] += 1
    missing = [f"task {task}, mark {mark}, acknowledged and in the history {kept[mark]} times" for task, mark in ledger.acknowledged.items() if kept[mark] != 1]
    open_tasks = {str(row[0]) for row in database.rows("SELECT id FROM task WHERE state <> 'completed'")}
    return missing + [f"task {task} was acknowledged and is not completed" for task in ledger.acknowledged if task in open_tasks]


def _doubled(key: int, instance: tuple[str, str], rows: Iterable[tuple[int, str, str, Any]]) -> list[str]:
    process, state = instance
    seen = Counter((kind, element) for _, kind, element, _ in rows)
    wanted = Counter({("element.completed", element): 1 for element in ONCE[process]})
    wanted.update({("task.completed", element): 1 for element in PEOPLE[process]})
    wanted.update({("instance.started", ""): 1, ("instance.completed", ""): 1})
    wrong = [f"{process} {key}: {what} {seen[what]} times" for what, times in wanted.items() if seen[what] > times]
    if state == "completed":
        wrong += [f"{process} {key}: {what} never" for what in wanted if not seen[what]]
    return wrong


def _messages(instances: Mapping[int, tuple[str, str]], database: Sqlite | Postgres) -> list[str]:
    """Every message that was thrown started one instance."""
    rows = database.rows("SELECT id, state, instance_id FROM message")
    told = {key for key, (process, _) in instances.items() if process == "told"}
    reached = [int(row[2]) for row in rows if row[2] is not None]
    wrong = [f"message {row[0]} is {row[1]}" for row in rows if row[1] != "delivered"]
    if Counter(reached) != Counter(told):
        wrong.append(f"{len(rows)} messages, {len(told)} instances started by them")
    return wrong

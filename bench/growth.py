"""What a step costs in an instance that has lived long or carries much: durable, in process, its history written.

A loop around a task: pass 10 and pass 10,000. A task in an instance with 1 kB of other variables and with 1 MB.
"""

from __future__ import annotations

import json
import time
from functools import partial

from bench.databases import BOTH, Database, sessions_on
from bench.figures import median, size, tell
from bench.processor import cpu_of
from bench.setting import agent, now, publish
from engine import instances, tasks
from engine.actors import Actor
from engine.bundle import File
from engine.sessions import Sessions

PASSES = size(10_000, 300)
WINDOW = size(200, 50)
LOOP = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench"><process id="P" isExecutable="true">
 <startEvent id="s"/><exclusiveGateway id="m"/><userTask id="u"/><exclusiveGateway id="g" default="again"/><endEvent id="e"/>
 <sequenceFlow id="f1" sourceRef="s" targetRef="m"/><sequenceFlow id="f2" sourceRef="m" targetRef="u"/>
 <sequenceFlow id="f3" sourceRef="u" targetRef="g"/><sequenceFlow id="again" sourceRef="g" targetRef="m"/>
 <sequenceFlow id="f4" sourceRef="g" targetRef="e"><conditionExpression>n &lt; 0</conditionExpression></sequenceFlow>
 </process></definitions>"""


class Case:
    """An instance in the loop."""

    def __init__(self, sessions: Sessions, actor: Actor, variables: dict[str, object]) -> None:
        self.sessions, self.actor, self.number = sessions, actor, 0
        with sessions.begin() as session:
            (self.task,) = instances.start(session, "P", variables, actor=actor, now=now()).tasks

    def pass_once(self) -> float:
        """Complete its task; CPU milliseconds of this process."""
        self.number += 1
        before = time.process_time()
        with self.sessions.begin() as session:
            done = tasks.complete(session, self.task.id, {"n": self.number}, actor=self.actor, now=now())
        (self.task,) = done.following
        return (time.process_time() - before) * 1000


def passes(database: Database, case: Case, count: int) -> tuple[list[float], float]:
    """CPU of each of so many passes, the database's share in it, and that share."""
    before = cpu_of(*database.servers)
    own = [case.pass_once() for _ in range(count)]
    share = (cpu_of(*database.servers) - before) * 1000 / count
    return [each + share for each in own], round(share, 3)


def loop(database: Database, new: partial[Case]) -> None:
    """Cases whose tenth pass comes now, beside one that has made ten thousand."""
    passes(database, new({"n": 0}), WINDOW)
    old = new({"n": 0})
    for mark in (each for each in (10, 100, 1_000, 3_000, 10_000) if each <= PASSES):
        while old.number < mark:
            old.pass_once()
        taken, _ = passes(database, old, WINDOW // 4)
        tell(f"{database.name}: loop, around pass {mark:,}", "ms", taken, passes=mark)
    early, late = [], []
    for _ in range(5):  # in turns, so that a noisy moment of the machine meets both
        young = new({"n": 0})
        for _ in range(9):
            young.pass_once()
        early += passes(database, young, WINDOW // 5)[0]
        late += passes(database, old, WINDOW // 5)[0]
    tell(f"{database.name}: loop, pass {PASSES:,} / pass 10", "ratio", [median(late) / median(early)], most=1.1)


def carrying(size_in_bytes: int) -> dict[str, object]:
    """A variable of about this size in JSON: rows of a table."""
    rows: list[dict[str, object]] = []
    row = {"id": 1, "name": "Ville de Rennes", "v": 2, "ok": True}
    while len(rows) * (len(json.dumps(row)) + 2) < size_in_bytes:
        rows.append(row | {"id": len(rows), "v": 2 * len(rows)})
    return {"rows": rows, "n": 0}


def variables(database: Database, new: partial[Case]) -> None:
    """Small and large in turns."""
    small, large = new(carrying(1_000)), new(carrying(1_000_000))
    few, many = [], []
    for case in (small, large):
        passes(database, case, 10)
    for _ in range(5):
        few += passes(database, small, WINDOW // 5)[0]
        many += passes(database, large, WINDOW // 5)[0]
    tell(f"{database.name}: step with 1 kB of variables", "ms", few)
    tell(f"{database.name}: step with 1 MB of variables", "ms", many)
    tell(f"{database.name}: step with 1 MB / 1 kB of variables", "ratio", [median(many) / median(few)], most=2.0)


def main() -> None:
    """Both databases."""
    for make in BOTH:
        with make() as database, sessions_on(database) as sessions:
            publish(sessions, [File("diagram", "p.bpmn", LOOP.encode())])
            new = partial(Case, sessions, agent(sessions))
            loop(database, new)
            variables(database, new)


if __name__ == "__main__":
    main()

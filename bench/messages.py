"""A message for one of many waiting instances: received, correlated and delivered in one transaction, among 1,000 and among 1,000,000."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

from bench.bulk import analyze, instances, load
from bench.databases import BOTH, Database, sessions_on
from bench.figures import median, size, tell
from bench.processor import cpu_of
from bench.setting import now, publish
from engine import correlation, messages
from engine.bundle import File
from engine.effects import WaitOpened
from engine.sessions import Sessions
from engine.spiff.execution import Execution
from engine.tables import instance, wait, wait_shape
from engine.versions import definition

SIZES = (1_000, size(1_000_000, 20_000))
RUNS, BATCH = size(9, 3), size(50, 20)
NAME = "piece-recue"
DIAGRAM = f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core"
 targetNamespace="bench"><message id="m" name="{NAME}"/><process id="P" isExecutable="true"><startEvent id="start"/>
 <intermediateCatchEvent id="piece"><extensionElements><s:properties><s:property name="correlation" value="{{dossier: dossier}}"/>
 </s:properties></extensionElements><messageEventDefinition messageRef="m"/></intermediateCatchEvent><userTask id="read"/>
 <endEvent id="end"/><sequenceFlow id="f1" sourceRef="start" targetRef="piece"/><sequenceFlow id="f2" sourceRef="piece" targetRef="read"/>
 <sequenceFlow id="f3" sourceRef="read" targetRef="end"/></process></definitions>"""


def key(number: int) -> dict[str, object]:
    """What the instance of this number waits for."""
    return {"dossier": f"D-{number:07}"}


def waits(count: int, opened: WaitOpened) -> Iterator[dict[str, Any]]:
    """A row for each instance."""
    common = {"process": "P", "element": opened.element_id, "ref": opened.ref, "kind": "message", "name": NAME}
    for number in range(1, count + 1):
        expected = key(number)
        yield common | {
            "id": number, "instance_id": number, "correlation": expected, "correlation_hash": correlation.digest(expected),
        }  # fmt: skip


def fill(sessions: Sessions, count: int) -> None:
    """So many instances that wait."""
    version = publish(sessions, [File("diagram", "p.bpmn", DIAGRAM.encode())])
    with sessions.reading() as session:
        execution = Execution.start(definition(session, version), key(0), now=now())
    (opened,) = [each for each in execution.take_effects() if isinstance(each, WaitOpened)]
    load(sessions, instance, instances(count, version, execution.dump()))
    load(sessions, wait, waits(count, opened))
    load(sessions, wait_shape, [{"name": NAME, "keys": correlation.shape(key(0))}])
    analyze(sessions)


def run(database: Database, count: int) -> float:
    """CPU of a message among so many."""
    with sessions_on(database) as sessions:
        fill(sessions, count)
        numbers = iter(random.Random(count).sample(range(1, count + 1), (RUNS + 1) * BATCH if count > 1_000 else 500))

        def batch(most: int) -> int:
            for _ in range(most):
                with sessions.begin() as session:
                    assert messages.receive(session, NAME, key(next(numbers)), {"piece": "plan.pdf"}, now=now()).matched == 1
            return most

        batch(BATCH)
        own, below = [], cpu_of(*database.servers)
        for _ in range(RUNS):
            before = time.process_time()
            done = batch(BATCH)
            own.append((time.process_time() - before) * 1000 / done)
        server = (cpu_of(*database.servers) - below) * 1000 / (RUNS * BATCH)
        name = f"{database.name}: message to one of {count:,} waiting"
        tell(name, "ms", [each + server for each in own], database=round(server, 3), waiting=count)
        return median(own) + server


def main() -> None:
    """Both sizes on both databases, and their ratios."""
    for make in BOTH:
        found = []
        for count in SIZES:
            with make() as database:
                found.append(run(database, count))
        tell(f"{database.name}: message to one of {SIZES[1]:,} / {SIZES[0]:,}", "ratio", [found[1] / found[0]], most=1.5)


if __name__ == "__main__":
    main()

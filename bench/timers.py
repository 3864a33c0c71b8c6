"""100,000 waiting timers of which 1,000 are due at once: how long one worker takes to fire them all, and how late the last ones are.

Each timer belongs to an instance of its own, which it moves to its end. The worker is `tikub worker`, a process of its own; lateness
is that of its commits, from the moment at which the timers became due.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bench.bulk import analyze, instances, load
from bench.databases import BOTH, Database, sessions_on
from bench.figures import percentile, size, tell
from bench.processor import cpu_of
from bench.server import TIKUB, environment
from bench.setting import now, publish
from engine import wakes
from engine.bundle import File
from engine.effects import TimerSet
from engine.sessions import Sessions
from engine.spiff.execution import Execution
from engine.tables import event, instance, timer
from engine.versions import definition

WAITING, DUE = size(100_000, 2_000), size(1_000, 100)
RUNS = size(5, 1)
START = timedelta(seconds=8)
"""Until the worker surely runs."""
DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench"><process id="P" isExecutable="true">
 <startEvent id="start"/><intermediateCatchEvent id="pause"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>
 </intermediateCatchEvent><endEvent id="end"/><sequenceFlow id="f1" sourceRef="start" targetRef="pause"/>
 <sequenceFlow id="f2" sourceRef="pause" targetRef="end"/></process></definitions>"""


def waiting(sessions: Sessions) -> None:
    """Instances that wait at their timer, for a year."""
    version = publish(sessions, [File("diagram", "p.bpmn", DIAGRAM.encode())])
    with sessions.reading() as session:
        execution = Execution.start(definition(session, version), {}, now=now())
    (opened,) = [each for each in execution.take_effects() if isinstance(each, TimerSet)]
    load(sessions, instance, instances(WAITING, version, execution.dump()))
    due, one = now() + timedelta(days=365), {"element": opened.element_id, "ref": opened.ref, "failures": 0}
    load(sessions, timer, ({"id": number, "instance_id": number, "due": due} | one for number in range(1, WAITING + 1)))
    analyze(sessions)


def let_be_due(sessions: Sessions, run: int) -> datetime:
    """The next thousand become due at this moment."""
    due = now() + (START if run == 0 else timedelta(seconds=1))
    some = select(timer.c.id).order_by(timer.c.id).limit(DUE).scalar_subquery()
    with sessions.begin() as session:
        session.execute(timer.update().where(timer.c.id.in_(some)).values(due=due))
        wakes.note(session, wakes.TIMERS, due=due, now=now())  # as whatever sets a timer does
    return due


def wait_until_fired(sessions: Sessions, due: datetime) -> None:
    """Until none is left that is due."""
    while True:
        time.sleep(0.05)
        with sessions.reading() as session:
            if not session.execute(select(func.count()).select_from(timer).where(timer.c.due <= due)).scalar():
                return


def fired(sessions: Sessions, due: datetime) -> list[float]:
    """Seconds from the moment at which they were due to the step of each."""
    with sessions.reading() as session:
        moments = session.execute(select(event.c.at).where(event.c.type == "timer.fired", event.c.at >= due)).scalars().all()
    assert len(moments) == DUE
    return [(each - due).total_seconds() for each in moments]


def run(database: Database) -> None:
    """The figures of one database."""
    with sessions_on(database) as sessions, tempfile.TemporaryDirectory(prefix="tikub-bench-") as folder:
        env = environment(database, folder)
        waiting(sessions)
        worker = subprocess.Popen([TIKUB, "worker"], env=env)
        try:
            alls, lates, cpu = [], [], []
            for number in range(RUNS):
                due = let_be_due(sessions, number)
                time.sleep(max(0.0, (due - now()).total_seconds() - 0.2))
                before = cpu_of(worker.pid, *database.servers)
                wait_until_fired(sessions, due)
                late = fired(sessions, due)
                alls.append(max(late))
                lates.append(percentile(late, 0.99))
                cpu.append((cpu_of(worker.pid, *database.servers) - before) * 1000 / DUE)
        finally:
            worker.terminate()
            worker.wait(30)
    name = f"{database.name}: {DUE:,} of {WAITING:,} timers due"
    tell(f"{name}: all fired", "s", alls, most=10.0)
    tell(f"{name}: lateness p99", "s", lates)
    tell(f"{name}: CPU of a timer", "ms", cpu)


def main() -> None:
    """Both databases."""
    for make in BOTH:
        with make() as database:
            run(database)


if __name__ == "__main__":
    main()

"""The list of a person's tasks, first page of 50, with 20 groups: among 1,000 open tasks, and among up to 1,000,000.

The tasks are shared by the groups, ten of them are the person's own. `in the database` is the time of the page's statements alone: that
of the driver's calls on SQLite, what PostgreSQL says itself of planning and execution.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench.bulk import analyze, instances, load
from bench.candidature import files
from bench.databases import BOTH, Database, sessions_on
from bench.figures import QUICK, median, size, tell
from bench.processor import cpu_of
from bench.setting import agent, now, publish
from bench.statements import seconds_of_statements
from engine import tasks
from engine.sessions import Sessions
from engine.tables import NEVER, instance, task, task_candidate

GROUPS = [f"groupe-{number:02}" for number in range(20)]
SIZES = (1_000, 30_000, 1_000_000) if not QUICK else (1_000, 20_000)
MINE = 10
TASKS_OF_AN_INSTANCE = 10
RUNS, PAGES = size(9, 3), size(60, 20)


def rows(count: int, person: int) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Open tasks, each with its row for the group that may take it, but for the person's own."""
    numbers, moment = random.Random(count), now()
    for number in range(1, count + 1):
        group = numbers.choice(GROUPS)
        due = moment + timedelta(minutes=numbers.randrange(60 * 24 * 30)) if numbers.random() < 0.7 else NEVER
        order = {"priority": numbers.choice((0, 0, 0, 50)), "due": due}
        mine = number * MINE % count < MINE
        yield (
            {
                "id": number, "instance_id": 1 + number // TASKS_OF_AN_INSTANCE, "process": "P", "element": "first", "ref": f"t{number}",
                "name": "Instruire", "form_key": "avis", "state": "open", "assignee_id": person if mine else None, "groups": [group],
                "local": {}, "created_at": moment,
            } | order,
            None if mine else {"group_key": group, "task_id": number} | order,
        )  # fmt: skip


def run(database: Database, count: int) -> tuple[float, float]:
    """The figures among so many tasks: CPU of a page, and its share in the database."""
    with sessions_on(database) as sessions:
        person = agent(sessions, GROUPS)
        load(sessions, instance, instances(1 + count // TASKS_OF_AN_INSTANCE, publish(sessions, files())))
        load(sessions, task, (each for each, _ in rows(count, person.id or 0)))
        load(sessions, task_candidate, (offered for _, offered in rows(count, person.id or 0) if offered))
        analyze(sessions)

        def page() -> None:
            with sessions.reading() as session:
                assert len(tasks.page(session, person, limit=50).items) == 50

        return measure(database, sessions, page, count)


def measure(database: Database, sessions: Sessions, page: Any, count: int) -> tuple[float, float]:
    """Print and return CPU of a page, and seconds of its statements."""
    for _ in range(PAGES):
        page()
    own, below = [], cpu_of(*database.servers)
    for _ in range(RUNS):
        before = time.process_time()
        for _ in range(PAGES):
            page()
        own.append((time.process_time() - before) * 1000 / PAGES)
    server = (cpu_of(*database.servers) - below) * 1000 / (RUNS * PAGES)
    inside = seconds_of_statements(sessions, page, size(40, 5))
    name = f"{database.name}: my tasks among {count:,}"
    tell(f"{name}: CPU of a page", "ms", [each + server for each in own], database=round(server, 3), tasks=count)
    tell(f"{name}: in the database", "ms", [each * 1000 for each in inside], most=2.0 if count == SIZES[-1] else None, tasks=count)
    return median(own) + server, median(inside) * 1000


def main() -> None:
    """All sizes on both databases, and their ratios."""
    for make in BOTH:
        found = []
        for count in SIZES:
            with make() as database:
                found.append(run(database, count))
        (few, few_inside), (many, many_inside) = found[0], found[-1]
        for what, ratio in (("CPU of a page", many / few), ("in the database", many_inside / few_inside)):
            tell(f"{database.name}: my tasks among {SIZES[-1]:,} / {SIZES[0]:,}: {what}", "ratio", [ratio], most=1.5)


if __name__ == "__main__":
    main()

"""Tries random, broken and hostile expressions: `python tools/fuzz_feel.py [--count N] [--processes P] [--seed S]`.

Every expression is compiled, evaluated and its value written out as text and as JSON. Four things may not happen: an
error that is not FEEL's own; a value that is none of FEEL's; any of the events that Python's audit hooks know (a file
opened, a module imported, a process started, code compiled, a socket …); more than 250 ms of CPU or 100 MB of memory.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lxml import etree  # noqa: E402  the project is not installed where this runs

from feel.errors import FeelError  # noqa: E402
from feel.expression import Surroundings, build  # noqa: E402
from feel.host import to_json  # noqa: E402
from feel.strings import source_of  # noqa: E402
from feel.values import KINDS  # noqa: E402
from feel.zones import zone, zone_names  # noqa: E402
from tests.feel import test_builtins, test_errors, test_expressions  # noqa: E402
from tests.feel.grammar import Writer, broken  # noqa: E402

SECONDS = 0.25
MEGABYTES = 100
NOW = datetime(2024, 7, 1, 12, 30, tzinfo=UTC)
CORPORA = Path(os.environ.get("TIKUB_CORPORA", ROOT.parent / "shared" / "corpora"))
VARIABLES = {
    "a": 1,
    "b": [1, "z", None, 2.5],
    "a b": "2024-02-29",
    "x-y": {"a": 1, "b": [{"a": 2}, {"a": 3}], "a b": None},
    "list": [[1, 2], [3]],
}
HOSTILE = (
    '"".__class__.__mro__',
    "{a: 1}.__init__.__globals__",
    '__import__("os").system("true")',
    'open("/etc/passwd")',
    'eval("1")',
    "[1][item.__class__]",
    "f.call",
    "sum.native.overloads",
    '@"10:00:00@../../etc/passwd"',
    'time("10:00:00@os/path")',
    "%(name)s {0.__class__}",
    'string join(for i in 1..1000 return "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "b")',
    "9 ** 9 ** 9 ** 9 ** 9",
    "decimal(1 / 3, 6000) * 1e6000",
    *test_errors.LIMITED.values(),
    *test_errors.HOSTILE.values(),
)


@dataclass
class Tally:
    """What a process saw; `wrong` names what may not happen."""

    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    megabytes: float = 0.0

    def add(self, other: Tally) -> None:
        """Take in what another process saw."""
        self.ended.update(other.ended)
        self.wrong += other.wrong
        self.slowest = max(self.slowest, other.slowest)
        self.megabytes = max(self.megabytes, other.megabytes)


class Watch:
    """Names the events that Python's audit hooks report while an expression runs."""

    def __init__(self) -> None:
        self.armed = False
        self.seen: list[str] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.armed:
            self.seen.append(f"{event} {str(arguments)[:120]}")


# ------------------------------------------------------------------------------------------------ what is tried
def seeds() -> list[str]:
    """Expressions to break: those of the tests, and of the TCK where it is present."""
    found = [text for text, _ in [*test_expressions.ALL, *test_builtins.CASES]]
    for model in sorted(CORPORA.glob("dmn-tck/*/*/*.dmn")):
        texts = etree.parse(model).getroot().iter("{*}text")
        found += ["".join(str(piece) for piece in node.itertext()).strip() for node in texts]
    return sorted({text for text in found if 0 < len(text) < 500})


def attempt(random: Random, writer: Writer, known: list[str]) -> tuple[str, bool]:
    """A text to try, and whether as unary tests."""
    choice = random.random()
    if choice < 0.45:
        return broken(random.choice(known), known, random), random.random() < 0.2
    if choice < 0.8:
        return writer.expression(random.randint(2, 16)), False
    if choice < 0.9:
        return writer.unary_tests(), True
    if choice < 0.999:
        return broken(writer.expression(), known, random), random.random() < 0.2
    return broken(random.choice(HOSTILE), known, random) if random.random() < 0.5 else random.choice(HOSTILE), False


# ------------------------------------------------------------------------------------------------ how it is tried
def run(text: str, *, unary: bool) -> str:
    """How it ended: `value`, or the name of FEEL's error. Anything else is raised."""
    try:
        expression = build(text, Surroundings(frozenset(VARIABLES)), unary=unary)
        value = expression.evaluate(VARIABLES, value=3, now=NOW)
        source_of(value)
        to_json(value)
    except FeelError as error:
        return type(error).__name__
    check_kinds(value)
    return "null" if value is None else "value"


def check_kinds(value: object) -> None:
    """TypeError when something in a value is no value of FEEL."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) not in KINDS:
            raise TypeError(f"{type(item)} is no value of FEEL")
        waiting += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()


def work(number: int, seed: int, count: int) -> Tally:
    """Try `count` expressions; the same seed and number give the same ones."""
    random = Random(f"{seed} {number}")  # noqa: S311  nothing here is secret
    writer, known, tally, watch = Writer(random), seeds(), Tally(), Watch()
    for name in zone_names():
        zone(name)  # read beforehand: later no file may be opened
    run("matches(\"a\", \"(a)\\\\1\") and now() = null", unary=False)
    before = used_megabytes()
    limit_memory()
    for _ in range(count):
        text, unary = attempt(random, writer, known)
        watch.armed = True
        started = time.process_time()
        try:
            tally.ended[run(text, unary=unary)] += 1
        except (Exception, RecursionError, MemoryError) as error:  # noqa: BLE001  to be reported, whatever it is
            tally.wrong.append(f"{type(error).__name__} {str(error)[:100]}: {text[:500]}")
        taken = time.process_time() - started
        watch.armed = False
        if taken > SECONDS:
            taken = min(taken, again(text, unary=unary), again(text, unary=unary))
        tally.slowest = max(tally.slowest, (taken, text[:500]))
        if taken > SECONDS:
            tally.wrong.append(f"{taken:.2f} s: {text[:500]}")
        if watch.seen:
            tally.wrong.append(f"{watch.seen[:3]}: {text[:500]}")
            watch.seen.clear()
    tally.megabytes = used_megabytes() - before
    return tally


def again(text: str, *, unary: bool) -> float:
    """The CPU time of another try: the first may have paid for what is kept, or for the garbage of others."""
    started = time.process_time()
    try:
        run(text, unary=unary)
    except Exception:  # noqa: BLE001  reported already
        return 0.0
    return time.process_time() - started


def used_megabytes() -> float:
    """The most memory that the process ever used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def limit_memory() -> None:
    """From here on the process gets so much more address space; what needs more fails with MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEGABYTES * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> int:
    """Run the processes and print what they saw; 1 when something may not happen."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=1_000_000)
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    share = options.count // options.processes
    started = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        tallies = pool.starmap(work, [(number, options.seed, share) for number in range(options.processes)])
    total = Tally()
    for tally in tallies:
        total.add(tally)
    print(json.dumps({"expressions": share * options.processes, **total.ended, "wrong": len(total.wrong)}))
    print(f"slowest {total.slowest[0] * 1000:.0f} ms of CPU: {total.slowest[1][:120]!r}")
    print(f"memory {total.megabytes:.0f} MB more than at the start; {time.monotonic() - started:.0f} s")
    for line in total.wrong[:50]:
        print("WRONG", line)
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

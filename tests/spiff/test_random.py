"""Random block-structured processes on random paths, saved and restored at every act, against counts known from their structure."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from engine.bundle import Bundle, File
from engine.checks import check
from tests.spiff.driver import Run, boundary, chain, diagram, end, flow, node, script, start, user

SIGNAL = '<signal id="S" name="stop"/>'
ON_SIGNAL = '<signalEventDefinition signalRef="S"/>'
GATEWAYS = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway"}


@dataclass
class Block:
    """A piece with one way in and one way out."""

    entry: str
    exit: str
    xml: str


@dataclass
class Generator:
    """Draws blocks within blocks and counts how often each user task must be done. `handled`: each has a task that compensates it."""

    random: random.Random
    handled: bool = False
    number: int = 0
    expected: Counter[str] = field(default_factory=Counter)

    def name(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def block(self, depth: int, times: int) -> Block:
        kinds = ["task"] if depth == 0 else ["task", "sequence", "sequence", "xor", "and", "or", "loop", "sub", "several", "standard"]
        kind = self.random.choice(kinds[1:] if depth > 2 else kinds)
        if kind == "task":
            return self.task(times)
        if kind == "sequence":
            one, two = self.block(depth - 1, times), self.block(depth - 1, times)
            return Block(one.entry, two.exit, one.xml + two.xml + flow(one.exit, two.entry))
        if kind in GATEWAYS:
            return self.split(kind, depth, times)
        return self.loop(depth, times) if kind == "loop" else self.sub_process(kind, depth, times)

    def task(self, times: int) -> Block:
        name = self.name("u")
        self.expected[name] += times
        if not self.handled:
            return Block(name, name, user(name))
        handler = boundary(f"b_{name}", name, "<compensateEventDefinition/>") + user(f"undo_{name}", isForCompensation="true")
        link = f'<association id="as_{name}" sourceRef="b_{name}" targetRef="undo_{name}"/>'
        return Block(name, name, user(name) + handler + link)

    def split(self, kind: str, depth: int, times: int) -> Block:
        count, fork, join = self.random.randint(2, 3), self.name("g"), self.name("g")
        chosen = {
            "xor": [self.random.randrange(count)],
            "and": list(range(count)),
            "or": self.random.sample(range(count), self.random.randint(1, count)),
        }[kind]
        xml = ""
        for number in range(count):
            inner = self.block(depth - 1, times * (number in chosen))
            condition = None if kind == "and" else str(number in chosen).lower()
            xml += inner.xml + flow(fork, inner.entry, condition) + flow(inner.exit, join)
        return Block(fork, join, node(GATEWAYS[kind], fork) + node(GATEWAYS[kind], join) + xml)

    def loop(self, depth: int, times: int) -> Block:
        merge, test, out, before, count = (self.name(prefix) for prefix in ("g", "g", "g", "s", "s"))
        passes, variable = self.random.randint(1, 3), f"v_{merge}"
        inner = self.block(depth - 1, times * passes)
        xml = (
            inner.xml + node("exclusiveGateway", merge) + node("exclusiveGateway", test, default=f"d{test}") + node("exclusiveGateway", out)
            + script(before, f"{{{variable}: 0}}") + script(count, f"{{{variable}: {variable} + 1}}") + chain(before, merge, inner.entry)
            + chain(inner.exit, count, test) + flow(test, merge, f"{variable} < {passes}") + flow(test, out, name=f"d{test}")
        )  # fmt: skip
        return Block(before, out, xml)

    def sub_process(self, kind: str, depth: int, times: int) -> Block:
        count = 1 if kind == "sub" else self.random.randint(1, 3)
        characteristics = ""
        if kind == "several":
            sequential = self.random.choice(("true", "false"))
            characteristics = (
                f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>{count}</loopCardinality>'
                "</multiInstanceLoopCharacteristics>"
            )
        elif kind == "standard":
            characteristics = f'<standardLoopCharacteristics loopMaximum="{count}"/>'
        name, inner = self.name("sp"), self.block(depth - 1, times * count)
        xml = node("subProcess", name, characteristics, start(f"start_{name}"), inner.xml, chain(f"start_{name}", inner.entry))
        return Block(name, name, xml)


def refused(content: bytes) -> list[str]:
    return [str(each) for each in check(Bundle([File("diagram", "r", content)]), called=()) if each.severity == "error"]


@pytest.mark.parametrize("seed", range(80))
def test_random_process_does_each_task_as_often_as_its_structure_says(seed: int) -> None:
    generator = Generator(random.Random(seed))  # noqa: S311  a repeatable path, no secret
    block = generator.block(5, 1)
    content = diagram(start("begin"), block.xml, end("finish"), chain("begin", block.entry), chain(block.exit, "finish"))
    assert refused(content) == []
    run = Run(content)
    while run.tasks:
        run.do(generator.random.choice(list(run.tasks)))
    assert run.done
    done = Counter(name for name in run.trace() if name.startswith("u"))
    assert +done == +generator.expected
    assert Counter(run.trace("element.entered")) == Counter(run.trace())


@pytest.mark.parametrize("seed", range(120))
def test_random_interruption_stops_everything_inside_and_nothing_else(seed: int) -> None:
    chance = random.Random(1_000 + seed)  # noqa: S311  a repeatable path, no secret
    interrupting, as_event_sub = chance.random() < 0.7, chance.random() < 0.5
    generator = Generator(chance)
    block = generator.block(5, 1)
    inner = start("s1") + block.xml + end("e1") + chain("s1", block.entry) + chain(block.exit, "e1")
    if as_event_sub:
        begin = start("es_start", ON_SIGNAL, isInterrupting=str(interrupting).lower())
        inner += node("subProcess", "es", begin, user("esc"), chain("es_start", "esc"), triggeredByEvent="true")
        around = ""
    else:
        around = user("esc") + boundary("b", "sp", ON_SIGNAL, interrupting=interrupting) + chain("b", "esc")
    run = Run(diagram(start("s0"), node("subProcess", "sp", inner), user("z"), around, chain("s0", "sp", "z"), extra=SIGNAL))
    for _ in range(chance.randint(0, 6)):
        if run.tasks and run.open != ["z"]:
            run.do(chance.choice(list(run.tasks)))
    if run.open == ["z"] or run.done:
        assert not run.waits
        return
    before = run.open
    run.send("stop")
    assert run.open == (["esc"] if interrupting else sorted([*before, "esc"]))
    assert bool(run.waits) is not interrupting
    while run.tasks:
        run.do(chance.choice(list(run.tasks)))
    assert run.done
    assert run.trace().count("z") == (1 if as_event_sub or not interrupting else 0)
    entered, completed, cancelled = (Counter(run.trace(f"element.{each}")) for each in ("entered", "completed", "cancelled"))
    assert entered == completed + cancelled


@pytest.mark.parametrize("seed", range(60))
def test_random_process_is_compensated_once_for_each_completion_on_the_data_of_its_time(seed: int) -> None:
    chance = random.Random(2_000 + seed)  # noqa: S311  a repeatable path, no secret
    generator = Generator(chance, handled=True)
    block = generator.block(4, 1)
    content = diagram(
        start("begin"), block.xml, node("intermediateThrowEvent", "undo", "<compensateEventDefinition/>"), end("finish"),
        chain("begin", block.entry), chain(block.exit, "undo", "finish"),
    )  # fmt: skip
    assert refused(content) == []
    run, done, undone = Run(content), Counter[tuple[str, object]](), Counter[tuple[str, object]]()
    while run.tasks:
        ref = chance.choice(list(run.tasks))
        element = run.tasks[ref].element_id
        if element.startswith("undo_"):
            element = element.removeprefix("undo_")
            undone[element, run._restored().local_variables(ref)[f"n_{element}"]] += 1
            run.do(ref, **{f"n_{element}": "undone"})
        else:
            done[element, sum(done.values())] += 1
            run.do(ref, **{f"n_{element}": sum(done.values()) - 1})
    assert run.done
    assert undone == done

"""The engine cycle without a database: load the state, complete a task, run until everything waits, save.

A diagram of 20 nodes with FEEL conditions; 10,000 passes of a loop around a task, a sub-process and a parallel block; and the same
20 nodes on SpiffWorkflow alone with its own serialiser, so that the ratio holds on any machine.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench.figures import measure, median, size, tell
from engine.bundle import Bundle, File
from engine.effects import TaskOpened
from engine.spiff.definition import Definition, build
from engine.spiff.execution import Execution

NOW = datetime(2019, 6, 13, 8, 0, tzinfo=UTC)
PASSES = size(10_000, 400)
ANSWERS: dict[str, object] = {
    "name": "A. Person", "amount": 1200, "ok": True, "address": {"street": "x" * 30, "zip": "1234"},
    "items": [{"id": number, "v": number * 3, "t": "abc"} for number in range(10)],
}  # fmt: skip


def element(tag: str, name: str, content: str = "", **attributes: str) -> str:
    """A flow node."""
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<{tag} id="{name}"{given}>{content}</{tag}>'


def flow(source: str, target: str, condition: str = "", name: str = "") -> str:
    """A sequence flow."""
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{name or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def chain(*names: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(*pair) for pair in pairwise(names))


def users(*names: str) -> str:
    """User tasks."""
    return "".join(element("userTask", name) for name in names)


def document(*content: str) -> bytes:
    """A file with one process."""
    process = element("process", "P", "".join(content), isExecutable="true")
    return f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">{process}</definitions>'.encode()


def twenty_nodes(*, feel: bool) -> bytes:
    """Seven user tasks, three exclusive splits, a parallel block, a timer; in FEEL, or in Python for the yardstick."""

    def script(name: str, variable: str, value: str) -> str:
        text = f"{{{variable}: {value}}}" if feel else f"{variable} = {value}"
        return element("scriptTask", name, f"<script>{text}</script>", **({"scriptFormat": "feel"} if feel else {}))

    duration = "PT0S" if feel else '"PT0S"'
    timer = f"<timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>"
    return document(
        element("startEvent", "s"), users("u1", "u2", "u3", "u4", "u5", "u6", "u7"), element("endEvent", "e"),
        *(element("exclusiveGateway", name, default=f"{name}d") for name in ("g1", "g2", "g3")),
        *(element("exclusiveGateway", name) for name in ("m1", "m2", "m3")),
        element("parallelGateway", "p1"), element("parallelGateway", "p2"), element("intermediateCatchEvent", "t1", timer),
        script("sc1", "score", "amount * 2"), script("sc2", "decision", '"rejected"'), script("sc3", "decision", '"approved"'),
        chain("s", "u1", "g1"), flow("g1", "u2", "amount &gt; 1000"), flow("g1", "sc1", name="g1d"),
        chain("u2", "m1"), chain("sc1", "m1", "p1"),
        chain("p1", "u3", "p2"), chain("p1", "u4", "p2"), chain("p2", "g2"), flow("g2", "u5", "amount &gt; 5000"),
        flow("g2", "m2", name="g2d"), chain("u5", "m2", "t1", "u6", "g3"), flow("g3", "sc2", "ok = false" if feel else "not ok"),
        flow("g3", "sc3", name="g3d"), chain("sc2", "m3"), chain("sc3", "m3", "u7", "e"),
    )  # fmt: skip


class Driver:
    """Completes tasks of a definition on a saved state."""

    def __init__(self, content: bytes, variables: dict[str, object]) -> None:
        self.definition: Definition = build(Bundle([File("diagram", "bench.bpmn", content)]))["P"]
        execution = Execution.start(self.definition, variables, now=NOW)
        self.refs: dict[str, str] = {}
        self.state = self.keep(execution)

    def keep(self, execution: Execution) -> bytes:
        """Note the open tasks; the saved state."""
        for effect in execution.take_effects():
            if isinstance(effect, TaskOpened):
                self.refs[effect.element_id] = effect.ref
        return execution.dump()

    def cycle(self, name: str, answers: dict[str, object]) -> bytes:
        """Load, complete, run, save; the state of this driver stays."""
        execution = Execution.restore(self.definition, self.state, now=NOW)
        execution.complete(self.refs[name], answers)
        return self.keep(execution)

    def advance(self, *names: str, **answers: object) -> None:
        """Complete tasks one after the other."""
        for name in names:
            self.state = self.cycle(name, answers)


def ours(answers: dict[str, object], variables: dict[str, object]) -> tuple[Callable[[], object], int]:
    """The cycle at the join of the 20 nodes: the join, two exclusive gateways, a timer is set. And the size of its state."""
    driver = Driver(twenty_nodes(feel=True), variables)
    driver.advance("u1", "u2", "u3", **answers)
    return lambda: driver.cycle("u4", answers), len(driver.state)


def yardstick() -> Callable[[], object]:
    """The same cycle on SpiffWorkflow alone."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(twenty_nodes(feel=False)))
    workflow = BpmnWorkflow(parser.get_spec("P"))
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())

    def complete(workflow: Any, name: str) -> None:
        task = next(each for each in workflow.get_tasks(state=TaskState.READY) if each.task_spec.name == name)
        task.data.update(ANSWERS)
        task.run()
        workflow.refresh_waiting_tasks()
        workflow.do_engine_steps()

    def cycle() -> str:
        loaded = serializer.deserialize_json(state)
        complete(loaded, "u4")
        return str(serializer.serialize_json(loaded))

    workflow.do_engine_steps()
    for name in ("u1", "u2", "u3"):
        complete(workflow, name)
    state = serializer.serialize_json(workflow)
    return cycle


def around(content: str, entry: str, leave: str) -> bytes:
    """A loop around some content, without end as long as `n < 0` is false."""
    return document(
        element("startEvent", "s"), element("endEvent", "e"), element("exclusiveGateway", "m"),
        element("exclusiveGateway", "g", default="again"), content, chain("s", "m", entry), chain(leave, "g"),
        flow("g", "e", "n &lt; 0"), flow("g", "m", name="again"),
    )  # fmt: skip


def sub_process() -> str:
    """A sub-process with a user task."""
    return element("subProcess", "sp", element("startEvent", "s1") + users("u") + chain("s1", "u"))


def parallel_block() -> str:
    """Three user tasks side by side."""
    gateways = element("parallelGateway", "p") + element("parallelGateway", "j")
    return gateways + users("a", "b", "c") + chain("p", "a", "j") + chain("p", "b", "j") + chain("p", "c", "j")


def long_loop(name: str, content: bytes, tasks: tuple[str, ...]) -> None:
    """Cycles at the beginning and at the end of many passes, their ratio, and the size of the state."""
    driver = Driver(content, {"n": 0, "text": "x" * 200})
    taken: list[float] = []
    for number in range(PASSES):
        for task in tasks:
            before = time.process_time()
            driver.advance(task, n=number)
            taken.append((time.process_time() - before) * 1000)
    window = min(1_000, len(taken) // 4)
    first, last = taken[20 : 20 + window], taken[-window:]
    tell(f"loop around {name}: cycle at the start", "ms", first)
    tell(f"loop around {name}: cycle after {PASSES} passes", "ms", last, bytes=len(driver.state))
    tell(f"loop around {name}: end / start", "ratio", [median(last) / median(first)], most=1.1)


def main() -> None:
    """All figures."""
    warnings.simplefilter("ignore")
    step, length = ours(ANSWERS, {})
    cycle, raw = measure(step, size(2_000, 100)), measure(yardstick(), size(100, 10))
    tell("cycle of 20 nodes", "ms", cycle, bytes=length)
    tell("cycle of 20 nodes on SpiffWorkflow alone", "ms", raw)
    tell("SpiffWorkflow alone / ours", "ratio", [median(raw) / median(cycle)])
    for kilobytes in (10, 100, 1_000):
        rows = [{"id": number, "name": f"n{number}", "v": number * 2, "ok": True} for number in range(kilobytes * 1024 // 45)]
        step, length = ours(ANSWERS, {"rows": rows})
        tell(f"cycle with {kilobytes} kB of variables", "ms", measure(step, 50), bytes=length)
    long_loop("a user task", around(users("u"), "u", "u"), ("u",))
    long_loop("a sub-process", around(sub_process(), "sp", "sp"), ("u",))
    long_loop("a parallel block", around(parallel_block(), "p", "j"), ("a", "b", "c"))


if __name__ == "__main__":
    main()

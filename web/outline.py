"""A process as text: its steps in order, nested as drawn, read from the diagram."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from engine.diagram import BPMN, read
from web.typography import french

Node = etree._Element

EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
    }
)
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"})
STEPS = EVENTS | CONTAINERS | TASKS | GATEWAYS


@dataclass(frozen=True)
class Exit:
    """One way out of a step: the label of the flow, and id and name of where it leads."""

    label: str
    target: str
    name: str


@dataclass(frozen=True)
class Step:
    """One element of the process. `type` is BPMN's local name; `trigger` that of an event's definition."""

    id: str
    type: str
    name: str
    lane: str
    trigger: str
    host: str
    called: str
    exits: tuple[Exit, ...]
    children: tuple["Step", ...]

    def walk(self) -> Iterator["Step"]:
        """This step and all inside it."""
        yield self
        for child in self.children:
            yield from child.walk()


@lru_cache(maxsize=128)
def steps(content: bytes, process: str) -> tuple[Step, ...]:
    """The steps of one process of the diagram in reading order: along the flows, loops left out."""
    root = read("diagram", content).root
    found = [node for node in root.iter(f"{{{BPMN}}}process") if node.get("id") == process]
    return _steps(found[0], _lanes(found[0])) if found else ()


def walk(outline: Iterable[Step]) -> Iterator[Step]:
    """Every step at every depth."""
    for step in outline:
        yield from step.walk()


def ahead(outline: tuple[Step, ...], current: Iterable[str]) -> set[str]:
    """Ids of the steps that can still be reached from the current ones, along flows and boundary events."""
    found: set[str] = set()
    _reach(outline, frozenset(current), found)
    return found


def _reach(scope: tuple[Step, ...], current: frozenset[str], found: set[str]) -> bool:
    """Mark what lies ahead in this scope; whether a current step is in it."""
    by_id = {step.id: step for step in scope}
    waiting = [step.id for step in scope if step.id in current or _reach(step.children, current, found)]
    active, seen = bool(waiting), set(waiting)
    while waiting:
        step = by_id[waiting.pop()]
        after = [exit_.target for exit_ in step.exits] + [each.id for each in scope if each.host == step.id]
        for key in after:
            if key in by_id and key not in seen:
                seen.add(key)
                waiting.append(key)
                found.update(each.id for each in by_id[key].walk())
    return active


def _steps(scope: Node, lanes: Mapping[str, str], lane: str = "") -> tuple[Step, ...]:
    """`lane`: that of the sub-process around them."""
    nodes = {node.get("id", ""): node for node in scope if _type(node) in STEPS}
    flows = [node for node in scope if _type(node) == "sequenceFlow"]
    order = _order(nodes, flows)
    return tuple(_step(nodes[key], nodes, flows, lanes, lane) for key in order)


def _step(node: Node, nodes: Mapping[str, Node], flows: Iterable[Node], lanes: Mapping[str, str], lane: str) -> Step:
    key = node.get("id", "")
    return Step(
        id=key,
        type=_type(node),
        name=_name(node),
        lane=lanes.get(key, lane),
        trigger=next((_type(child).removesuffix("EventDefinition") for child in node if _is_trigger(child)), ""),
        host=node.get("attachedToRef", ""),
        called=node.get("calledElement", ""),
        exits=tuple(_exit(flow, nodes) for flow in flows if flow.get("sourceRef") == key),
        children=_steps(node, lanes, lanes.get(key, lane)) if _type(node) in CONTAINERS else (),
    )


def _exit(flow: Node, nodes: Mapping[str, Node]) -> Exit:
    target = nodes.get(flow.get("targetRef", ""))
    return Exit(_name(flow), flow.get("targetRef", ""), _name(target) if target is not None else "")


def _order(nodes: Mapping[str, Node], flows: Iterable[Node]) -> list[str]:
    """Reverse postorder of a depth-first walk: topological, with the flows that go back left out."""
    after: dict[str, list[str]] = {key: [] for key in nodes}
    for flow in flows:
        if flow.get("sourceRef") in nodes and flow.get("targetRef") in nodes:
            after[flow.get("sourceRef", "")].append(flow.get("targetRef", ""))
    for key, node in nodes.items():
        if node.get("attachedToRef") in nodes:
            after[node.get("attachedToRef", "")].append(key)
    entered = {target for targets in after.values() for target in targets}
    roots = [key for key in nodes if key not in entered] or list(nodes)[:1]
    done: list[str] = []
    seen: set[str] = set()
    for root in [*reversed(roots), *nodes]:
        _visit(root, after, seen, done)
    return done[::-1] if len(done) == len(nodes) else list(nodes)


def _visit(root: str, after: Mapping[str, list[str]], seen: set[str], done: list[str]) -> None:
    if root in seen:
        return
    seen.add(root)
    stack = [(root, iter(reversed(after[root])))]
    while stack:
        key, targets = stack[-1]
        target = next((each for each in targets if each not in seen), None)
        if target is None:
            stack.pop()
            done.append(key)
        else:
            seen.add(target)
            stack.append((target, iter(reversed(after[target]))))


def _lanes(process: Node) -> dict[str, str]:
    lanes: dict[str, str] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        for reference in lane.iter(f"{{{BPMN}}}flowNodeRef"):
            lanes[(reference.text or "").strip()] = _name(lane)
    return lanes


def _type(node: Node) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _name(node: Node) -> str:
    return french(" ".join((node.get("name") or "").split()))


def _is_trigger(node: Node) -> bool:
    return _type(node).endswith("EventDefinition")

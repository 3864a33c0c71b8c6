"""Random edits of random diagrams under random running instances: what was announced is what happens, and nothing is lost or stuck.

Diagrams are drawn block by block, so that each of them lets every instance that begins in it end. Whoever moves to one must end as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.spiff.driver import Run, boundary, diagram, end, flow, node, script, start, user

KINDS = ("user", "user", "user", "script", "xor", "and", "or", "sub", "loop", "watched")
MOST_STEPS = 60


@dataclass
class Block:
    """A piece of a diagram with one way in and one way out. `ident` stays through edits, as people's elements do."""

    kind: str
    ident: str
    parts: list[list[Block]] = field(default_factory=list)


class Names:
    def __init__(self) -> None:
        self.last = 0

    def new(self) -> str:
        self.last += 1
        return f"n{self.last}"


def block(draw: Any, names: Names, depth: int) -> Block:
    kind = draw(st.sampled_from(KINDS if depth else ("user", "script")))
    ways = {"xor": 2, "and": 2, "or": 2, "sub": 1, "loop": 1, "watched": 1}.get(kind, 0)
    return Block(kind, names.new(), [sequence(draw, names, depth - 1) for _ in range(ways)])


def sequence(draw: Any, names: Names, depth: int) -> list[Block]:
    return [block(draw, names, depth) for _ in range(draw(st.integers(1, 2)))]


def every(blocks: list[Block]) -> Iterator[list[Block]]:
    """Each list of blocks at any depth."""
    yield blocks
    for each in blocks:
        for part in each.parts:
            yield from every(part)


def edit(draw: Any, names: Names, blocks: list[Block]) -> None:
    """One change such as people make."""
    place = draw(st.sampled_from(list(every(blocks))))
    number = draw(st.integers(0, len(place) - 1))
    chosen = place[number]
    how = draw(st.sampled_from(("add", "remove", "wrap", "unwrap", "branch", "unbranch", "retype", "rename")))
    if how == "add":
        place.insert(number, block(draw, names, 1))
    elif how == "remove" and len(place) > 1:
        del place[number]
    elif how == "wrap":
        kind = draw(st.sampled_from(("sub", "loop", "watched")))
        place[number] = Block(kind, names.new(), [[chosen]])
    elif how == "unwrap" and chosen.parts:
        place[number : number + 1] = chosen.parts[0]
    elif how == "branch" and chosen.kind in ("xor", "and", "or"):
        chosen.parts.append(sequence(draw, names, 0))
    elif how == "unbranch" and len(chosen.parts) > 1:
        del chosen.parts[draw(st.integers(0, len(chosen.parts) - 1))]
    elif how == "retype" and chosen.kind in ("xor", "and", "or"):
        chosen.kind = draw(st.sampled_from(("xor", "and", "or")))
    elif how == "rename":
        chosen.ident = names.new()


GATEWAYS = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway"}


def drawn(blocks: list[Block]) -> bytes:
    return diagram(start(), end(), *in_a_row(blocks, "start", "end"))


def in_a_row(blocks: list[Block], before: str, after: str) -> list[str]:
    """The elements of a sequence between two nodes."""
    found = []
    for each in blocks:
        found += piece(each, before)
        before = way_out(each)
    return [*found, flow(before, after, name=f"f_{before}_{after}")]


def way_out(each: Block) -> str:
    return f"{each.ident}_out" if each.kind in ("xor", "and", "or", "loop", "watched") else each.ident


def piece(each: Block, before: str) -> list[str]:
    ident, leads = each.ident, [flow(before, each.ident, name=f"f_{before}_{each.ident}")]
    if each.kind == "user":
        return [user(ident), *leads]
    if each.kind == "script":
        return [script(ident, "{x: 1}"), *leads]
    if each.kind == "sub":
        inner = in_a_row(each.parts[0], f"{ident}_s", f"{ident}_e")
        return [node("subProcess", ident, start(f"{ident}_s"), end(f"{ident}_e"), *inner), *leads]
    if each.kind == "watched":
        return [*leads, *watched(each)]
    if each.kind == "loop":  # once more while the answer says so
        again = flow(f"{ident}_out", ident, "again", name=f"f_{ident}_again")
        closing = node("exclusiveGateway", f"{ident}_out")
        asking = [*each.parts[0], Block("user", f"{ident}_u")]
        return [node("exclusiveGateway", ident), closing, *leads, *in_a_row(asking, ident, f"{ident}_out"), again]
    return [*leads, *fork(each)]


def watched(each: Block) -> list[str]:
    """A sub-process that a timer ends."""
    ident = each.ident
    inner = in_a_row(each.parts[0], f"{ident}_s", f"{ident}_e")
    sub = node("subProcess", ident, start(f"{ident}_s"), end(f"{ident}_e"), *inner)
    late = boundary(f"{ident}_late", ident, "<timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition>")
    out = node("exclusiveGateway", f"{ident}_out")
    return [sub, late, out, flow(ident, f"{ident}_out", name=f"f_{ident}_done"), flow(f"{ident}_late", f"{ident}_out", name=f"f_{ident}_late")]


def fork(each: Block) -> list[str]:
    ident, tag = each.ident, GATEWAYS[each.kind]
    found = []
    for number, part in enumerate(each.parts):
        condition = None if each.kind == "and" or number == 0 else f"pick = {number}"
        way = f"{ident}_w{part[0].ident}"
        found += [script(way, "{}"), flow(ident, way, condition, name=f"f_{way}"), *in_a_row(part, way, f"{ident}_out")]
    default = {} if each.kind == "and" else {"default": f"f_{ident}_w{each.parts[0][0].ident}"}
    return [node(tag, ident, **default), node(tag, f"{ident}_out"), *found]


def step(draw: Any, run: Run) -> None:
    """Somebody completes a task, or time passes."""
    if run.timers and draw(st.integers(0, 5)) == 0:
        run.advance(days=3)
        return
    ref = draw(st.sampled_from(sorted(run.tasks)))
    run.do(ref, pick=draw(st.integers(0, 2)), again=draw(st.integers(0, 5)) == 0)


@settings(deadline=None, max_examples=400, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whoever_moves_goes_on_to_the_end_and_loses_nothing(data: st.DataObject) -> None:
    names = Names()
    blocks = [*sequence(data.draw, names, 3), Block("user", names.new())]
    run = Run(drawn(blocks), {"pick": 0, "again": False})
    for _ in range(data.draw(st.integers(0, 4))):
        if run.tasks and not run.ended:
            step(data.draw, run)
    if run.ended:
        return
    for _ in range(data.draw(st.integers(1, 3))):
        edit(data.draw, names, blocks)
    before = (set(run.tasks), {ref: each.due for ref, each in run.timers.items()}, run.state)
    new = drawn(blocks)
    hurdles = run.migrate(new)
    if hurdles:
        assert run.state == before[2]
        assert all(each.message for each in hurdles)
        return
    assert set(run.tasks) == before[0]
    assert all(run.timers[ref].due == due for ref, due in before[1].items() if ref in run.timers)
    for _ in range(MOST_STEPS):
        assert not run.incidents, [str(each.message) for each in run.incidents.values()]
        if run.ended:
            break
        step(data.draw, run)
    assert run.done or run.tasks

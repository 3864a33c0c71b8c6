"""What a running instance consists of in the model: layers of variables, tokens, and runs of bodies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.model.graph import Body, Node, Trigger

Records = list[dict[str, Any]]
"""Completed activities that can be compensated, oldest first: `activity`, when it was (`act`, `causes`), the variables as they were then (`past`,
of which `local` were over those of the process), and for a sub-process what is `inside`."""


@dataclass(eq=False)
class Layer:
    """A scope of variables over another one; or what a handler of a compensation sees: the past, while what it writes counts in
    `now` too, unless it was `local` to a loop that is over."""

    values: dict[str, object]
    parent: Layer | None = None
    now: Layer | None = None
    local: frozenset[str] = frozenset()
    written: set[str] = field(default_factory=set)

    def chain(self) -> Iterator[Layer]:
        """This layer and those under it."""
        layer: Layer | None = self
        while layer is not None:
            yield layer
            layer = layer.parent

    def local_names(self) -> set[str]:
        """The names of variables over those of the process."""
        found: set[str] = set()
        for layer in self.chain():
            if layer.now is not None:
                found |= layer.local | layer.written
            elif layer.parent is not None:
                found |= layer.values.keys()
        return found

    def visible(self) -> dict[str, object]:
        """All variables that can be read here."""
        found: dict[str, object] = {}
        for layer in self.chain():
            found = layer.values | found
        return found


@dataclass(eq=False)
class Group:
    """The events behind one event-based gateway."""

    decided: bool = False


@dataclass(eq=False)
class Wait:
    """One thing outside that a token waits for: task, call, child, incident, message, signal or timer (`due` at an hour, `left` times), the last
    three for the part of its event with that number."""

    token: Token
    kind: str
    number: int = 0
    due: int = 0
    left: int = 1

    @property
    def trigger(self) -> Trigger:
        """What comes."""
        return self.token.node.trigger.each()[self.number]


@dataclass(eq=False)
class Token:
    """A token, a whole loop (with `iterations`) or something that only listens (`listens`).

    `state`: ready, running, waiting (with `waits` for something outside), inside (a sub-process), loop, compensating, failed.
    `aside`: it only waits for the end of a compensation that its event did not wait for. `was_true`: the last answers of its conditions, `seen`: what led to the parts of its event that came while it needs all of them.
    `happened`: bits of the events of this act at or inside the token.
    """

    node: Node
    run: Run
    layer: Layer
    causes: int
    state: str = "waiting"
    waits: list[Wait] = field(default_factory=list)
    code: str = ""
    phase: str = ""
    alive: bool = True
    listens: bool = False
    came: bool = False
    watched: bool = False
    reported: bool = False
    was_true: dict[int, bool] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    began: str = ""
    answer: dict[str, object] = field(default_factory=dict)
    host: Token | None = None
    group: Group | None = None
    loop: Token | None = None
    number: int = 0
    started: int = 0
    done: int = 0
    outputs: dict[int, object] = field(default_factory=dict)
    output: object = None
    joined: int = 0
    iterations: list[Token] = field(default_factory=list)
    listeners: list[Token] = field(default_factory=list)
    inner: Run | None = None
    thrower: Token | None = None
    reopens: Records | None = None
    queue: Records = field(default_factory=list)
    queue_run: Run | None = None
    cancels: bool = False
    aside: bool = False
    resets: bool = False
    happened: int = 0

    @property
    def is_loop(self) -> bool:
        """Whether it stands for a whole loop."""
        return self.node.loop is not None and not self.listens and not self.is_part

    @property
    def is_part(self) -> bool:
        """Whether it leaves by another way than the outgoing flows: an iteration or a compensation."""
        return self.loop is not None or self.thrower is not None

    @property
    def repeats(self) -> bool:
        """Whether what it waits for may come again: a listener that does not interrupt."""
        return self.listens and not self.node.interrupting

    @property
    def beside(self) -> list[Token]:
        """What listens where it listens: at the same activity, or in the same run."""
        return self.host.listeners if self.host is not None else self.run.listeners

    def inside(self) -> Iterator[Token]:
        """The token and everything in it, listeners included."""
        yield self
        for part in (*self.iterations, *self.listeners):
            yield from part.inside()
        if self.inner is not None:
            yield from self.inner.inside()


@dataclass(eq=False)
class Run:
    """A running body. `waiting`: flow → the causes of the tokens that wait at its end for a join; `activated`: complex gateway → the flows
    that activated it; `seen`: the causes of all that happened inside in this act; `todo`: what an ad-hoc sub-process still begins, None
    elsewhere, and whether it has had `enough`."""

    body: Body
    layer: Layer
    host: Token | None = None
    tokens: list[Token] = field(default_factory=list)
    listeners: list[Token] = field(default_factory=list)
    waiting: dict[str, list[int]] = field(default_factory=dict)
    activated: dict[str, set[str]] = field(default_factory=dict)
    records: Records = field(default_factory=list)
    interrupted: bool = False
    todo: list[Node] | None = None
    enough: bool = False
    ended: bool = False
    happened: int = 0
    seen: int = 0

    def inside(self) -> Iterator[Token]:
        """Everything in it."""
        for token in (*self.tokens, *self.listeners):
            yield from token.inside()

    def runs(self) -> Iterator[Run]:
        """The run and those inside."""
        yield self
        for token in self.inside():
            if token.inner is not None:
                yield token.inner

"""What the specification orders within one act, and what it leaves open.

Everything that happens in an act knows what led to it. Two things of which neither led to the other may come in either order; where the
outcome would depend on it, `Open` says that the specification does not decide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field


class Open(Exception):
    """What follows depends on an order that the specification leaves open, or is more than a test should follow."""


ALL = "*"
"""Stands for every variable of a layer."""

MOST_EVENTS = 2_000
"""In one act: a few splits in a row multiply tokens beyond every purpose."""


@dataclass(frozen=True)
class Event:
    """An element was entered, completed or cancelled; without `kind` a token did its work there, which nobody sees by itself. `causes`: bits
    of the events of this act that led to it, its own included."""

    kind: str
    element: str
    causes: int


@dataclass
class Act:
    """The events of one act, and who read and wrote which variable when."""

    events: list[Event] = field(default_factory=list)
    writes: dict[tuple[int, str], list[tuple[int, object]]] = field(default_factory=lambda: defaultdict(list))
    reads: dict[tuple[int, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    signals: dict[object, list[int]] = field(default_factory=lambda: defaultdict(list))
    listening: dict[object, list[int]] = field(default_factory=lambda: defaultdict(list))
    arrivals: dict[object, int] = field(default_factory=dict)
    settled: int = 0
    """Causes of signals thrown by name, of catchers that came or went by name, of tokens that arrived at complex gateways; and what the
    first step did, which comes before everything that its data lead to."""

    def add(self, kind: str, element: str, causes: int) -> tuple[int, int]:
        """A new event; its bit, and its causes with itself. Raises Open beyond the number that a test follows."""
        if len(self.events) == MOST_EVENTS:
            raise Open
        bit = 1 << len(self.events)
        self.events.append(Event(kind, element, causes | bit))
        return bit, causes | bit

    def read(self, place: tuple[int, str], causes: int) -> None:
        """Raises Open when a write is neither before nor after."""
        self.ordered((mask for mask, _ in self.writes[place]), causes)
        self.reads[place].append(causes)

    def read_all(self, layer: int, causes: int) -> None:
        """Raises Open when a write to anything in the layer is neither before nor after."""
        self.ordered((mask for (place, _), written in self.writes.items() if place == layer for mask, _ in written), causes)
        self.reads[layer, ALL].append(causes)

    def write(self, place: tuple[int, str], causes: int, value: object) -> None:
        """Raises Open when another access is neither before nor after and would notice."""
        self.ordered((mask for mask, other in self.writes[place] if other != value), causes)
        self.ordered(self.reads[place], causes)
        self.ordered(self.reads[place[0], ALL], causes)
        self.writes[place].append((causes, value))

    def throw(self, name: object, causes: int) -> None:
        """A signal or a compensation is thrown. Raises Open when what it reaches comes or goes meanwhile."""
        self.ordered(self.listening[name], causes)
        self.signals[name].append(causes)

    def listen(self, name: object, causes: int) -> None:
        """Somebody begins or ends to wait for a signal, or can be compensated from now on."""
        self.ordered(self.signals[name], causes)
        self.listening[name].append(causes)

    def arrive(self, gateway: object, causes: int) -> None:
        """A token reaches a gateway at which the order of arrivals counts."""
        self.ordered([self.arrivals.get(gateway, 0)], causes)
        self.arrivals[gateway] = causes

    def settle(self) -> None:
        """The first step is done."""
        self.settled = (1 << len(self.events)) - 1

    def ordered(self, others: Iterable[int], causes: int) -> None:
        """Raises Open unless each of the others is among the causes."""
        if any(other & ~(causes | self.settled) for other in others):
            raise Open


def counts(events: Iterable[Event]) -> Counter[tuple[str, str]]:
    """How often what happened."""
    return Counter((each.kind, each.element) for each in events if each.kind)


def misplaced(expected: list[Event], seen: list[tuple[str, str]]) -> tuple[str, str] | None:
    """The first thing seen before enough of what leads to it, when the same things happened in both."""
    needs: dict[tuple[str, str], list[set[tuple[str, str]]]] = defaultdict(list)
    for event in (each for each in expected if each.kind):
        causes = {(other.kind, other.element) for number, other in enumerate(expected) if other.kind and event.causes >> number & 1}
        needs[event.kind, event.element].append(causes - {(event.kind, event.element)})
    before: Counter[tuple[str, str]] = Counter()
    for label in seen:
        before[label] += 1
        satisfied = sum(all(before[cause] for cause in causes) for causes in needs[label])
        if satisfied < before[label]:
            return label
    return None

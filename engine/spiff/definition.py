"""What a published diagram defines: one immutable `Definition` per executable process, shared by threads and instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.bundle import Bundle

StartKind: TypeAlias = Literal["none", "message", "timer", "signal", "conditional"]


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node of the diagram. `type` is its BPMN local name ("userTask"); `lane_group` the group key of its lane or None."""

    id: str
    type: str
    name: str
    lane: str | None
    lane_group: str | None
    properties: Mapping[str, str]
    documentation: str


@dataclass(frozen=True, slots=True)
class Start:
    """A start event of the process itself. `name`: the message's or signal's name, else the event's own. `timer`: ISO 8601 or FEEL text
    (date, duration or cycle) of a timer start, else None."""

    element_id: str
    kind: StartKind
    name: str
    form_key: str | None = None
    timer: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the process told in text. `depth`: 0 in the process, 1 in its sub-processes, and so on."""

    id: str
    name: str
    type: str
    depth: int


class Definition:
    """An executable process with all that it needs to run.

    `key, name, version_id, elements, starts, properties, forms, decisions, calls` (keys of called processes), `throws` and `catches`
    (message names), `form_keys` (user task id → form key), `documentation`, `outline`.
    """

    version_id: int | None
    key: str
    name: str
    elements: Mapping[str, Element]
    starts: tuple[Start, ...]
    properties: Mapping[str, str]
    forms: Mapping[str, object]
    decisions: Mapping[str, object]
    calls: frozenset[str]
    throws: frozenset[str]
    catches: frozenset[str]
    form_keys: Mapping[str, str]
    documentation: str
    outline: tuple[Step, ...]


def build(bundle: Bundle) -> dict[str, Definition]:
    """The executable processes of a checked bundle by key."""
    raise NotImplementedError

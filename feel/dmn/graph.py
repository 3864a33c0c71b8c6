"""The requirement graph of a model: its elements, and the order in which they are evaluated (DMN 1.5, 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from feel.limits import note
from feel.text import text
from feel.types import Type

if TYPE_CHECKING:
    from feel.dmn.model import Model

Variables = dict[str, object]
Box = Callable[[Variables], object]
"""A compiled boxed expression: from the variables in scope to a value."""

Kind = Literal["decision", "inputData", "businessKnowledgeModel", "decisionService"]
KINDS: tuple[Kind, ...] = ("decision", "inputData", "businessKnowledgeModel", "decisionService")


def no_value(variables: Variables) -> object:  # noqa: ARG001  the shape of a box
    """What an expression that is not written gives."""
    note(text("l’expression est vide"))
    return None


@dataclass(eq=False, slots=True)
class DrgElement:
    """An element of the graph. The reader fills in `requirements`, `run` and `free` once all elements are known."""

    model: Model
    kind: Kind
    id: str
    name: str
    variable: str
    type: Type | None = None
    requirements: list[DrgElement] = field(default_factory=list)
    run: Box = no_value
    free: frozenset[str] = frozenset()
    """The names that its expressions read and no requirement gives."""
    required: frozenset[str] = frozenset()
    """Those of them that cannot be members of a filtered item instead."""
    service_inputs: list[DrgElement] = field(default_factory=list)
    service_outputs: list[DrgElement] = field(default_factory=list)


def ordered(targets: Iterable[DrgElement], known: Iterable[DrgElement] = ()) -> tuple[DrgElement, ...]:
    """The targets and what they require, each after what it requires, without what is known already."""
    found: dict[DrgElement, None] = {}
    done = set(known)
    for target in targets:
        _visit(target, done, found, [])
    return tuple(found)


def circles(elements: Iterable[DrgElement]) -> list[DrgElement]:
    """The decisions where a circle of requirements closes. Knowledge may refer to itself in a circle."""
    closing: list[DrgElement] = []
    done: set[DrgElement] = set()
    for element in elements:
        _visit(element, done, {}, closing)
    return closing


def _visit(
    target: DrgElement, done: set[DrgElement], found: dict[DrgElement, None], closing: list[DrgElement]
) -> None:
    """Depth first, without recursion: a chain of requirements may have any length."""
    if target in done:
        return
    path = [(target, iter(target.requirements))]
    open_elements = {target}
    while path:
        element, rest = path[-1]
        required = next((item for item in rest if item not in done), None)
        if required is None:
            path.pop()
            open_elements.discard(element)
            done.add(element)
            found[element] = None
        elif required not in open_elements:
            open_elements.add(required)
            path.append((required, iter(required.requirements)))
        elif required.kind == "decision":
            closing.append(required)

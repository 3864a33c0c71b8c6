"""The shape in which a decision of a DMN file gives its result."""

from __future__ import annotations

from dataclasses import dataclass

from feel.dmn.errors import DmnError
from feel.dmn.reading import attribute, child, children, parse


@dataclass(frozen=True, slots=True)
class Shape:
    """The names of the outputs, and whether every rule that matches gives one, so that the result is a list."""

    outputs: tuple[str, ...]
    several: bool


def shapes(content: bytes) -> dict[str, Shape]:
    """The shapes of a file's decisions by id; none when the file cannot be read, which publication says."""
    try:
        root = parse(content)
    except DmnError:
        return {}
    found = {}
    for decision in children(root, "decision"):
        table = child(decision, "decisionTable")
        names = tuple(attribute(each, "name") for each in children(table, "output")) if table is not None else ()
        policy = attribute(table, "hitPolicy") if table is not None else ""
        listed = policy in ("RULE ORDER", "OUTPUT ORDER") or (policy == "COLLECT" and not attribute(table, "aggregation"))
        found[attribute(decision, "id")] = Shape(names or (attribute(decision, "name"),), listed)
    return found

"""What becomes of each element and attribute of BPMN 2.0.2, from the tables that the checker itself reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.checking.table import DRAWN, EXECUTED
from engine.spiff.grammar import Attribute, Type, grammar

Standing: TypeAlias = Literal["executed", "translated", "drawn", "refused"]

TRANSLATED: Mapping[str, str] = {
    "eventDefinitionRef": "the definition is put in its place",
    "linkEventDefinition": "becomes a flow",
    "globalTask": "becomes a process of one task",
    "globalUserTask": "becomes a process of one task",
    "globalManualTask": "becomes a process of one task",
    "globalScriptTask": "becomes a process of one task",
    "globalBusinessRuleTask": "becomes a process of one task",
}
"""Elements that are rewritten into others before the diagram runs (`engine/spiff/canonical.py`), and how."""

SHOWN = frozenset(
    (
        *("id", "name", "gatewayDirection", "implementation", "operationRef", "isImmediate", "method", "processType", "isClosed"),
        *("definitionalCollaborationRef", "itemSubjectRef", "itemRef", "structureRef", "type", "evaluatesToTypeRef", "language"),
        *("associationDirection", "partitionElementRef", "isCollection"),
    )
)
"""Attributes that name, describe or type something: checked where there is something to check, and without effect on the run.

Names of messages and signals, codes and ids are how the parts of a diagram find each other; they count as executed where they do.
"""

FINDING = frozenset((("message", "name"), ("signal", "name"), ("linkEventDefinition", "name"), ("dataObject", "name"), ("lane", "name")))
"""Names by which something is found when the diagram runs."""


NEVER_TRUE = frozenset((("transaction", "triggeredByEvent"), ("adHocSubProcess", "triggeredByEvent")))
"""Attributes that the schema allows and that no meaning allows to be true."""


@dataclass(frozen=True, slots=True)
class Row:
    """An element: its standing, the standings of its attributes, and the elements that may hold it."""

    name: str
    standing: Standing
    attributes: Mapping[str, Standing]
    parents: tuple[str, ...]


def rows() -> list[Row]:
    """Every element of BPMN, by name."""
    return [_row(name) for name in sorted(grammar().elements)]


def _row(name: str) -> Row:
    declared: dict[str, Attribute] = {}
    for kind in types(name):
        declared |= kind.attributes
    standing = standing_of(name)
    return Row(name, standing, {each: _attribute(name, each, standing) for each in sorted(declared)}, parents(name))


def standing_of(name: str) -> Standing:
    """What becomes of an element."""
    if name in TRANSLATED:
        return "translated"
    if name in EXECUTED:
        return "executed"
    return "drawn" if name in DRAWN else "refused"


def _attribute(element: str, name: str, standing: Standing) -> Standing:
    if standing in ("drawn", "refused"):
        return standing
    if name not in EXECUTED[element]:
        return "refused"
    is_shown = (name in SHOWN and (element, name) not in FINDING) or (element, name) in NEVER_TRUE
    return "drawn" if is_shown else "executed"


def types(name: str) -> list[Type]:
    """The types that an element can have: one, unless different parents give it different ones."""
    found = {each.children[name].type for each in grammar().types.values() if name in each.children}
    if name == "definitions":
        found.add("tDefinitions")
    return [grammar().types[each] for each in sorted(found) if each in grammar().types]


def parents(name: str) -> tuple[str, ...]:
    """The elements that may hold an element."""
    return tuple(each for each in sorted(grammar().elements) if any(name in kind.children for kind in types(each)))

"""The grammar of BPMN files, read from the XML schema of the specification (BPMN 2.0.2, annex B) that SpiffWorkflow carries.

The order of children is left out: tools differ in it and no meaning depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, TypeAlias

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = ("Semantic.xsd", "BPMN20.xsd")
Values: TypeAlias = Literal["boolean", "integer", "choice", "any"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an element; `choices` when its value is one of a few words."""

    required: bool
    values: Values
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Child:
    """An element in another one: its type, and how often it may and must be there. `most` is None without a limit."""

    type: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Type:
    """What an element of this type has. `children` by local name, members of substitution groups included."""

    attributes: Mapping[str, Attribute]
    children: Mapping[str, Child]


@dataclass(frozen=True, slots=True)
class Grammar:
    """All types by name; a type that is not there holds text alone. `elements`: every name that an element can have."""

    types: Mapping[str, Type]
    elements: frozenset[str]


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The grammar, read once."""
    folder = files("SpiffWorkflow.bpmn.parser").joinpath("schema")
    return _Reading([etree.fromstring(folder.joinpath(name).read_bytes()) for name in SCHEMAS]).grammar()


class _Reading:
    def __init__(self, schemas: list[etree._Element]) -> None:
        tops = [each for schema in schemas for each in schema.iterchildren(etree.Element)]
        self.complex = {each.get("name") or "": each for each in tops if each.tag == f"{XSD}complexType"}
        self.simple = {each.get("name") or "": each for each in tops if each.tag == f"{XSD}simpleType"}
        self.globals = {each.get("name") or "": each for each in tops if each.tag == f"{XSD}element"}
        self.members: dict[str, list[str]] = {}
        for name, element in self.globals.items():
            group = element.get("substitutionGroup")
            if group:
                self.members.setdefault(_local(group), []).append(name)

    def grammar(self) -> Grammar:
        types = {name: Type(self._attributes(name), self._children(name)) for name in self.complex}
        # In a process that runs every expression is a formal one, whether its file says so or not.
        types["tExpression"] = types["tFormalExpression"]
        names = {name for each in types.values() for name in each.children} | {"definitions"}
        return Grammar(types, frozenset(names))

    def _lineage(self, name: str) -> list[etree._Element]:
        """The type and those that it extends."""
        found = []
        while name in self.complex:
            found.append(self.complex[name])
            extended = self.complex[name].find(f".//{XSD}extension")
            name = _local(extended.get("base") or "") if extended is not None else ""
        return found

    def _attributes(self, name: str) -> dict[str, Attribute]:
        declared = [each for part in self._lineage(name) for each in part.iter(f"{XSD}attribute") if each.get("name")]
        return {each.get("name") or "": self._attribute(each) for each in declared}

    def _attribute(self, declared: etree._Element) -> Attribute:
        required, kind = declared.get("use") == "required", _local(declared.get("type") or "")
        if kind == "boolean":
            return Attribute(required, "boolean")
        if kind in ("integer", "int"):
            return Attribute(required, "integer")
        choices = self._choices(kind)
        return Attribute(required, "choice", choices) if choices else Attribute(required, "any")

    def _choices(self, kind: str) -> tuple[str, ...]:
        simple = self.simple.get(kind)
        if simple is None or simple.find(f".//{XSD}union") is not None:
            return ()
        return tuple(each.get("value") or "" for each in simple.iter(f"{XSD}enumeration"))

    def _children(self, name: str) -> dict[str, Child]:
        found: dict[str, Child] = {}
        for part in self._lineage(name):
            for declared in part.iter(f"{XSD}element"):
                least = 0 if _is_choice(declared) else int(declared.get("minOccurs") or 1)
                limit = declared.get("maxOccurs") or "1"
                most = None if limit == "unbounded" else int(limit)
                for child, kind in self._named(declared):
                    found[child] = Child(kind, least, most)
        return found

    def _named(self, declared: etree._Element) -> list[tuple[str, str]]:
        """The elements that a declaration stands for, each with its type."""
        own = declared.get("name")
        if own:
            return [(own, _local(declared.get("type") or ""))]
        pointer = declared.get("ref") or ""
        if ":" in pointer:  # the drawing, in a namespace of its own
            return []
        found, todo = [], [pointer]
        while todo:
            name = todo.pop()
            todo += self.members.get(name, [])
            kind = _local(self.globals[name].get("type") or "")
            if kind not in self.complex or self.complex[kind].get("abstract") != "true":
                found.append((name, kind))
        return found


def _is_choice(declared: etree._Element) -> bool:
    """Whether another child may stand in its place."""
    parent = declared.getparent()
    return parent is not None and parent.tag == f"{XSD}choice"


def _local(name: str) -> str:
    return name.rpartition(":")[2]

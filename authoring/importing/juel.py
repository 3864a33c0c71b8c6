"""The expressions of Camunda 7, Activiti and Flowable (`${…}`, JUEL: Jakarta Expression Language 2.2), parsed to a small tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from feel.text import Text, text

MAXIMUM_LENGTH = 4_000
MAXIMUM_TOKENS = 200
MAXIMUM_DEPTH = 40

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]])
    )""",
    re.VERBOSE | re.DOTALL,
)
WORDS: Mapping[str, str] = {
    "and": "&&",
    "or": "||",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "div": "/",
    "mod": "%",
    "not": "!",
    "empty": "empty",
}
BINDING: Mapping[str, int] = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
LITERALS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


class Untranslatable(Exception):
    """An expression has no equivalent in FEEL. `reason` says why, for the author."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, truth value or null."""

    value: str | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable or an object that the engine provides."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name`."""

    target: Node
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`target[key]`."""

    target: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Call:
    """`function(…)`, or `target.function(…)`."""

    target: Node | None
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `!` or `empty`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """An operation on two operands; words such as `and` are given as their sign."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


Node: TypeAlias = Literal | Name | Member | Index | Call | Unary | Binary | Choice


def parse(source: str) -> Node:
    """The tree of an expression, given without its `${ }`. Raises Untranslatable when it is not JUEL."""
    if len(source) > MAXIMUM_LENGTH:
        raise Untranslatable(text("L’expression est trop longue."))
    parser = _Parser(_tokens(source))
    tree = parser.choice()
    if parser.kind != "end":
        raise _unexpected(parser.value)
    return tree


def _tokens(source: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    while source[place:].strip():
        match = TOKEN.match(source, place)
        if match is None:
            raise _unexpected(source[place:].strip()[:20])
        kind = match.lastgroup or ""
        value = match[kind]
        before = found[-1][1] if found else ""
        if kind == "name" and value in WORDS and before != ".":
            kind, value = "sign", WORDS[value]
        found.append((kind, value))
        place = match.end()
        if len(found) > MAXIMUM_TOKENS:
            raise Untranslatable(text("L’expression est trop longue."))
    return [*found, ("end", "")]


def _unexpected(value: str) -> Untranslatable:
    if not value:
        return Untranslatable(text("L’expression est vide ou inachevée."))
    return Untranslatable(text("« %(value)s » n’est pas attendu à cet endroit de l’expression.", value=value[:60]))


class _Parser:
    """Precedence climbing; each level of nesting is counted."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.place][0]

    @property
    def value(self) -> str:
        return self.tokens[self.place][1]

    def at(self, sign: str) -> bool:
        return self.kind == "sign" and self.value == sign

    def take(self) -> str:
        value = self.value
        self.place += 1
        return value

    def expect(self, sign: str) -> None:
        if not self.at(sign):
            raise _unexpected(self.value)
        self.place += 1

    def choice(self) -> Node:
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            raise Untranslatable(text("L’expression est imbriquée trop profondément."))
        tree = self.binary(1)
        if self.at("?"):
            self.take()
            then = self.choice()
            self.expect(":")
            tree = Choice(tree, then, self.choice())
        self.depth -= 1
        return tree

    def binary(self, least: int) -> Node:
        left = self.unary()
        while self.kind == "sign" and BINDING.get(self.value, 0) >= least:
            operator = self.take()
            left = Binary(operator, left, self.binary(BINDING[operator] + 1))
        return left

    def unary(self) -> Node:
        operators: list[str] = []
        while self.kind == "sign" and self.value in ("-", "!", "empty"):
            operators.append(self.take())
        tree = self.postfix(self.primary())
        for operator in reversed(operators):
            tree = Unary(operator, tree)
        return tree

    def primary(self) -> Node:
        if self.kind == "number":
            return Literal(Decimal(self.take()))
        if self.kind == "string":
            return Literal(re.sub(r"\\(.)", r"\1", self.take()[1:-1], flags=re.DOTALL))
        if self.kind == "name":
            name = self.take()
            if name in LITERALS:
                return Literal(LITERALS[name])
            return Call(None, name, self.arguments()) if self.at("(") else Name(name)
        self.expect("(")
        tree = self.choice()
        self.expect(")")
        return tree

    def postfix(self, tree: Node) -> Node:
        while True:
            if self.at("."):
                self.take()
                if self.kind != "name":
                    raise _unexpected(self.value)
                name = self.take()
                tree = Call(tree, name, self.arguments()) if self.at("(") else Member(tree, name)
            elif self.at("["):
                self.take()
                tree = Index(tree, self.choice())
                self.expect("]")
            else:
                return tree

    def arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        found: list[Node] = []
        while not self.at(")"):
            if found:
                self.expect(",")
            found.append(self.choice())
        self.expect(")")
        return tuple(found)

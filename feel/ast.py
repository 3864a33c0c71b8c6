"""The syntax tree of FEEL. Every node knows where a message about it points; chains of one operator are one node.

A node is equal to itself alone: what is found out about one is kept by it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A piece of an expression; `position` counts characters from 0."""

    position: int


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    """A number, string, boolean or null."""

    value: object


@dataclass(frozen=True, slots=True, eq=False)
class AtLiteral(Node):
    """`@"2019-06-13"`: `text` is a date, a time, a date and time or a duration."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    """A variable, entry, parameter or function by its name; `?` is the value under test."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Negative(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class Sum(Node):
    """`first + term - term …` from left to right: `rest` pairs each sign with its term."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Product(Node):
    """`first * factor / factor …` from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Power(Node):
    """`base ** exponent …` from left to right."""

    first: Node
    rest: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class And(Node):
    """`operand and operand …`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Or(Node):
    """`operand or operand …`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Node):
    """`left operator right` with one of `= != < <= > >=`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Between(Node):
    """`value between low and high`."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True, eq=False)
class In(Node):
    """`value in test` or `value in (test, test …)`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True, eq=False)
class Interval(Node):
    """`[start..end]` with its brackets."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True, eq=False)
class OperatorTest(Node):
    """`< operand` as a unary test, or in parentheses as a range."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class TestList(Node):
    """`(test, test …)` after `in`."""

    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UnaryTests(Node):
    """A cell of a decision table: `tests` is None for `-`, `negated` for `not(…)`."""

    tests: tuple[Node, ...] | None
    negated: bool


@dataclass(frozen=True, slots=True, eq=False)
class ListLiteral(Node):
    """`[item, item …]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ContextLiteral(Node):
    """`{key: value …}`."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Path(Node):
    """`source.name`."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Filter(Node):
    """`source[condition]`, or an index."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """`function(argument …)`; `names` is None when the arguments go by position."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    """`if condition then chosen else otherwise`."""

    condition: Node
    chosen: Node
    otherwise: Node


@dataclass(frozen=True, slots=True, eq=False)
class Span(Node):
    """`start..end` as the domain of an iteration."""

    start: Node
    end: Node


@dataclass(frozen=True, slots=True, eq=False)
class For(Node):
    """`for name in domain … return body`."""

    iterations: tuple[tuple[str, Node], ...]
    body: Node


@dataclass(frozen=True, slots=True, eq=False)
class Quantified(Node):
    """`some` or `every name in domain … satisfies condition`."""

    quantifier: str
    iterations: tuple[tuple[str, Node], ...]
    condition: Node


@dataclass(frozen=True, slots=True, eq=False)
class FunctionLiteral(Node):
    """`function(name: type …) body`."""

    params: tuple[tuple[str, TypeName | None], ...]
    body: Node
    external: bool


@dataclass(frozen=True, slots=True, eq=False)
class TypeName(Node):
    """A type: its name, then `list<item>`, `range<item>`, `context<field: type>` or `function<param …> -> result`."""

    name: str
    item: TypeName | None = None
    fields: tuple[tuple[str, TypeName], ...] | None = None
    params: tuple[TypeName, ...] | None = None
    result: TypeName | None = None

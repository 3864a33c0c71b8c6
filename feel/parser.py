"""Parser of FEEL by operator precedence (DMN 1.5, 10.3.1.2). It never goes back: each token is read once.

Two places need a look at what follows. After `in (` comes one test, several or an expression, which the token after it
tells. `not(…)` at the start of unary tests negates them when nothing follows and is a call of the function otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from feel import ast
from feel.cursor import STOP_WORDS
from feel.lexer import Token
from feel.operands import COMPARISONS, Operands, Power
from feel.text import text as message

MAX_CHAIN = 180
"""Operators of different kinds that may follow each other on one level, such as the steps of a path."""


AnyNode = TypeVar("AnyNode", bound=ast.Node)


class Parser(Operands):
    """Reads one text into a syntax tree."""

    def parse_expression(self) -> ast.Node:
        """The whole text as an expression; FeelSyntaxError when it is none."""
        node = self.expression()
        return self._ended(node)

    def parse_unary_tests(self) -> ast.UnaryTests:
        """The whole text as the unary tests of an input (grammar rules 15 to 17); FeelSyntaxError when it is none."""
        if self.at("-") and self.tokens[self.index + 1].kind == "end":
            return ast.UnaryTests(self.token.start, None, negated=False)
        if not (self.at("not") and self.tokens[self.index + 1].text == "("):
            return self._ended(ast.UnaryTests(0, self.tests(self.test()), negated=False))
        return self._ended(self._negated_or_called())

    def _ended(self, node: AnyNode) -> AnyNode:
        if self.token.kind != "end":
            self.unexpected()
        return node

    def _negated_or_called(self) -> ast.UnaryTests:
        word = self.take("not")
        self.take("(")
        inside = () if self.at(")") else self.tests(self.test())
        self.take(")")
        if self.token.kind == "end" and inside:
            return ast.UnaryTests(word.start, inside, negated=True)
        if any(isinstance(test, ast.OperatorTest) for test in inside):
            self.unexpected()
        call = ast.Call(word.start, ast.Name(word.start, "not"), inside, None)
        return ast.UnaryTests(word.start, self.tests(self.infix(call, Power.NONE)), negated=False)

    def tests(self, first: ast.Node) -> tuple[ast.Node, ...]:
        """The first test and those that follow it."""
        found = [first]
        while self.skip(","):
            found.append(self.test())
        return tuple(found)

    def test(self) -> ast.Node:
        """One positive unary test."""
        if not self.at(*COMPARISONS):
            return self.expression()
        operator = self.take(self.token.text)
        return ast.OperatorTest(operator.start, operator.text, self.expression(Power.COMPARISON))

    # -------------------------------------------------------------------------------------------- precedence
    def expression(self, floor: Power = Power.NONE) -> ast.Node:
        """An expression whose operators bind more strongly than `floor`."""
        self.deepen()
        node = self.infix(self.prefix(), floor)
        self.nesting -= 1
        return node

    def infix(self, left: ast.Node, floor: Power) -> ast.Node:
        """What the operators after an operand make of it."""
        length = 0
        while True:
            power, build = _INFIX.get(self.token.text, _NO_OPERATOR)
            if power <= floor or (self.token.text == "[" and not self._starts_filter()):
                return left
            left = build(self, left)
            length += 1
            if length > MAX_CHAIN:
                self.fail(message("l’enchaînement est trop long"))

    def _starts_filter(self) -> bool:
        """`[` after an operand filters it, unless it ends a range, as in `[1..10[`."""
        token = self.tokens[self.index + 1]
        if token.kind == "name":
            return token.text not in STOP_WORDS
        return token.kind in ("number", "string") or token.text in ("(", "-", "[", "@", "{")

    def _chain(self, *operators: str, floor: Power) -> list[tuple[Token, ast.Node]]:
        found = []
        while self.at(*operators):
            operator = self.take(self.token.text)
            found.append((operator, self.expression(floor)))
        return found

    def sum(self, left: ast.Node) -> ast.Node:
        """`left + …`."""
        position = self.token.start
        rest = self._chain("+", "-", floor=Power.SUM)
        return ast.Sum(position, left, tuple((operator.text, node) for operator, node in rest))

    def product(self, left: ast.Node) -> ast.Node:
        """`left * …`."""
        position = self.token.start
        rest = self._chain("*", "/", floor=Power.PRODUCT)
        return ast.Product(position, left, tuple((operator.text, node) for operator, node in rest))

    def power(self, left: ast.Node) -> ast.Node:
        """`left ** …`."""
        position = self.token.start
        return ast.Power(position, left, tuple(node for _, node in self._chain("**", floor=Power.POWER)))

    def conjunction(self, left: ast.Node) -> ast.Node:
        """`left and …`."""
        position = self.token.start
        return ast.And(position, (left, *(node for _, node in self._chain("and", floor=Power.AND))))

    def disjunction(self, left: ast.Node) -> ast.Node:
        """`left or …`."""
        position = self.token.start
        return ast.Or(position, (left, *(node for _, node in self._chain("or", floor=Power.OR))))

    def comparison(self, left: ast.Node) -> ast.Node:
        """`left = right` and the like."""
        operator = self.take(self.token.text)
        return ast.Comparison(operator.start, operator.text, left, self.expression(Power.COMPARISON))

    def between(self, value: ast.Node) -> ast.Node:
        """`value between low and high`."""
        position = self.take("between").start
        low = self.expression(Power.COMPARISON)
        self.take("and")
        return ast.Between(position, value, low, self.expression(Power.COMPARISON))

    def membership(self, value: ast.Node) -> ast.Node:
        """`value in test` or `value in (test, …)`."""
        position = self.take("in").start
        if not self.at("("):
            test = self.test() if self.at(*COMPARISONS) else self.expression(Power.COMPARISON)
            return ast.In(position, value, (test,))
        tests = self.parenthesis(tests_allowed=True)
        if isinstance(tests, ast.TestList):
            return ast.In(position, value, tests.tests)
        return ast.In(position, value, (self.infix(tests, Power.COMPARISON),))

    def instance(self, value: ast.Node) -> ast.Node:
        """`value instance of type`."""
        position = self.take("instance").start
        self.take("of")
        return ast.InstanceOf(position, value, self.type_name())

    # -------------------------------------------------------------------------------------------- postfix
    def path(self, source: ast.Node) -> ast.Node:
        """`source.name`."""
        self.take(".")
        position = self.token.start
        members = self.types.members_of(source)
        tables = (self.key_names, self.scope.members) if members is None else (members,)
        return ast.Path(position, source, self.name(*tables))

    def filter(self, source: ast.Node) -> ast.Node:
        """`source[condition]`: the members of an element are names inside, its type tells which."""
        position = self.take("[").start
        self.enter_item(self.types.item_of(source))
        condition = self.expression()
        self.leave_item()
        self.take("]")
        return ast.Filter(position, source, condition)

    def call(self, function: ast.Node) -> ast.Node:
        """`function(argument, …)`, by position or by name."""
        position = self.take("(").start
        if self.skip(")"):
            return ast.Call(position, function, (), None)
        named = self._names_arguments()
        names, arguments = [], []
        while True:
            if named:
                names.append(self.declaration(":"))
                self.take(":")
            arguments.append(self.expression())
            if not self.skip(","):
                break
        self.take(")")
        return ast.Call(position, function, tuple(arguments), tuple(names) if named else None)

    def _names_arguments(self) -> bool:
        index = self.index
        if self.token.kind != "name":
            return False
        while self.tokens[index].kind in ("name", "number") or self.tokens[index].text in _NAMED_ARGUMENT:
            index += 1
        return self.tokens[index].text == ":"


def _never(parser: Parser, left: ast.Node) -> ast.Node:  # noqa: ARG001  its power keeps it from being called
    return left


_NAMED_ARGUMENT = frozenset("+-*/'")
_NO_OPERATOR: tuple[Power, Callable[[Parser, ast.Node], ast.Node]] = (Power.NONE, _never)

_INFIX: dict[str, tuple[Power, Callable[[Parser, ast.Node], ast.Node]]] = {
    "or": (Power.OR, Parser.disjunction),
    "and": (Power.AND, Parser.conjunction),
    "between": (Power.COMPARISON, Parser.between),
    "in": (Power.COMPARISON, Parser.membership),
    **dict.fromkeys(COMPARISONS, (Power.COMPARISON, Parser.comparison)),
    "+": (Power.SUM, Parser.sum),
    "-": (Power.SUM, Parser.sum),
    "*": (Power.PRODUCT, Parser.product),
    "/": (Power.PRODUCT, Parser.product),
    "**": (Power.POWER, Parser.power),
    "instance": (Power.INSTANCE, Parser.instance),
    "[": (Power.POSTFIX, Parser.filter),
    ".": (Power.POSTFIX, Parser.path),
    "(": (Power.POSTFIX, Parser.call),
}

"""Parser of what expressions start with: literals, brackets, and the constructs that a keyword opens (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from enum import IntEnum

from feel import ast
from feel.cursor import EMPTY, STOP_WORDS
from feel.text import text as message
from feel.type_parser import TypeParser

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class Power(IntEnum):
    """How strongly an operator binds."""

    NONE = 0
    OR = 1
    AND = 2
    COMPARISON = 3
    SUM = 4
    PRODUCT = 5
    POWER = 6
    INSTANCE = 7
    POSTFIX = 8


class Operands(TypeParser):
    """Reads operands; how operators join them is for its subclass to say."""

    @abstractmethod
    def expression(self, floor: Power = Power.NONE) -> ast.Node:
        """An expression whose operators bind more strongly than `floor`."""

    @abstractmethod
    def test(self) -> ast.Node:
        """One positive unary test."""

    @abstractmethod
    def tests(self, first: ast.Node) -> tuple[ast.Node, ...]:
        """The first test and those that follow it."""

    def prefix(self) -> ast.Node:
        """What an expression starts with."""
        token = self.token
        if token.kind in ("number", "string"):
            self.index += 1
            return ast.Literal(token.start, token.value)
        known = self.known_name()
        if known:
            self.index += known[0]
            return ast.Name(token.start, known[1])
        build = _PREFIX.get(token.text)
        if build and not (token.text == "function" and self.tokens[self.index + 1].text != "("):
            return build(self)
        if token.kind != "name" or token.text in STOP_WORDS:
            self.unexpected()
        return ast.Name(token.start, self.name(EMPTY))

    def literal(self) -> ast.Node:
        """`true`, `false` or `null`."""
        token = self.take(self.token.text)
        return ast.Literal(token.start, _LITERALS[token.text])

    def negative(self) -> ast.Node:
        """`-operand`: it binds more strongly than `**`."""
        position = self.take("-").start
        return ast.Negative(position, self.expression(Power.POWER))

    def at_literal(self) -> ast.Node:
        """`@"…"`."""
        position = self.take("@").start
        token = self.token
        if token.kind != "string":
            self.fail(message("un texte entre guillemets est attendu ici"))
        self.index += 1
        return ast.AtLiteral(position, str(token.value))

    def grouped(self) -> ast.Node:
        """`(expression)` or a range that starts with a parenthesis."""
        return self.parenthesis(tests_allowed=False)

    def parenthesis(self, *, tests_allowed: bool) -> ast.Node:
        """`(expression)`, `(1..5]`, `(> 5)` or, after `in`, `(test, …)`."""
        position = self.take("(").start
        compares, first = self.at(*COMPARISONS), self.test()
        if self.at("..") and not compares:
            return self.interval(position, first, start_included=False)
        if tests_allowed and self.at(","):
            first = ast.TestList(position, self.tests(first))
        self.take(")")
        return first

    def bracket(self) -> ast.Node:
        """`[item, …]` or a range that includes its start."""
        position = self.take("[").start
        if self.skip("]"):
            return ast.ListLiteral(position, ())
        compares, first = self.at(*COMPARISONS), self.test()
        if self.at("..") and not compares:
            return self.interval(position, first, start_included=True)
        items = self.tests(first)
        self.take("]")
        return ast.ListLiteral(position, items)

    def open_bracket(self) -> ast.Node:
        """`]start..end]`: a range that excludes its start."""
        position = self.take("]").start
        return self.interval(position, self.expression(Power.COMPARISON), start_included=False)

    def interval(self, position: int, start: ast.Node, *, start_included: bool) -> ast.Node:
        """The rest of a range after its start."""
        self.take("..")
        end = self.expression(Power.COMPARISON)
        if not self.at("]", ")", "["):
            self.fail(message("la fin de l’intervalle est attendue ici"))
        closed = self.take(self.token.text).text == "]"
        return ast.Interval(position, start, end, start_included=start_included, end_included=closed)

    def context(self) -> ast.Node:
        """`{key: value, …}`: a key is in scope in what follows it."""
        position = self.take("{").start
        entries: list[tuple[str, ast.Node]] = []
        while not self.skip("}"):
            if entries:
                self.take(",")
            key = self._key()
            self.take(":")
            value = self.expression()
            entries.append((key, value))
            self.declare(key, self.types.of(value))
            self.key_names.add(key)
        self.forget(*(key for key, _ in entries))
        return ast.ContextLiteral(position, tuple(entries))

    def _key(self) -> str:
        if self.token.kind != "string":
            return self.declaration(":")
        key = str(self.token.value)
        self.index += 1
        return key

    # -------------------------------------------------------------------------------------------- keywords
    def conditional(self) -> ast.Node:
        """`if … then … else …`."""
        position = self.take("if").start
        condition = self.expression()
        self.take("then")
        chosen = self.expression()
        self.take("else")
        return ast.If(position, condition, chosen, self.expression())

    def loop(self) -> ast.Node:
        """`for … return …`."""
        position = self.take("for").start
        iterations = [self._iteration()]
        while self.skip(","):
            iterations.append(self._iteration())
        self.take("return")
        body = self.expression()
        self.forget(*(name for name, _ in iterations))
        return ast.For(position, tuple(iterations), body)

    def quantified(self) -> ast.Node:
        """`some … satisfies …` and `every … satisfies …`; the comma between iterations may be missing."""
        word = self.take(self.token.text)
        iterations = [self._iteration()]
        while self.skip(",") or not self.at("satisfies"):
            iterations.append(self._iteration())
        self.take("satisfies")
        condition = self.expression()
        self.forget(*(name for name, _ in iterations))
        return ast.Quantified(word.start, word.text, tuple(iterations), condition)

    def _iteration(self) -> tuple[str, ast.Node]:
        name = self.declaration("in")
        self.take("in")
        domain = self.expression(Power.COMPARISON)
        if self.at(".."):
            position = self.take("..").start
            domain = ast.Span(position, domain, self.expression(Power.COMPARISON))
        self.declare(name, self.types.item_of(domain))
        return name, domain

    def function(self) -> ast.Node:
        """`function(name: type, …) body`."""
        position = self.take("function").start
        self.take("(")
        params: list[tuple[str, ast.TypeName | None]] = []
        while not self.skip(")"):
            if params:
                self.take(",")
            name = self._parameter()
            params.append((name, self.type_name() if self.skip(":") else None))
        for name, _ in params:
            self.declare(name)
        external = self.skip("external")
        body = self.expression()
        self.forget(*(name for name, _ in params))
        return ast.FunctionLiteral(position, tuple(params), body, external=external)

    def _parameter(self) -> str:
        start = self.index
        if self.token.kind != "name":
            self.fail(message("un nom de paramètre est attendu ici"))
        while not self.at(":", ",", ")"):
            if self.token.kind in ("end", "string"):
                self.fail(message("un nom de paramètre est attendu ici"))
            self.index += 1
        return self.spelled(start)


_PREFIX: dict[str, Callable[[Operands], ast.Node]] = {
    "true": Operands.literal,
    "false": Operands.literal,
    "null": Operands.literal,
    "-": Operands.negative,
    "@": Operands.at_literal,
    "(": Operands.grouped,
    "[": Operands.bracket,
    "]": Operands.open_bracket,
    "{": Operands.context,
    "if": Operands.conditional,
    "for": Operands.loop,
    "some": Operands.quantified,
    "every": Operands.quantified,
    "function": Operands.function,
}

"""Parser of type names, the part of the grammar after `instance of` and in parameters (DMN 1.5, rules 59 and 60)."""

from __future__ import annotations

from collections.abc import Callable

from feel import ast
from feel.cursor import Cursor
from feel.names import Names
from feel.text import text as message

_TYPE_NAMES = Names(("date and time", "years and months duration", "days and time duration"))


class TypeParser(Cursor):
    """Reads types, and counts the levels of whatever is being read."""

    nesting = 0

    def deepen(self) -> None:
        """One level more; too many are refused."""
        self.nesting += 1
        if self.nesting > self.limits.nesting:
            self.fail(message("l’expression est trop imbriquée"))

    def type_name(self) -> ast.TypeName:
        """A type, such as `list<number>`."""
        self.deepen()
        token = self.token
        if token.kind != "name":
            self.fail(message("un type est attendu ici"))
        refined = _REFINED.get(token.text) if self.tokens[self.index + 1].text == "<" else None
        node = refined(self) if refined else self._simple_type()
        self.nesting -= 1
        return node

    def _simple_type(self) -> ast.TypeName:
        position = self.token.start
        name = self.name(_TYPE_NAMES, self.scope.type_names)
        while self.skip("."):
            name += "." + self.name(_TYPE_NAMES)
        return ast.TypeName(position, name)

    def _item_type(self) -> ast.TypeName:
        token = self.take(self.token.text)
        self.take("<")
        item = self.type_name()
        self.take(">")
        return ast.TypeName(token.start, token.text, item=item)

    def _context_type(self) -> ast.TypeName:
        position = self.take("context").start
        self.take("<")
        fields: list[tuple[str, ast.TypeName]] = []
        while not fields or self.skip(","):
            name = self.declaration(":")
            self.take(":")
            fields.append((name, self.type_name()))
        self.take(">")
        return ast.TypeName(position, "context", fields=tuple(fields))

    def _function_type(self) -> ast.TypeName:
        position = self.take("function").start
        self.take("<")
        params: list[ast.TypeName] = []
        while not self.at(">") and (not params or self.skip(",")):
            params.append(self.type_name())
        self.take(">")
        result = self.type_name() if self.skip("->") else None
        return ast.TypeName(position, "function", params=tuple(params), result=result)


_REFINED: dict[str, Callable[[TypeParser], ast.TypeName]] = {
    "list": TypeParser._item_type,
    "range": TypeParser._item_type,
    "context": TypeParser._context_type,
    "function": TypeParser._function_type,
}

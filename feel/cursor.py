"""Where the parser stands in its tokens, and what the names around it mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from feel.errors import FeelSyntaxError
from feel.inference import StaticTypes, members
from feel.lexer import Token, tokenize
from feel.limits import DEFAULT, Limits
from feel.names import Entry, Names
from feel.text import Text
from feel.text import text as message
from feel.types import Type

STOP_WORDS = frozenset({"then", "else", "in", "return", "satisfies", "and", "or", "between", "instance"})
"""Words that end a name of several words, and that no expression starts with."""

EMPTY = Names()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a text may refer to: names of several tokens, types of variables, names of members whose type is unknown.

    `filtering` says that the text is the condition of a filter, `type_names` are the types that a model defines.
    """

    names: Names = EMPTY
    builtins: Names = EMPTY
    types: Mapping[str, Type | None] = field(default_factory=dict)
    members: Names = EMPTY
    filtering: bool = False
    type_names: Names = EMPTY


class Cursor:
    """Reads tokens one by one and joins words into names: the longest in scope, else all adjacent words."""

    def __init__(self, text: str, scope: Scope, limits: Limits = DEFAULT) -> None:
        self.text = text
        self.limits = limits
        self.scope = scope
        self.tokens = tokenize(text, limits)
        self.index = 0
        self.local_names = Names()
        self.key_names = Names()
        """Keys of the contexts that this text writes: members of values whose type does not show."""
        self.filtering = int(scope.filtering)
        """How many filters are open."""
        self.item_names: list[Names] = []
        """The members of their items, as far as types tell."""
        self.types = StaticTypes(scope.types)

    # -------------------------------------------------------------------------------------------- tokens
    @property
    def token(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.index]

    def fail(self, reason: Text) -> NoReturn:
        """Refuse the text at the next token."""
        raise FeelSyntaxError(reason, self.token.start, self.text)

    def unexpected(self) -> NoReturn:
        """Refuse the next token."""
        if self.token.kind == "end":
            self.fail(message("l’expression se termine trop tôt"))
        self.fail(message("« %(token)s » n’est pas attendu ici", token=self.token.text[:40]))

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these operators or words."""
        return self.token.text in texts

    def skip(self, text: str) -> bool:
        """Read the next token if it is this operator or word."""
        if self.token.text != text:
            return False
        self.index += 1
        return True

    def take(self, text: str) -> Token:
        """Read the next token, which must be this operator or word."""
        token = self.token
        if token.text != text:
            self.fail(message("« %(expected)s » est attendu ici", expected=text))
        self.index += 1
        return token

    # -------------------------------------------------------------------------------------------- scopes
    def declare(self, name: str, type_: Type | None = None) -> None:
        """A variable comes into scope."""
        self.local_names.add(name)
        self.types.declare(name, type_)

    def forget(self, *names: str) -> None:
        """Variables leave the scope."""
        for name in names:
            self.local_names.remove(name)
            self.types.forget(name)

    def enter_item(self, type_: Type | None) -> None:
        """A filter opens over items of the type, which may be unknown."""
        self.types.enter_item(type_)
        self.filtering += 1
        self.item_names.append(members(type_) if type_ is not None and type_.fields else EMPTY)

    def leave_item(self) -> None:
        """The innermost filter ends."""
        self.types.leave_item()
        self.filtering -= 1
        self.item_names.pop()

    # -------------------------------------------------------------------------------------------- names
    def known_name(self) -> Entry | None:
        """The longest name of several tokens in scope that stands here."""
        tables = [self.local_names, *self.item_names, self.scope.names, self.scope.builtins]
        if self.filtering:
            tables += (self.key_names, self.scope.members)
        return self.longest_of(*tables)

    def longest_of(self, *tables: Names) -> Entry | None:
        """The longest name of the tables that stands here."""
        found = [entry for table in tables if (entry := table.longest(self.tokens, self.index))]
        return max(found, default=None)

    def name(self, *tables: Names) -> str:
        """A name: the longest of the tables, else all adjacent words and whole numbers."""
        known = self.longest_of(*tables)
        if known:
            self.index += known[0]
            return known[1]
        if self.token.kind != "name":
            self.fail(message("un nom est attendu ici"))
        words = [self.token.text]
        self.index += 1
        while words != ["?"] and self._continues_name():
            words.append(self.token.text)
            self.index += 1
        return " ".join(words)

    def _continues_name(self) -> bool:
        token = self.token
        if token.kind == "name":
            return token.text not in STOP_WORDS and token.text != "?"
        return token.kind == "number" and token.text.isdigit()

    def declaration(self, *ends: str) -> str:
        """A name being declared: the text up to one of the ends, white space made single."""
        start = self.index
        if self.token.kind != "name":
            self.fail(message("un nom est attendu ici"))
        while not self.at(*ends):
            if self.token.kind in ("end", "string") or self.at("(", ")", "[", "]", "{", "}", ","):
                self.fail(message("un nom est attendu ici"))
            self.index += 1
        return self.spelled(start)

    def spelled(self, start: int) -> str:
        """The name that the tokens from `start` to here spell."""
        if start == self.index:
            self.fail(message("un nom est attendu ici"))
        return " ".join(self.text[self.tokens[start].start : self.tokens[self.index - 1].end].split())

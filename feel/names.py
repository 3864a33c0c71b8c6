"""Which names are in scope while parsing. Only names of several tokens need remembering: words read themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from feel.lexer import Token, words

Entry = tuple[int, str]
"""How many tokens spell a name, and the name."""


class _Node:
    """A step in the tree of spellings: what may follow, and the names that end here, the last declared last."""

    __slots__ = ("following", "names")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.names: list[str] = []


class Names:
    """Names of several tokens (`date of birth`, `order-total`) as a tree: a look takes as long as the name found."""

    __slots__ = ("_root",)

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._root = _Node()
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Remember a name, if it needs it."""
        node = self._node(name)
        if node:
            node.names.append(name)

    def remove(self, name: str) -> None:
        """Forget one `add` of the name."""
        node = self._node(name)
        if node:
            node.names.remove(name)

    def _node(self, name: str) -> _Node | None:
        spelling = words(name)
        if len(spelling) < 2:
            return None
        node = self._root
        for word in spelling:
            node = node.following.setdefault(word, _Node())
        return node

    def longest(self, tokens: Sequence[Token], start: int) -> Entry | None:
        """The longest name that the tokens spell from `start`."""
        node, found, index = self._root.following.get(tokens[start].text), None, start
        while node is not None and tokens[index].kind != "string":
            index += 1
            if node.names:
                found = (index - start, node.names[-1])
            node = node.following.get(tokens[index].text) if index < len(tokens) else None
        return found


@lru_cache(512)
def names_of(names: frozenset[str]) -> Names:
    """A table that is only read, made once for each set of names."""
    return Names(names)

"""The variables in scope where a boxed expression is compiled. One table grows and shrinks, so that long models stay cheap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from feel.names import Names
from feel.types import Type


class Scope:
    """Names in scope with the types of those that have one, as the table that the parser reads too."""

    def __init__(self, variables: Mapping[str, Type | None]) -> None:
        self.types: dict[str, Type | None] = dict(variables)
        self.spellings = Names(self.types)
        self.open_filters = 0
        """Filters around whose items are of unknown type: a name may be a member of the item."""
        self._hidden: list[tuple[str, bool, Type | None]] = []

    def declare(self, name: str, type_: Type | None = None) -> None:
        """A variable comes into scope, until the `inner` scope around ends."""
        known = name in self.types
        self._hidden.append((name, known, self.types.get(name)))
        self.types[name] = type_
        if not known:
            self.spellings.add(name)

    @contextmanager
    def inner(self, variables: Mapping[str, Type | None] | None = None, *, filters: bool = False) -> Iterator[None]:
        """A scope in this one: what is declared in it is forgotten where it ends."""
        before = len(self._hidden)
        self.open_filters += filters
        for name, type_ in (variables or {}).items():
            self.declare(name, type_)
        try:
            yield
        finally:
            self.open_filters -= filters
            while len(self._hidden) > before:
                self._forget(*self._hidden.pop())

    def _forget(self, name: str, known: bool, type_: Type | None) -> None:  # noqa: FBT001  what `declare` kept
        if known:
            self.types[name] = type_
        else:
            del self.types[name]
            self.spellings.remove(name)

"""Where the compiler is: the variables around an expression, resolved now so that running it needs no search.

While an expression runs, its surroundings are a linked pair `(value, outer)` for each scope, and at the end the mapping
of the variables that the caller gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from feel.errors import FeelSyntaxError
from feel.limits import DEFAULT, NODES_IN_A_STEP, Limits, Origin, note, spend
from feel.text import text
from feel.types import Type
from feel.values import Function

Env = Any
"""`(value, Env)` or the mapping of the given variables; too dynamic for more to be said in types."""

Run = Callable[..., object]
"""A closure from the surroundings to a value."""


ITEMS_COPIED_IN_A_STEP = 10
"""A list is copied faster than its items are calculated, but the copies take memory."""


class _NotConstant:
    """Marks code whose value is not known before it runs."""


NOT_CONSTANT = _NotConstant()


class Code(NamedTuple):
    """A compiled expression; `constant` is its value when that is known already."""

    run: Run
    constant: object = NOT_CONSTANT

    @property
    def is_constant(self) -> bool:
        """Whether the value is known already."""
        return self.constant is not NOT_CONSTANT


def constant(value: object) -> Code:
    """Code that gives a known value."""
    return Code(lambda _env: value, value)


class TypeFinder(Protocol):
    """Finds the types that a model defines."""

    def __call__(self, name: str, /) -> Type | None: ...


def no_types(name: str, /) -> Type | None:  # noqa: ARG001  the shape of a TypeFinder
    """There is no model."""
    return None


@dataclass(frozen=True, slots=True)
class Variable:
    """A scope of one name: an iteration's variable, `?`."""

    name: str
    grows: bool = False
    """Whether its list still grows, as the results of a loop: who keeps it takes a copy."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A scope of several names held in a context: entries of a context literal, parameters. Entries come one by one."""

    names: set[str]


@dataclass(frozen=True, slots=True)
class Item:
    """The scope of a filter: `item`, and its members when it is a context. Only running tells which it has."""


class Scopes:
    """The scopes around the expression being compiled, the free names found so far, and where messages point."""

    def __init__(
        self,
        *,
        builtins: Mapping[str, Function],
        source: str = "",
        element: str = "",
        find_type: TypeFinder = no_types,
        limits: Limits = DEFAULT,
    ) -> None:
        """`builtins` leaves out the ones that a variable hides."""
        self.builtins = builtins
        self.source = source
        self.element = element
        self.find_type = find_type
        self.limits = limits
        self.stack: list[Variable | Entries | Item] = []
        self.free: set[str] = set()
        self.required: set[str] = set()
        """The free names that no item of a filter may have as a member."""
        self.depth = 0
        self.nodes = 0
        """Nodes of the syntax tree compiled so far: what is repeated is charged by its size."""
        self.tested = False
        """Whether the value under test, `?`, was read."""
        self.external = False
        """Whether an external function was met."""

    def origin(self, position: int) -> Origin:
        """Where a message about the character points."""
        return Origin(self.source, position, self.element)

    def deepen(self) -> None:
        """One level more of the syntax tree."""
        self.depth += 1
        self.nodes += 1
        if self.depth > self.limits.nesting * 4:
            raise FeelSyntaxError(text("l’expression est trop imbriquée"), 0, self.source)

    def steps_since(self, nodes: int) -> int:
        """What one run of the code costs that was compiled since there were so many `nodes`."""
        return 1 + (self.nodes - nodes) // NODES_IN_A_STEP

    def binds(self, name: str) -> bool:
        """Whether a scope inside the expression certainly has the name."""
        return any(not isinstance(scope, Item) and _binds(scope, name) for scope in self.stack)

    def resolve(self, name: str, position: int, *, kept: bool = True) -> Code:
        """The code that reads a name; what it finds not at all is a free name of the expression.

        A list that still grows is copied, unless its reader says that it is not kept.
        """
        asked: list[Run] = []
        for distance, scope in enumerate(reversed(self.stack)):
            if isinstance(scope, Item):
                if name == "item":
                    return Code(_read_item(distance))
                asked.append(level(distance))
            elif _binds(scope, name):
                if name == "?":
                    self.tested = True
                read = level(distance) if isinstance(scope, Variable) else _read_entry(distance, name)
                if kept and isinstance(scope, Variable) and scope.grows:
                    read = _copied(read)
                return Code(_ask(asked, name, read))
        if name in self.builtins:
            builtin = self.builtins[name]
            return Code(_ask(asked, name, constant(builtin).run)) if asked else constant(builtin)
        self.free.add(name)
        if not asked:
            self.required.add(name)
        return Code(_ask(asked, name, self._read_free(name, position)))

    def _read_free(self, name: str, position: int) -> Run:
        depth, origin = len(self.stack), self.origin(position)

        def read_given(env: Env) -> object:
            if name in env:
                return env[name]
            note(text("la variable « %(name)s » n’existe pas ici", name=name), origin)
            return None

        if depth == 0:
            return read_given

        def read(env: Env) -> object:
            while type(env) is tuple:
                env = env[1]
            return read_given(env)

        return read


def _binds(scope: Variable | Entries, name: str) -> bool:
    return scope.name == name if isinstance(scope, Variable) else name in scope.names


def level(distance: int) -> Run:
    """Reads the value of the scope so many levels out."""
    if distance == 0:
        return lambda env: env[0]
    if distance == 1:
        return lambda env: env[1][0]

    def read(env: Env) -> object:
        for _ in range(distance):
            env = env[1]
        return env[0]

    return read


def _copied(read: Run) -> Run:
    def copied(env: Env) -> object:
        items: list[object] = read(env)  # type: ignore[assignment]  # what grows is a list
        spend(len(items) // ITEMS_COPIED_IN_A_STEP)
        return items.copy()

    return copied


def _read_entry(distance: int, name: str) -> Run:
    read_level = level(distance)
    return lambda env: read_level(env).get(name)  # type: ignore[attr-defined]  # a context: the scope is of entries


def _read_item(distance: int) -> Run:
    read_level = level(distance)

    def read(env: Env) -> object:
        item = read_level(env)
        return item["item"] if type(item) is dict and "item" in item else item

    return read


def _ask(items: list[Run], name: str, otherwise: Run) -> Run:
    """Reads a name off the items of the filters around, the innermost first, else elsewhere."""
    for read_item in reversed(items):
        otherwise = _ask_one(read_item, name, otherwise)
    return otherwise


def _ask_one(read_item: Run, name: str, otherwise: Run) -> Run:
    def read(env: Env) -> object:
        item = read_item(env)
        return item[name] if type(item) is dict and name in item else otherwise(env)

    return read

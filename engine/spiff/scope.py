"""Variables: one scope per process instance, a local layer per loop iteration, and what values may enter them.

A result is applied as a delta: only the keys that it sets. Reads of an iteration fall through to the scopes around it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from decimal import Decimal
from typing import TypeAlias

from engine.spiff.failures import Unstorable
from feel.temporal import Date, DateTime, DaysTime, Time, YearsMonths
from feel.text import text

Scope: TypeAlias = MutableMapping[str, object]

MAXIMUM_WEIGHT = 8_000_000
"""Roughly bytes: what one act or step may put into the variables."""
MAXIMUM_DEPTH = 100
PLAIN = (bool, int, float, type(None), Date, DateTime, Time, DaysTime, YearsMonths)


def layer(scope: Scope, own: Mapping[str, object]) -> Scope:
    """A local scope over another one: writes stay in it, reads fall through."""
    maps = scope.maps if isinstance(scope, ChainMap) else [scope]
    return ChainMap(dict(own), *maps)


def own(scope: Scope) -> MutableMapping[str, object]:
    """The variables of the scope itself, without those around it."""
    return scope.maps[0] if isinstance(scope, ChainMap) else scope


def local(scope: Scope) -> dict[str, object]:
    """The variables of the iterations around, the inner ones over the outer ones; none outside of loops."""
    return dict(ChainMap(*scope.maps[:-1])) if isinstance(scope, ChainMap) else {}


def put(scope: Scope, values: Mapping[str, object]) -> None:
    """Apply a result as a delta. Raises Unstorable before anything changes."""
    scope.update(storable(values))


def storable(values: Mapping[str, object]) -> dict[str, object]:
    """A copy of the values in the types that an instance keeps; whole decimals become int. Raises Unstorable."""
    return _Copier().mapping(values, 0)


def store_as(scope: Scope, name: str | None, value: object) -> None:
    """Store a result under a name, or, without one, its entries when it is a context. Raises Unstorable."""
    if name:
        put(scope, {name: value})
    elif isinstance(value, Mapping):
        put(scope, value)


class _Copier:
    """Copies values and weighs them on the way."""

    def __init__(self) -> None:
        self.weight = 0

    def mapping(self, values: Mapping[str, object], depth: int) -> dict[str, object]:
        self._weigh(2, depth)
        return {self._key(key): self.value(each, depth + 1) for key, each in values.items()}

    def value(self, value: object, depth: int) -> object:
        if isinstance(value, str):
            self._weigh(len(value) + 2, depth)
            return str(value)
        if isinstance(value, Decimal):
            self._weigh(8, depth)
            return _whole(value)
        if isinstance(value, PLAIN):
            self._weigh(8, depth)
            return value
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        if isinstance(value, list | tuple):
            self._weigh(2, depth)
            return [self.value(each, depth + 1) for each in value]
        raise Unstorable(text("Une variable ne peut pas contenir une valeur de ce genre (%(kind)s).", kind=type(value).__name__))

    def _key(self, key: object) -> str:
        if not isinstance(key, str):
            raise Unstorable(text("Les noms de variables sont des textes."))
        self.weight += len(key)
        return key

    def _weigh(self, weight: int, depth: int) -> None:
        self.weight += weight
        if self.weight > MAXIMUM_WEIGHT:
            raise Unstorable(text("Les variables dépassent %(size)s Mo.", size=MAXIMUM_WEIGHT // 1_000_000))
        if depth > MAXIMUM_DEPTH:
            raise Unstorable(text("Les variables sont imbriquées trop profondément."))


def _whole(value: Decimal) -> Decimal | int:
    return int(value) if value.is_finite() and value.as_tuple().exponent == 0 and abs(value) < 2**53 else value

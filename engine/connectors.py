"""What connectors take, as far as a diagram's checker must know it. The connectors themselves lie above this layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Inputs:
    """The names that the input of a connector may have; those `required` it must have."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    @property
    def known(self) -> list[str]:
        """All of them, the required ones first."""
        return [*sorted(self.required), *sorted(self.optional)]

    def unknown(self, given: Collection[str]) -> list[str]:
        """Those given that it would not look at, in their order."""
        return [name for name in given if name not in self.required | self.optional]

    def missing(self, given: Collection[str]) -> list[str]:
        """Those required that are not given."""
        return sorted(self.required - set(given))


Connectors: TypeAlias = Mapping[str, Inputs | None]
"""What service tasks may call, by name; None takes whatever it is given."""

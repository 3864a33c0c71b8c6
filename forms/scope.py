"""Where a form's expressions are evaluated: the case's variables, the answers, the row at hand, the moment, a limit.

As in form-js, answers lie over the case's variables; inside a list `this` is the row, `parent` what holds the list, and
`i` the row's number from 1.
"""

from __future__ import annotations

import time
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feel.errors import FeelError, LimitExceeded
from feel.expression import Expression
from forms import limits
from forms.errors import TooCostly


@dataclass
class Budget:
    """The time that is left to the expressions of one check or page."""

    ends: float = field(default_factory=lambda: time.monotonic() + limits.SECONDS)

    def spend(self) -> None:
        """Raise `TooCostly` once the time is over."""
        if time.monotonic() > self.ends:
            raise TooCostly


@dataclass(frozen=True, eq=False)
class Scope:
    """One level at which expressions are evaluated."""

    names: ChainMap[str, object]
    this: object
    now: datetime
    budget: Budget
    prefix: str = ""

    def evaluate(self, expression: Expression) -> object:
        """The FEEL value; null where FEEL says null. Raises `TooCostly` when a limit is passed."""
        self.budget.spend()
        try:
            return expression.evaluate(self.names, now=self.now)
        except LimitExceeded as error:
            raise TooCostly from error
        except FeelError:
            return None

    def setting(self, value: object) -> object:
        """A setting's value: itself, or what its expression gives."""
        return self.evaluate(value) if isinstance(value, Expression) else value

    def row(self, name: str, row: object, index: int) -> Scope:
        """The scope of the row at `index` (from 0) of the list at path `name` of this level."""
        inner: dict[str, object] = {"this": row, "parent": self.this, "i": index + 1}
        return Scope(self.names.new_child(inner), row, self.now, self.budget, f"{self.prefix}{name}.{index}.")

    def item(self, value: object) -> Scope:
        """The scope of one item of a template's loop: an object's entries are names of their own."""
        inner: dict[str, object] = dict(value) if isinstance(value, Mapping) else {}
        inner |= {"this": value, "parent": self.this}
        return Scope(self.names.new_child(inner), value, self.now, self.budget, self.prefix)


def root(variables: Mapping[str, object], answers: Mapping[str, object], now: datetime, budget: Budget | None = None) -> Scope:
    """The scope of a whole form."""
    names: dict[str, object] = {"this": answers, "parent": None, **variables, **answers}
    return Scope(ChainMap(names), answers, now, budget or Budget())


def at(data: object, where: Sequence[str]) -> object:
    """The value at a path of keys and row numbers, or None."""
    for key in where:
        if isinstance(data, Mapping):
            data = data.get(key)
        elif isinstance(data, list) and key.isascii() and key.isdigit() and int(key) < len(data):
            data = data[int(key)]
        else:
            return None
    return data

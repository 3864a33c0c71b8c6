"""Settling: which fields are hidden, and what the computed ones hold, for answers as they stand.

A condition hides only when it is exactly true. What is hidden is dropped at once, so an answer that nobody sees cannot
decide about another field; conditions that depend on each other are settled by repeating until nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from feel.host import to_json
from forms.components import Form, Leaf, Level
from forms.scope import Budget, Scope, at, root

_ROUNDS = 5
Data = dict[str, object]


@dataclass(frozen=True)
class Settled:
    """Answers without what is hidden and with what is computed, and the scope that they make."""

    answers: Data
    hidden: frozenset[str]
    scope: Scope


def settle(
    form: Form,
    answers: Mapping[str, object],
    variables: Mapping[str, object],
    now: datetime,
    budget: Budget | None = None,
) -> Settled:
    """Settle raw answers, valid or not. Raises `TooCostly`."""
    budget = budget or Budget()
    computed = {leaf.where[0] for leaf in form.level.leaves if leaf.component.type == "expression"}
    data: Data = {key: value for key, value in answers.items() if key not in computed or isinstance(value, dict)}
    before: Settled | None = None
    for _ in range(_ROUNDS):
        scope = root(variables, before.answers if before else data, now, budget)
        hidden: set[str] = set()
        kept = _level(form.level, data, before.answers if before else data, scope, hidden)
        after = Settled(kept, frozenset(hidden), root(variables, kept, now, budget))
        if before and before.hidden == after.hidden and before.answers == after.answers:
            break
        before = after
    return after


def _level(level: Level, raw: Mapping[str, object], settled: object, scope: Scope, hidden: set[str]) -> Data:
    """A copy of one level's raw answers, settled; `settled` is what the round before made of them."""
    kept = _copy(raw)
    for leaf in level.leaves:
        if any(scope.evaluate(condition) is True for condition in leaf.hides):
            hidden.add(scope.prefix + leaf.name)
            _drop(kept, leaf.where)
        elif leaf.rows:
            _rows(leaf, leaf.rows, kept, settled, scope, hidden)
        elif leaf.component.type == "expression":
            put(kept, leaf.where, to_plain(scope.setting(leaf.component.settings.get("expression"))))
    return kept


def _rows(leaf: Leaf, level: Level, kept: Data, settled: object, scope: Scope, hidden: set[str]) -> None:
    rows = at(kept, leaf.where)
    if not isinstance(rows, list):
        return
    known = at(settled, leaf.where)
    for index, row in enumerate(rows):
        if isinstance(row, Mapping):
            before = known[index] if isinstance(known, list) and index < len(known) else row
            inner = scope.row(leaf.name, before, index)
            rows[index] = _level(level, row, before, inner, hidden)


def to_plain(value: object) -> object:
    """A FEEL value as an answer: numbers stay exact, dates and durations become ISO 8601 text."""
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    return exact(value)


def exact(value: object) -> object:
    """A number as int when it is whole, else Decimal; anything else as JSON."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.adjusted() < 40 else value
    return to_json(value)


def _copy(data: Mapping[str, object]) -> Data:
    """A copy deep enough to change answers in: objects and lists, not the values in them."""
    return {key: _copy_value(value, 0) for key, value in data.items()}


def _copy_value(value: object, depth: int) -> object:
    if depth > 20:
        return None
    if isinstance(value, Mapping):
        return {key: _copy_value(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_copy_value(inner, depth + 1) for inner in value]
    return value


def put(data: Data, where: tuple[str, ...], value: object) -> None:
    """Set the value at a path of keys; nothing happens where something else than an object lies on the way."""
    for key in where[:-1]:
        inner = data.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        data = inner
    data[where[-1]] = value


def _drop(data: Data, where: tuple[str, ...]) -> None:
    """Remove a value, and the objects that are empty without it."""
    inner = at(data, where[:-1])
    if isinstance(inner, dict):
        inner.pop(where[-1], None)
        if not inner and len(where) > 1:
            _drop(data, where[:-1])

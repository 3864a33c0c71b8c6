"""Answers of a list: rows that each hold the answers of one level, and how many there may be."""
# ruff: noqa: ARG002  every answer has the same methods, whether or not it needs their arguments

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from marshmallow import Schema, ValidationError, fields, missing

from feel.text import Text, text
from forms import limits
from forms.answers.base import loading, refuse
from forms.components import Component, Leaf, author_text
from forms.scope import Scope, at


class RowsAnswer(fields.Field[object]):
    """A list of rows; each row is loaded by the schema of its level, in a scope of its own."""

    def __init__(self, leaf: Leaf, row: type[Schema]) -> None:
        super().__init__()
        self.leaf = leaf
        self.row = row()

    def deserialize(self, value: object, attr: str | None = None, data: Mapping[str, object] | None = None, **kwargs: object) -> object:
        """The cleaned rows; errors are keyed by row number, from 0."""
        load = loading.get()
        if load.path(self.leaf) in load.hidden:
            return missing
        lowest, highest = bounds(self.leaf.component, load.scope, at(load.variables, load.path(self.leaf).split(".")))
        if value is missing and not lowest:
            return missing
        if value is not missing and not isinstance(value, list | None):
            raise refuse(text("Donnez une liste"))
        rows = value if isinstance(value, list) else []
        if complaint := _count(self.leaf.component, len(rows), lowest, highest):
            raise refuse(complaint)
        return self._load(rows)

    def _load(self, rows: list[object]) -> list[object]:
        loaded: list[object] = []
        errors: dict[int, object] = {}
        outer = loading.get()
        for index, row in enumerate(rows):
            before = loading.set(outer.row(self.leaf.name, row, index))
            try:
                loaded.append(self.row.load(row))  # type: ignore[arg-type]  # the schema refuses what is no object
            except ValidationError as error:
                errors[index] = error.messages
            finally:
                loading.reset(before)
        if errors:
            raise ValidationError(errors)
        return loaded


def bounds(component: Component, scope: Scope, initial: object) -> tuple[int, int]:
    """The fewest and the most rows. A list whose rows cannot be added keeps those that it starts with."""
    if component.settings.get("allowAddRemove", True) is False:
        size = len(initial) if isinstance(initial, list) else first_rows(component)
        return size, size
    lowest, highest = (scope.setting(component.properties.get(name)) for name in ("minItems", "maxItems"))
    return _whole(lowest, 0), min(_whole(highest, limits.ROWS), limits.ROWS)


def first_rows(component: Component) -> int:
    """How many empty rows a list shows first."""
    default = component.settings.get("defaultRepetitions", 1)
    return default if isinstance(default, int) else 1


def _whole(value: object, default: int) -> int:
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) and 0 <= value <= limits.ROWS else default


def _count(component: Component, count: int, lowest: int, highest: int) -> Text | None:
    if lowest <= count <= highest:
        return None
    if own := component.properties.get("rangeMessage"):
        return author_text(str(own))
    if lowest == highest:
        return text("Donnez %(count)s lignes (il y en a %(given)s)", count=lowest, given=count)
    if count < lowest:
        return text("Ajoutez des lignes\u00a0: il en faut au moins %(min)s (il y en a %(given)s)", min=lowest, given=count)
    return text("Retirez des lignes\u00a0: il en faut %(max)s au plus (il y en a %(given)s)", max=highest, given=count)

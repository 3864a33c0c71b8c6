"""A decision file on its page: the tables as they were posted, and what they answer for tried values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from authoring import decision_tables
from authoring.decision_tables import EditableTable, Row
from engine.errors import Conflict
from feel.dmn.errors import DmnError
from feel.dmn.model import DecisionResult, InputInfo, Model
from feel.dmn.model import read as read_model
from feel.errors import FeelError
from feel.expression import evaluate
from feel.host import to_json
from feel.text import text
from web.languages import gettext, render

MOST_ROWS = 500


@dataclass(frozen=True)
class Asked:
    """A value to try: its name, its type in DMN, what was typed."""

    name: str
    type: str
    value: str


@dataclass(frozen=True)
class Answer:
    """What a decision gives: its value as JSON, the rules that matched (table and row, from 0), and why something was null."""

    decision: str
    value: str
    matched: frozenset[tuple[int, int]]
    notes: tuple[str, ...]


def posted(tables: tuple[EditableTable, ...], form: Mapping[str, str]) -> tuple[EditableTable, ...]:
    """The tables as a page sent them; `rows-N` names where each row comes from. Raises Conflict for another file's page."""
    return tuple(_posted(number, table, form) for number, table in enumerate(tables))


def pressed(tables: tuple[EditableTable, ...], action: str) -> tuple[EditableTable, ...]:
    """The tables after a button that adds a row (`add:N`) or removes one (`remove:N:ROW`)."""
    verb, *numbers = action.split(":")
    if verb not in ("add", "remove") or not all(each.isdigit() for each in numbers) or not numbers or int(numbers[0]) >= len(tables):
        return tables
    table = tables[int(numbers[0])]
    if verb == "add":
        rows = (*table.rows, Row(None, ("",) * (len(table.inputs) + len(table.outputs))))
    else:
        rows = tuple(row for place, row in enumerate(table.rows) if place != int(numbers[-1]))
    return tuple(replace(each, rows=rows[:MOST_ROWS]) if each is table else each for each in tables)


def asked(model: Model, decision: str, form: Mapping[str, str]) -> tuple[Asked, ...]:
    """The values that a decision needs, as they were typed."""
    found = model.decisions.get(decision)
    return tuple(_asked(decision, each, form) for each in found.inputs) if found else ()


def try_values(content: bytes, decision: str, form: Mapping[str, str], now: datetime) -> Answer:
    """What the decision of this file answers for the values of the form."""
    try:
        model = read_model(content, strict=False)
    except DmnError as error:
        return Answer(decision, "", frozenset(), tuple(render(each.message) for each in error.problems))
    notes: list[str] = []
    values = {each.name: _value(each, notes) for each in asked(model, decision, form) if each.value.strip()}
    try:
        result = model.evaluate(decision, values, now=now)
    except FeelError as error:
        return Answer(decision, "", frozenset(), (render(error.message),))
    notes += [render(each.message) for each in model.problems] + [render(each.message) for each in result.diagnostics]
    value = orjson.dumps(to_json(result.value), option=orjson.OPT_INDENT_2).decode()
    return Answer(decision, value, _matched(content, result), tuple(notes))


def content_of(content: bytes, tables: tuple[EditableTable, ...]) -> bytes:
    """The file with these tables."""
    return decision_tables.write(content, {each.decision: each.rows for each in tables})


def _posted(number: int, table: EditableTable, form: Mapping[str, str]) -> EditableTable:
    width, rows = len(table.inputs) + len(table.outputs), []
    for place, source in enumerate(filter(None, form.get(f"rows-{number}", "").split(","))):
        known = table.rows[int(source)] if source.isdigit() and int(source) < len(table.rows) else None
        if known is None and source != "n":
            raise Conflict(text("Cette page ne montre plus le brouillon tel qu’il est : rechargez-la."))
        cells = tuple(form.get(f"c-{number}-{place}-{column}", "").replace("\r\n", "\n").strip() for column in range(width))
        rows.append(replace(known, cells=cells) if known else Row(None, cells))
    return replace(table, rows=tuple(rows[:MOST_ROWS]))


def _matched(content: bytes, result: DecisionResult) -> frozenset[tuple[int, int]]:
    """Where the rules that matched stand. The engine names a rule without id by its place, from 1."""
    return frozenset(
        (number, place)
        for number, table in enumerate(decision_tables.read(content))
        for place, row in enumerate(table.rows)
        if (row.id or str(place + 1)) in result.matched.get(table.decision, ())
    )


def _asked(decision: str, info: InputInfo, form: Mapping[str, str]) -> Asked:
    return Asked(info.name, info.type, form.get(f"essai-{decision}-{info.name}", ""))


def _value(given: Asked, notes: list[str]) -> object:
    """Texts need no quotation marks where a text is expected; all else is FEEL."""
    said = given.value.strip()
    if given.type == "string" and not said.startswith('"'):
        return said
    try:
        return evaluate(said)
    except FeelError as error:
        notes.append(gettext("%(name)s : %(reason)s", name=given.name, reason=render(error.message)))
        return None

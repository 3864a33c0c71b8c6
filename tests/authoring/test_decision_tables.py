"""Cells, rows and bytes of decision tables: what is changed is changed, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from authoring.decision_tables import Row, read, write
from feel.dmn.model import read as read_model
from tests.authoring.test_differences import TABLE

CONTENT = TABLE.replace("<definitions", '<?xml version="1.0" encoding="UTF-8"?>\n<!-- à garder -->\n<definitions', 1).encode()
PROCESSES = Path(__file__).resolve().parents[2] / "processes"


def plain(content: bytes) -> str:
    """Without the ways that XML has to write the same: spaces, and empty elements."""
    said = re.sub(r"\s+", " ", content.decode()).replace(" />", "/>")
    return re.sub(r"<([\w:]+)((?: [^<>]*)?)></\1>", r"<\1\2/>", said)


def test_a_table_is_read_as_people_see_it() -> None:
    (table,) = read(CONTENT)
    assert (table.decision, table.name, table.inputs, table.outputs) == ("seuil", "Seuil", ("Note",), ("suite",))
    assert [row.cells for row in table.rows] == [("> 3", '"oui"'), ("-", '"non"')]


def test_equal_rows_give_the_same_bytes() -> None:
    assert write(CONTENT, {each.decision: each.rows for each in read(CONTENT)}) is CONTENT


@pytest.mark.parametrize("path", sorted(PROCESSES.glob("*/decisions/*.dmn")), ids=lambda path: path.stem)
def test_one_cell_changes_one_text_of_the_file(path: Path) -> None:
    content = path.read_bytes()
    tables = read(content)
    if not tables:
        return
    table = tables[0]
    row = table.rows[-1]
    cells = (*row.cells[:-1], "12345.5")
    changed = write(content, {table.decision: (*table.rows[:-1], replace(row, cells=cells))})
    assert [each.rows for each in read(changed)] != [each.rows for each in tables]
    before, after = (plain(each).split("<") for each in (content, changed))
    assert len(before) == len(after)
    different = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(different) == 1, different
    assert "12345.5" in different[0][1]
    assert list(read_model(changed).decisions) == list(read_model(content).decisions)


def test_rows_come_and_go_with_ids_of_their_own() -> None:
    (table,) = read(CONTENT)
    rows = (table.rows[1], Row(None, ("< 1", '"rien"')), Row(None, ("< 2", '"peu"')))
    changed = write(CONTENT, {"seuil": rows})
    (again,) = read(changed)
    assert [row.cells for row in again.rows] == [("-", '"non"'), ("< 1", '"rien"'), ("< 2", '"peu"')]
    ids = re.findall(rb'\bid="([^"]+)"', changed)
    assert len(ids) == len(set(ids))
    assert "à garder".encode() in changed
    assert read_model(changed).evaluate("seuil", {"note": 0}).value == "non", "the first row that fits, as the table says"


def test_a_table_without_rows_gets_its_first() -> None:
    (table,) = read(CONTENT)
    empty = write(CONTENT, {"seuil": ()})
    assert read(empty)[0].rows == ()
    filled = write(empty, {"seuil": (Row(None, ("-", '"toujours"')),)})
    assert read_model(filled).evaluate("seuil", {"note": 7}).value == "toujours"
    assert table.rows

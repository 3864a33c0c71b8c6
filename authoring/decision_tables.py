"""Decision tables of a file as rows of cells that an owner changes, written back without touching anything else of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from feel.dmn.reading import attribute, child, children, parse, text_in

Node = etree._Element


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: its place in the file (None: it is new), its cells (inputs, then outputs) as FEEL, its explanation."""

    source: int | None
    cells: tuple[str, ...]
    note: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class EditableTable:
    """One decision table. `decision` is the id of its decision; `inputs` and `outputs` are the headings of the columns."""

    decision: str
    name: str
    note: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...]


def read(content: bytes) -> tuple[EditableTable, ...]:
    """The tables of a model in the order of the file. Raises DmnError."""
    return tuple(_table(decision) for decision in _decisions(parse(content)))


def write(content: bytes, rows: Mapping[str, Sequence[Row]]) -> bytes:
    """The model with these rows in the tables of the decisions named; equal rows give the same bytes. Raises DmnError."""
    current = {each.decision: each.rows for each in read(content)}
    if all(_said(rows.get(key, old)) == _said(old) for key, old in current.items()):
        return content
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False)
    root = etree.fromstring(content, parser)
    for decision in _decisions(root):
        key = attribute(decision, "id")
        table = child(decision, "decisionTable")
        if table is not None and key in rows:
            _replace(table, rows[key])
    written: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return written.replace(b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>', 1) + b"\n"


def _said(rows: Sequence[Row]) -> list[tuple[int | None, tuple[str, ...]]]:
    return [(each.source, each.cells) for each in rows]


def _decisions(root: Node) -> list[Node]:
    return [each for each in children(root, "decision") if child(each, "decisionTable") is not None]


def _table(decision: Node) -> EditableTable:
    table = child(decision, "decisionTable")
    inputs = tuple(attribute(each, "label") or text_in(child(each, "inputExpression")) for each in children(table, "input"))
    name = attribute(decision, "name")
    outputs = tuple(attribute(each, "label") or attribute(each, "name") or name for each in children(table, "output"))
    rows = tuple(_row(number, rule) for number, rule in enumerate(children(table, "rule")))
    return EditableTable(attribute(decision, "id"), name, text_in(decision, "description"), inputs, outputs, rows)


def _row(number: int, rule: Node) -> Row:
    cells = tuple(text_in(each) for each in children(rule, "inputEntry", "outputEntry"))
    note = " ".join(text_in(each) for each in children(rule, "annotationEntry")) or text_in(rule, "description")
    return Row(number, cells, note, attribute(rule, "id"))


def _replace(table: Node, rows: Sequence[Row]) -> None:
    old = list(children(table, "rule"))
    taken = {str(each.get("id")) for each in table.getroottree().getroot().iter() if each.get("id")}
    wanted = [old[row.source] if row.source is not None else _new(table, old, taken) for row in rows]
    for rule in old:
        if all(rule is not each for each in wanted):
            table.remove(rule)
    for rule, row in zip(wanted, rows, strict=True):
        if rule.getparent() is None:
            table.append(rule)
        for entry, said in zip(children(rule, "inputEntry", "outputEntry"), row.cells, strict=True):
            if text_in(entry) != said:
                _set(entry, said)


def _new(table: Node, old: Sequence[Node], taken: set[str]) -> Node:
    """An empty rule in the shape of the last one, with ids that nothing has."""
    made = deepcopy(old[-1]) if old else _blank(table)
    for entry in (*children(made, "description"), *children(made, "annotationEntry")):
        made.remove(entry)
    for each in made.iter():
        if each.get("id"):
            each.set("id", _free(f"{each.get('id')}_n", taken))
    for entry in children(made, "inputEntry", "outputEntry"):
        _set(entry, "")
    return made


def _blank(table: Node) -> Node:
    space = etree.QName(table).namespace
    rule = etree.Element(f"{{{space}}}rule", id=f"{table.get('id') or 'table'}_rule")
    for kind in ("input", "output"):
        for number, _ in enumerate(children(table, kind)):
            etree.SubElement(rule, f"{{{space}}}{kind}Entry", id=f"{rule.get('id')}_{kind}{number}")
    return rule


def _set(entry: Node, said: str) -> None:
    found = child(entry, "text")
    target = found if found is not None else etree.SubElement(entry, f"{{{etree.QName(entry).namespace}}}text")
    for below in list(target):
        target.remove(below)
    target.text = said


def _free(wanted: str, taken: set[str]) -> str:
    number, found = 1, wanted
    while found in taken:
        number, found = number + 1, f"{wanted}{number + 1}"
    taken.add(found)
    return found

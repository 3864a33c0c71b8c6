"""Decision models as tables that people read: what is asked, what follows, row by row, as the file says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from engine.bundle import File
from feel.dmn.reading import BOXED, Element, attribute, child, children, local_name, parse
from web.languages import gettext, ngettext
from web.typography import french


@dataclass(frozen=True)
class Table:
    """One decision: a table of rows (inputs, outputs, notes), or its expressions as `text`."""

    name: str
    say: str
    policy: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Rule:
    """One model: its decisions, those that others need first."""

    name: str
    say: str
    tables: tuple[Table, ...]


def read(files: Iterable[File], used: Collection[str]) -> list[Rule]:
    """The models that hold a decision used by the process (by id or name), in the order of the files."""
    found = []
    for file in files:
        if file.kind != "decision":
            continue
        root = parse(file.content)
        decisions = list(children(root, "decision"))
        if not used or {attribute(each, name) for each in decisions for name in ("id", "name")} & set(used):
            found.append(_rule(root, decisions))
    return found


def _rule(root: Element, decisions: list[Element]) -> Rule:
    tables = tuple(_table(each) for each in decisions)
    say = ngettext("%(num)s décision.", "%(num)s décisions.", len(tables))
    return Rule(french(attribute(root, "name")), say, tables)


def _table(decision: Element) -> Table:
    name = french(attribute(decision, "label") or attribute(decision, "name"))
    say = french(_content(child(decision, "description")))
    table = child(decision, "decisionTable")
    if table is not None:
        return _rows(table, name, say)
    boxed = next(children(decision, *BOXED), None)
    return Table(name, say, text="\n".join(_lines(boxed)) if boxed is not None else "")


def _rows(table: Element, name: str, say: str) -> Table:
    inputs = list(children(table, "input"))
    outputs = list(children(table, "output"))
    rules = list(children(table, "rule"))
    notes = _notes(list(children(table, "annotation")), rules)
    return Table(
        name=name,
        say=say,
        policy=_policy(attribute(table, "hitPolicy"), attribute(table, "aggregation")),
        inputs=tuple(_input(each) for each in inputs),
        outputs=tuple(french(attribute(each, "label") or attribute(each, "name") or name) for each in outputs),
        notes=notes,
        rows=tuple(_cells(each, len(notes)) for each in rules),
    )


def _input(column: Element) -> str:
    return french(attribute(column, "label") or _content(child(child(column, "inputExpression"), "text")))


def _notes(annotations: list[Element], rules: list[Element]) -> tuple[str, ...]:
    """The headings of what explains a rule: its annotations, or its description."""
    if annotations:
        return tuple(french(attribute(each, "name")) for each in annotations)
    return (gettext("Explication"),) if any(child(each, "description") is not None for each in rules) else ()


def _cells(rule: Element, notes: int) -> tuple[str, ...]:
    said = [_content(child(each, "text")) for each in children(rule, "inputEntry", "outputEntry")]
    told = [_content(child(each, "text")) for each in children(rule, "annotationEntry")] or [_content(child(rule, "description"))]
    told += [""] * (notes - len(told))
    return (*map(_cell, said), *map(french, told[:notes]))


def _cell(written: str) -> str:
    """What a cell says: nothing for « - », a lone text without its quotes, FEEL as it is."""
    if written == "-":
        return ""
    lone = len(written) > 2 and written[0] == written[-1] == '"' and '"' not in written[1:-1]
    return french(written[1:-1]) if lone else written


def _policy(hit: str, aggregation: str) -> str:
    policies: Mapping[str, str] = {
        "UNIQUE": gettext("Une seule ligne s’applique."),
        "FIRST": gettext("La première ligne qui convient s’applique."),
        "ANY": gettext("Toutes les lignes qui conviennent disent la même chose."),
        "PRIORITY": gettext("La ligne la plus prioritaire s’applique."),
        "COLLECT": gettext("Toutes les lignes qui conviennent s’appliquent."),
        "RULE ORDER": gettext("Toutes les lignes qui conviennent s’appliquent, dans l’ordre."),
        "OUTPUT ORDER": gettext("Toutes les lignes qui conviennent s’appliquent, par priorité."),
    }
    sums = {
        "SUM": gettext("Leurs valeurs s’ajoutent."),
        "MIN": gettext("La plus petite valeur compte."),
        "MAX": gettext("La plus grande valeur compte."),
        "COUNT": gettext("Leur nombre compte."),
    }
    return " ".join(filter(None, (policies.get(hit or "UNIQUE", ""), sums.get(aggregation, ""))))


def _lines(boxed: Element, indent: str = "") -> Iterable[str]:
    """A boxed expression as text: FEEL as it is, contexts entry by entry, the rest by its parts."""
    if local_name(boxed) == "literalExpression":
        yield from (indent + line for line in _content(child(boxed, "text")).splitlines())
        return
    for entry in boxed:
        name = attribute(child(entry, "variable"), "name")
        if name:
            yield f"{indent}{name} :"
        for inner in [entry] if local_name(entry) in BOXED else children(entry, *BOXED):
            yield from _lines(inner, indent + "    " if name else indent)


def _content(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""

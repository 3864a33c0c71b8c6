"""The history of a process as an event log for process mining: a table, XES (IEEE 1849-2016) or OCEL 2.0 (JSON).

Nobody is named: people are numbered in the order in which they appear, cases are their ids, and answers are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import statistics
from engine.statistics import AT_ONCE, MOVES, Choice
from engine.tables import event

LIFECYCLE = dict(zip(MOVES, ("start", "complete", "ate_abort"), strict=True))
"""The standard transitional model of XES."""
COLUMNS = ("case", "version", "element", "name", "type", "transition", "time", "resource")
EXTENSIONS = ("Lifecycle", "Organizational", "Time", "Concept")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `resource`: a numbered person, or None for what happened by itself."""

    case: int
    version: int
    element: str
    name: str
    type: str
    transition: str
    time: datetime
    resource: str | None


def read(session: Session, choice: Choice, names: Mapping[str, str]) -> list[list[Entry]]:
    """The entries of each case of a choice, the oldest case first. `names`: of elements by id."""
    rows = {row.id: row for row in reversed(statistics.cases(session, choice))}
    people: dict[str, str] = {}
    log: dict[int, list[Entry]] = {each: [] for each in rows}
    ids = list(rows)
    for start in range(0, len(ids), AT_ONCE):
        some = event.c.instance_id.in_(ids[start : start + AT_ONCE])
        found = select(event).where(some, event.c.type.in_(MOVES)).order_by(event.c.instance_id, event.c.seq)
        for row in session.execute(found):
            who = people.setdefault(row.actor, f"p{len(people) + 1}") if row.actor.startswith("user:") else None
            name, transition = names.get(row.element) or row.element, LIFECYCLE[row.type]
            number = rows[row.instance_id].number
            log[row.instance_id].append(Entry(row.instance_id, number, row.element, name, row.element_type, transition, row.at, who))
    return list(log.values())


def as_csv(log: Iterable[Sequence[Entry]]) -> Iterator[str]:
    """The log as comma-separated values, a line an entry."""
    yield ",".join(COLUMNS) + "\r\n"
    for case in log:
        page = io.StringIO()
        writer = csv.writer(page)
        for each in case:
            values = (each.element, each.name, each.type, each.transition, each.time.isoformat(), each.resource or "")
            writer.writerow((each.case, each.version, *map(_harmless, values)))
        yield page.getvalue()


def _harmless(value: str) -> str:
    """Spreadsheets take what begins so for a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def as_xes(log: Iterable[Sequence[Entry]], process: str) -> Iterator[str]:
    """The log in XES, a trace a case."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
    for name in EXTENSIONS:
        prefix = {"Organizational": "org"}.get(name, name.lower())
        yield f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
    yield '<classifier name="Element" keys="concept:name"/>\n' + _string("concept:name", process)
    for case in log:
        if case:
            traits = _string("concept:name", str(case[0].case)) + f'<int key="version" value="{case[0].version}"/>\n'
            yield "<trace>\n" + traits + "".join(map(_xes_event, case)) + "</trace>\n"
    yield "</log>\n"


def _xes_event(each: Entry) -> str:
    told = _string("concept:name", each.name) + _string("lifecycle:transition", each.transition)
    told += f'<date key="time:timestamp" value="{each.time.isoformat()}"/>\n' + _string("element", each.element)
    return f"<event>\n{told}{_string('org:resource', each.resource) if each.resource else ''}</event>\n"


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(value)}/>\n'


def as_ocel(log: Sequence[Sequence[Entry]], process: str) -> dict[str, Any]:
    """The log in OCEL 2.0: the case is an object, and so is each person."""
    entries = [each for case in log for each in case]
    kinds = sorted({each.name for each in entries})
    firsts = {case[0].case: case[0] for case in log if case}
    people = sorted({each.resource for each in entries if each.resource})
    return {
        "objectTypes": [
            {"name": process, "attributes": [{"name": "version", "type": "integer"}]},
            {"name": "person", "attributes": []},
        ],
        "eventTypes": [{"name": kind, "attributes": [{"name": "transition", "type": "string"}]} for kind in kinds],
        "objects": [_object(first, process) for first in firsts.values()]
        + [{"id": each, "type": "person", "attributes": [], "relationships": []} for each in people],
        "events": [_ocel_event(number, each) for number, each in enumerate(entries, 1)],
    }


def _object(first: Entry, process: str) -> dict[str, Any]:
    attributes = [{"name": "version", "time": first.time.isoformat(), "value": first.version}]
    return {"id": str(first.case), "type": process, "attributes": attributes, "relationships": []}


def _ocel_event(number: int, each: Entry) -> dict[str, Any]:
    related = [{"objectId": str(each.case), "qualifier": "case"}]
    related += [{"objectId": each.resource, "qualifier": "by"}] if each.resource else []
    attributes = [{"name": "transition", "value": each.transition}]
    return {"id": f"e{number}", "type": each.name, "time": each.time.isoformat(), "attributes": attributes, "relationships": related}

"""What a publication would change: elements, fields of forms, rules of decisions, compared with what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

import orjson
from lxml import etree

from engine.bundle import Bundle, File
from engine.diagram import BPMN, PROPERTIES, is_bpmn, local_name
from feel.dmn.errors import DmnError
from feel.dmn.reading import child, children, parse

Kind: TypeAlias = Literal["added", "changed", "removed"]
Node: TypeAlias = etree._Element
Facts: TypeAlias = Mapping[str, str]

CONTAINERS = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
PARTS = frozenset(
    {
        "documentation",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "completionCondition",
        "ioSpecification",
        "property",
        "correlationSubscription",
    }
)
"""Children of a process or sub-process that are said with it; the others are elements of their own."""
SILENT = frozenset({"incoming", "outgoing", "laneSet", "flowNodeRef", "extensionElements"})
"""Said elsewhere: flows name both ends, a lane is a fact of its steps, words in other tools' namespaces mean nothing here."""
ENDS = frozenset({"sourceRef", "targetRef"})
REFERENCES = frozenset({"messageRef", "signalRef", "errorRef", "escalationRef", "dataObjectRef", "itemSubjectRef"})
PROPERTY = f"{{{BPMN}}}extensionElements/{{{PROPERTIES}}}properties/{{{PROPERTIES}}}property"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that changed: `what` is an attribute, a child or a property of ours; empty text: not there."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """An element that was added, removed, or says something else. `type` is the local name of its element.

    `ends` of a flow: the names (or ids) of the steps that it leads from and to.
    """

    kind: Kind
    id: str
    type: str
    name: str
    details: tuple[Detail, ...] = ()
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessChange:
    """What changes in one process. `is_new`: nothing of this key is published."""

    key: str
    name: str
    is_new: bool
    changes: tuple[Change, ...]

    @property
    def touched(self) -> frozenset[str]:
        """Ids of published elements that change or go."""
        return frozenset(each.id for each in self.changes if each.kind != "added")


@dataclass(frozen=True, slots=True)
class Differences:
    """All that a publication changes: processes in their order, then forms by key, then decisions by id."""

    processes: tuple[ProcessChange, ...]
    forms: tuple[Change, ...]
    decisions: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing that means something changes."""
        return not (self.forms or self.decisions or any(each.is_new or each.changes for each in self.processes))


def compare(files: Sequence[File], published: Mapping[str, Sequence[File]]) -> Differences:
    """What `files` change. `published`: by key of process, the files of its newest version."""
    new = Bundle(files)
    old = {key: Bundle(each) for key, each in published.items()}
    processes = tuple(_process(node, old.get(node.get("id") or "")) for node in _processes(new))
    before = [old[each.key] for each in processes if each.key in old]
    return Differences(processes, _forms(before, new), _decisions(before, new))


def keys(files: Sequence[File]) -> list[str]:
    """The keys of the processes that these files would publish."""
    return [node.get("id") or "" for node in _processes(Bundle(files))]


def _processes(bundle: Bundle) -> list[Node]:
    found = [node for diagram in bundle.diagrams.values() for node in diagram.root.iterchildren(f"{{{BPMN}}}process")]
    return [node for node in found if node.get("isExecutable") != "false"]


def _process(node: Node, published: Bundle | None) -> ProcessChange:
    key = node.get("id") or ""
    name = " ".join((node.get("name") or key).split())
    old = next((each for each in _processes(published) if each.get("id") == key), None) if published else None
    if old is None:
        return ProcessChange(key, name, is_new=True, changes=())
    changes = _changes(_elements(old), _elements(node))
    names, new_names = _names(old), _names(node)
    return ProcessChange(key, name, is_new=False, changes=tuple(_with_ends(each, names, new_names) for each in changes))


def _with_ends(change: Change, old: Mapping[str, str], new: Mapping[str, str]) -> Change:
    """The ends of a flow by the names of their steps: another end is a change, another name of the same end is none."""
    details = [
        replace(each, before=old.get(each.before, each.before), after=new.get(each.after, each.after)) if each.what in ENDS else each
        for each in change.details
    ]
    names = {**old, **new}
    return replace(change, details=tuple(details), ends=tuple(names.get(each, each) for each in change.ends))


def _names(process: Node) -> dict[str, str]:
    """What the elements of the file are called, by id, where they have a name or a code."""
    root = process.getroottree().getroot()
    named = ((each.get("id") or "", each.get("name") or each.get("errorCode") or "") for each in root.iter(f"{{{BPMN}}}*"))
    return {key: name for key, name in named if key and name}


def _changes(old: Mapping[str, tuple[Node, Facts]], new: Mapping[str, tuple[Node, Facts]]) -> Iterable[Change]:
    for key, (node, facts) in new.items():
        if key not in old:
            yield _change("added", node)
        elif details := _details(old[key][1], facts):
            yield _change("changed", node, details)
    for key, (node, _) in old.items():
        if key not in new:
            yield _change("removed", node)


def _change(kind: Kind, node: Node, details: tuple[Detail, ...] = ()) -> Change:
    ends = tuple(node.get(each) or "" for each in ("sourceRef", "targetRef")) if local_name(node) == "sequenceFlow" else ()
    return Change(kind, node.get("id") or "", local_name(node), " ".join((node.get("name") or "").split()), details, ends)


def _details(old: Facts, new: Facts) -> tuple[Detail, ...]:
    found = {**old, **new}
    return tuple(Detail(key, old.get(key, ""), new.get(key, "")) for key in found if old.get(key, "") != new.get(key, ""))


def _elements(process: Node) -> dict[str, tuple[Node, Facts]]:
    """Every element of a process that runs, with what it says: by id, in the order of the file."""
    names = _names(process)
    lanes = {
        (ref.text or "").strip(): lane.get("name") or ""
        for lane in process.iter(f"{{{BPMN}}}lane")
        for ref in lane.iter(f"{{{BPMN}}}flowNodeRef")
    }
    found: dict[str, tuple[Node, Facts]] = {}
    for node in _flow_elements(process):
        key, facts = node.get("id") or "", dict(_facts(node, names))
        if lanes.get(key):
            facts["lane"] = lanes[key]
        found[key] = (node, facts)
    return found


def _flow_elements(scope: Node) -> Iterable[Node]:
    yield scope
    yield from scope.iterfind(f"{{{BPMN}}}laneSet//{{{BPMN}}}lane")
    for node in scope.iterchildren():
        if is_bpmn(node) and node.get("id") and local_name(node) not in SILENT | PARTS:
            yield from _flow_elements(node) if local_name(node) in CONTAINERS else (node,)


def _facts(node: Node, names: Mapping[str, str], prefix: str = "") -> Iterable[tuple[str, str]]:
    """What an element says, flat: attributes, texts of children, properties; references by the name of what they lead to."""
    for attribute, value in node.attrib.items():
        if attribute != "id" and not str(attribute).startswith("{"):
            found = names.get(str(value)) if attribute in REFERENCES else None
            yield prefix + str(attribute), _short(found or str(value))
    for each in node.iterfind(PROPERTY):
        yield each.get("name") or "", _short(each.get("value") or "")
    holds, kind = local_name(node) in CONTAINERS, local_name(node)
    for below in node.iterchildren() if kind != "lane" else ():
        name = local_name(below)
        if is_bpmn(below) and name not in SILENT and (name in PARTS or not holds):
            yield prefix + name, _short((below.text or "").strip() or "✓")
            yield from _facts(below, names, f"{prefix}{name} ")


def _short(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def _forms(old: Iterable[Bundle], new: Bundle) -> tuple[Change, ...]:
    before, after = _form_facts(file for each in old for file in each.files), _form_facts(new.files)
    found = []
    for key, facts in after.items():
        if key not in before:
            found.append(Change("added", key, "form", key))
        elif details := _details(before[key], facts):
            found.append(Change("changed", key, "form", key, details))
    found += [Change("removed", key, "form", key) for key in before if key not in after]
    return tuple(found)


def _form_facts(files: Iterable[File]) -> dict[str, dict[str, str]]:
    """What each form says, flat, by form id: each field's settings after its key."""
    found: dict[str, dict[str, str]] = {}
    for file in files:
        if file.kind == "form":
            with suppress(ValueError):  # the checker says what is wrong with it
                read = orjson.loads(file.content)
                if isinstance(read, dict) and isinstance(read.get("id"), str):
                    found[read["id"]] = dict(_component_facts(read.get("components")))
    return found


def _component_facts(components: object) -> Iterable[tuple[str, str]]:
    for each in components if isinstance(components, list) else ():
        if isinstance(each, dict):
            key = str(each.get("key") or each.get("path") or each.get("id") or "")
            for name, value in each.items():
                if name == "components":
                    yield from _component_facts(value)
                elif name not in ("id", "key", "layout"):
                    yield f"{key} {name}", _short(value if isinstance(value, str) else orjson.dumps(value).decode())


def _decisions(old: Sequence[Bundle], new: Bundle) -> tuple[Change, ...]:
    before, after = _tables(file for each in old for file in each.files), _tables(new.files)
    found = []
    for key, (node, rows) in after.items():
        if key not in before:
            found.append(_change("added", node))
        elif details := tuple(_rows(before[key][1], rows)):
            found.append(_change("changed", node, details))
    found += [_change("removed", node) for key, (node, _) in before.items() if key not in after]
    return tuple(found)


def _tables(files: Iterable[File]) -> dict[str, tuple[Node, list[tuple[str, ...]]]]:
    """Each decision by its id, with its rows: headings, then rules; a decision without table is one row of its texts."""
    found: dict[str, tuple[Node, list[tuple[str, ...]]]] = {}
    for file in files:
        if file.kind == "decision":
            with suppress(DmnError):  # the checker says what is wrong with it
                for decision in children(parse(file.content), "decision"):
                    found[decision.get("id") or ""] = (decision, _cells(decision))
    return found


def _cells(decision: Node) -> list[tuple[str, ...]]:
    table = child(decision, "decisionTable")
    if table is None:
        return [(_text(decision),)]
    heads = tuple(_text(each) for each in children(table, "input")) + tuple(
        each.get("label") or each.get("name") or "" for each in children(table, "output")
    )
    policy = " ".join(filter(None, (table.get("hitPolicy"), table.get("aggregation")))) or "UNIQUE"
    rules = [tuple(_text(each) for each in children(rule, "inputEntry", "outputEntry")) for rule in children(table, "rule")]
    return [(policy,), heads, *rules]


def _text(node: Node) -> str:
    return " ".join("".join(map(str, node.itertext())).split())


def _rows(old: list[tuple[str, ...]], new: list[tuple[str, ...]]) -> Iterable[Detail]:
    """Rows that differ, by their number in the newer table (rules count from 1); cells that stay are left out of a changed row."""
    for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for index in range(max(b - a, d - c)):
            before, after = (old[a + index] if a + index < b else ()), (new[c + index] if c + index < d else ())
            number = c + index - 1 if after else a + index - 1
            yield _row(number, before, after)


def _row(number: int, before: tuple[str, ...], after: tuple[str, ...]) -> Detail:
    if len(before) == len(after):
        pairs = [(x, y) for x, y in zip(before, after, strict=True) if x != y]
        before, after = tuple(x or "-" for x, _ in pairs), tuple(y or "-" for _, y in pairs)
    return Detail(f"row {number}" if number > 0 else "head", _short(" | ".join(before)), _short(" | ".join(after)))

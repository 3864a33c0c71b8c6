"""The JSON of a form as its editor changes it: components found by place, added, moved, removed; all else stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

import orjson

from engine.errors import Conflict
from feel.text import text
from forms import limits
from forms.components import CHOICES, CONTAINERS, INPUTS, TYPES

Schema: TypeAlias = dict[str, Any]
"""A form, a component or a row of one, as its file holds it."""
Place: TypeAlias = tuple[int, ...]
"""Where a component stands: its number in each level, from 0. The form itself is at ()."""

UNREADABLE = text("Ce formulaire ne se modifie pas ici : ce n’est pas un formulaire form-js.")
DEEPEST = limits.DEPTH + 2


def read(content: bytes | str) -> Schema:
    """The JSON of a form. Raises Conflict when it is none that could be walked."""
    try:
        schema = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Conflict(UNREADABLE) from error
    if len(content) > limits.FORM_BYTES or not _is_walkable(schema):
        raise Conflict(UNREADABLE)
    return dict(schema)


def write(content: bytes, schema: Schema) -> bytes:
    """The file with this schema: the same bytes when it says the same, else in the spacing of the file."""
    if content and orjson.loads(content) == schema:
        return content
    spaces = re.match(rb"\{\n( +)", content)
    end = "\n" if not content or content.endswith(b"\n") else ""
    return (json.dumps(schema, ensure_ascii=False, indent=len(spaces[1]) if spaces else 2) + end).encode()


def new(key: str) -> bytes:
    """The file of a form that asks nothing yet."""
    return write(b"", {"type": "default", "schemaVersion": 19, "id": key, "components": []})


def walk(schema: Schema) -> Iterator[tuple[Place, Schema]]:
    """Every component with its place, in reading order."""
    waiting: list[tuple[Place, Schema]] = [((number,), each) for number, each in reversed(list(enumerate(schema.get("components") or [])))]
    while waiting:
        place, component = waiting.pop()
        yield place, component
        inside = list(enumerate(component.get("components") or []))
        waiting += [((*place, number), each) for number, each in reversed(inside)]


def at(schema: Schema, place: Place) -> Schema | None:
    """The component at a place, or the form itself."""
    found: Schema | None = schema
    for number in place:
        inside = (found or {}).get("components") or []
        found = inside[number] if number < len(inside) else None
    return found


def add(schema: Schema, after: Place, kind: str, label: str) -> Place:
    """A new component after the one at a place, or as the last inside a container; where it stands."""
    holder = at(schema, after) if not after or _holds(at(schema, after)) else None
    level = after if holder is not None else after[:-1]
    inside = _level(schema, level)
    number = len(inside) if holder is not None else after[-1] + 1
    inside.insert(number, _fresh(schema, kind, label))
    return (*level, number)


def remove(schema: Schema, place: Place) -> Place:
    """Take a component away with all inside it; the place to look at next."""
    inside = _level(schema, place[:-1])
    del inside[place[-1]]
    return (*place[:-1], min(place[-1], len(inside) - 1)) if inside else place[:-1]


def move(schema: Schema, place: Place, by: int) -> Place:
    """One step up (-1) or down (1) in its level; from the end of a container out of it. Where it stands then."""
    inside, number = _level(schema, place[:-1]), place[-1] + by
    if 0 <= number < len(inside):
        inside[place[-1]], inside[number] = inside[number], inside[place[-1]]
        return (*place[:-1], number)
    if len(place) == 1:
        return place
    component = inside.pop(place[-1])
    outer = place[-2] if by < 0 else place[-2] + 1
    _level(schema, place[:-2]).insert(outer, component)
    return (*place[:-2], outer)


def put_into(schema: Schema, place: Place, target: Place) -> Place:
    """Move a component to the end of a container that is not inside it, or of the form; where it stands then."""
    if target[: len(place)] == place or (target and not _holds(at(schema, target))):
        return place
    goal = _level(schema, target)
    component = _level(schema, place[:-1]).pop(place[-1])
    goal.append(component)
    return next(found for found, each in walk(schema) if each is component)


def get(component: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path of a component; None when there is none."""
    found: Any = component
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def put(component: Schema, path: str, value: Any) -> None:
    """Set the value at a dotted path; None takes it away, and the objects that it leaves empty."""
    *outer, last = path.split(".")
    holders = [component]
    for part in outer:
        inner = holders[-1].get(part)
        if not isinstance(inner, dict):
            if value is None:
                return
            inner = holders[-1][part] = {}
        holders.append(inner)
    if value is None:
        holders[-1].pop(last, None)
    else:
        holders[-1][last] = value
    for holder, part in zip(reversed(holders[:-1]), reversed(outer), strict=True):
        if not holder[part]:
            del holder[part]


def _is_walkable(schema: object) -> bool:
    level: list[object] = [schema]
    for _ in range(DEEPEST):
        if not all(isinstance(each, dict) and isinstance(each.get("components") or [], list) for each in level):
            return False
        level = [inner for each in level if isinstance(each, dict) for inner in each.get("components") or []]
    return not level


def _holds(component: Schema | None) -> bool:
    return component is not None and component.get("type") in CONTAINERS


def _level(schema: Schema, place: Place) -> list[Schema]:
    holder = at(schema, place)
    if holder is None:
        raise Conflict(UNREADABLE)
    if not holder.get("components"):
        holder["components"] = []
    inside: list[Schema] = holder["components"]
    return inside


def _fresh(schema: Schema, kind: str, label: str) -> Schema:
    """A component of a kind with names that nothing has yet, and what it cannot do without."""
    if kind not in TYPES:
        raise Conflict(UNREADABLE)
    made: Schema = {"id": _free(schema, f"{schema.get('id') or 'form'}_{kind}", ("id",)), "type": kind} | deepcopy(_NEEDED.get(kind, {}))
    if kind in INPUTS:
        made["key"] = _free(schema, "reponse", ("key", "path"))
    if kind == "dynamiclist":
        made["path"] = _free(schema, "liste", ("key", "path"))
    if kind in CHOICES:
        made["values"] = [{"label": f"{label} {number}", "value": f"choix_{number}"} for number in (1, 2)]
    named = {"datetime": "dateLabel", "text": "text", "html": "content"}
    if kind not in ("separator", "spacer", "image"):
        made[named.get(kind, "label")] = label
    return made


_NEEDED: Mapping[str, Schema] = {
    "datetime": {"subtype": "date"},
    "number": {"decimalDigits": 0},
    "group": {"components": [], "showOutline": True},
    "dynamiclist": {"components": [], "isRepeating": True, "allowAddRemove": True, "defaultRepetitions": 1},
    "expression": {"expression": "=null", "computeOn": "change"},
    "table": {"dataSource": "=[]", "columns": []},
}


def _free(schema: Schema, wanted: str, names: tuple[str, ...]) -> str:
    taken = {str(each.get(name)) for _, each in walk(schema) for name in names}
    number = 1
    while f"{wanted}_{number}" in taken:
        number += 1
    return f"{wanted}_{number}"

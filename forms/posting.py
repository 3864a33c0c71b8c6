"""From the fields that a browser posts to raw answers, and the buttons that add or remove a row without JavaScript.

Names are paths: `nom`, `adresse.ville`, `membres.0.nom`. Names that start with `_` are the page's own: `_lignes` tells
how many rows a list has ("membres:3", so that a row of empty boxes is seen), `_ajouter` names a list that gets a row,
`_retirer` names a row ("membres.1") or a file ("pieces.<id>") to take away. Any other name that no field has becomes an
answer that the check refuses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from forms import limits
from forms.answers.types import answer
from forms.components import Component, Form, Leaf, Level
from forms.files import FileRef
from forms.scope import at
from forms.settling import put

ADD, REMOVE, ROWS = "_ajouter", "_retirer", "_lignes"
IGNORED = frozenset({"csrf_token"})
_MARK = re.compile(r"([\w.]{1,400}):(\d{1,6})")
_ALWAYS = frozenset({"checkbox", "checklist", "taglist"})
"""Types that post nothing when nothing is ticked: their absence is an answer."""


@dataclass(frozen=True)
class Posting:
    """What was posted: raw answers, and the list whose rows a button changed (then the page is shown again)."""

    answers: dict[str, object]
    edited: str = ""


@dataclass(frozen=True)
class _Post:
    values: Mapping[str, list[str]]
    files: Mapping[str, Sequence[FileRef]]
    known: Mapping[str, FileRef]
    rows: Mapping[str, int]
    only: frozenset[int] | None


def answers(form: Form, fields: Iterable[tuple[str, str]], files: Mapping[str, Sequence[FileRef]]) -> dict[str, object]:
    """The raw answers of a posted form, for `forms.schema.check`."""
    return read(form, fields, files).answers


def read(
    form: Form,
    fields: Iterable[tuple[str, str]],
    files: Mapping[str, Sequence[FileRef]],
    *,
    known: Mapping[str, FileRef] | None = None,
    only: Iterable[Component] | None = None,
    ignored: Collection[str] = (),
) -> Posting:
    """Read a post.

    `files` are those just stored, by field name; `known` those kept from before, by id; `only` limits the
    reading to the components of a step, so that what another page asked is left alone; `ignored` names other buttons.
    """
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    chosen = None if only is None else frozenset(id(inner) for component in only for inner in component.walk())
    post = _Post(values, files, known or {}, _marks(values.get(ROWS, ())), chosen)
    found = _level(form.level, post, "")
    edited = _edit(form, found, values)
    names = {_plain(name) for name in _names(form.level, "")}
    for name in values:
        if _plain(name) not in names and not name.startswith("_") and name not in IGNORED and name not in ignored:
            found.setdefault(name, values[name][0])
    return Posting(found, edited)


def merge(draft: Mapping[str, object], posted: Mapping[str, object]) -> dict[str, object]:
    """A draft with what was just posted laid over it; groups are merged, lists replaced."""
    merged = dict(draft)
    for key, value in posted.items():
        before = merged.get(key)
        merged[key] = merge(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def _level(level: Level, post: _Post, prefix: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for leaf in level.leaves:
        if post.only is not None and id(leaf.component) not in post.only:
            continue
        name = prefix + leaf.name
        value = _rows(leaf.rows, post, name) if leaf.rows else _answer(leaf, post, name)
        if value is not None:
            put(found, leaf.where, value)
    return found


def _answer(leaf: Leaf, post: _Post, name: str) -> object:
    """The raw answer, or None when the page did not ask."""
    kind = leaf.component.type
    if kind == "filepicker":
        return _files(post, name)
    if kind == "expression" or (name not in post.values and kind not in _ALWAYS):
        return None
    return answer(leaf).from_post(post.values.get(name, []))


def _files(post: _Post, name: str) -> list[dict[str, object]] | None:
    if name not in post.values and name not in post.files:
        return None
    before: list[dict[str, object]] = [
        post.known[value].to_json() if value in post.known else {"id": value} for value in post.values.get(name, []) if value
    ]
    return before + [file.to_json() for file in post.files.get(name, ())]


def _rows(level: Level, post: _Post, name: str) -> list[object] | None:
    indexes = _indexes(post, name)
    if indexes is None:
        return None
    return [_level(level, post, f"{name}.{index}.") for index in indexes]


def _indexes(post: _Post, name: str) -> list[int] | None:
    """The rows that were posted: as many as the page says it has, else those that fields name."""
    if name in post.rows:
        return list(range(min(post.rows[name], limits.ROWS + 1)))
    start = len(name) + 1
    found = {key[start:].partition(".")[0] for key in (*post.values, *post.files) if key.startswith(name + ".")}
    numbers = sorted(int(index) for index in found if index.isascii() and index.isdigit() and len(index) < 7)
    return numbers[: limits.ROWS + 1] or None


def _marks(values: Iterable[str]) -> dict[str, int]:
    return {found[1]: int(found[2]) for value in values if (found := _MARK.fullmatch(value))}


def _edit(form: Form, found: dict[str, object], values: Mapping[str, list[str]]) -> str:
    """Carry out the row button that was pressed; the path of the list that changed, or nothing."""
    if target := next(iter(values.get(ADD, [])), ""):
        return _add(form, found, target)
    if target := next(iter(values.get(REMOVE, [])), ""):
        return _remove(found, target)
    return ""


def _add(form: Form, found: dict[str, object], target: str) -> str:
    if _plain(target) not in {_plain(name) for name in _lists(form.level, "")}:
        return ""
    rows = at(found, target.split("."))
    if isinstance(rows, list):
        rows.extend([{}] if len(rows) < limits.ROWS else [])
        return target
    path, _, last = target.rpartition(".")
    holder = at(found, path.split(".")) if path else found
    if isinstance(holder, dict):
        holder[last] = [{}]
    else:
        put(found, tuple(target.split(".")), [{}])
    return target


def _remove(found: dict[str, object], target: str) -> str:
    path, _, last = target.rpartition(".")
    rows = at(found, path.split("."))
    if not isinstance(rows, list):
        return ""
    for index, row in enumerate(rows):
        if (isinstance(row, dict) and row.get("id") == last) or str(index) == last:
            del rows[index]
            return path
    return ""


def _names(level: Level, prefix: str) -> Iterable[str]:
    for leaf in level.leaves:
        if leaf.rows:
            yield from _names(leaf.rows, f"{prefix}{leaf.name}.0.")
        else:
            yield prefix + leaf.name


def _lists(level: Level, prefix: str) -> Iterable[str]:
    for leaf in level.leaves:
        if leaf.rows:
            yield prefix + leaf.name
            yield from _lists(leaf.rows, f"{prefix}{leaf.name}.0.")


def _plain(name: str) -> tuple[str, ...]:
    """A path without its row numbers."""
    return tuple(part for part in name.split(".") if not part.isdigit())

"""A form on its editor's page: settings as they were posted, buttons that change the structure, and the preview."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from werkzeug.datastructures import MultiDict

from authoring import form_schemas as schemas
from authoring.form_schemas import Place, Schema
from feel.errors import FeelError
from feel.expression import compile as compile_feel
from feel.host import to_json
from feel.problems import Problem
from forms import posting
from forms.components import Form
from forms.errors import FormError, TooCostly
from forms.form import free_names
from forms.form import read as read_form
from forms.schema import examine
from forms.view import FormPage
from web import answering
from web.form_fields import Setting, Sheet, sheet
from web.languages import gettext, render

MOST_ROWS = 200
WHOLE = re.compile(r"-?\d{1,15}")
DECIMAL = re.compile(r"-?\d{1,15}[.,]\d{1,15}")
#: Attributes whose absence means yes: no must be written.
WRITTEN = frozenset({"allowAddRemove", "isRepeating"})


@dataclass(frozen=True)
class Line:
    """A component in the list of the page, with the problems it has."""

    place: str
    depth: int
    kind: str
    label: str
    is_required: bool
    is_chosen: bool
    is_wrong: bool


@dataclass(frozen=True)
class Preview:
    """The form as people will see it; no `shown`: it cannot be read. `given`: what the process gets, once the answers pass."""

    shown: FormPage | None
    problems: tuple[Problem, ...]
    variables: tuple[tuple[str, str], ...]
    given: str = ""


def place_of(said: str) -> Place:
    """The place that a page names, as `0.2`; the form for anything else."""
    return tuple(int(each) for each in said.split(".")) if re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,9}", said) else ()


def sheet_of(component: Schema, place: Place) -> Sheet:
    """The settings of the component at a place."""
    return sheet(str(component.get("type", "")), str(component.get("subtype") or "date")) if place else sheet("")


def apply(schema: Schema, place: Place, form: Mapping[str, str]) -> None:
    """Set on the component what the page sent of it; what it shows as it was is left as it is."""
    component = schemas.at(schema, place)
    if component is not None:
        _apply(component, sheet_of(component, place).all, form, "_s-")


def press(schema: Schema, place: Place, action: str, form: Mapping[str, str], names: Mapping[str, str]) -> Place:
    """Do what a button says; the place to show next."""
    verb, _, target = action.partition(":")
    if verb == "select":
        return place_of(target)
    if verb in ("up", "down", "remove") and schemas.at(schema, place_of(target)) is not None and place_of(target):
        where = place_of(target)
        return schemas.remove(schema, where) if verb == "remove" else schemas.move(schema, where, -1 if verb == "up" else 1)
    if verb == "add" and form.get("_genre") in names:
        return schemas.add(schema, place, form["_genre"], names[form["_genre"]])
    if verb == "into" and place:
        return schemas.put_into(schema, place, place_of(form.get("_dans", "")))
    component = schemas.at(schema, place)
    if verb == "row" and component is not None:
        _press_row(component, sheet_of(component, place).all, target)
    return place


def lines(schema: Schema, chosen: Place, problems: tuple[Problem, ...]) -> list[Line]:
    """Every component in reading order."""
    wrong = {each.element_id for each in problems}
    return [
        Line(
            ".".join(map(str, place)),
            len(place) - 1,
            str(each.get("type")),
            label_of(each),
            schemas.get(each, "validate.required") is True,
            place == chosen,
            str(each.get("id")) in wrong,
        )
        for place, each in schemas.walk(schema)
    ]


def label_of(component: Schema) -> str:
    """What people call a component: its words, shortened; else the name of its answer."""
    for name in ("label", "dateLabel", "timeLabel", "title", "text", "content", "alt", "key", "path"):
        if isinstance(said := component.get(name), str) and said.strip():
            words = " ".join(re.sub(r"<[^>]*>|[*_#]", "", said).split())
            return words if len(words) <= 70 else words[:69] + "…"
    return ""


def shown(setting: Setting, holder: Schema) -> str:
    """An attribute as a field shows it; of a flag « oui » or nothing."""
    value = schemas.get(holder, setting.path)
    if setting.kind == "flag":
        return "oui" if value in (True, "true") else ""
    if value is None or isinstance(value, str):
        return value or ""
    return orjson.dumps(value).decode()


def preview(schema: Schema, form: MultiDict[str, str], *, verify: bool, now: datetime) -> Preview:
    """The form with the answers that the page holds. `verify`: say what the check says of them."""
    try:
        read = read_form(schema)
    except FormError as error:
        return Preview(None, error.problems, ())
    asked = tuple((name, form.get(f"_v-{name}", "")) for name in sorted(free_names(read)))
    variables = {name: _value(said) for name, said in asked if said.strip()}
    pairs = [(name, value) for name, value in form.items(multi=True) if value or verify]
    posted = posting.read(read, pairs, {}) if "_choisi" in form else None
    try:
        return _drawn(read, posted, variables, asked, verify=verify, now=now)
    except TooCostly:
        problem = Problem("form.limit", schemas.UNREADABLE, read.key, "form", read.title)
        return Preview(None, (problem,), asked)


def _drawn(
    form: Form,
    posted: posting.Posting | None,
    variables: Mapping[str, object],
    asked: tuple[tuple[str, str], ...],
    *,
    verify: bool,
    now: datetime,
) -> Preview:
    answers = posted.answers if posted else None
    given = ""
    errors: answering.Messages = {}
    if posted and verify and not posted.edited:
        cleaned, errors = examine(form, posted.answers, variables=variables, now=now)
        given = "" if errors else orjson.dumps(to_json(cleaned), option=orjson.OPT_INDENT_2).decode()
    page = answering.draw(form, variables=variables, answers=answers, errors=errors)
    return Preview(page, (), asked, given)


def _apply(holder: Schema, settings: tuple[Setting, ...], form: Mapping[str, str], prefix: str) -> None:
    for setting in settings:
        name = prefix + setting.path
        if setting.kind == "rows":
            _apply_rows(holder, setting, form, name)
            continue
        said = form.get(name, "").replace("\r\n", "\n")
        if said != shown(setting, holder) and (name in form or setting.kind == "flag"):
            schemas.put(holder, setting.path, _read(setting, said))


def _apply_rows(holder: Schema, setting: Setting, form: Mapping[str, str], name: str) -> None:
    if name not in form:
        return
    old = rows_of(holder, setting)
    found = []
    for number, source in enumerate(filter(None, form[name].split(","))):
        row = dict(old[int(source)]) if source.isdigit() and int(source) < len(old) else {}
        _apply(row, setting.columns, form, f"{name}-{number}-")
        if setting.path == "values" and row.get("label") and row.get("value") in (None, ""):
            row["value"] = _slug(str(row["label"]))
        found.append(row)
    if found != old:
        schemas.put(holder, setting.path, found[:MOST_ROWS] or None)


def _slug(label: str) -> str:
    """What the process gets for a choice whose value nobody wrote: « Très urgent » gives tres_urgent."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40]


def _press_row(holder: Schema, settings: tuple[Setting, ...], target: str) -> None:
    """`add.PATH`, `remove.PATH.N`, `up.PATH.N`."""
    verb, _, rest = target.partition(".")
    setting = next((each for each in settings if each.kind == "rows" and rest.split(".")[0] == each.path), None)
    if setting is None:
        return
    rows, number = list(rows_of(holder, setting)), int(rest.rpartition(".")[2]) if rest.rpartition(".")[2].isdigit() else -1
    if verb == "add":
        rows.append({each.path: "" for each in setting.columns[:2]})
    elif verb == "remove" and 0 <= number < len(rows):
        del rows[number]
    elif verb == "up" and 0 < number < len(rows):
        rows[number - 1], rows[number] = rows[number], rows[number - 1]
    schemas.put(holder, setting.path, rows[:MOST_ROWS] or None)


def rows_of(holder: Schema, setting: Setting) -> list[Schema]:
    """The rows of a setting as objects: a choice may be written as its value alone."""
    found = schemas.get(holder, setting.path)
    return (
        [dict(each) if isinstance(each, dict) else {"label": str(each), "value": each} for each in found or []]
        if isinstance(found, list)
        else []
    )


def _read(setting: Setting, said: str) -> Any:
    if setting.kind == "flag":
        return True if said else (False if setting.path in WRITTEN else None)
    if setting.kind in ("number", "value") and WHOLE.fullmatch(said.strip()):
        return int(said)
    if setting.kind in ("number", "value") and DECIMAL.fullmatch(said.strip()):
        return float(said.replace(",", "."))
    if setting.kind == "pick":
        return said if said in {value for value, _ in setting.options} and said else None
    return said if said.strip() else None


def _value(said: str) -> object:
    """What a variable of the case is tried with: FEEL that needs nothing else, or the text itself."""
    try:
        expression = compile_feel(said)
        return said if expression.free else to_json(expression.evaluate({}))
    except FeelError:
        return said


def say(problem: Problem) -> str:
    """A problem of the form in a sentence, with its element."""
    where = problem.element_name or problem.element_id
    sentence = f"{render(problem.message)}. {render(problem.remedy)}." if problem.remedy else f"{render(problem.message)}."
    return gettext("%(name)s : %(reason)s", name=where, reason=sentence) if where else sentence

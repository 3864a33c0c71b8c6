"""Reading a form: form-js JSON (schemaVersion up to 19) to a frozen tree, or every problem at once.

Beyond form-js, any container (the form, a group, a list) may carry `checks` between fields:
`"checks": [{"when": "=fin <= debut", "message": "Choisissez une date après celle de début", "field": "fin"}]`. `when`
is FEEL that is true when the answers are wrong; in a list it is evaluated for each row.
`title` names the form to people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import orjson

from feel.text import Text, text
from forms import limits
from forms.components import INPUTS, Check, Component, Form, Level
from forms.errors import FormError as FormError
from forms.syntax import Place, Reading, checks, components

_NEWEST = 19


def read(content: bytes | str | Mapping[str, object]) -> Form:
    """The form that `content` holds, as the bytes or text of a .form file or as parsed JSON.

    Raises `FormError` with all problems.
    """
    reading = Reading()
    root = Place("", "form", "")
    value = _parse(content, reading, root)
    key = value.get("id")
    if isinstance(key, str) and key and len(key) <= limits.KEY:
        root = Place(key, "form", "")
    else:
        reading.note("form.id", text("Le formulaire n’a pas d’identifiant (« id »)"), root)
    _check_version(value, reading, root)
    form = Form(
        key=root.id,
        components=components(reading, value.get("components"), root, 0),
        checks=checks(reading, value.get("checks"), root),
        properties=_properties(value),
        title=_title(value),
    )
    _check_names(form, reading, root)
    if reading.problems:
        raise FormError(reading.problems)
    return form


def _parse(content: bytes | str | Mapping[str, object], reading: Reading, root: Place) -> Mapping[str, object]:
    if not isinstance(content, Mapping):
        if len(content) > limits.FORM_BYTES:
            _stop(reading, root, text("Le formulaire dépasse %(max)s octets", max=limits.FORM_BYTES), "form.limit")
        try:
            content = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            _stop(reading, root, text("Le formulaire n’est pas du JSON\u00a0: %(detail)s", detail=str(error)), "form.json")
    if not isinstance(content, Mapping) or not isinstance(content.get("components", []), list):
        _stop(reading, root, text("Un formulaire est un objet JSON avec une liste « components »"), "form.json")
    assert isinstance(content, Mapping)  # noqa: S101  narrows the type for the checker
    return content


def _stop(reading: Reading, root: Place, message: Text, code: str) -> None:
    reading.note(code, message, root)
    raise FormError(reading.problems)


def _check_version(value: Mapping[str, object], reading: Reading, root: Place) -> None:
    version = value.get("schemaVersion", _NEWEST)
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= _NEWEST:
        reading.note("form.version", text("« schemaVersion » doit être un nombre de 1 à %(max)s", max=_NEWEST), root)
    if value.get("type", "default") != "default":
        reading.note("form.type", text("Le type d’un formulaire est « default »"), root)


def _properties(value: Mapping[str, object]) -> dict[str, object]:
    properties = value.get("properties")
    return dict(properties) if isinstance(properties, dict) else {}


def _title(value: Mapping[str, object]) -> str:
    title = value.get("title") or _properties(value).get("title") or ""
    return title[: limits.LABEL] if isinstance(title, str) else ""


def _check_names(form: Form, reading: Reading, root: Place) -> None:
    """No two answers of a level share a name, nor lies one inside another; checks point at fields that exist."""
    for level, owner in _levels(form.level, root):
        names = [leaf.where for leaf in level.leaves if leaf.where]
        taken = Counter(names)
        for leaf in level.leaves:
            place = _place(leaf.component)
            inside = any(leaf.where[:cut] in taken for cut in range(1, len(leaf.where)))
            if taken[leaf.where] > 1 or inside:
                reading.note("form.duplicate", text("« %(name)s » nomme déjà une autre réponse", name=leaf.name), place)
        fields = {leaf.name for leaf in level.leaves}
        for path, check in level.checks:
            target = f"{path}.{check.field}".strip(".") if check.field else ""
            if target and target not in fields:
                reading.note(
                    "form.checks",
                    text("Un contrôle vise « %(name)s », qui n’est pas un champ", name=check.field),
                    owner,
                )


def _levels(level: Level, owner: Place) -> Iterator[tuple[Level, Place]]:
    yield level, owner
    for leaf in level.leaves:
        if leaf.rows:
            yield from _levels(leaf.rows, _place(leaf.component))


def _place(component: Component) -> Place:
    return Place(component.id, component.type, component.label.source)


def free_names(form: Form) -> frozenset[str]:
    """The variables that the form's expressions and texts read and that no field of it answers."""
    names: set[str] = set()
    for component in form.walk():
        for template in (component.label, component.description, component.text):
            names |= template.free
        for value in (component.hide, *component.rules.values(), *component.settings.values()):
            names |= getattr(value, "free", frozenset())
        if isinstance(component.settings.get("valuesKey"), str):
            names.add(str(component.settings["valuesKey"]))
    names |= {name for _, check in _all_checks(form.level) for name in check.when.free | check.message.free}
    own = {leaf.where[0] for leaf in form.level.walk() if leaf.where and leaf.component.type in INPUTS | {"dynamiclist"}}
    return frozenset(names - own - {"this", "parent", "i", "_this_", "_parent_"})


def _all_checks(level: Level) -> Iterator[tuple[str, Check]]:
    yield from level.checks
    for leaf in level.leaves:
        if leaf.rows:
            yield from _all_checks(leaf.rows)

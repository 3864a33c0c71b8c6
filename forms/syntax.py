"""From the JSON of a form to its tree of components, noting every problem on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from feel.problems import Problem
from feel.text import Text, text
from forms import limits
from forms.choices import token
from forms.components import CHOICES, CONTAINERS, INPUTS, TYPES, Check, Component, Option
from forms.settings import PROPERTIES, SETTINGS, VALIDATE, Reader, WrongSetting, expression, template
from forms.templates import Template

_KEY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_RESERVED = frozenset({"csrf_token"})
Json = Mapping[str, object]


@dataclass(frozen=True)
class Place:
    """The component at hand, as problems name it."""

    id: str
    type: str
    label: str


@dataclass
class Reading:
    """One reading of a form: the problems so far, and what has been seen."""

    problems: list[Problem] = field(default_factory=list)
    seen: int = 0
    checks: int = 0
    ids: set[str] = field(default_factory=set)

    def note(self, code: str, message: Text, place: Place, remedy: Text | None = None) -> None:
        """Add a problem at `place`; beyond a hundred, more would not help."""
        if len(self.problems) < limits.MESSAGES:
            self.problems.append(Problem(code, message, place.id, place.type, place.label, remedy))


def components(reading: Reading, value: object, owner: Place, depth: int) -> tuple[Component, ...]:
    """The components that `value` lists, without those that cannot be read at all."""
    if value is None:
        return ()
    if not isinstance(value, list):
        reading.note("form.value", text("« components » doit être une liste"), owner)
        return ()
    if depth > limits.DEPTH:
        reading.note("form.limit", text("Les groupes sont imbriqués sur plus de %(max)s niveaux", max=limits.DEPTH), owner)
        return ()
    return tuple(found for item in value if (found := _component(reading, item, owner, depth)) is not None)


def _component(reading: Reading, value: object, owner: Place, depth: int) -> Component | None:
    reading.seen += 1
    if reading.seen > limits.COMPONENTS:
        if reading.seen == limits.COMPONENTS + 1:
            reading.note("form.limit", text("Le formulaire a plus de %(max)s composants", max=limits.COMPONENTS), owner)
        return None
    if not isinstance(value, dict):
        reading.note("form.value", text("Un composant doit être un objet JSON"), owner)
        return None
    place = _place(reading, value)
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        reading.note("form.type", text("Le type « %(type)s » n’existe pas", type=place.type), place)
        return None
    if place.id in reading.ids:
        reading.note("form.id", text("L’identifiant « %(id)s » sert deux fois", id=place.id), place)
    reading.ids.add(place.id)
    return _read(reading, value, kind, place, depth)


def _place(reading: Reading, value: Json) -> Place:
    """The component's id as it is written, else a free one."""
    kind = str(value.get("type", ""))[: limits.KEY]
    name = next((str(value[k]) for k in ("id", "key", "path") if isinstance(value.get(k), str) and value[k]), kind)
    if not value.get("id") and name in reading.ids:
        name = f"{name}_{reading.seen}"
    label = next((str(value[k]) for k in ("label", "dateLabel", "timeLabel") if isinstance(value.get(k), str)), "")
    return Place(name[: limits.KEY], kind, label[: limits.KEY])


def _read(reading: Reading, value: Json, kind: str, place: Place, depth: int) -> Component:
    text_key = "content" if kind == "html" else "title" if kind == "documentPreview" else "text"
    conditional = value.get("conditional")
    hide = conditional.get("hide") if isinstance(conditional, dict) else None
    component = Component(
        id=place.id,
        type=kind,
        key=_name(reading, value, "key", place, needed=True) if kind in INPUTS else "",
        path=_name(reading, value, "path", place, needed=kind == "dynamiclist") if kind in CONTAINERS else "",
        label=_label(reading, value, kind, place),
        description=_template(reading, value.get("description"), place),
        text=_template(reading, value.get(text_key), place, limits.TEXT),
        hide=_setting(reading, "conditional.hide", hide, expression, place) if hide not in (None, "", "=", False) else None,  # type: ignore[arg-type]
        rules=_settings(reading, value.get("validate"), VALIDATE, place, "validate", closed=True),
        settings=_layout(reading, value, place) | _settings(reading, value, SETTINGS, place, ""),
        properties=_properties(reading, value.get("properties"), place),
        options=_options(reading, value.get("values"), place) if kind in CHOICES else (),
        components=components(reading, value.get("components"), place, depth + 1) if kind in CONTAINERS else (),
        checks=checks(reading, value.get("checks"), place),
    )
    for problem in _contradictions(component):
        reading.note("form.value", problem, place)
    if kind in CHOICES and not (component.options or _computes_options(component)):
        reading.note(
            "form.options",
            text("Aucun choix n’est proposé"),
            place,
            text("Renseignez « values », « valuesKey » ou « valuesExpression »"),
        )
    return component


def _computes_options(component: Component) -> bool:
    return bool(component.settings.get("valuesKey")) or "valuesExpression" in component.settings


def _name(reading: Reading, value: Json, attribute: str, place: Place, *, needed: bool) -> str:
    name = value.get(attribute)
    if name in (None, ""):
        if needed:
            reading.note(
                "form.key",
                text("« %(attribute)s » manque\u00a0: la réponse n’aurait pas de nom", attribute=attribute),
                place,
            )
        return ""
    if not isinstance(name, str) or len(name) > limits.KEY or not _KEY.fullmatch(name) or name in _RESERVED or name.startswith("_"):
        remedy = text("Écrivez des lettres, des chiffres et « _ », une lettre d’abord, %(max)s caractères au plus", max=limits.KEY)
        reading.note(
            "form.key",
            text("« %(name)s » ne peut pas être un nom de réponse", name=str(name)[: limits.KEY]),
            place,
            remedy,
        )
        return ""
    return name


def _label(reading: Reading, value: Json, kind: str, place: Place) -> Template:
    own = {"date": "dateLabel", "time": "timeLabel"}.get(str(value.get("subtype", "date")), "dateLabel")
    labels = (own, "label", "dateLabel", "timeLabel") if kind == "datetime" else ("label",)
    found = next((value[name] for name in labels if value.get(name)), None)
    return _template(reading, found, place)


def _template(reading: Reading, value: object, place: Place, limit: int = limits.LABEL) -> Template:
    if value in (None, ""):
        return Template()
    try:
        return template(value, limit)
    except WrongSetting as error:
        reading.note(error.code, error.reason, place)
        return Template()


def _settings(
    reading: Reading, value: object, readers: Mapping[str, Reader], place: Place, group: str, *, closed: bool = False
) -> dict[str, object]:
    """The attributes that mean something; `closed` refuses those that do not. Empty ones count as absent."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        reading.note("form.value", text("« %(name)s » doit être un objet JSON", name=group), place)
        return {}
    if closed:
        for name in [name for name in value if name not in readers][:20]:
            reading.note("form.rule", text("La règle « %(name)s » n’existe pas", name=str(name)[: limits.KEY]), place)
    given = {name: value[name] for name in readers if value.get(name) not in (None, "", "=")}
    read = {name: _setting(reading, f"{group}.{name}".lstrip("."), raw, readers[name], place) for name, raw in given.items()}
    return {name: setting for name, setting in read.items() if setting is not None}


def _setting(reading: Reading, name: str, value: object, reader: Reader, place: Place) -> object:
    try:
        return reader(value)
    except WrongSetting as error:
        reading.note(error.code, text("« %(name)s »\u00a0: %(reason)s", name=name, reason=str(error.reason)), place)
        return None


def _properties(reading: Reading, value: object, place: Place) -> dict[str, object]:
    known = _settings(reading, value, PROPERTIES, place, "properties")
    rest = value if isinstance(value, dict) else {}
    return {**{str(k): v for k, v in rest.items() if k not in PROPERTIES}, **known}


def _layout(reading: Reading, value: Json, place: Place) -> dict[str, object]:
    """The place in the editor's grid of 16 columns, and the words before and after a control."""
    layout, appearance = value.get("layout"), value.get("appearance")
    found: dict[str, object] = {}
    if isinstance(value.get("columns"), list):
        found["tableColumns"] = value["columns"]
    if isinstance(layout, dict) and isinstance(layout.get("columns"), int):
        found |= {"columns": layout["columns"], "row": layout.get("row")}
    if isinstance(appearance, dict):
        for name in ("prefixAdorner", "suffixAdorner"):
            found[name] = _template(reading, appearance.get(name), place)
    return found


def _options(reading: Reading, value: object, place: Place) -> tuple[Option, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > limits.OPTIONS:
        reading.note("form.options", text("« values » doit être une liste de %(max)s choix au plus", max=limits.OPTIONS), place)
        return ()
    options = tuple(found for item in value if (found := _option(reading, item, place)) is not None)
    tokens = [token(option.value) for option in options]
    if len(set(tokens)) < len(tokens):
        reading.note("form.options", text("Deux choix ont la même valeur"), place)
    return options


def _option(reading: Reading, value: object, place: Place) -> Option | None:
    option = value if isinstance(value, dict) else {"value": value}
    given = option.get("value")
    if not isinstance(given, str | int | float) or (isinstance(given, float) and given != given):
        given = None
    label = option.get("label", given)
    if given in (None, "") or not isinstance(label, str | int | float) or not str(label) or len(str(label)) > limits.LABEL:
        reading.note("form.options", text("Un choix n’a pas de valeur ou de libellé"), place)
        return None
    texts = {name: _template(reading, option.get(name), place) for name in ("hint", "then", "who", "undo")}
    return Option(given, str(label), danger=option.get("danger") in (True, "true"), **texts)


def checks(reading: Reading, value: object, place: Place) -> tuple[Check, ...]:
    """The checks between fields that a form, a group or a list carries."""
    if value is None:
        return ()
    if not isinstance(value, list) or reading.checks + len(value) > limits.CHECKS:
        reading.note("form.checks", text("« checks » doit être une liste de %(max)s contrôles au plus", max=limits.CHECKS), place)
        return ()
    reading.checks += len(value)
    return tuple(found for item in value if (found := _check(reading, item, place)) is not None)


def _check(reading: Reading, value: object, place: Place) -> Check | None:
    if not isinstance(value, dict) or not value.get("when") or not value.get("message"):
        reading.note("form.checks", text("Un contrôle a besoin de « when » et de « message »"), place)
        return None
    before = len(reading.problems)
    when = _setting(reading, "checks.when", value["when"], expression, place)
    message = _template(reading, value["message"], place)
    target = value.get("field") or ""
    if not isinstance(target, str):
        reading.note("form.checks", text("« field » doit nommer un champ"), place)
    if len(reading.problems) > before:
        return None
    return Check(when, message, str(target))  # type: ignore[arg-type]


def _contradictions(component: Component) -> Iterator[Text]:
    """Bounds that no answer could keep."""
    for low, high in (("min", "max"), ("minLength", "maxLength")):
        lowest, highest = component.rules.get(low), component.rules.get(high)
        if _number(lowest) and _number(highest) and lowest > highest:  # type: ignore[operator]
            yield text("« %(low)s » dépasse « %(high)s »", low=low, high=high)
    if component.properties.get("decision") and component.type not in ("radio", "select"):
        yield text("Seul un choix unique (radio, select) peut être une décision")


def _number(value: object) -> bool:
    return isinstance(value, int | Decimal)

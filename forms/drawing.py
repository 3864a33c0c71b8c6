"""Drawing one page of a form: each component to its view, with its value, its error and the texts of the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from feel.expression import Expression
from feel.text import Text
from forms import blocks
from forms.answers.base import Answer
from forms.answers.rows import bounds, first_rows
from forms.answers.texts import TextAnswer
from forms.answers.types import answer
from forms.choices import options, token
from forms.components import INPUTS, PRESENTATION, Component, Form, Option
from forms.files import constraints, reference
from forms.french import PARIS, size
from forms.scope import Scope, at
from forms.settling import Settled
from forms.steps import Step
from forms.templates import Template
from forms.view import ColumnsView, FieldView, FileView, GroupView, ListView, OptionView, Part, RowView

_KINDS = {
    "taglist": "checklist",
    "checkbox": "check",
    "filepicker": "file",
    "expression": "computed",
    "textfield": "text",
}
_WIDTHS = {"s": "ui-w-s", "m": "ui-w-m", "l": ""}
_NARROW = {
    "number": "ui-w-s",
    "date": "ui-w-m",
    "time": "ui-w-s",
    "datetime-local": "ui-w-m",
    "select": "ui-w-m",
    "tel": "ui-w-m",
}
_MULTILINE = ("textarea", "text")


class Say(Protocol):
    """Translates a text."""

    def __call__(self, message: Text, /) -> str: ...


@dataclass(frozen=True)
class Drawing:
    """One drawing: the answers as they were given, and as they settled."""

    form: Form
    settled: Settled
    raw: Mapping[str, object]
    variables: Mapping[str, object]
    errors: Mapping[str, Sequence[Text]]
    say: Say
    polish: Callable[[str], str]
    asked: frozenset[str]

    def section(self, section: Step, scope: Scope) -> GroupView | None:
        """A section of the page; None when the case hides all of it."""
        first = section.components[0]
        if first.type == "group":
            return self.group(first, scope, "")
        parts = self.parts(section.components, scope, "")
        return GroupView(f"s-{section.id}", "", parts=parts) if parts else None

    def parts(self, components: Sequence[Component], scope: Scope, path: str) -> tuple[Part, ...]:
        """The views of components that follow each other; those of one row of the editor's grid stand side by side."""
        found = [part for component in components if (part := self.part(component, scope, path)) is not None]
        return _side_by_side(found)

    def part(self, component: Component, scope: Scope, path: str) -> Part | None:
        """The view of a component, or None when there is nothing to draw."""
        if component.type == "group":
            return self.group(component, scope, path)
        if component.type in PRESENTATION:
            hidden, left_out = self.hiding(component, scope)
            return None if left_out else blocks.block(component, scope, self.polish, hidden=hidden)
        if component.type in INPUTS:
            return self.field(component, scope, path)
        return self.repeated(component, scope, path)

    def hiding(self, component: Component, scope: Scope) -> tuple[bool, bool]:
        """Whether a component is hidden now, and whether no answer of this page can change that."""
        if component.hide is None or scope.evaluate(component.hide) is not True:
            return False, False
        return True, not component.hide.free & (self.asked | {"this", "parent"})

    def group(self, component: Component, scope: Scope, path: str) -> GroupView | None:
        """A group as a section or fieldset."""
        hidden, left_out = self.hiding(component, scope)
        inner = _join(path, component.path)
        parts = () if left_out else self.parts(component.components, scope, inner)
        if not parts:
            return None
        return GroupView(
            id=_id(scope, f"g-{component.id}"),
            title=self.words(component.label, scope),
            hint=self.hint(component, scope),
            error=self.error(scope.prefix + inner) if component.path else "",
            parts=parts,
            hidden_when=_source(component.hide),
            hidden=hidden,
            **_grid(component),
        )

    def repeated(self, component: Component, scope: Scope, path: str) -> ListView | None:
        """A list as fieldsets that repeat."""
        hidden, left_out = self.hiding(component, scope)
        if left_out:
            return None
        local = _join(path, component.path)
        name = scope.prefix + local
        rows = self._rows(component, name)
        lowest, highest = bounds(component, scope, at(self.variables, name.split(".")))
        return ListView(
            id=_control(name),
            name=name,
            label=self.words(component.label, scope),
            hint=self.hint(component, scope),
            error=self.error(name),
            rows=tuple(self._row(component, scope.row(local, row, index), name, index) for index, row in enumerate(rows)),
            add=self.words(component.properties.get("addLabel"), scope),
            can_add=lowest < highest and len(rows) < highest,
            can_remove=lowest < highest and len(rows) > min(lowest, 1),
            hidden_when=_source(component.hide),
            hidden=hidden,
            **_grid(component),
        )

    def _rows(self, component: Component, name: str) -> list[object]:
        given = at(self.raw, name.split("."))
        known = given if isinstance(given, list) else at(self.variables, name.split("."))
        return list(known) if isinstance(known, list) else [{} for _ in range(first_rows(component))]

    def _row(self, component: Component, scope: Scope, name: str, index: int) -> RowView:
        own = component.properties.get("item")
        title = self.words(own, scope) or f"{self.words(component.label, scope)} {index + 1}"
        return RowView(f"{_control(name)}-{index}", f"{name}.{index}", title.strip(), self.parts(component.components, scope, ""))

    def field(self, component: Component, scope: Scope, path: str) -> FieldView | None:
        """A control."""
        hidden, left_out = self.hiding(component, scope)
        kind = self._kind(component)
        if left_out or (kind == "computed" and not component.label):
            return None
        leaf = self.form.leaves[id(component)]
        name = scope.prefix + _join(path, component.key)
        given = answer(leaf)
        posted = self._posted(given, name, scope)
        readonly = scope.setting(component.settings.get("readonly")) is True or component.settings.get("disabled") is True
        return FieldView(
            kind=kind,
            id=_control(name),
            name=name,
            label=self.words(component.label, scope) or component.key,
            hint=self._field_hint(component, kind, scope),
            error=self.error(name),
            required=component.required,
            value=self._value(given, posted, kind, name, scope, readonly=readonly),
            options=self._options(component, kind, posted, _control(name), scope),
            readonly=readonly,
            files=self._files(given, name),
            hidden_when=_source(component.hide),
            hidden=hidden,
            short=self.polish(str(component.properties.get("summary", ""))),
            **_grid(component),
            **self._control(given, kind, scope),
        )

    def _kind(self, component: Component) -> str:
        """How the field is drawn. A choice on which other fields depend is made before the form is sent: it cannot be its button."""
        kind = _kind(component)
        if kind == "decide" and any(component.key in other.hide.free for other in self.form.walk() if other.hide is not None):
            return "radio" if component.type == "radio" else _KINDS.get(component.type, component.type)
        return kind

    def _posted(self, given: Answer, name: str, scope: Scope) -> tuple[str, ...]:
        return tuple(value[:100_000] for value in given.to_post(self._current(given, name), scope))

    def _current(self, given: Answer, name: str) -> object:
        """What stands in the field: what was given, else what the case knows; computed values always anew."""
        path = name.split(".")
        if given.component.type == "expression":
            return at(self.settled.answers, path)
        return at(self.raw, path) if _given(self.raw, path) else given.initial(self.variables, name)

    def _value(self, given: Answer, posted: tuple[str, ...], kind: str, name: str, scope: Scope, *, readonly: bool) -> str:
        if kind == "computed" or (readonly and kind not in _MULTILINE):
            return given.display(self._current(given, name), scope)
        return posted[0] if posted else ""

    def _options(self, component: Component, kind: str, posted: tuple[str, ...], control: str, scope: Scope) -> tuple[OptionView, ...]:
        if kind not in ("radio", "select", "checklist", "decide"):
            return ()
        return tuple(
            self._option(option, f"{control}-{number}", posted, scope, kind) for number, option in enumerate(options(component, scope), 1)
        )

    def _option(self, option: Option, control: str, posted: tuple[str, ...], scope: Scope, kind: str) -> OptionView:
        value = token(option.value)
        told = [self.words(each, scope) for each in (option.hint, option.then, option.who)]
        hint = told[0] if kind == "decide" else " ".join(filter(None, told))
        return OptionView(
            id=control,
            value=value,
            label=self.polish(option.label),
            checked=value in posted,
            hint=hint,
            then=self.words(option.then, scope),
            who=self.words(option.who, scope),
            undo=self.words(option.undo, scope),
            danger=option.danger,
        )

    def _files(self, given: Answer, name: str) -> tuple[FileView, ...]:
        if given.component.type != "filepicker":
            return ()
        current = self._current(given, name)
        found = (reference(item) for item in (current if isinstance(current, list) else []))
        return tuple(FileView(file.id, file.name, size(file.size)) for file in found if file)

    def _field_hint(self, component: Component, kind: str, scope: Scope) -> str:
        hint = self.hint(component, scope)
        return f"{constraints(component, scope)!s}." if kind == "file" and not hint else hint

    def _control(self, given: Answer, kind: str, scope: Scope) -> dict[str, Any]:
        """What only concerns the control itself."""
        component = given.component
        properties, settings = component.properties, component.settings
        found: dict[str, Any] = {
            "width": _WIDTHS.get(str(properties.get("width")), _NARROW.get(kind, "")),
            "prefix": self.words(settings.get("prefixAdorner"), scope),
            "suffix": self.words(settings.get("suffixAdorner"), scope),
            "autocomplete": str(properties.get("autocomplete", {"email": "email", "tel": "tel"}.get(kind, ""))),
            "inputmode": str(properties.get("inputmode", _inputmode(component, kind))),
            "rows": properties.get("rows", 4),
        }
        if isinstance(given, TextAnswer) and "maxLength" in component.rules:
            found["limit"] = given.limit(scope)
        if kind == "file":
            found |= {
                "accept": constraints(component, scope).extensions,
                "multiple": constraints(component, scope).count > 1,
            }
        if settings.get("disallowPassedDates") and kind == "date":
            found["lowest"] = scope.now.astimezone(PARIS).date().isoformat()
        if kind in ("time", "datetime-local") and isinstance(settings.get("timeInterval"), int):
            found["step"] = str(int(str(settings["timeInterval"])) * 60)
        return found

    def hint(self, component: Component, scope: Scope) -> str:
        """The author's help: the description, then the property."""
        own = component.properties.get("hint")
        parts = (self.words(component.description, scope), self.words(own, scope))
        return " ".join(part for part in parts if part)

    def words(self, template: object, scope: Scope) -> str:
        """A text of the author, rendered and set; empty when there is none."""
        return self.polish(template.render(scope)) if isinstance(template, Template) else ""

    def error(self, name: str) -> str:
        """The first message about a field: one at a time is enough beside the control."""
        return next((self.say(message) for message in self.errors.get(name, ())), "")


def _kind(component: Component) -> str:
    if component.type == "datetime":
        subtype = str(component.settings.get("subtype", "date"))
        return "datetime-local" if subtype == "datetime" else subtype
    if component.type == "textfield":
        return {"email": "email", "phone": "tel"}.get(str(component.rules.get("validationType")), "text")
    if component.properties.get("decision"):
        return "decide"
    return _KINDS.get(component.type, component.type)


def _inputmode(component: Component, kind: str) -> str:
    if kind == "number":
        lowest = component.rules.get("min")
        whole = component.settings.get("decimalDigits") == 0 and isinstance(lowest, Decimal) and lowest >= 0
        return "numeric" if whole else "decimal"
    return ""


def _side_by_side(parts: list[Part]) -> tuple[Part, ...]:
    """Parts that share a row of the editor's grid, grouped."""
    found: list[list[Part]] = []
    for part in parts:
        row = getattr(part, "row", "")
        together = found and row and getattr(found[-1][0], "row", "") == row and getattr(part, "columns", 16) < 16
        if together:
            found[-1].append(part)
        else:
            found.append([part])
    return tuple(group[0] if len(group) == 1 else ColumnsView(tuple(group)) for group in found)


def _grid(component: Component) -> dict[str, Any]:
    columns = component.settings.get("columns")
    return {"columns": columns if isinstance(columns, int) else 16, "row": str(component.settings.get("row") or "")}


def _source(condition: Expression | None) -> str:
    return condition.text if condition else ""


def _join(path: str, name: str) -> str:
    return f"{path}.{name}".strip(".")


def _control(name: str) -> str:
    """The id of a control; names have no hyphen, so ids never meet."""
    return "f-" + name.replace(".", "-")


def _id(scope: Scope, name: str) -> str:
    return (scope.prefix + name).replace(".", "-")


def _given(data: object, path: Sequence[str]) -> bool:
    """Whether the answers hold a value at a path, were it None."""
    holder = at(data, path[:-1])
    return isinstance(holder, Mapping) and path[-1] in holder

"""Answers as people read them back: a summary before sending, a receipt, a form that was filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forms.answers.types import answer
from forms.components import Component, Form
from forms.files import FileRef, reference
from forms.scope import Scope, at
from forms.settling import settle
from forms.steps import Step, sections, steps
from forms.templates import Template

EMPTY = "—"


@dataclass(frozen=True)
class Line:
    """One answer: its field's path and label, the answer in words, and the files that it holds."""

    path: str
    label: str
    value: str
    files: tuple[FileRef, ...] = ()
    consent: bool = False
    """A box that had to be ticked: it says nothing about the matter itself."""

    @property
    def answered(self) -> bool:
        """Whether there is an answer."""
        return self.value != EMPTY


@dataclass(frozen=True)
class Part:
    """The answers of one section, or of one row of a list. `step` is the id of the step that asks for them."""

    title: str
    lines: tuple[Line, ...]
    step: str = ""
    row: bool = False


def review(
    form: Form,
    answers: Mapping[str, object],
    *,
    variables: Mapping[str, object],
    now: datetime,
    empty: bool = True,
    polish: Callable[[str], str] = str,
) -> tuple[Part, ...]:
    """What was answered, by section, rows of lists apart; never what is hidden, blanks on request."""
    settled = settle(form, answers, variables, now)
    reader = _Reader(form, settled.scope, settled.hidden, empty, polish)
    pages = {id(component): step.id for step in steps(form) for component in step.components}
    found: list[Part] = []
    for section in sections(form):
        found += reader.section(section, settled.answers, pages.get(id(section.components[0]), ""))
    return tuple(part for part in found if part.lines)


@dataclass(frozen=True)
class _Reader:
    form: Form
    scope: Scope
    hidden: frozenset[str]
    empty: bool
    polish: Callable[[str], str]

    def section(self, section: Step, data: object, step: str) -> Iterator[Part]:
        first = section.components[0]
        title = self.polish(first.label.render(self.scope)) if first.type == "group" else ""
        yield Part(title, tuple(self.lines(section.components, data, self.scope)), step)
        for component in (inner for outer in section.components for inner in _in_level(outer)):
            if component.type == "dynamiclist":
                yield from self.rows(component, data, self.scope, step)

    def lines(self, components: Sequence[Component], data: object, scope: Scope) -> Iterator[Line]:
        for component in (inner for outer in components for inner in _in_level(outer)):
            leaf = self.form.leaves.get(id(component))
            if leaf is None or leaf.rows or scope.prefix + leaf.name in self.hidden or not _told(component):
                continue
            value = at(data, leaf.where)
            shown = answer(leaf).display(value, scope)
            if shown or self.empty:
                files = tuple(found for item in (value if isinstance(value, list) else []) if (found := reference(item)))
                consent = component.type == "checkbox" and component.required
                yield Line(scope.prefix + leaf.name, self.polish(_label(component, scope)), shown or EMPTY, files, consent)

    def title(self, component: Component, scope: Scope, row: Scope, index: int) -> str:
        """How people call a row: the author's words, else the list's label and its number."""
        own = component.properties.get("item")
        written = own.render(row) if isinstance(own, Template) else ""
        return self.polish(written or f"{component.label.render(scope)} {index + 1}".strip())

    def rows(self, component: Component, data: object, scope: Scope, step: str) -> Iterator[Part]:
        leaf = self.form.leaves[id(component)]
        rows = at(data, leaf.where)
        if scope.prefix + leaf.name in self.hidden or not isinstance(rows, list):
            return
        for index, row in enumerate(rows):
            inner = scope.row(leaf.name, row, index)
            yield Part(
                self.title(component, scope, inner, index),
                tuple(self.lines(component.components, row, inner)),
                step,
                row=True,
            )
            for nested in (found for outer in component.components for found in _in_level(outer)):
                if nested.type == "dynamiclist":
                    yield from self.rows(nested, row, inner, step)


def _in_level(component: Component) -> Iterator[Component]:
    """A component and what its groups hold, without entering rows of lists."""
    yield component
    if component.type == "group":
        for inner in component.components:
            yield from _in_level(inner)


def _told(component: Component) -> bool:
    """Computed values without a label are for the process, not for people."""
    return component.type != "expression" or bool(component.label)


def _label(component: Component, scope: Scope) -> str:
    short = component.properties.get("summary")
    return str(short) if short else component.label.render(scope) or component.key

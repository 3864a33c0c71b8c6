"""A form as a frozen tree of components, and the levels at which it holds answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from feel.expression import Expression
from feel.text import Text, text
from forms.templates import Template

INPUTS = frozenset(
    {
        "textfield",
        "textarea",
        "number",
        "datetime",
        "checkbox",
        "radio",
        "select",
        "checklist",
        "taglist",
        "filepicker",
        "expression",
    }
)
CHOICES = frozenset({"radio", "select", "checklist", "taglist"})
CONTAINERS = frozenset({"group", "dynamiclist"})
PRESENTATION = frozenset({"text", "html", "image", "button", "spacer", "separator", "table", "iframe", "documentPreview"})
TYPES = INPUTS | CONTAINERS | PRESENTATION

Setting = object
"""A value as the form's JSON holds it, or the `Expression` that a `=FEEL` text was compiled to."""


@dataclass(frozen=True)
class Check:
    """A rule between fields: `message` is shown at `field` when `when` is exactly true."""

    when: Expression
    message: Template
    field: str = ""


@dataclass(frozen=True)
class Option:
    """One of the answers that a choice offers; those drawn as decision buttons also say what they cause."""

    value: object
    label: str
    hint: Template = field(default_factory=Template)
    then: Template = field(default_factory=Template)
    who: Template = field(default_factory=Template)
    undo: Template = field(default_factory=Template)
    danger: bool = False


@dataclass(frozen=True)
class Component:
    """One component of a form-js schema (schemaVersion 19).

    `key` names the answer of an input, `path` that of a container; both may be dotted. `settings` holds the other
    attributes of the JSON, with each `=FEEL` compiled. `properties` are the author's free key and value pairs.
    """

    id: str
    type: str
    key: str = ""
    path: str = ""
    label: Template = field(default_factory=Template)
    description: Template = field(default_factory=Template)
    text: Template = field(default_factory=Template)
    hide: Expression | None = None
    rules: Mapping[str, Setting] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    properties: Mapping[str, object] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    components: tuple[Component, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def where(self) -> tuple[str, ...]:
        """The keys that lead to this component's own value inside its row, or inside the answers."""
        name = self.key or self.path
        return tuple(name.split(".")) if name else ()

    @property
    def required(self) -> bool:
        """Whether the author asked for an answer."""
        return self.rules.get("required") is True

    def walk(self) -> Iterator[Component]:
        """This component and everything in it, in reading order."""
        yield self
        for component in self.components:
            yield from component.walk()


@dataclass(frozen=True, eq=False)
class Leaf:
    """A place for one answer in a level: an input, or a list whose rows have a level of their own."""

    component: Component
    where: tuple[str, ...]
    hides: tuple[Expression, ...]
    rows: Level | None = None

    @property
    def name(self) -> str:
        """The path of the answer inside its level, dotted."""
        return ".".join(self.where)


@dataclass(frozen=True, eq=False)
class Level:
    """What the answers hold at one level: the form itself, or a row of a list."""

    leaves: tuple[Leaf, ...]
    checks: tuple[tuple[str, Check], ...]
    """The checks of this level, each with the path of its container."""

    def walk(self) -> Iterator[Leaf]:
        """Every place for an answer, rows included."""
        for leaf in self.leaves:
            yield leaf
            if leaf.rows:
                yield from leaf.rows.walk()


@dataclass(frozen=True, eq=False)
class Form:
    """A form that was read and found sound. Immutable, shared by threads, compared by identity."""

    key: str
    components: tuple[Component, ...]
    checks: tuple[Check, ...] = ()
    properties: Mapping[str, object] = field(default_factory=dict)
    title: str = ""

    @cached_property
    def level(self) -> Level:
        """The answers' outermost level."""
        return level(self.components, self.checks)

    @cached_property
    def leaves(self) -> Mapping[int, Leaf]:
        """Each input's and list's place, by the identity of its component."""
        return {id(leaf.component): leaf for leaf in self.level.walk()}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The top-level variables that a submission of this form may set."""
        return tuple(dict.fromkeys(leaf.where[0] for leaf in self.level.leaves))

    def walk(self) -> Iterator[Component]:
        """Every component in reading order."""
        for component in self.components:
            yield from component.walk()


def level(components: tuple[Component, ...], checks: tuple[Check, ...]) -> Level:
    """The places for answers among `components`, down to the lists, whose rows are levels below."""
    leaves: list[Leaf] = []
    found = [("", check) for check in checks]
    _collect(components, (), (), leaves, found)
    return Level(tuple(leaves), tuple(found))


def _collect(
    components: tuple[Component, ...],
    path: tuple[str, ...],
    hides: tuple[Expression, ...],
    leaves: list[Leaf],
    checks: list[tuple[str, Check]],
) -> None:
    for component in components:
        where = path + component.where
        hidden_by = (*hides, component.hide) if component.hide else hides
        if component.type == "group":
            checks.extend((".".join(where), check) for check in component.checks)
            _collect(component.components, where, hidden_by, leaves, checks)
        elif component.type == "dynamiclist":
            leaves.append(Leaf(component, where, hidden_by, level(component.components, component.checks)))
        elif component.type in INPUTS:
            leaves.append(Leaf(component, where, hidden_by))


def author_text(message: str) -> Text:
    """A message that the form's author wrote: not a template of ours, whatever `%` it holds."""
    return text("%(message)s", message=message)

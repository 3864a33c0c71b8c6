"""What a template needs to draw a form: plain frozen values, every text already rendered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class OptionView:
    """One option of a choice, or one decision button with what it causes."""

    id: str
    value: str
    label: str
    checked: bool = False
    hint: str = ""
    then: str = ""
    who: str = ""
    undo: str = ""
    danger: bool = False


@dataclass(frozen=True)
class FileView:
    """A file that was given before: kept by posting its id again."""

    id: str
    name: str
    size: str


@dataclass(frozen=True)
class FieldView:
    """A control with its label.

    `kind`: text, email, tel, number, textarea, date, time, datetime-local, check, radio, select, checklist, file,
    decide, computed. `hidden` tells that its condition hides it for the answers at hand; it is drawn all the same when
    an answer on this page can change that, and a script may then hide it.
    """

    kind: str
    id: str
    name: str
    label: str
    hint: str = ""
    error: str = ""
    required: bool = False
    value: str = ""
    options: tuple[OptionView, ...] = ()
    readonly: bool = False
    width: str = ""
    columns: int = 16
    row: str = ""
    prefix: str = ""
    suffix: str = ""
    limit: int = 0
    rows: int = 4
    autocomplete: str = ""
    inputmode: str = ""
    step: str = ""
    lowest: str = ""
    accept: str = ""
    multiple: bool = False
    files: tuple[FileView, ...] = ()
    hidden_when: str = ""
    hidden: bool = False
    short: str = ""
    """The label of the error summary, when the author gave a shorter one."""

    @property
    def described_by(self) -> str:
        """The ids of the hint and the error, for aria-describedby."""
        return " ".join(f"{self.id}-{end}" for end, there in (("aide", self.hint), ("err", self.error)) if there)


@dataclass(frozen=True)
class BlockView:
    """Something to read: text, image, table, link, spacer, separator. `html` is safe to print as it is."""

    kind: str
    id: str
    html: str = ""
    source: str = ""
    text: str = ""
    headers: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    columns: int = 16
    row: str = ""
    hidden_when: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class RowView:
    """One row of a list."""

    id: str
    name: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class ListView:
    """A list whose rows repeat the same fields."""

    id: str
    name: str
    label: str
    hint: str = ""
    error: str = ""
    rows: tuple[RowView, ...] = ()
    add: str = ""
    """The words of the button that adds a row, when the author chose them."""
    can_add: bool = False
    can_remove: bool = False
    columns: int = 16
    row: str = ""
    hidden_when: str = ""
    hidden: bool = False
    kind: ClassVar[str] = "list"


@dataclass(frozen=True)
class GroupView:
    """A group of fields: a section at the top level, a fieldset inside."""

    id: str
    title: str
    hint: str = ""
    error: str = ""
    parts: tuple[Part, ...] = ()
    columns: int = 16
    row: str = ""
    hidden_when: str = ""
    hidden: bool = False
    kind: ClassVar[str] = "group"


@dataclass(frozen=True)
class ColumnsView:
    """Parts that stand side by side where there is room."""

    parts: tuple[Part, ...]
    kind: ClassVar[str] = "columns"
    id: ClassVar[str] = ""


Part = FieldView | BlockView | ListView | GroupView | ColumnsView


@dataclass(frozen=True)
class FormPage:
    """A form, or one step of it, ready to draw. `errors` are (id of the control, text), in the page's order."""

    key: str
    title: str
    sections: tuple[GroupView, ...]
    errors: tuple[tuple[str, str], ...] = ()
    submit: str = ""

    def parts(self) -> Iterator[Part]:
        """Everything that is drawn, in order, rows included."""
        for section in self.sections:
            yield from walk(section)

    @property
    def decisions(self) -> tuple[FieldView, ...]:
        """The fields that are drawn as decision buttons: then the page needs no other button to send it."""
        return tuple(part for part in self.parts() if isinstance(part, FieldView) and part.kind == "decide")

    @property
    def has_files(self) -> bool:
        """Whether the form must be posted as multipart/form-data."""
        return any(part.kind == "file" for part in self.parts())


def walk(part: Part) -> Iterator[Part]:
    """A part and everything in it."""
    yield part
    if isinstance(part, ListView):
        inner: tuple[Part, ...] = tuple(found for row in part.rows for found in row.parts)
    else:
        inner = part.parts if isinstance(part, GroupView | ColumnsView) else ()
    for found in inner:
        yield from walk(found)

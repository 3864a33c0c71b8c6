"""From a form, the case's variables and the answers so far to the page that shows it.

A field that another answer of the same page hides is drawn all the same, marked `hidden`: without a script it stays in
sight (its label says when it applies) and what is typed in it is kept; the schema has the last word. A field that only
the case's variables hide is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from feel.text import Text, text
from forms.components import Component, Form
from forms.drawing import Drawing
from forms.scope import Budget
from forms.settling import settle
from forms.steps import Step, sections
from forms.view import BlockView, ColumnsView, FieldView, FormPage, GroupView, ListView, Part

Say = Callable[[Text], str]
Errors = Mapping[str, Sequence[Text]]


def page(
    form: Form,
    *,
    variables: Mapping[str, object],
    answers: Mapping[str, object] | None,
    errors: Errors | None = None,
    now: datetime,
    step: Step | None = None,
    say: Say = str,
    polish: Callable[[str], str] = str,
) -> FormPage:
    """The whole form, or one step of it.

    `answers` are raw (a draft, or what was just posted), None before anyone answered; `errors` come from the check;
    `say` translates ours, `polish` sets the author's texts (typography). Raises `TooCostly` for a form whose expressions never end.
    """
    budget = Budget()
    settled = settle(form, answers or {}, variables, now, budget)
    shown = sections(form) if step is None else sections(Form(form.key, step.components))
    drawing = Drawing(
        form=form,
        settled=settled,
        raw=answers or {},
        variables=variables,
        errors=errors or {},
        say=say,
        polish=polish,
        asked=_asked(section.components for section in shown),
    )
    drawn = tuple(part for section in shown if (part := drawing.section(section, settled.scope)))
    return FormPage(form.key, form.title, drawn, _summary(drawn, errors or {}, say), _submit(form, drawing, say))


def _asked(levels: Iterable[tuple[Component, ...]]) -> frozenset[str]:
    """The first names of the answers that this page asks for."""
    return frozenset(part for components in levels for component in components for inner in component.walk() for part in inner.where[:1])


def _summary(sections_: tuple[GroupView, ...], errors: Errors, say: Say) -> tuple[tuple[str, str], ...]:
    """The messages in the page's order, each after its field's label; those without a field come first."""
    lines: list[tuple[str, str]] = []
    told: set[str] = set()
    for row, part in _parts(sections_):
        name, label = _named(part)
        if name in errors and name not in told:
            told.add(name)
            lines += [(part.id, _line(_in_row(row, label), say(message))) for message in errors[name]]
    others = [path for path in errors if path not in told]
    rest = [(_nearest(path, sections_), _line(path, say(message))) for path in others for message in errors[path]]
    return (*rest, *lines)


def _parts(parts: Iterable[Part], row: str = "") -> Iterator[tuple[str, Part]]:
    """Everything that is drawn, each with the title of the row that it stands in."""
    for part in parts:
        yield row, part
        if isinstance(part, ListView):
            for inner in part.rows:
                yield from _parts(inner.parts, inner.title)
        elif isinstance(part, GroupView | ColumnsView):
            yield from _parts(part.parts, row)


def _named(part: Part) -> tuple[str, str]:
    if isinstance(part, FieldView):
        return part.name, part.short or part.label
    return (part.name, part.label) if isinstance(part, ListView) else ("", "")


def _nearest(path: str, sections_: tuple[GroupView, ...]) -> str:
    """The control that stands nearest to a path without one: the list of a row, else the first section."""
    for _, part in _parts(sections_):
        name = _named(part)[0]
        if name and path.startswith(name + "."):
            return part.id
    return sections_[0].id if sections_ else ""


def _line(label: str, message: str) -> str:
    """« Ampleur du problème : donnez un nombre entre 0 et 30 »; a question keeps its mark alone."""
    if not label:
        return message
    label = label.rstrip(" :\u00a0")
    return f"{label} {message}" if label.endswith(("?", "!", ".")) else f"{label}\u00a0: {_lower(message)}"


def _in_row(row: str, label: str) -> str:
    """« Membre 1, nom »."""
    return f"{row}, {_lower(label)}" if row else label


def _lower(sentence: str) -> str:
    """A sentence as it goes on after a colon or a comma; an acronym keeps its capitals."""
    goes_on = sentence[1:2].islower() or not sentence[1:2].isalpha()
    return sentence[:1].lower() + sentence[1:] if goes_on else sentence


def _submit(form: Form, drawing: Drawing, say: Say) -> str:
    """The label of the form's own submit button, else « Envoyer »."""
    for component in form.walk():
        if component.type == "button" and component.settings.get("action", "submit") == "submit" and component.label:
            return component.label.render(drawing.settled.scope)
    return say(text("Envoyer"))


def live(shown: FormPage) -> dict[str, dict[str, object]]:
    """What a script may refresh after an answer changed: which parts are hidden, and texts with values in them."""
    hidden = {part.id: part.hidden for part in shown.parts() if not isinstance(part, ColumnsView) and part.hidden_when}
    texts = {part.id: part.html for part in shown.parts() if isinstance(part, BlockView) and part.kind == "text"}
    values = {part.id: part.value for part in shown.parts() if isinstance(part, FieldView) and part.kind == "computed"}
    return {"hidden": dict(hidden), "texts": dict(texts), "values": dict(values)}

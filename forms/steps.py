"""A form as steps: one page for each top-level group, in order, for people who answer one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from forms.components import INPUTS, Component, Form
from forms.schema import Messages, examine
from forms.settling import settle


@dataclass(frozen=True)
class Step:
    """One page of a form: its components, and a title when they are a group."""

    id: str
    title: str
    components: tuple[Component, ...]

    @property
    def asks(self) -> bool:
        """Whether there is anything to answer."""
        return any(inner.type in INPUTS | {"dynamiclist"} for component in self.components for inner in component.walk())


def sections(form: Form) -> tuple[Step, ...]:
    """The top level in order: each group alone, and what stands between groups together."""
    found: list[Step] = []
    loose: list[Component] = []
    for component in form.components:
        if component.type != "group":
            loose.append(component)
            continue
        if loose:
            found.append(_loose(loose))
            loose = []
        found.append(Step(component.id, component.label.source, (component,)))
    return (*found, _loose(loose)) if loose else tuple(found)


def steps(
    form: Form, answers: Mapping[str, object] | None = None, *, variables: Mapping[str, object] | None = None, now: datetime | None = None
) -> tuple[Step, ...]:
    """The pages of a form: one for each group that asks something. What stands outside groups goes with the page before,
    texts with the page after, so that every page has a title; a form without groups is one page, without one.

    With `now` (and answers so far) the pages whose group is hidden for these answers are left out.
    """
    found: list[Step] = []
    waiting: tuple[Component, ...] = ()
    for section in sections(form):
        if section.title and section.asks:
            found.append(Step(section.id, section.title, waiting + section.components))
            waiting = ()
        elif found and section.asks:
            found[-1] = _longer(found[-1], waiting + section.components)
            waiting = ()
        else:
            waiting += section.components
    if waiting and found:
        found[-1] = _longer(found[-1], waiting)
    elif waiting:
        found = [_loose(list(waiting))]
    return tuple(found) if now is None else _shown(form, found, answers or {}, variables or {}, now)


def _longer(step: Step, more: tuple[Component, ...]) -> Step:
    return Step(step.id, step.title, step.components + more)


def _loose(components: list[Component]) -> Step:
    return Step(components[0].id, "", tuple(components))


def _shown(
    form: Form, found: list[Step], answers: Mapping[str, object], variables: Mapping[str, object], now: datetime
) -> tuple[Step, ...]:
    scope = settle(form, answers, variables, now).scope
    return tuple(
        step for step in found if not all(component.hide and scope.evaluate(component.hide) is True for component in step.components)
    )


def messages(form: Form, step: Step, answers: Mapping[str, object], *, variables: Mapping[str, object], now: datetime) -> Messages:
    """What is wrong on one page, given the answers of all pages so far; empty when the next one may come."""
    _, found = examine(form, answers, variables=variables, now=now)
    inside = {id(inner) for component in step.components for inner in component.walk()}
    names = [leaf.name for leaf in form.level.leaves if id(leaf.component) in inside]
    return {path: texts for path, texts in found.items() if any(path == name or path.startswith(name + ".") for name in names)}


def resume(form: Form, answers: Mapping[str, object], *, variables: Mapping[str, object], now: datetime) -> Step | None:
    """The first page that still has something wrong or missing; None when all is answered."""
    pages = steps(form, answers, variables=variables, now=now)
    return next((page for page in pages if messages(form, page, answers, variables=variables, now=now)), None)

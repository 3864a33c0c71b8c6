"""Data of activities and events: what associations bring in and take out (BPMN 2.0.2, 10.4.2).

A data object is a variable of its process or sub-process, under its name. An activity's data inputs and outputs are variables of its own
as far as associations fill or empty them; without one, or with one that only copies a variable to the same name, they are the
variables around it. An association without a source is a drawing.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.spiff.failures import StepFailed
from engine.spiff.scope import Scope, put, storable
from feel.expression import Expression
from feel.text import text

if TYPE_CHECKING:
    from engine.spiff.scripts import FeelEnvironment

PLACEHOLDER = "__targetRef_placeholder"
"""What bpmn-js draws as the target of an arrow from a data object."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Part of a target gets a value: `path` leads from the target's name inwards."""

    value: Expression
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Association:
    """Fills the variable `target` from `source`, from a transformation, or part by part."""

    source: str | None
    target: str
    transformation: Expression | None = None
    assignments: Sequence[Assignment] = ()

    @property
    def says_something(self) -> bool:
        """Whether it is more than a copy to the same name."""
        return self.source != self.target or self.transformation is not None or bool(self.assignments)

    def value(self, scripts: FeelEnvironment, scope: Mapping[str, object], before: object) -> object:
        """What the target becomes. Raises StepFailed."""
        if self.assignments:
            for each in self.assignments:
                before = _placed(before, each.path, scripts.evaluate(each.value, scope))
            return before
        if self.transformation is not None:
            return scripts.evaluate(self.transformation, scope)
        return scope.get(self.source or "")


@dataclass(frozen=True, slots=True)
class Data:
    """The associations of one activity or event. `names`: the variables of its own."""

    inputs: Sequence[Association] = ()
    outputs: Sequence[Association] = ()
    names: frozenset[str] = frozenset()

    def fill(self, scripts: FeelEnvironment, scope: Scope) -> dict[str, object]:
        """The data inputs. Raises StepFailed."""
        return _apply(self.inputs, scripts, scope)

    def empty(self, scripts: FeelEnvironment, scope: Mapping[str, object]) -> dict[str, object]:
        """What the variables around become; an output that was never set changes nothing. Raises StepFailed."""
        known = [each for each in self.outputs if each.source is None or each.source in scope]
        return _apply(known, scripts, scope)

    @property
    def sources(self) -> list[str]:
        """The data outputs that are taken out."""
        return [each.source for each in self.outputs if each.source]

    def message(self, scripts: FeelEnvironment, scope: Scope) -> Mapping[str, object]:
        """What a throwing event sends: its data inputs, or the content of the only one."""
        values = self.fill(scripts, scope)
        only = next(iter(values.values())) if len(values) == 1 else None
        return only if isinstance(only, Mapping) else values

    def received(self, scripts: FeelEnvironment, scope: Scope, payload: Mapping[str, object]) -> Mapping[str, object]:
        """What variables become when a catching event gets a payload: it is each data output."""
        return self.empty(scripts, ChainMap({**dict(payload), **dict.fromkeys(self.sources, payload)}, scope))


NO_DATA = Data()


class Local(ChainMap[str, object]):
    """Some names are local; everything else is written around."""

    def __init__(self, own: dict[str, object], around: Scope, names: frozenset[str]) -> None:
        super().__init__(own, *(around.maps if isinstance(around, ChainMap) else [around]))
        self.around, self.names = around, names

    def __setitem__(self, name: str, value: object) -> None:
        (self.maps[0] if name in self.names else self.around)[name] = value


def leave(scope: Local, data: Data, scripts: FeelEnvironment) -> None:
    """An activity completed: its outputs go out. Raises StepFailed."""
    put(scope.around, data.empty(scripts, scope))


def _apply(associations: Sequence[Association], scripts: FeelEnvironment, scope: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in associations:
        found[each.target] = each.value(scripts, scope, found.get(each.target, scope.get(each.target)))
    return storable(found)


def _placed(whole: object, path: tuple[str, ...], value: object) -> object:
    if not path:
        return value
    if whole is not None and not isinstance(whole, Mapping):
        raise StepFailed("assignment-failed", text("« %(name)s » n’est pas un contexte.", name=path[0]))
    parts = dict(whole or {})
    return {**parts, path[0]: _placed(parts.get(path[0]), path[1:], value)}

"""The variables as they were when an activity completed, for the handlers that compensate it (BPMN 2.0.2, 10.7.1).

The process's own variables are kept once for the whole instance, as a chain of what changed between two versions; the layers of loops and
sub-processes, which are small, lie with each record.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.spiff.scope import Scope, layers

if TYPE_CHECKING:
    from engine.spiff.tokens import Token
    from engine.spiff.workflow import TokenFlow

Values = dict[str, object]


class Past:
    """Versions of the process's variables. `changes`: what each version changed against the one before it."""

    def __init__(self) -> None:
        self.changes: list[Values] = []
        self._newest: Values | None = None

    def version(self, scope: Mapping[str, object]) -> int:
        """The number of the version that the variables are at; a new one when something changed."""
        if self._newest is None:
            self._newest = self.at(len(self.changes) - 1)
        known = self._newest
        changed = {name: value for name, value in scope.items() if name not in known or not _is_same(known[name], value)}
        if changed or not self.changes:
            self.changes.append(changed)
            known.update(changed)
        return len(self.changes) - 1

    def at(self, version: int) -> Values:
        """The variables of a version."""
        found: Values = {}
        for changed in self.changes[: version + 1]:
            found.update(changed)
        return found

    def restore(self, changes: list[Values]) -> None:
        """Take what was stored."""
        self.changes, self._newest = changes, None


class Hindsight(ChainMap[str, object]):
    """Reads see what the handler wrote, then the past. Writes count now too, unless their layer is gone with its iteration."""

    def __init__(self, written: Values, own: Values, past: Values, now: Scope) -> None:
        super().__init__(written, own, past)
        self.now = now

    def __setitem__(self, name: str, value: object) -> None:
        self.maps[0][name] = value
        if name not in self.maps[1] or name in layers(self.now):
            self.now[name] = value

    def differences(self) -> Values:
        """What differs from the variables as they are now."""
        return {name: value for name, value in self.items() if name not in self.now or not _is_same(self.now[name], value)}


def hindsight(flow: TokenFlow, snapshot: Mapping[str, Any], written: Values) -> Hindsight:
    """The scope of a handler in a flow. `snapshot`: the version `at` which the activity completed, and its `own` layers."""
    return Hindsight(written, snapshot["own"], flow.top_workflow.past.at(snapshot["at"]), flow.scope)


def is_needed(flows: list[TokenFlow]) -> bool:
    """Whether some handler may still look back."""
    return any(flow.compensable or any(map(_looks_back, flow.tasks.values())) for flow in flows)


def _looks_back(token: Token) -> bool:
    return bool(token.internal_data.keys() & {"queue", "snapshot"})


def _is_same(one: object, other: object) -> bool:
    return one is other or (type(one) is type(other) and one == other)

"""Mappings of a task: what it sees beside the variables around it, and what of its result leaves it.

The task runs in a local scope, like the single iteration of a loop. `input` is a FEEL context whose entries exist in that scope alone.
With an `output`, its entries alone reach the scope around; without one, everything that the task set, but the names of its input.
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass

from engine.spiff.loops import Loop
from engine.spiff.scope import layer, own, put, storable
from engine.spiff.tokens import STARTED, Token
from feel.expression import Expression

MAPPED = frozenset(("userTask", "manualTask", "serviceTask", "businessRuleTask", "scriptTask"))
"""The types of tasks that may have mappings; call activities have some of their own."""


@dataclass(frozen=True, slots=True)
class Mapping(Loop):
    """Runs its task once, in a scope of its own."""

    input: Expression | None
    output: Expression | None

    def begin(self, owner: Token) -> bool:
        given = storable(owner.top.scripts.context(self.input, owner.data))
        owner._set_state(STARTED)
        owner.internal_data["given"] = sorted(given)
        owner.workflow.enter(owner.task_spec, parent=owner, data=layer(owner.data, given), iteration=0)
        return False

    def finished(self, owner: Token, iteration: Token) -> None:
        owner.internal_data["last"] = dict(own(iteration.data))
        owner.workflow.attempt(owner, "loop", self.proceed)

    def proceed(self, owner: Token) -> None:
        last = owner.internal_data["last"]
        if self.output is not None:
            put(owner.data, owner.top.scripts.context(self.output, ChainMap(last, dict(owner.data))))
        else:
            owner.data.update({name: value for name, value in last.items() if name not in owner.internal_data["given"]})
        owner.complete()

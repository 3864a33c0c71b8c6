"""Standard loops and multi-instance: the looped activity's token stays as their owner, each iteration is a child with a local scope.

An iteration's variables are its own. When it ends, the owner's scope takes those that it has already; the others only when the loop
collects no output. The iteration's item, output item and `loopCounter` never leave it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from decimal import Decimal

from engine.spiff.behavior import Behavior, throw_from
from engine.spiff.failures import StepFailed
from engine.spiff.scope import layer, own, storable
from engine.spiff.tokens import STARTED, Token
from feel.expression import Expression
from feel.text import text

MAXIMUM_INSTANCES = 10_000
COUNTER = "loopCounter"


class Loop:
    """What both kinds share. `begin` answers whether there is nothing to do."""

    def begin(self, owner: Token) -> bool:
        """Start the loop. Raises StepFailed."""
        raise NotImplementedError

    def proceed(self, owner: Token) -> None:
        """Go on after an iteration: another one, or the end. Raises StepFailed."""
        raise NotImplementedError

    def result(self, iteration: Token) -> object:  # noqa: ARG002
        """What an iteration that ends adds to the output. Raises StepFailed."""
        return None

    def finished(self, owner: Token, iteration: Token) -> None:
        """An iteration ended and left the tree."""
        state = owner.internal_data
        state["done"] += 1
        state["last"] = dict(own(iteration.data))
        self.merge(owner.data, own(iteration.data))
        self.collect(state, iteration)
        owner.workflow.attempt(owner, "loop", self.proceed)

    def merge(self, scope: MutableMapping[str, object], values: Mapping[str, object]) -> None:
        """Apply an iteration's result as a delta."""
        scope.update({name: value for name, value in values.items() if name != COUNTER})

    def collect(self, state: MutableMapping[str, object], iteration: Token) -> None:
        """Keep the output of an iteration."""

    @staticmethod
    def spawn(owner: Token, variables: Mapping[str, object]) -> None:
        """Start the next iteration."""
        number = owner.internal_data["started"]
        owner.internal_data["started"] = number + 1
        scope = layer(owner.data, {COUNTER: number + 1, **variables})
        owner.workflow.enter(owner.task_spec, parent=owner, data=scope, iteration=number)


@dataclass(frozen=True, slots=True)
class StandardLoop(Loop):
    """Repeats while the condition holds, at most `maximum` times; tested before the first pass or after it."""

    condition: Expression | None
    maximum: int | None
    test_before: bool

    def begin(self, owner: Token) -> bool:
        owner._set_state(STARTED)
        owner.internal_data.update(started=0, done=0)
        if self.maximum == 0 or (self.test_before and not self._again(owner)):
            return True
        self.spawn(owner, {})
        return False

    def proceed(self, owner: Token) -> None:
        if self._again(owner):
            owner.internal_data.pop("last", None)
            self.spawn(owner, {})
        else:
            owner.complete()

    def _again(self, owner: Token) -> bool:
        done = owner.internal_data["done"]
        if self.maximum is not None and done >= self.maximum:
            return False
        scope = ChainMap({COUNTER: done}, dict(owner.data))
        return self.condition is None or owner.top.scripts.truth(self.condition, scope)


@dataclass(frozen=True, slots=True)
class MultiInstance(Loop):
    """One instance for each element of a collection, or a number of them; in parallel or one after the other.

    The completion condition sees the counts of BPMN (`numberOfInstances`, `numberOfCompletedInstances` …), the variables of the iteration
    that just ended, and what the output collection holds so far. `behavior` says what the completion of an instance throws.
    """

    sequential: bool
    cardinality: Expression | None
    collection: Expression | None
    item: str | None
    output: str | None
    output_item: str | None
    output_element: Expression | None
    completion: Expression | None
    behavior: Behavior

    def begin(self, owner: Token) -> bool:
        items = self._items(owner)
        owner._set_state(STARTED)
        owner.internal_data.update(started=0, done=0, expected=len(items), outputs={})
        if not items:
            if self.output:
                owner.data[self.output] = []
            return True
        if self.sequential and self.collection is not None:
            owner.internal_data["items"] = items[:0:-1]
        for variables in items[:1] if self.sequential else items:
            if owner.alive:
                self.spawn(owner, variables)
        return False

    def proceed(self, owner: Token) -> None:
        state = owner.internal_data
        complete = state["done"] >= state["expected"]
        if not complete and self.completion is not None:
            complete = owner.top.scripts.truth(self.completion, self._view(owner))
        thrown = self.behavior.due(owner, self._view(owner))
        state.pop("last", None)
        for event in thrown:
            complete = throw_from(owner, event, ends=self.behavior.is_complex) or complete
        if not owner.alive:
            return
        if complete:
            self._end(owner)
        elif self.sequential:
            self.spawn(owner, state["items"].pop() if "items" in state else {})

    def result(self, iteration: Token) -> object:
        if not self.output:
            return None
        if self.output_element is not None:
            value = iteration.top.scripts.evaluate(self.output_element, iteration.data)
        else:
            value = own(iteration.data).get(self.output_item or "")
        return storable({"value": value})["value"]

    def collect(self, state: MutableMapping[str, object], iteration: Token) -> None:
        outputs = state["outputs"]
        if self.output and isinstance(outputs, dict):
            outputs[str(iteration.internal_data["iteration"])] = iteration.result

    def merge(self, scope: MutableMapping[str, object], values: Mapping[str, object]) -> None:
        local = {COUNTER, self.item, self.output_item}
        for name, value in values.items():
            if name not in local and (self.output is None or name in scope):
                scope[name] = value

    def _end(self, owner: Token) -> None:
        if self.output:
            owner.data[self.output] = self._collected(owner)
        for iteration in owner.iterations():
            owner.workflow.kill(iteration)
        owner.complete()

    def _collected(self, owner: Token) -> list[object]:
        outputs = owner.internal_data["outputs"]
        return [outputs[number] for number in sorted(outputs, key=int)]

    def _view(self, owner: Token) -> Mapping[str, object]:
        state = owner.internal_data
        counts: dict[str, object] = {
            "numberOfInstances": state["expected"],
            "numberOfCompletedInstances": state["done"],
            "numberOfActiveInstances": state["started"] - state["done"],
            "numberOfTerminatedInstances": 0,
        }
        if self.output:
            counts[self.output] = self._collected(owner)
        return ChainMap(counts, state.get("last", {}), dict(owner.data))

    def _items(self, owner: Token) -> list[dict[str, object]]:
        if self.collection is None:
            return [{} for _ in range(self._count(owner))]
        values = owner.top.scripts.evaluate(self.collection, owner.data)
        if not isinstance(values, list | tuple):
            raise StepFailed("collection-invalid", text("« %(text)s » doit donner une liste.", text=self.collection.text))
        _check_number(len(values))
        items = [{self.item: value} if self.item else {} for value in values]
        return [storable(each) for each in items]

    def _count(self, owner: Token) -> int:
        assert self.cardinality is not None  # noqa: S101  the checker refuses a loop without either
        value = owner.top.scripts.evaluate(self.cardinality, owner.data)
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value) or value < 0:
            message = text("« %(text)s » doit donner un nombre entier positif ou nul.", text=self.cardinality.text)
            raise StepFailed("cardinality-invalid", message)
        return _check_number(int(value))


def _check_number(number: int) -> int:
    if number > MAXIMUM_INSTANCES:
        message = text("Une activité multiple est limitée à %(limit)s exemplaires.", limit=MAXIMUM_INSTANCES)
        raise StepFailed("too-many-instances", message)
    return number

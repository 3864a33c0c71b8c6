"""Event definitions: what an event waits for or throws, as SpiffWorkflow event definitions that hold compiled FEEL."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition

from engine.effects import MessageThrown, SignalThrown
from engine.spiff.correlations import recall, remember
from engine.spiff.scope import storable
from engine.spiff.timers import TimerRule
from feel.expression import Expression

if TYPE_CHECKING:
    from engine.spiff.tokens import Token
    from engine.spiff.workflow import TokenFlow


class Definition(EventDefinition):
    """An event definition of ours. `arm` opens what a token waits for; `throw` sends what it throws.

    `throw` answers whether the throwing token may go on at once.
    """

    kind = ""
    name = ""

    def arm(self, token: Token, index: int) -> None:
        """Nothing outside is awaited: errors, escalations and the like are found when they are thrown."""

    def throw(self, token: Token) -> bool:  # noqa: ARG002
        """A none event throws nothing."""
        return True


class NoneEvent(Definition):
    """An event without a trigger."""


class TerminateEvent(Definition):
    """Ends its process or sub-process with everything inside."""

    kind = "terminate"


class CancelEvent(Definition):
    """Cancels its transaction."""

    kind = "cancel"

    def throw(self, token: Token) -> bool:
        return token.workflow.cancel_transaction(token)


class CompensateEvent(Definition):
    """Compensates one completed activity (`activity`), or all of the scope; the token `waits` for the end of it or goes on."""

    kind = "compensate"

    def __init__(self, activity: str | None, *, waits: bool) -> None:
        super().__init__()
        self.activity, self.waits = activity, waits

    def throw(self, token: Token) -> bool:
        return token.workflow.compensate_scope(token, self.activity, waits=self.waits)


class CodeEvent(Definition):
    """An event matched by a code; a catch without code takes any."""

    def __init__(self, code: str | None) -> None:
        super().__init__()
        self.code = code


class ErrorEvent(CodeEvent):
    """A business error."""

    kind = "error"

    def throw(self, token: Token) -> bool:
        token.workflow.throw_error(self.code or "", token)
        return True


class EscalationEvent(CodeEvent):
    """An escalation."""

    kind = "escalation"

    def throw(self, token: Token) -> bool:
        return token.workflow.throw_escalation(self.code or "", token)


@dataclass(frozen=True, slots=True)
class Key:
    """A correlation property in a message: its `name` there, its id, and its `value` in the instance: bound by a subscription, or the
    variable that counts as long as the conversation knows nothing."""

    name: str
    property: str
    value: Expression
    is_bound: bool


class MessageEvent(Definition):
    """A message by name. Catching: `correlation` is what must match, `result` the variable for the payload.
    Throwing: `payload` and `correlation` are sent. Without a `correlation` of its own, the diagram's `keys` count."""

    kind = "message"

    def __init__(
        self,
        name: str,
        correlation: Expression | None,
        payload: Expression | None,
        result: str | None,
        keys: Sequence[Key],
    ) -> None:
        super().__init__()
        self.name, self.correlation, self.payload, self.result, self.keys = name, correlation, payload, result, keys

    def arm(self, token: Token, index: int) -> None:
        if self.correlation is not None:
            expected = token.top.scripts.context(self.correlation, token.data)
        else:
            values = {key.name: self._expected(key, token) for key in self.keys}
            expected = {name: value for name, value in values.items() if value is not None}
        token.top.openings.open_wait(token, index, "message", self.name, storable(expected))

    @staticmethod
    def _expected(key: Key, token: Token) -> object:
        """What a key must be; null ties nothing yet. Raises StepFailed."""
        known = None if key.is_bound else recall(token.workflow, key.property)
        return known if known is not None else token.top.scripts.evaluate(key.value, token.data)

    @staticmethod
    def _sent(key: Key, scope: Mapping[str, object], token: Token) -> object:
        value = token.top.scripts.evaluate(key.value, scope)
        return value if value is not None else recall(token.workflow, key.property)

    def learn(self, flow: TokenFlow, message: Mapping[str, object]) -> None:
        """A message of this conversation was sent or received: it tells the values of its keys."""
        for key in self.keys:
            if message.get(key.name) is not None:
                remember(flow, key.property, storable({"key": message[key.name]})["key"])

    def throw(self, token: Token) -> bool:
        scripts = token.top.scripts
        payload = storable(_payload(self.payload, token))
        if self.correlation is not None:
            correlation = storable(scripts.context(self.correlation, token.data))
        else:
            values = {key.name: self._sent(key, ChainMap(payload, token.data), token) for key in self.keys}
            correlation = storable({name: value for name, value in values.items() if value is not None})
        self.learn(token.workflow, {**payload, **correlation})
        token.top.openings.report.append(MessageThrown(token.task_spec.name, self.name, correlation, payload))
        return True


class SignalEvent(Definition):
    """A signal by name: inside the instance everybody who waits gets it at once, other instances through the effect."""

    kind = "signal"

    def __init__(self, name: str, payload: Expression | None, result: str | None) -> None:
        super().__init__()
        self.name, self.payload, self.result = name, payload, result

    def arm(self, token: Token, index: int) -> None:
        token.top.openings.open_wait(token, index, "signal", self.name, {})

    def throw(self, token: Token, but: Collection[Token] = ()) -> bool:
        payload = storable(_payload(self.payload, token))
        token.top.openings.report.append(SignalThrown(token.task_spec.name, self.name, payload))
        token.top.broadcast(self.name, payload, but)
        return True


def _payload(own: Expression | None, token: Token) -> Mapping[str, object]:
    """What a message or signal carries: its `payload`, else the data inputs of its event. Raises StepFailed."""
    scripts, data = token.top.scripts, token.task_spec.data
    return data.message(scripts, token.data) if own is None and data.inputs else scripts.context(own, token.data)


class TimerEvent(Definition):
    """A timer: date, duration or cycle."""

    kind = "timer"

    def __init__(self, rule: TimerRule) -> None:
        super().__init__()
        self.rule = rule

    def arm(self, token: Token, index: int) -> None:
        token.top.openings.open_timer(token, index, self.rule)


class ConditionalEvent(Definition):
    """Fires when its condition becomes true; a condition that has no answer yet counts as false."""

    kind = "conditional"

    def __init__(self, condition: Expression) -> None:
        super().__init__()
        self.condition = condition

    def arm(self, token: Token, index: int) -> None:
        token.top.watch_condition(token, index, self)

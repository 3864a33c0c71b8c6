"""What tokens hold open outside, by reference: tasks, timers, waits, calls, children, escalations, incidents. Each opening and closing is
an effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from engine.effects import (
    CallClosed,
    CallOpened,
    ChildClosed,
    ChildOpened,
    Effect,
    EscalationRaised,
    EscalationSettled,
    Happened,
    IncidentClosed,
    IncidentOpened,
    TaskClosed,
    TaskOpened,
    TimerCleared,
    TimerSet,
    WaitClosed,
    WaitOpened,
)
from engine.spiff.failures import NotWaiting, StepFailed
from engine.spiff.hindsight import Hindsight
from engine.spiff.scope import layers
from engine.spiff.scripts import FeelEnvironment
from engine.spiff.timers import Due, TimerRule, following
from engine.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.spiff.activities import CallActivity, ServiceTask, UserTask
    from engine.spiff.elements import Element

_CLOSED: dict[str, Callable[[str], Effect]] = {
    "timer": TimerCleared,
    "wait": WaitClosed,
    "call": CallClosed,
    "child": ChildClosed,
    "escalation": EscalationSettled,
    "incident": IncidentClosed,
}


class Openings:
    """What one instance holds open. `report` collects the effects; `refs`: reference → the token and its slot."""

    def __init__(self, elements: Mapping[str, Element], scripts: FeelEnvironment) -> None:
        self.elements = elements
        self.scripts = scripts
        self.report: list[Effect] = []
        self.refs: dict[str, tuple[Token, str]] = {}
        self.last_id = 0

    def next_id(self) -> str:
        """A short name that nothing in this instance has or had."""
        self.last_id += 1
        return f"t{self.last_id}"

    def _open(self, token: Token, slot: str) -> str:
        ref = self.next_id()
        token.internal_data.setdefault("open", {})[slot] = ref
        self.refs[ref] = (token, slot)
        return ref

    def find(self, ref: str, *kinds: str) -> tuple[Token, str]:
        """The token that holds the reference open and its slot. Raises NotWaiting."""
        token, slot = self.refs.get(ref, (None, ""))
        if token is None or slot.rstrip("0123456789") not in kinds:
            raise NotWaiting(ref)
        return token, slot

    def close(self, token: Token, slot: str, outcome: Literal["completed", "cancelled"] = "cancelled") -> None:
        """Close what the token holds open in that slot, if it does."""
        ref = token.internal_data.get("open", {}).pop(slot, None)
        if ref is None:
            return
        del self.refs[ref]
        if slot == "task":
            self.report.append(TaskClosed(ref, outcome))
        else:
            self.report.append(_CLOSED[slot.rstrip("0123456789")](ref))
        if slot == "incident":
            self.happened("incident.resolved", token)

    def forget(self, slot: str, ref: str) -> None:
        """What was open under that reference is no longer part of the instance."""
        self.report.append(_CLOSED[slot.rstrip("0123456789")](ref))

    def close_all(self, token: Token) -> None:
        """Close everything that the token holds open."""
        for slot in list(token.internal_data.get("open", ())):
            self.close(token, slot)

    def open_task(self, token: Token, task: UserTask) -> None:
        """A user or manual task. Raises StepFailed."""
        scripts, scope = self.scripts, token.data
        assignee = scripts.words(task.assignee, scope) if task.assignee else None
        title = scripts.words(task.task_title, scope) if task.task_title else None
        due = task.due.due(scripts, scope).at if task.due else None
        groups = task.groups(token)
        ref = self._open(token, "task")
        local = scope.differences() if isinstance(scope, Hindsight) else layers(scope)
        name = title or task.title or task.name
        self.report.append(TaskOpened(ref, task.name, name, task.form_key, assignee, groups, due, task.priority, local))

    def open_call(self, token: Token, task: ServiceTask, value: object) -> None:
        """A call to an outside system."""
        ref = self._open(token, "call")
        self.report.append(CallOpened(ref, task.name, task.connector, value, task.retries))

    def open_child(self, token: Token, task: CallActivity, variables: Mapping[str, object], business_key: str | None) -> None:
        """An instance of a called process."""
        ref = self._open(token, "child")
        self.report.append(ChildOpened(ref, task.name, task.called, variables, business_key))

    def open_escalation(self, token: Token, code: str) -> None:
        """An escalation that the callers of the process may catch."""
        index = sum(slot.startswith("escalation") for slot in token.internal_data.get("open", ()))
        self.report.append(EscalationRaised(self._open(token, f"escalation{index}"), token.task_spec.name, code))

    def open_wait(
        self,
        token: Token,
        index: int,
        kind: Literal["message", "signal"],
        name: str,
        correlation: Mapping[str, object],
    ) -> None:
        """A message or signal."""
        ref = self._open(token, f"wait{index}")
        self.report.append(WaitOpened(ref, token.task_spec.name, kind, name, correlation))

    def open_timer(self, token: Token, index: int, rule: TimerRule) -> None:
        """A timer. Raises StepFailed."""
        due = rule.due(self.scripts, token.data)
        ref = self._open(token, f"timer{index}")
        self._set_timer(token, index, ref, due)

    def _set_timer(self, token: Token, index: int, ref: str, due: Due) -> None:
        cycles = token.internal_data.setdefault("cycles", {})
        if due.cycle:
            cycles[str(index)] = [due.cycle, due.number, due.anchor]
        self.report.append(TimerSet(ref, token.task_spec.name, due.at))

    def next_cycle(self, token: Token, index: int) -> bool:
        """A timer fired: set it again when it is a cycle with something left. Answers whether it was set."""
        saved = token.internal_data.get("cycles", {}).get(str(index))
        due = following(Due(self.scripts.now, *saved)) if saved else None
        if due is not None:
            self._set_timer(token, index, token.internal_data["open"][f"timer{index}"], due)
        return due is not None

    def open_incident(self, token: Token, failure: StepFailed) -> None:
        """A failure that nothing catches. Other things that the step opened before it failed are closed."""
        for slot in list(token.internal_data.get("open", ())):
            if slot != "incident":
                self.close(token, slot)
        ref = self._open(token, "incident")
        name = token.task_spec.name
        self.report.append(IncidentOpened(ref, name, failure.code, failure.message))
        self.happened("incident.opened", token, {"code": failure.code, "message": str(failure.message)})

    def happened(self, event: str, token: Token, data: Mapping[str, object] | None = None) -> None:
        """An entry of the history at the token's element, unless the element was invented."""
        element = self.elements.get(token.task_spec.name)
        if element is not None:
            self.report.append(Happened(event, element.id, element.type, data or {}))

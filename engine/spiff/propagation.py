"""Errors and escalations: from where they are thrown, outwards, to the first event that catches them (BPMN 2.0.2, 10.5.7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.spiff.activities import EventSubProcess
from engine.spiff.definitions import CodeEvent, ErrorEvent, EscalationEvent
from engine.spiff.events import Boundary
from engine.spiff.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.spiff.workflow import TokenFlow


def throw_error(code: str, token: Token) -> None:
    """An error end event, or an activity that failed with a business error. Uncaught, it fails the instance."""
    token.top.openings.happened("error.thrown", token, {"code": code})
    if not error_caught(code, token):
        token.top.fail(code, token)


def throw_escalation(code: str, token: Token) -> bool:
    """An escalation; uncaught, it is noted and work goes on. Answers whether the token may go on: in a called process the callers are
    asked first, since they may interrupt it."""
    openings = token.top.openings
    openings.happened("escalation.thrown", token, {"code": code})
    if escalation_caught(code, token):
        return True
    if token.top.is_called:
        token._set_state(STARTED)
        openings.open_escalation(token, code)
        return False
    openings.happened("escalation.uncaught", token, {"code": code})
    return True


def escalation_caught(code: str, token: Token) -> bool:
    """Whether an escalation event catches the code; it then took over."""
    return _propagate(EscalationEvent, code, token)


def error_caught(code: str, token: Token) -> bool:
    """Whether an error event catches the code; it then took over."""
    return _propagate(ErrorEvent, code, token)


def _propagate(kind: type[CodeEvent], code: str, token: Token) -> bool:
    host: Token | None = token
    while host is not None:
        found = _best(kind, code, _boundaries(host)) or _best(kind, code, _event_subs(host.workflow))
        if found is not None:
            catcher, index = found
            event = "error.caught" if kind is ErrorEvent else "escalation.caught"
            host.top.openings.happened(event, catcher, {"code": code})
            _caught(kind, catcher, index)
            return True
        host = host.workflow.parent_token
    return False


def _caught(kind: type[CodeEvent], catcher: Token, index: int) -> None:
    """An error interrupts at once; an escalation counts as one of the events that a parallel multiple event needs."""
    if kind is ErrorEvent:
        catcher.workflow.fire(catcher, last=False)
    else:
        catcher.workflow.hit(catcher, index, {}, last=False)


def _event_subs(flow: TokenFlow) -> list[Token]:
    return [each for each in flow.tasks.values() if each.listens and isinstance(each.task_spec, EventSubProcess)]


def _boundaries(token: Token) -> list[Token]:
    host = token.parent if "iteration" in token.internal_data else token
    return [each for each in host.children if each.listens and isinstance(each.task_spec, Boundary)]


def _best(kind: type[CodeEvent], code: str, listeners: Iterable[Token]) -> tuple[Token, int] | None:
    """The listener of that very code, else one that takes any; and which of its events does."""
    generic = None
    for token in listeners:
        for index, part in enumerate(token.task_spec.events):
            if isinstance(part, kind):
                if part.code == code:
                    return token, index
                generic = generic or ((token, index) if part.code is None else None)
    return generic

"""What there is to do besides requests: thrown messages, due timers, service calls, and now and then some tidying.

What fails is left alone for a while, longer each time, so that it neither stops the others nor keeps the machine busy.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from engine import calls, leases, messages, signals, timers
from engine.calls import Call, CallError
from engine.errors import Conflict, EngineError, NotFound
from engine.sessions import Sessions
from feel.text import text
from web.worker_names import is_gone
from webhooks.connectors.connector import CallFailed, Context, Outside
from webhooks.connectors.registry import perform

log = logging.getLogger(__name__)

Moment: TypeAlias = Callable[[Session], datetime]
"""The moment of a transaction: the clock's, or the one at which a moving clock stops."""

BATCH = 50
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds before a failed step is tried again, doubled each time."""
TIDYING = 60.0
"""Seconds between two looks for messages that expired or that a newly published process may take, and for what dead workers held."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in a transaction of its own."""

    kind: str
    id: int
    do: Callable[[Session, int, datetime], object]
    postpone: Callable[[Session, int, datetime], object] | None = None


@dataclass(slots=True)
class Pause:
    """A step that failed `count` times is left alone until `until`, on the monotonic clock."""

    count: int
    until: float


class Work:
    """All that is to be done in one database. One thread at a time asks for rounds; calls are made from several."""

    def __init__(self, sessions: Sessions, outside: Outside, *, name: str) -> None:
        self._sessions = sessions
        self._outside = outside
        self._name = name
        self._pauses: dict[tuple[str, int], Pause] = {}
        self._tidied = float("-inf")

    def round(self, moment: Moment) -> int:
        """Deliver what was thrown, fire what is due, tidy up; the number of steps done. Raises when the database does not answer."""
        done = sum(self._try(step, moment) for step in self._steps(moment))
        if time.monotonic() - self._tidied > TIDYING:
            self._tidied = time.monotonic()
            done += self._tidy(moment)
        return done

    def claim(self, moment: Moment, limit: int) -> list[Call]:
        """At most so many service calls that nobody makes yet; now they are ours for a while."""
        with self._sessions.reading() as session:
            due = calls.next_due(session)
            if due is None or due > moment(session):
                return []
        with self._sessions.begin() as session:
            return calls.claim(session, now=moment(session), worker=self._name, limit=limit)

    def perform(self, call: Call, moment: Moment) -> None:
        """Make a call outside any transaction, then commit its result, if the call is still ours."""
        with self._sessions.reading() as session:
            now = moment(session)
        context = Context(self._sessions, self._outside, call.instance_id, now)
        try:
            outcome: object | CallError = perform(call.connector, call.input, context)
        except CallFailed as error:
            outcome = CallError(error.code, error.message, business=error.business, retry_after=error.retry_after)
        except Exception:
            log.exception("connector %s failed unexpectedly at %s", call.connector, call.element_id)
            outcome = CallError("CONNECTOR_FAILED", text("Le connecteur a échoué de façon inattendue."))
        with self._sessions.begin() as session:
            if isinstance(outcome, CallError):
                calls.fail(session, call.id, call.token, outcome, now=moment(session))
            else:
                calls.succeed(session, call.id, call.token, outcome, now=moment(session))

    def _steps(self, moment: Moment) -> Iterator[Step]:
        """What was thrown comes before timers: a timer may end what waits for it."""
        with self._sessions.reading() as session:
            found = [Step("message", each, _correlate) for each in messages.untried(session, limit=BATCH)]
            found += [Step("signal", each, _broadcast) for each in signals.pending(session, limit=BATCH)]
            due = timers.due(session, now=moment(session), limit=BATCH)
        yield from found
        yield from (Step("timer", each, _fire, _postpone) for each in due)

    def _try(self, step: Step, moment: Moment) -> bool:
        """Do one step. What is gone meanwhile is normal; what fails is logged and paused; a silent database ends the round."""
        key = (step.kind, step.id)
        paused = self._pauses.get(key)
        if paused is not None and time.monotonic() < paused.until:
            return False
        try:
            with self._sessions.begin() as session:
                step.do(session, step.id, moment(session))
        except (NotFound, Conflict) as error:
            log.info("%s %s: %s", step.kind, step.id, error.text)
        except EngineError as error:
            log.warning("%s %s is refused: %s", step.kind, step.id, error.text)
            self._pause(step, paused, moment)
            return False
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("%s %s failed", step.kind, step.id)
            self._pause(step, paused, moment)
            return False
        self._pauses.pop(key, None)
        return True

    def _pause(self, step: Step, before: Pause | None, moment: Moment) -> None:
        """Leave it alone for a while: in its row, where it has a due time, else in this process."""
        if step.postpone is not None:
            with self._sessions.begin() as session:
                step.postpone(session, step.id, moment(session))
            return
        count = before.count + 1 if before else 1
        seconds = min(FIRST_PAUSE * 2 ** (count - 1), LONGEST_PAUSE)
        self._pauses[step.kind, step.id] = Pause(count, time.monotonic() + seconds)

    def _tidy(self, moment: Moment) -> int:
        with self._sessions.begin() as session:
            leases.free(session, is_gone, now=moment(session))
            messages.expire(session, now=moment(session))
            kept = messages.pending(session, now=moment(session))
        return sum(self._try(Step("message", each, _correlate), moment) for each in kept)


def _correlate(session: Session, message_id: int, now: datetime) -> object:
    return messages.correlate(session, message_id, now=now)


def _fire(session: Session, timer_id: int, now: datetime) -> object:
    return timers.fire(session, timer_id, now=now)


def _postpone(session: Session, timer_id: int, now: datetime) -> None:
    timers.postpone(session, timer_id, now=now)


def _broadcast(session: Session, signal_id: int, now: datetime) -> object:
    return signals.deliver(session, signal_id, now=now)

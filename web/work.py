"""What there is to do besides requests: thrown messages, due timers, service calls, and now and then some tidying.

Rows are claimed with a lease, then done one by one, each in a transaction that counts only while the lease holds. What fails is left
alone for a while, longer each time, so that it neither stops the others nor keeps the machine busy.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from engine import beats, calls, faults, leases, messages, migrations, signals, timers, tracing, wakes
from engine.calls import Call, CallError
from engine.clock import Clock
from engine.errors import Conflict, EngineError, NotFound
from engine.leases import Lease, Leased
from engine.sessions import Sessions
from feel.text import text
from web.counters import CALL_SECONDS, LOST, STEP_SECONDS, STEPS
from web.logs import during
from web.sending import Moment, Sending
from web.worker_names import is_gone
from webhooks import deliveries
from webhooks.connectors.connector import CallFailed, Context, Outside
from webhooks.connectors.registry import perform
from webhooks.sending import Road

log = logging.getLogger(__name__)

BATCH = 50
"""Rows of one kind that one look claims."""
FEW = 8
"""Rows of one kind that are claimed at once where several workers share them."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
"""Before a failed step is tried again, doubled each time."""
FIRST_SILENCE, LONGEST_SILENCE = 0.5, 4.0
"""Seconds before the outcome of a call is written again when the database did not answer."""
OCCUPIED_PAUSE = timedelta(seconds=1)
"""Before a step is tried again whose instance somebody else has locked."""
PATIENCE = "1s"
"""A step waits no longer for its instance: a thread that waits does nothing for the others."""
LIMIT = sql("SELECT set_config(:name, :value, true)")
TRANSACTION_TIMEOUT_SINCE = (17,)
OCCUPIED = frozenset({"55P03", "40P01"})
"""PostgreSQL's lock_not_available and deadlock_detected."""
ENDED = frozenset({"25P03", "25P04"})
"""PostgreSQL's idle_in_transaction_session_timeout and transaction_timeout: the worker stood still while its lease ran out."""
DONE = frozenset({"done", "gone"})
TIDYING = 60.0
"""Seconds between two looks for messages that expired or that a newly published process may take, and for what dead workers held."""


@dataclass(frozen=True, slots=True)
class Outward:
    """Rows whose doing leaves this machine: claimed in one transaction, done in none."""

    claim: Callable[[Moment, int], Sequence[Any]]
    do: Callable[[Any, Moment], None]
    next_due: Callable[[Session], datetime | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that are done one by one: how they are claimed, done, and left alone after a failure."""

    name: str
    rows: Leased
    do: Callable[..., object]
    postpone: Callable[..., None] | None = None


def _correlate(session: Session, message_id: int, *, now: datetime, token: int | None) -> object:
    return messages.correlate(session, message_id, now=now, token=token)


def _broadcast(session: Session, signal_id: int, *, now: datetime, token: int | None) -> object:
    return signals.deliver(session, signal_id, now=now, token=token)


def _fire(session: Session, timer_id: int, *, now: datetime, token: int | None) -> object:
    return timers.fire(session, timer_id, now=now, token=token)


def _postpone(session: Session, timer_id: int, *, now: datetime, token: int | None) -> None:
    timers.postpone(session, timer_id, now=now, token=token)


def _migrate(session: Session, step_id: int, *, now: datetime, token: int | None) -> None:
    migrations.perform(session, step_id, now=now, token=token)


MESSAGE = Kind("message", leases.MESSAGES, _correlate)
SIGNAL = Kind("signal", leases.SIGNALS, _broadcast)
TIMER = Kind("timer", leases.TIMERS, _fire, _postpone)
MIGRATION = Kind("migration", leases.MIGRATIONS, _migrate)
KINDS = {wakes.MESSAGES: (MESSAGE, SIGNAL, MIGRATION), wakes.TIMERS: (TIMER,)}
"""What was thrown comes before timers: a timer may end what waits for it."""


class Work:
    """All that is to be done in one database. Any number of threads may ask for it."""

    def __init__(self, sessions: Sessions, outside: Outside, road: Road | None, *, name: str, lease: timedelta = leases.LEASE) -> None:
        self._sessions = sessions
        self._outside = outside
        self._name = name
        self._lease = lease
        self._tidied = float("-inf")
        self._beaten = float("-inf")
        self._left: list[tuple[Kind, Lease]] = []
        self.outward = {wakes.CALLS: Outward(self.claim, self.perform, calls.next_due)}
        if road is not None:
            sending = Sending(sessions, road, name=name, lease=lease)
            self.outward[wakes.DELIVERIES] = Outward(sending.claim, sending.send, deliveries.next_due)

    def round(self, moment: Moment) -> int:
        """Deliver what was thrown, fire what is due, tidy up; the number of steps done. Raises when the database does not answer."""
        done = sum(self._some(kind, moment, BATCH) for kinds in KINDS.values() for kind in kinds)
        return done + self.tidy(moment)

    def any(self, queue: str, moment: Moment) -> bool:
        """Whether a queue has something to do now that nobody does."""
        with self._sessions.reading() as session:
            now = moment(session)
            if queue in self.outward:
                due = self.outward[queue].next_due(session)
                return due is not None and due <= now
            return any(kind.rows.any(session, now=now) for kind in KINDS[queue])

    def drain(self, queue: str, moment: Moment, *, until: Callable[[], bool]) -> None:
        """Do what a queue holds until nothing is left to claim, or `until` says so."""
        while not until():
            if queue in self.outward:
                claimed = self.outward[queue].claim(moment, 1)
                for each in claimed:
                    self.outward[queue].do(each, moment)
                if not claimed:
                    return
            elif not sum(self._some(kind, moment, FEW) for kind in KINDS[queue]):
                return

    def next_due(self) -> datetime | None:
        """When the next timer, call or delivery is due."""
        with self._sessions.reading() as session:
            moments = [timers.next_due(session), *(each.next_due(session) for each in self.outward.values())]
        return min((each for each in moments if each is not None), default=None)

    def claim(self, moment: Moment, limit: int) -> list[Call]:
        """At most so many service calls that nobody makes yet; now they are ours for a while."""
        with self._sessions.reading() as session:
            due = calls.next_due(session)
            if due is None or due > moment(session):
                return []
        with self._sessions.begin() as session:
            claimed = calls.claim(session, now=moment(session), worker=self._name, limit=limit, lease=self._lease)
        faults.reach("call-claimed")
        return claimed

    def perform(self, call: Call, moment: Moment) -> None:
        """Make a call outside any transaction, then commit its result, if the call is still ours."""
        with self._sessions.reading() as session:
            now = moment(session)
        context = Context(self._sessions, self._outside, call.instance_id, now)
        begun = time.monotonic()
        try:
            with tracing.span("call", connector=call.connector, element=call.element_id, instance=str(call.instance_id)):
                outcome: object | CallError = perform(call.connector, call.input, context)
        except CallFailed as error:
            outcome = CallError(error.code, error.message, business=error.business, retry_after=error.retry_after)
        except Exception:
            log.exception("connector %s failed unexpectedly at %s", call.connector, call.element_id)
            outcome = CallError("CONNECTOR_FAILED", text("Le connecteur a échoué de façon inattendue."))
        seconds = time.monotonic() - begun
        faults.reach("call-answered")
        if not self._keep(call, outcome, moment, begun + self._lease.total_seconds()):
            LOST.labels("call").inc()
            about = {"instance": call.instance_id, "element": call.element_id}
            log.warning("the lease of call %s was lost: its result is thrown away", call.id, extra=about)
        CALL_SECONDS.labels(call.connector, outcome.code if isinstance(outcome, CallError) else "done").observe(seconds)

    def _keep(self, call: Call, outcome: object | CallError, moment: Moment, until: float) -> bool:
        """Write the outcome, if the call is still ours; again while the database is silent, since a call cannot be taken back."""
        pause = FIRST_SILENCE
        while True:
            try:
                with self._step(lock="0") as session:
                    if isinstance(outcome, CallError):
                        return calls.fail(session, call.id, call.token, outcome, now=moment(session))
                    return calls.succeed(session, call.id, call.token, outcome, now=moment(session))
            except (OperationalError, InterfaceError):
                if time.monotonic() + pause > until:
                    raise
                log.warning("the outcome of call %s could not be written; again in %.1f s", call.id, pause)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_SILENCE)

    def tidy(self, moment: Moment) -> int:
        """Now and then: free what dead workers held, expire messages, try kept ones again; the number of steps done."""
        if time.monotonic() - self._tidied <= TIDYING:
            return 0
        self._tidied = time.monotonic()
        with self._sessions.begin() as session:
            leases.free(session, is_gone, now=moment(session))
            messages.expire(session, now=moment(session))
            deliveries.purge(session, now=moment(session))
            kept = messages.pending(session, now=moment(session))
        return sum(self._try(MESSAGE, Lease(each, 0), moment, fenced=False) for each in kept)

    def beat(self) -> None:
        """Tell now and then that this worker lives, by the system's clock."""
        if time.monotonic() - self._beaten > beats.EVERY.total_seconds():
            self._beaten = time.monotonic()
            with self._sessions.begin() as session:
                beats.beat(session, self._name, now=Clock().now(session))

    def end(self) -> None:
        """Tell that this worker stops."""
        with self._sessions.begin() as session:
            beats.end(session, self._name)

    def _some(self, kind: Kind, moment: Moment, limit: int) -> int:
        """Claim some rows of a kind and do them; the number of those that are done."""
        with self._sessions.reading() as session:
            if not kind.rows.any(session, now=moment(session)):
                return 0
        with self._sessions.begin() as session:
            claimed = kind.rows.claim(session, now=moment(session), worker=self._name, limit=limit, lease=self._lease)
        faults.reach(f"{kind.name}-claimed")
        done = 0
        for number, each in enumerate(claimed):
            try:
                done += self._try(kind, each, moment)
            except Exception:
                self._left.extend((kind, other) for other in claimed[number:])
                raise
        return done

    def release(self, moment: Moment) -> None:
        """Give back what was claimed when the database fell silent, so that nobody waits for the end of its lease."""
        left, self._left = self._left, []
        try:
            for kind, held in left:
                self._delay(kind, held, moment, timedelta(0))
        except Exception:
            self._left.extend(left)
            raise

    def _try(self, kind: Kind, held: Lease, moment: Moment, *, fenced: bool = True) -> bool:
        """Do one step, and tell how it went; whether it is done."""
        begun = time.monotonic()
        with during(f"{kind.name} {held.id}"), tracing.span(kind.name, row=held.id):
            outcome = self._outcome(kind, held, moment, held.token if fenced else None)
        STEPS.labels(kind.name, outcome).inc()
        STEP_SECONDS.labels(kind.name).observe(time.monotonic() - begun)
        return outcome in DONE

    def _outcome(self, kind: Kind, held: Lease, moment: Moment, token: int | None) -> str:
        """What is gone meanwhile is normal; what fails is logged and paused; a silent database is raised."""
        begun = time.monotonic()
        try:
            with self._step() as session:
                if moment(session) > held.until:
                    return self._lost(kind, held)
                kind.do(session, held.id, now=moment(session), token=token)
                faults.reach(f"{kind.name}-done")
        except (NotFound, Conflict) as error:
            log.info("%s %s: %s", kind.name, held.id, error.text)
            return "gone"
        except EngineError as error:
            log.warning("%s %s is refused: %s", kind.name, held.id, error.text)
            self._pause(kind, held, moment)
            return "refused"
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) in OCCUPIED:
                self._delay(kind, held, moment, OCCUPIED_PAUSE)
                return "occupied"
            if getattr(error.orig, "sqlstate", None) in ENDED or time.monotonic() - begun > self._lease.total_seconds():
                return self._lost(kind, held)
            if isinstance(error, OperationalError | InterfaceError):
                raise
            return self._failed(kind, held, moment)
        except Exception:  # noqa: BLE001  logged with its trace
            return self._failed(kind, held, moment)
        return "done"

    def _lost(self, kind: Kind, held: Lease) -> str:
        """Whoever has the row now does it; nothing of ours counts."""
        LOST.labels(kind.name).inc()
        log.warning("the lease of %s %s was lost: its step is left to others", kind.name, held.id)
        return "lost"

    def _failed(self, kind: Kind, held: Lease, moment: Moment) -> str:
        log.exception("%s %s failed", kind.name, held.id)
        self._pause(kind, held, moment)
        return "failed"

    @contextmanager
    def _step(self, lock: str = PATIENCE) -> Iterator[Session]:
        """A transaction that PostgreSQL ends with the lease, and that waits no longer than `lock` for what others have locked.

        On SQLite writers queue, and whoever holds the lock holds it for the whole machine.
        """
        with self._sessions.begin() as session:
            dialect = self._sessions.engine.dialect
            if dialect.name == "postgresql":
                session.execute(LIMIT, {"name": "lock_timeout", "value": lock})
                if (dialect.server_version_info or (0,)) >= TRANSACTION_TIMEOUT_SINCE:
                    session.execute(LIMIT, {"name": "transaction_timeout", "value": f"{self._lease.total_seconds():.0f}s"})
            yield session

    def _pause(self, kind: Kind, held: Lease, moment: Moment) -> None:
        """Leave it alone for a while: a timer by its due time, else by its lease, whose fence counts the attempts."""
        if kind.postpone is None:
            self._delay(kind, held, moment, min(FIRST_PAUSE * 2 ** min(held.token - 1, 20), LONGEST_PAUSE))
            return
        with self._sessions.begin() as session:
            kind.postpone(session, held.id, now=moment(session), token=held.token)

    def _delay(self, kind: Kind, held: Lease, moment: Moment, pause: timedelta) -> None:
        with self._sessions.begin() as session:
            kind.rows.delay(session, held, until=moment(session) + pause)

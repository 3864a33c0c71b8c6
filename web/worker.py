"""The worker: does the work that rows describe, in a thread beside the requests or in a process of its own.

Rows are the only truth about what is to be done: a worker that dies loses nothing, and several share the work by locks and leases.
The thread is woken after each commit of its process, and looks by itself at intervals for what other processes left.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from engine import calls, timers
from engine.clock import LATEST, Clock
from engine.errors import Unusable
from engine.sessions import Sessions
from feel.text import text
from web.work import Moment, Work
from web.worker_names import new_name
from webhooks.connectors.connector import Outside

log = logging.getLogger(__name__)

CALLERS = 4
"""Service calls that one worker makes at the same time."""
CLAIMED = 2 * CALLERS
"""Service calls that one worker holds: few enough to be made long before the lease runs out, and another worker makes them too."""
LONGEST_STEP = 20.0
"""Seconds that a step under way is given to end when the worker must stop."""
BREATH = 0.01
"""Seconds between two looks at the least, so that many commits in a row cost one look."""
LONGEST_PAUSE = 30.0
"""Seconds between two looks while the database does not answer."""
MAXIMUM_ROUNDS = 20_000


class NeverQuiet(RuntimeError):
    """There is always more to do at this moment: processes keep each other busy."""


class Worker:
    """`run` in the foreground or `start` as a thread; `wake` after a commit; `stop` to end.

    `run_until_quiet` and `advance` do the work in the caller's thread, while the worker's own thread stands still.
    """

    def __init__(self, sessions: Sessions, clock: Clock, outside: Outside, *, poll: timedelta) -> None:
        self._sessions = sessions
        self._clock = clock
        self._work = Work(sessions, outside, name=new_name())
        self._poll = poll.total_seconds()
        self._turn = threading.RLock()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._calling: set[Future[None]] = set()

    def wake(self) -> None:
        """There may be work: look now rather than at the next interval."""
        self._woken.set()

    def start(self) -> None:
        """Run in a thread of this process."""
        self._thread = threading.Thread(target=self.run, name="tikub-worker", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let `run` return after the step under way; safe in a signal handler."""
        self._stopping.set()
        self._woken.set()

    def stop(self) -> None:
        """Stop the thread and wait for the step under way."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join(LONGEST_STEP)

    def run(self) -> None:
        """Work until asked to stop. No failure ends it: it is logged, and what failed is tried again later."""
        log.info("the worker runs")
        pause = self._poll
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                busy = self._round(self._clock.now)
                pause = self._poll
            except Exception:
                log.exception("the worker could not look for work; next look in %.1f s", pause)
                busy = False
                pause = min(2 * pause, LONGEST_PAUSE)
                self._stopping.wait(pause)
            self._stopping.wait(BREATH)
            if not busy:
                self._woken.wait(pause)
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        log.info("the worker has stopped")

    def run_until_quiet(self) -> None:
        """Do all that is due now, and what follows from it, service calls included. Raises NeverQuiet."""
        with self._turn:
            self._settle(self._clock.now)

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward, stopping at each moment at which something is due, so that it happens at its own time.

        Returns the clock's time when all is quiet. Raises NeverQuiet; Unusable beyond what ids can hold.
        """
        with self._turn:
            self._settle(self._clock.now)
            with self._sessions.reading() as session:
                now = self._clock.now(session)
            target = now + by
            if target > LATEST:
                raise Unusable(text("L’horloge de test ne va pas au-delà de %(year)s.", year=LATEST.year))
            while (due := self._next_due()) is not None and due <= target:
                if due <= now:
                    raise NeverQuiet
                now = due
                self._move(now)
            self._move(target)
            return target

    def _next_due(self) -> datetime | None:
        with self._sessions.reading() as session:
            moments = (timers.next_due(session), calls.next_due(session))
        return min((each for each in moments if each is not None), default=None)

    def _move(self, to: datetime) -> None:
        """Everything at this stop happens at exactly this moment, however long it takes to compute."""
        with self._sessions.begin() as session:
            self._clock.move(session, to)
        self._settle(lambda _: to)

    def _settle(self, moment: Moment) -> None:
        for _ in range(MAXIMUM_ROUNDS):
            busy = self._round(moment)
            wait(tuple(self._calling))
            if not busy:
                return
        raise NeverQuiet

    def _round(self, moment: Moment) -> bool:
        with self._turn:
            done = self._work.round(moment)
            under_way = sum(not each.done() for each in tuple(self._calling))
            claimed = self._work.claim(moment, CLAIMED - under_way) if under_way < CLAIMED else []
            for call in claimed:
                future = self._callers().submit(self._work.perform, call, moment)
                self._calling.add(future)
                future.add_done_callback(self._called)
            return bool(done or claimed)

    def _callers(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(CALLERS, "tikub-call")
        return self._pool

    def _called(self, future: Future[None]) -> None:
        self._calling.discard(future)
        error = future.exception()
        if error is not None:
            log.error("the result of a service call could not be kept", exc_info=error)
        self._woken.set()

"""The worker: does the work that rows describe, in a thread beside the requests or in a process of its own.

Rows are the only truth about what is to be done: a worker that dies loses nothing, and several share the work by leases. On SQLite
one thread is woken after each commit of its process, and looks at intervals for what other processes left. On PostgreSQL jobs wake the
threads of each queue, on whatever machine; the one thread then looks for what was lost and for what becomes due.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from engine import wakes
from engine.clock import LATEST, Clock
from engine.errors import Unusable
from engine.sessions import Sessions
from feel.text import text
from web.queues import Queues
from web.sending import Moment
from web.work import Work
from web.worker_names import new_name
from webhooks.connectors.connector import Outside
from webhooks.sending import Road

log = logging.getLogger(__name__)

HELD = 2
"""Calls or deliveries that one worker holds for each that it makes: few enough to be made long before the lease runs out."""
LONGEST_STEP = 20.0
"""Seconds that a step under way is given to end when the worker must stop."""
BREATH = 0.01
"""Seconds between two looks at the least, so that many commits in a row cost one look."""
LONGEST_PAUSE = 4.0
"""Seconds between two looks while the database does not answer."""
MAXIMUM_ROUNDS = 20_000


class NeverQuiet(RuntimeError):
    """There is always more to do at this moment: processes keep each other busy."""


@dataclass(frozen=True)
class Pace:
    """How a worker works: seconds between two looks on SQLite, how long it holds what it claims, threads for each queue."""

    poll: timedelta
    lease: timedelta
    threads: Mapping[str, int]


class Worker:
    """`run` in the foreground or `start` as a thread; `wake` after a commit; `stop` to end.

    `run_until_quiet` and `advance` do the work in the caller's thread, while the worker's own thread stands still.
    """

    def __init__(self, sessions: Sessions, clock: Clock, outside: Outside, road: Road | None, pace: Pace) -> None:
        self._sessions = sessions
        self._clock = clock
        self._work = Work(sessions, outside, road, name=new_name(), lease=pace.lease)
        self._poll = pace.poll.total_seconds()
        self._threads = pace.threads
        self._queues: Queues | None = None
        self._turn = threading.RLock()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._under_way: dict[str, set[Future[None]]] = {queue: set() for queue in self._work.outward}

    def wake(self) -> None:
        """There may be work: look now rather than at the next interval, unless jobs tell of it."""
        if self._queues is None:
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
        if self._sessions.engine.dialect.name == "postgresql":
            self._queues = Queues(self._work, self._sessions, self._threads, self._drain, self._heard)
            self._queues.start()
        pause = self._poll
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                self._work.beat()
                self._work.release(self._clock.now)
                wait_for = self._look()
                pause = self._poll
            except Exception:
                log.exception("the worker could not look for work; next look in %.1f s", pause)
                self._stopping.wait(pause)
                pause, wait_for = min(2 * pause, LONGEST_PAUSE), 0
            self._stopping.wait(BREATH)
            self._woken.wait(wait_for)
        self._end()
        log.info("the worker has stopped")

    def _look(self) -> float:
        """Do what is to be done, or see that it is done; the seconds until the next look."""
        if self._queues is None:
            return 0 if self._round(self._clock.now) else min(self._poll, self._until_next())
        self._queues.look(self._clock.now)
        with self._turn:
            self._work.tidy(self._clock.now)
        return min(wakes.SOON.total_seconds(), self._until_next())

    def _until_next(self) -> float:
        """Seconds until something becomes due; without end for nothing, and for what is due and stays, since somebody else does it."""
        due = self._work.next_due()
        with self._sessions.reading() as session:
            now = self._clock.now(session)
        return (due - now).total_seconds() if due is not None and due > now else float("inf")

    def _drain(self, queue: str) -> None:
        """Do what a queue holds. A clock that can be moved stands still meanwhile."""
        with self._turn if self._clock.movable else nullcontext():
            self._work.drain(queue, self._clock.now, until=self._stopping.is_set)

    def _heard(self, queue: str) -> None:
        if queue == wakes.TIMERS:
            self._woken.set()  # one that is not yet due may have come

    def _end(self) -> None:
        if self._queues is not None:
            self._queues.stop(LONGEST_STEP)
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        with suppress(SQLAlchemyError):
            self._work.end()

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
            while (due := self._work.next_due()) is not None and due <= target:
                if due <= now:
                    raise NeverQuiet
                now = due
                self._move(now)
            self._move(target)
            return target

    def _move(self, to: datetime) -> None:
        """Everything at this stop happens at exactly this moment, however long it takes to compute."""
        with self._sessions.begin() as session:
            self._clock.move(session, to)
        self._settle(lambda _: to)

    def _settle(self, moment: Moment) -> None:
        for _ in range(MAXIMUM_ROUNDS):
            busy = self._round(moment)
            wait([each for futures in self._under_way.values() for each in tuple(futures)])
            if not busy:
                return
        raise NeverQuiet

    def _round(self, moment: Moment) -> bool:
        with self._turn:
            done = self._work.round(moment)
            handed_out = [self._hand_out(queue, moment) for queue in self._work.outward]
            return bool(done or any(handed_out))

    def _hand_out(self, queue: str, moment: Moment) -> bool:
        """Claim of a queue what its threads will soon get to; whether there was anything."""
        outward, futures = self._work.outward[queue], self._under_way[queue]
        under_way = sum(not each.done() for each in tuple(futures))
        most = HELD * self._threads[queue]
        claimed = outward.claim(moment, most - under_way) if under_way < most else []
        for each in claimed:
            future = self._pool_of(queue).submit(outward.do, each, moment)
            futures.add(future)
            future.add_done_callback(partial(self._done, queue))
        return bool(claimed)

    def _pool_of(self, queue: str) -> ThreadPoolExecutor:
        if queue not in self._pools:
            self._pools[queue] = ThreadPoolExecutor(self._threads[queue], f"tikub-{queue}")
        return self._pools[queue]

    def _done(self, queue: str, future: Future[None]) -> None:
        self._under_way[queue].discard(future)
        error = future.exception()
        if error is not None:
            log.error("the outcome of what left by the queue %s could not be kept", queue, exc_info=error)
        self._woken.set()

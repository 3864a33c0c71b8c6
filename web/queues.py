"""The queues of a worker on PostgreSQL: so many threads for each, woken by jobs from all machines and by this process's own looks.

A queue whose threads all wait for a slow outside system takes nothing from the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from engine.sessions import Sessions
from web.sending import Moment
from web.waking import Waking
from web.work import Work

log = logging.getLogger(__name__)


class Queues:
    """`start` to hear jobs; `look` for what no job told of; `stop` to end. `drain` does what a queue holds, `heard` follows each job."""

    def __init__(
        self,
        work: Work,
        sessions: Sessions,
        threads: Mapping[str, int],
        drain: Callable[[str], None],
        heard: Callable[[str], None],
    ) -> None:
        self._work = work
        self._drain = drain
        self._after = heard
        self._threads = threads
        self._free = {queue: threading.Semaphore(number) for queue, number in threads.items()}
        self._told = {queue: threading.Event() for queue in threads}
        self._pool = ThreadPoolExecutor(sum(threads.values()), "tikub-queue")
        self._waking = Waking(sessions.engine, threads, self._heard)

    def start(self) -> None:
        """Begin to hear jobs."""
        self._waking.start()

    def stop(self, timeout: float) -> None:
        """Take nothing more, and wait for what is under way."""
        self._waking.stop(timeout)
        self._pool.shutdown(wait=True)

    def look(self, moment: Moment) -> None:
        """See that somebody does what each queue holds."""
        for queue, number in self._threads.items():
            if self._work.any(queue, moment):
                for _ in range(number):
                    self._pool.submit(self._woken, queue)

    def _heard(self, queue: str) -> None:
        self._woken(queue)
        self._after(queue)

    def _woken(self, queue: str) -> None:
        """Do what the queue holds; when all its threads are at work, the first that ends looks once more."""
        self._told[queue].set()
        while self._told[queue].is_set() and self._free[queue].acquire(blocking=False):
            self._run(queue)

    def _run(self, queue: str) -> None:
        try:
            self._told[queue].clear()
            self._drain(queue)
        except Exception:
            log.exception("the queue %s stops until the next look", queue)
        finally:
            self._free[queue].release()

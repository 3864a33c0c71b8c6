"""The worker: fires due timers, delivers messages and makes service calls, each step in a transaction of its own.

Rows are the only truth about what is to be done: a worker that dies loses nothing, several share the work by locks and leases, and a
step that fails is tried again later while the others go on. The thread is woken after each commit of its process, and looks by
itself at intervals for what other processes left.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from engine.clock import Clock
from engine.sessions import Sessions
from web.work import Work
from webhooks.connectors.connector import Outside

log = logging.getLogger(__name__)

CALLERS = 4
LONGEST_STEP = 20.0
"""Seconds that a step under way is given to end when the worker must stop."""
MAXIMUM_ROUNDS = 100_000
"""Rounds without rest after which `run_until_quiet` gives up: the processes keep each other busy."""


class NeverQuiet(RuntimeError):
    """There is always more to do at this moment: processes keep each other busy."""


class Worker:
    """`run` in the foreground or `start` as a thread; `wake` after a commit; `stop` to end. `run_until_quiet` for the caller's own thread."""

    def __init__(self, sessions: Sessions, clock: Clock, outside: Outside, *, poll: timedelta) -> None:
        self._sessions = sessions
        self._clock = clock
        self._outside = outside
        self._poll = poll.total_seconds()
        self._turn = threading.RLock()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._calling: set[Future[None]] = set()
        self._pool: ThreadPoolExecutor | None = None

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
        while not self._stopping.is_set():
            self._woken.clear()
            if not self._round_safely():
                self._woken.wait(self._poll)
        self._end_calls()
        log.info("the worker has stopped")

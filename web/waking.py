"""Wake-ups between machines, through Procrastinate on PostgreSQL: a job says only that a queue has work.

Jobs are deferred in the transaction that wrote the rows; whichever worker gets one takes what the rows describe. Rows alone are the
truth: a lost job is made up for by the next look of any worker, and a superfluous one finds nothing to do.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import faults, wakes

log = logging.getLogger(__name__)

TASK = "tikub.wake"
MOST = 16
"""Jobs of one queue that one transaction defers: a worker that is awake takes more than one row."""
TIDYING = 60.0
"""Seconds between two looks for jobs that dead workers left."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 4.0
"""Seconds before a connection to the jobs is tried again, doubled each time."""


class Announcer:
    """Tells the workers of all machines, in the transaction that wrote the rows, on its own connection."""

    def __init__(self) -> None:
        # Never opened: it has no connection of its own.
        self._app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

    def __call__(self, session: Session) -> None:
        for queue, rows in wakes.take(session).items():
            connection = session.connection().connection.driver_connection
            deferrer = self._app.configure_task(TASK, queue=queue, connection=connection)
            try:
                deferrer.batch_defer(*[{} for _ in range(min(rows, MOST))])
            except ConnectorException as error:
                raise OperationalError(TASK, None, error) from error
            faults.reach("jobs-deferred")


def create_tables(connection: Connection) -> None:
    """The tables of the jobs, as the installed Procrastinate wants them. They hold nothing that must be kept."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  for the type checker
    driver.execute(procrastinate.schema.SchemaManager.get_schema())


class Waking:
    """Listens for jobs in a thread of its own and calls `drain` with the queue, in at most so many threads for each queue."""

    def __init__(self, engine: Engine, queues: Mapping[str, int], drain: Callable[[str], None]) -> None:
        self._arguments = engine.dialect.create_connect_args(engine.url)[1]
        self._queues = queues
        self._drain = drain
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="tikub-waking", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Take no more jobs, and wait so many seconds for those under way."""
        self._stopping.set()
        loop, listening = self._loop, self._listening
        if loop is not None and listening is not None and not loop.is_closed():
            loop.call_soon_threadsafe(listening.cancel)
        self._thread.join(timeout)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                asyncio.run(self._listen())
            except asyncio.CancelledError:
                return
            except Exception:
                log.exception("jobs cannot be heard; the worker looks by itself meanwhile; next try in %.0f s", pause)
            self._stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _listen(self) -> None:
        self._loop, self._listening = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopping.is_set():
            return
        self._loop.set_default_executor(ThreadPoolExecutor(sum(self._queues.values()), "tikub-woken"))
        size = 2 * len(self._queues) + 1
        connector = procrastinate.PsycopgConnector(kwargs=self._arguments, min_size=1, max_size=size)
        app = procrastinate.App(connector=connector)
        app.task(name=TASK, pass_context=True)(self._wake)
        async with app.open_async(), asyncio.TaskGroup() as group:
            group.create_task(self._tidy(app))
            for queue, threads in self._queues.items():
                group.create_task(self._serve(app, queue, threads))

    async def _serve(self, app: procrastinate.App, queue: str, threads: int) -> None:
        await app.run_worker_async(
            queues=[queue],
            concurrency=threads,
            name=f"tikub-{queue}",
            install_signal_handlers=False,
            delete_jobs="always",
            fetch_job_polling_interval=wakes.SOON.total_seconds(),
            abort_job_polling_interval=TIDYING,
        )

    def _wake(self, context: procrastinate.JobContext) -> None:
        self._drain(context.job.queue)

    async def _tidy(self, app: procrastinate.App) -> None:
        """What dead workers left unfinished means nothing: its rows are found by their leases."""
        while True:
            for job in await app.job_manager.get_stalled_jobs():
                await app.job_manager.finish_job(job=job, status=Status.FAILED, delete_job=True)
            await asyncio.sleep(TIDYING)

"""Serving with granian: one process by default, that answers requests with a pool of threads and runs the worker beside them."""

from __future__ import annotations

import logging
import os
import threading
import time
from multiprocessing.util import Finalize

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from engine import faults
from web.app import create_app
from web.logs import configure
from web.runtime import EXTENSION
from web.settings import Settings
from web.traces import configure as configure_traces
from web.turns import in_turn
from web.whole import at_once

log = logging.getLogger(__name__)


LOOK = 0.3
"""Seconds between two looks whether the parent process still lives."""


def application() -> Flask:
    """The application of one serving process, with its worker; made by granian in each process."""
    settings = Settings.read()
    configure(settings)
    faults.arm(settings.faults)
    threading.Thread(target=_end_with, args=(os.getppid(),), name="tikub-parent", daemon=True).start()
    app = create_app(settings)
    running = app.extensions[EXTENSION]
    answer = at_once(app.wsgi_app)
    if running.sessions.engine.dialect.name == "sqlite":
        answer = in_turn(answer)
    app.wsgi_app = answer  # type: ignore[assignment, method-assign]
    worker = running.worker
    worker.start()
    Finalize(None, configure_traces(settings), exitpriority=5)
    Finalize(None, worker.stop, exitpriority=10)
    return app


def _end_with(parent: int) -> None:
    """End this process at once when its parent was killed: as an orphan it would hold the port, and work that nobody can stop.

    Every commit is durable and what is under way is repeated, so nothing needs to be put in order first.
    """
    while os.getppid() == parent:
        time.sleep(LOOK)
    log.error("the main process is gone; this one ends")
    os._exit(1)


def serve(settings: Settings, *, host: str, port: int, processes: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    server = Granian(
        "web.server:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=processes,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_level=LogLevels.warning,
    )
    server.serve()

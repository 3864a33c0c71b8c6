"""The hard end of a call: whatever the other side does, its connection is shut when the time is up.

A time-out of a socket begins anew with each byte, so that a side that sends one now and then would hold a caller for ever, also
while it writes its headers or shakes hands for TLS.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from types import TracebackType
from typing import Any

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Cutoff:
    """`with Cutoff(session, seconds) as cutoff:` shuts what the session has open after so many seconds; `has_fired` tells."""

    def __init__(self, session: requests.Session, seconds: float) -> None:
        self.has_fired = False
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True
        for adapter in session.adapters.values():
            manager: Any = adapter.poolmanager  # type: ignore[attr-defined]  # every adapter of ours has one
            manager.pool_classes_by_scheme = self._pools()

    def __enter__(self) -> Cutoff:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        for each in self._watched:
            each.close()

    def check(self) -> None:
        """What was read when the connection was shut looks whole and is not. Raises TimeoutError."""
        if self.has_fired:
            raise TimeoutError

    def _pools(self) -> dict[str, type]:
        watch = self._watch

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return watch(super()._new_conn())

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return watch(super()._new_conn())

        plain = type("Plain", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        return {"http": plain, "https": type("Secure", (HTTPSConnectionPool,), {"ConnectionCls": Secure})}

    def _watch(self, made: socket.socket) -> socket.socket:
        """A handle of our own on the connection: TLS takes the first one away, and shutting any of them shuts it."""
        self._watched.append(socket.socket(fileno=os.dup(made.fileno())))
        return made

    def _fire(self) -> None:
        self.has_fired = True
        for each in self._watched:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

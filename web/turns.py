"""Requests that take turns, where taking turns is faster than crossing.

On SQLite writers queue anyway, and the driver gives the interpreter away at each statement: four threads that pass it on at every step
need a quarter more of the processor than one after the other. A request that lasts does not hold up the others: who has
waited `PATIENCE` goes on beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 0.02
"""Seconds: a request with its commit takes a tenth of that."""
LARGE = 65_536
"""Bytes of a body that may come slowly: such a request takes no turn."""


def in_turn(app: WSGIApplication) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """The same application, one short request at a time."""
    turn = threading.Lock()

    def answer(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        is_short = len(length) < 6 and length.isdigit() and int(length) < LARGE and "HTTP_TRANSFER_ENCODING" not in environ
        has_turn = is_short and turn.acquire(timeout=PATIENCE)
        try:
            return app(environ, respond)
        finally:
            if has_turn:
                turn.release()

    return answer

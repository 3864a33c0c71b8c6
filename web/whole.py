"""Answers handed to the server in one piece.

granian asks for each piece of an iterable from another thread, and for its end and its closing once more; a list it takes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHORT = 262_144
"""Bytes: an answer of up to so many is collected; longer ones, and those whose length is unknown, are streamed."""


def at_once(app: WSGIApplication) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """The same application, its short answers as lists that need no closing."""

    def answer(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        lengths: list[str] = []

        def noting(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            lengths[:] = [value for name, value in headers if name.lower() == "content-length"]
            return respond(status, headers, *failure)

        body = app(environ, noting)
        if not lengths or int(lengths[0]) > SHORT:
            return body
        try:
            return list(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    return answer

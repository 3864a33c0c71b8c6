"""Short answers reach the server as lists, already closed; long ones and those of unknown length stay streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from web.whole import SHORT, at_once


class Body:
    """An answer in two pieces that knows whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    def close(self) -> None:
        self.is_closed = True


def _answering(body: Any, *headers: tuple[str, str]) -> Any:
    def app(environ: Any, respond: Any) -> Any:
        respond("200 OK", list(headers))
        return body

    return at_once(app)


def test_a_short_answer_is_collected_and_closed() -> None:
    body, told = Body(), []
    answer = _answering(body, ("Content-Length", "7"))({}, lambda *status: told.append(status))
    assert (answer, body.is_closed) == ([b"one ", b"two"], True)
    assert told == [("200 OK", [("Content-Length", "7")])]


@pytest.mark.parametrize("headers", [(), (("content-length", str(SHORT + 1)),)])
def test_a_long_answer_stays_a_stream(headers: tuple[tuple[str, str], ...]) -> None:
    body = Body()
    assert _answering(body, *headers)({}, lambda *_: None) is body
    assert not body.is_closed


def test_a_body_that_breaks_is_closed() -> None:
    class Broken(Body):
        def __iter__(self) -> Iterator[bytes]:
            yield b"one"
            raise ZeroDivisionError

    body = Broken()
    with pytest.raises(ZeroDivisionError):
        _answering(body, ("Content-Length", "7"))({}, lambda *_: None)
    assert body.is_closed

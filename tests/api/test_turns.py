"""Requests take turns on SQLite, and none waits for one that lasts."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from web.turns import LARGE, in_turn


def _answer(app: Any, **environ: str) -> None:
    list(app(environ, lambda *_: None))


def test_a_request_that_lasts_holds_up_no_other() -> None:
    other_answered = threading.Event()

    def app(environ: Any, respond: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/long":
            begun.set()
            assert other_answered.wait(20)
        return []

    begun = threading.Event()
    taking = in_turn(app)
    with ThreadPoolExecutor(1) as pool:
        lasting = pool.submit(_answer, taking, PATH_INFO="/long")
        assert begun.wait(20)
        _answer(taking, PATH_INFO="/short")
        other_answered.set()
        lasting.result(20)


def test_the_turn_is_given_back_after_a_failure_and_not_taken_by_large_bodies() -> None:
    def app(environ: Any, respond: Any) -> Iterable[bytes]:
        if "deeper" in environ:
            _answer(taking, CONTENT_LENGTH=str(LARGE))
        raise ZeroDivisionError

    taking = in_turn(app)
    for environ in ({}, {"deeper": "1"}, {"CONTENT_LENGTH": "-1"}, {"HTTP_TRANSFER_ENCODING": "chunked"}, {}):
        try:
            _answer(taking, **environ)
        except ZeroDivisionError:
            continue
        raise AssertionError("the failure was swallowed")

"""Calls that leave this machine: nothing inside it, or on its network, can be reached."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.webhooks.standin import standin
from webhooks.http import Limits, Unreachable, get

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LIMITS = Limits(timedelta(seconds=2), 1_000)


@pytest.mark.parametrize(
    "base",
    [
        "http://2130706433",
        "http://0x7f000001",
        "http://0177.0.0.1",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://172.16.0.1",
        "http://192.168.1.1",
        "http://169.254.169.254",
        "http://100.64.0.1",
        "http://[::ffff:10.0.0.1]",
        "http://[64:ff9b::a00:1]",
        "http://[fe80::1]",
        "http://[fc00::1]",
        "http://224.0.0.1",
        "ftp://example.org",
        "file:///etc/passwd",
        "http://",
    ],
)
def test_an_inside_address_is_refused(base: str) -> None:
    with pytest.raises(Unreachable):
        get(base, "/", {}, LIMITS, now=NOW)


def test_a_name_of_an_inside_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(Unreachable):
        get("http://donnees.exemple.bzh", "/", {}, LIMITS, now=NOW)


def test_a_redirect_is_not_followed_and_a_proxy_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with standin() as outside:
        outside.answer = (302, {"Location": f"{outside.url}/ailleurs"}, b"")
        assert get(outside.url, "/search", {}, LIMITS, now=NOW).status == 302
        assert outside.asked == ["/search"]


def test_an_answer_that_is_too_large_is_cut_off() -> None:
    with standin() as outside:
        outside.answer = (200, {}, b"x" * 1_001)
        with pytest.raises(Unreachable):
            get(outside.url, "/", {}, LIMITS, now=NOW)


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off() -> None:
    import gzip

    with standin() as outside:
        outside.answer = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 1_000_000))
        with pytest.raises(Unreachable):
            get(outside.url, "/", {}, LIMITS, now=NOW)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        ("999999999", 86_400),
        ("Sun, 01 Mar 2026 00:01:00 GMT", 60),
        ("Sat, 28 Feb 2026 00:00:00 GMT", 0),
        ("bientôt", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str, seconds: int | None) -> None:
    with standin() as outside:
        outside.answer = (429, {"Retry-After": header.encode("latin-1", "replace").decode("latin-1")}, b"")
        found = get(outside.url, "/", {}, LIMITS, now=NOW).retry_after
    assert found == (None if seconds is None else timedelta(seconds=seconds))


def test_nobody_there_is_told_as_such() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable):
        get(f"http://127.0.0.1:{port}", "/", {}, LIMITS, now=NOW)

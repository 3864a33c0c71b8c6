"""A receiver of webhooks: a real HTTP server on loopback that keeps what it was sent, and that can be told to misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Got:
    """One request: its headers in lower case, its raw body."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Behaviour: TypeAlias = "Callable[[Got, BaseHTTPRequestHandler], None]"


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer with this status."""

    def behave(got: Got, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def drop(got: Got, handler: BaseHTTPRequestHandler) -> None:
    """Take the request and close the connection without a word."""
    handler.close_connection = True


def drip(got: Got, handler: BaseHTTPRequestHandler) -> None:
    """Send a header without end, a byte now and then, so that no single wait is long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(400):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


@dataclass
class Receiver:
    """`url`, what it `got`, and how it behaves."""

    url: str
    got: list[Got] = field(default_factory=list)
    behaviour: Behaviour = field(default_factory=lambda: answer(204))

    @property
    def place(self) -> str:
        return self.url.split("/")[2]

    def types(self) -> list[str]:
        return [each.event["type"] for each in self.got]


def verify(got: Got, secret: str) -> None:
    """The outside verifier. Its clock is the system's, so what it verifies must have been sent just now. Raises WebhookVerificationError."""
    Webhook(secret).verify(got.body.decode(), got.headers)


@contextmanager
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got = Got({name.lower(): value for name, value in self.headers.items()}, body)
            made.got.append(got)
            try:
                made.behaviour(got, self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    made = Receiver(f"http://127.0.0.1:{server.server_address[1]}/recu")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

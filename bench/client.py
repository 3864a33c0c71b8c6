"""A client of the API on a raw socket that stays open: libraries would take more CPU than the server that they measure."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Any

import orjson


class Client:
    """One connection to a server of this machine."""

    def __init__(self, port: int, token: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._rest = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def post(self, path: str, value: object) -> Any:
        """The JSON that answers a POST. Any status but 2xx is an error."""
        return self._call("POST", path, orjson.dumps(value))

    def get(self, path: str) -> Any:
        """The JSON that answers a GET."""
        return self._call("GET", path, b"")

    def _call(self, method: str, path: str, body: bytes) -> Any:
        self._socket.sendall(f"{method} {path}{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head, answer = self._answer()
        assert head.startswith(b"HTTP/1.1 2"), (head, answer)
        return orjson.loads(answer)

    def _answer(self) -> tuple[bytes, bytes]:
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._received()
        head, _, rest = self._rest.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(rest) < length:
            rest += self._received()
        self._rest = rest[length:]
        return head, rest[:length]

    def _received(self) -> bytes:
        received = self._socket.recv(1 << 16)
        assert received, "the server closed the connection"
        return received

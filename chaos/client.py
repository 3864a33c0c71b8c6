"""A program that calls the API over HTTP, knows when it cannot know, and goes on asking until it does."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: nothing came back, so that nobody knows whether it happened."""

    status: int
    body: Any = None
    again: bool = False

    @property
    def known(self) -> bool:
        """Whether the server said what became of the request. A 503 may come after a commit whose echo was lost."""
        return self.status not in (0, 503)


class Client:
    """One caller: one connection to each server, a server chosen by chance for each request."""

    def __init__(self, ports: Sequence[int], token: str, chance: random.Random) -> None:
        self._ports = ports
        self._token = token
        self._chance = chance
        self._connections: dict[int, http.client.HTTPConnection] = {}

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, port: int = 0) -> Answer:
        """One request, not repeated."""
        port = port or self._chance.choice(self._ports)
        connection = self._connections.get(port)
        if connection is None:
            connection = self._connections[port] = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        content = None if body is None else json.dumps(body)
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **(headers or {})}
        try:
            connection.request(method, path, content, sent)
            answer = connection.getresponse()
            raw = answer.read()
            kind = answer.headers.get_content_type()
            return Answer(answer.status, json.loads(raw) if kind.endswith("json") and raw else None, "Retry-After" in answer.headers)
        except (OSError, http.client.HTTPException, ValueError):

            connection.close()
            del self._connections[port]
            return Answer(0)

    def insist(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, seconds: float = 90) -> Answer:
        """Repeat it until the server says what became of it. Only for what may be repeated. The last answer after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.call(method, path, body, headers)
            waits = not answer.known or (answer.status == 409 and answer.again)
            if not waits or time.monotonic() > deadline:
                return answer
            time.sleep(self._chance.uniform(0.02, 0.2))

    def start(self, process: str, variables: Mapping[str, object], key: str) -> Answer:
        """Start an instance, once."""
        return self.insist("POST", f"/api/v1/processes/{process}/instances", {"variables": variables}, {"Idempotency-Key": key})

    def close(self) -> None:
        """Hang up."""
        for each in self._connections.values():
            each.close()

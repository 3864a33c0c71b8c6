"""`tikub serve --workers N` and two servers on one database: what several clients do at once happens once."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.program import TWO_TASKS
from tests.worker.conftest import TIKUB, Site, until


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _status(url: str, token: str | None, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, None


@contextlib.contextmanager
def _serving(site: Site, processes: int) -> Iterator[str]:
    port = _free_port()
    command = [TIKUB, "serve", "--port", str(port), "--workers", str(processes)]
    with (site.folder / f"serve-{port}.log").open("ab") as log:
        server = subprocess.Popen(command, env={**os.environ, **site.environment}, cwd=site.folder, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        with contextlib.suppress(OSError):
            return _status(url + "/readyz", None)[0] == 200
        return False

    try:
        until(ready)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(30)
        finally:
            server.kill()


def test_each_task_is_completed_once_whoever_answers(site: Site) -> None:
    site.api.publish(TWO_TASKS)
    token = site.api.token
    with _serving(site, 2) as first, _serving(site, 2) as second:
        urls = [first, second] * 12
        with ThreadPoolExecutor(8) as clients:
            started = list(clients.map(lambda url: _status(f"{url}/api/v1/processes/P/instances", token, {}), urls))
            assert {status for status, _ in started} == {201}
            tasks = [case["tasks"][0]["id"] for _, case in started]
            doubled = [(url, task) for task in tasks for url in (first, second)]
            done = list(clients.map(lambda each: _status(f"{each[0]}/api/v1/tasks/{each[1]}/complete", token, {"data": {}})[0], doubled))
    assert Counter(done) == {200: 24, 409: 24}
    events = [site.api.get(f"/instances/{case['id']}/events", limit=200)["items"] for _, case in started]
    assert {sum(each["type"] == "element.completed" and each["element_id"] == "saisir" for each in one) for one in events} == {1}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_any_serving_process_tells_the_counts_of_all(site: Site) -> None:
    site.api.publish(TWO_TASKS)
    with _serving(site, 2) as url:
        for _ in range(20):
            assert _status(f"{url}/api/v1/processes/P/instances", site.api.token, {})[0] == 201
        with urllib.request.urlopen(url + "/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
    counted = [line for line in lines if line.startswith("tikub_request_seconds_count") and 'status="201"' in line]
    assert sum(float(line.rpartition(" ")[2]) for line in counted) == 20

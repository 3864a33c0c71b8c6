"""`tikub serve` and `tikub worker` as processes: they come up, work, and end when asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api.program import TWO_TASKS

TIKUB = str(Path(sys.executable).parent / "tikub")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _started(folder: Path, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "TIKUB_INSTANCE_DIR": str(folder / "instance"), **variables}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([TIKUB, *arguments], env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(10)


def _ask(url: str, token: str = "", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:
        return json.loads(answer.read())


def _until_ready(url: str, folder: Path, path: str = "/healthz") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            _ask(url + path)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    pytest.fail((folder / "log").read_text())


def _until_silent(port: int) -> None:
    """The processes that the killed one left end by themselves, so that nobody holds its port any more."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.1)
    pytest.fail("an orphan still answers")


def _token(folder: Path) -> str:
    environment = {**os.environ, "TIKUB_INSTANCE_DIR": str(folder / "instance")}
    command = [TIKUB, "token", "create", "tests", "--scope", "admin"]
    made = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=True)
    return made.stdout.strip().splitlines()[-1]


def test_a_server_comes_up_works_and_ends_when_asked(tmp_path: Path) -> None:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "p.bpmn").write_bytes(TWO_TASKS)
    with _started(tmp_path, "serve", "--port", str(port)) as server:
        _until_ready(url, tmp_path)
        _until_ready(url, tmp_path, "/readyz")
        token = _token(tmp_path)
        environment = {**os.environ, "TIKUB_INSTANCE_DIR": str(tmp_path / "instance")}
        subprocess.run([TIKUB, "publish", "p"], env=environment, cwd=tmp_path, check=True, capture_output=True)
        case = _ask(f"{url}/api/v1/processes/P/instances", token, {})
        assert case["tasks"][0]["element_id"] == "saisir"
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0, (tmp_path / "log").read_text()
    with _started(tmp_path, "serve", "--port", str(port)):
        _until_ready(url, tmp_path)
        assert _ask(f"{url}/api/v1/instances/{case['id']}", token)["state"] == "running"


def test_a_killed_server_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "p.bpmn").write_bytes(TWO_TASKS)
    token = _token(tmp_path)
    environment = {**os.environ, "TIKUB_INSTANCE_DIR": str(tmp_path / "instance")}
    subprocess.run([TIKUB, "publish", "p"], env=environment, cwd=tmp_path, check=True, capture_output=True)
    with _started(tmp_path, "serve", "--port", str(port)) as server:
        _until_ready(url, tmp_path)
        made = {_ask(f"{url}/api/v1/processes/P/instances", token, {})["id"] for _ in range(10)}
        server.kill()
        server.wait(10)
        _until_silent(port)
    with _started(tmp_path, "serve", "--port", str(port)):
        _until_ready(url, tmp_path)
        assert {each["id"] for each in _ask(f"{url}/api/v1/instances?limit=200", token)["items"]} == made


def test_a_worker_alone_ends_when_asked(tmp_path: Path) -> None:
    with _started(tmp_path, "worker") as worker:
        deadline = time.monotonic() + 30
        while "the worker runs" not in (tmp_path / "log").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    assert "the worker has stopped" in (tmp_path / "log").read_text()


def test_an_ordinary_server_has_no_demo_account(tmp_path: Path) -> None:
    port = _free_port()
    with _started(tmp_path, "serve", "--port", str(port)):
        _until_ready(f"http://127.0.0.1:{port}", tmp_path)
        environment = {**os.environ, "TIKUB_INSTANCE_DIR": str(tmp_path / "instance")}
        listed = subprocess.run([TIKUB, "user", "list"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert listed.stdout == ""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/connexion", timeout=10) as page:
            assert b"exemple.bzh" not in page.read()

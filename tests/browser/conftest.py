"""A running Ti Kub with its demo accounts, a real Chromium, and axe to judge the pages."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.webhooks.standin import standin

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--lang=fr",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Server:
    """A served Ti Kub: its address, the token of an administrator and its folder."""

    url: str
    token: str
    folder: Path

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One call of the HTTP API; the JSON answer."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        self.call("POST", "/api/v1/clock", {"advance": int(days * 86400 + seconds)})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url + "/healthz", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server did not become ready:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with standin() as outside:
        yield from serve(folder, outside.url)


def serve(folder: Path, outside: str) -> Iterator[Server]:
    """A server with its data in a folder; `outside` is the address of the systems that it calls."""
    port = _free_port()
    environment = {
        **os.environ,
        "TIKUB_INSTANCE_DIR": str(folder),
        "TIKUB_TEST_CLOCK": "1",
        "TIKUB_OPENDATASOFT_URL": outside,
        "TIKUB_ENTREPRISES_URL": outside,
    }
    tikub = str(Path(sys.executable).parent / "tikub")
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [tikub, "serve", "--demo", "--no-cohort", "--port", str(port)], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(url, process, log)
            created = subprocess.run(
                [tikub, "token", "create", "tests", "--scope", "admin"],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            yield Server(url, created.stdout.strip().splitlines()[-1], folder)
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from tools.browser import find

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own (one a person); a JavaScript error fails the test."""
    contexts, errors = [], []

    def open_one(*, width: int = 1440, javascript: bool = True, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=server.url,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": 1000},
            java_script_enabled=javascript,
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",  # a colour on its way to another is none that anybody reads
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """The violations that axe finds on a page, a line each. `without`: a part that is judged by other means."""
    source = (ROOT / "web/frontend/node_modules/axe-core/axe.min.js").read_text()

    def judge(page: Page, without: str = "") -> list[str]:
        page.evaluate(source)
        result = page.evaluate(
            "([tags, without]) => axe.run(without ? {exclude: [[without]]} : document,"
            " {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
            [TAGS, without],
        )
        return [
            f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    return judge


def sign_in(page: Page, email: str) -> None:
    """As one of the demonstration's people."""
    page.goto("/connexion")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill("demo")
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url(lambda url: "connexion" not in url)

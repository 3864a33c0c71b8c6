"""Fixtures of the stories: the product behind its HTTP API, and outside systems that answer on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.spiff.nodes import Flow
from engine.spiff.workflow import TokenFlow
from tests.conftest import Api
from tests.processes.office import HttpOffice
from tests.webhooks.standin import Standin, standin

if TYPE_CHECKING:
    from web.settings import Settings


@pytest.fixture(autouse=True)
def passed_flows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With TIKUB_FLOWS=folder, note there each sequence flow that a token takes; `flow_coverage.py` tells which none takes."""
    folder = os.environ.get("TIKUB_FLOWS")
    seen: set[str] = set()
    arrive = TokenFlow.arrive

    def note(self: TokenFlow, flows: Iterable[Flow]) -> None:
        taken = list(flows)
        seen.update(f"{self.top_workflow.spec.name} {flow.id}" for flow in taken)
        arrive(self, taken)

    if folder:
        monkeypatch.setattr(TokenFlow, "arrive", note)
    yield
    if folder and seen:
        with Path(folder, str(os.getpid())).open("a", encoding="utf-8") as file:
            file.writelines(f"{each}\n" for each in sorted(seen))


@pytest.fixture
def outside() -> Iterator[Standin]:
    """The open data portal and the directory of companies, told by a test to misbehave."""
    with standin() as made:
        yield made


@pytest.fixture
def settings(database_url: str, tmp_path: Path, outside: Standin) -> Settings:
    from web.settings import Settings

    environment = {
        "TIKUB_DATABASE_URL": database_url,
        "TIKUB_INSTANCE_DIR": str(tmp_path),
        "TIKUB_TEST_CLOCK": "1",
        "TIKUB_OPENDATASOFT_URL": outside.url,
        "TIKUB_ENTREPRISES_URL": outside.url,
        "TIKUB_CALL_TIMEOUT": "2",
    }
    return Settings.read(environment)


@pytest.fixture
def office(api: Api) -> HttpOffice:
    return HttpOffice(api)

"""Fixtures of the stories: the product behind its HTTP API, and outside systems that answer on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Api
from tests.processes.office import HttpOffice
from tests.webhooks.standin import Standin, standin

if TYPE_CHECKING:
    from web.settings import Settings


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

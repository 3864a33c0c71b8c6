"""Importing in the tests: a server on SQLite for stories over the API, and programs that call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.api.conftest import program
from tests.api.program import Program
from web.app import create_app
from web.runtime import EXTENSION
from web.settings import Settings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template) -> Iterator[Flask]:  # type: ignore[no-untyped-def]
    """One server on SQLite for all tests of a module to which the database does not matter."""
    folder = tmp_path_factory.mktemp("server")
    path = folder / "tikub.db"
    path.write_bytes(sqlite_template.read_bytes())
    made = create_app(
        Settings.read({"TIKUB_DATABASE_URL": f"sqlite:///{path}", "TIKUB_INSTANCE_DIR": str(folder), "TIKUB_TEST_CLOCK": "1"})
    )
    made.testing = False
    yield made
    made.extensions[EXTENSION].sessions.close()


@pytest.fixture
def api(server: Flask) -> Program:
    return program(server, "admin")

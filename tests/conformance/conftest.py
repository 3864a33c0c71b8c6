"""A server of its own for each diagram, so that no message or signal reaches another's instances."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import program
from tests.api.program import Program
from web.app import create_app
from web.runtime import EXTENSION
from web.settings import Settings


@pytest.fixture
def api(tmp_path: Path, sqlite_template: Path) -> Iterator[Program]:
    """A program with the scope `admin`."""
    path = tmp_path / "tikub.db"
    path.write_bytes(sqlite_template.read_bytes())
    environment = {"TIKUB_DATABASE_URL": f"sqlite:///{path}", "TIKUB_INSTANCE_DIR": str(tmp_path), "TIKUB_TEST_CLOCK": "1"}
    made = create_app(Settings.read(environment))
    made.testing = False
    yield program(made, "admin")
    made.extensions[EXTENSION].sessions.close()

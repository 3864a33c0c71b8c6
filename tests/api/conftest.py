"""The application on each database, and programs that call its API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from engine import people
from tests.api.program import Program
from tests.webhooks.standin import Standin, standin
from web.app import create_app
from web.runtime import EXTENSION, Runtime
from web.settings import Settings


@pytest.fixture
def outside() -> Iterator[Standin]:
    """The outside systems, on loopback."""
    with standin() as made:
        yield made


@pytest.fixture
def settings(database_url: str, tmp_path: Path, outside: Standin) -> Settings:
    environment = {
        "TIKUB_DATABASE_URL": database_url,
        "TIKUB_INSTANCE_DIR": str(tmp_path / "instance"),
        "TIKUB_TEST_CLOCK": "1",
        "TIKUB_ENTREPRISES_URL": outside.url,
        "TIKUB_OPENDATASOFT_URL": outside.url,
        "TIKUB_CALL_TIMEOUT": "2",
    }
    return Settings.read(environment)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    made.testing = False  # errors are answered as in production
    yield made
    made.extensions[EXTENSION].sessions.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Flask]:
    """One server on SQLite for all tests of a module to which the database does not matter."""
    folder = tmp_path_factory.mktemp("server")
    path = folder / "tikub.db"
    path.write_bytes(sqlite_template.read_bytes())
    environment = {"TIKUB_DATABASE_URL": f"sqlite:///{path}", "TIKUB_INSTANCE_DIR": str(folder), "TIKUB_TEST_CLOCK": "1"}
    made = create_app(Settings.read(environment))
    made.testing = False
    yield made
    made.extensions[EXTENSION].sessions.close()


@pytest.fixture
def running(app: Flask) -> Runtime:
    """What requests and worker share."""
    found: Runtime = app.extensions[EXTENSION]
    return found


@pytest.fixture
def api(app: Flask) -> Program:
    """A program with the scope `admin`."""
    return program(app, "admin")


def program(app: Flask, *scopes: str, email: str | None = None, name: str = "tests") -> Program:
    """A program with these scopes, of its own or in the name of a person."""
    runtime: Runtime = app.extensions[EXTENSION]
    with runtime.sessions.begin() as session:
        now = runtime.clock.now(session)
        token = people.create_token(session, name, scopes, user=email, now=now)
    return Program(app.test_client(), token)


def person(app: Flask, email: str, *groups: str, name: str = "Maëlle Le Goff") -> Program:
    """A program that acts in the name of a new person of these groups."""
    runtime: Runtime = app.extensions[EXTENSION]
    with runtime.sessions.begin() as session:
        people.create_user(session, email, name, "mot de passe", groups=groups, now=runtime.clock.now(session))
    return program(app, "tasks", "instances", "read", email=email)

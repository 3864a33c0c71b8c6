"""Settings: documented, checked, and kept where they belong."""

from __future__ import annotations

import re
import stat
import threading
from pathlib import Path

import pytest

from tools.settings_page import PAGE, page
from web.settings import SettingInvalid, Settings, declared

ROOT = Path(__file__).parents[2]


def test_the_page_of_settings_is_current() -> None:
    """When this fails: python tools/settings_page.py"""
    assert PAGE.read_text("utf-8") == page()


def test_every_variable_that_the_program_names_is_a_setting() -> None:
    known = {each.variable for each in declared()}
    folders = ("feel", "forms", "engine", "webhooks", "web")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    named = {name for path in sources for name in re.findall(r"TIKUB_[A-Z][A-Z_]*", path.read_text("utf-8"))}
    assert named - known == set()


def test_the_secret_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    made: list[str] = []
    read = lambda: made.append(Settings.read({"TIKUB_INSTANCE_DIR": str(tmp_path)}).secret_key)  # noqa: E731
    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(made[0]) >= 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    url = "postgresql+psycopg://tikub:motdepasse@localhost/tikub"
    settings = Settings.read({"TIKUB_INSTANCE_DIR": str(tmp_path), "TIKUB_DATABASE_URL": url, "TIKUB_SECRET_KEY": "k" * 40})
    assert "motdepasse" not in repr(settings)
    assert "k" * 40 not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIKUB_TEST_CLOCK", "peut-être"),
        ("TIKUB_THREADS", "-1"),
        ("TIKUB_THREADS", "quatre"),
        ("TIKUB_THREADS", "0"),
        ("TIKUB_JSON_DEPTH", "0"),
        ("TIKUB_JSON_BYTES", "9" * 40),
        ("TIKUB_WORKER_POLL", "souvent"),
        ("TIKUB_LOG_LEVEL", "loud"),
        ("TIKUB_DATABASE_URL", "mysql://tikub:motdepasse@localhost/tikub"),
        ("TIKUB_DATABASE_URL", "motdepasse"),
        ("TIKUB_SESSION_IDLE", "0"),
        ("TIKUB_PUBLIC_URL", "tikub.example.org"),
        ("TIKUB_ACCENT", "rouge"),
        ("TIKUB_SECRET_KEY", "court"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingInvalid, match=variable) as refused:
        Settings.read({"TIKUB_INSTANCE_DIR": str(tmp_path), variable: value})
    assert "motdepasse" not in str(refused.value)


def test_cookies_are_bound_to_https_where_people_use_it(tmp_path: Path) -> None:
    from web.app import create_app
    from web.runtime import EXTENSION

    app = create_app(Settings.read({"TIKUB_INSTANCE_DIR": str(tmp_path), "TIKUB_PUBLIC_URL": "https://tikub.example.org"}))
    assert (app.config["SESSION_COOKIE_NAME"], app.config["SESSION_COOKIE_SECURE"]) == ("__Host-tikub", True)
    app.extensions[EXTENSION].sessions.close()

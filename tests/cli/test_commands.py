"""The command line, as an operator types it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.api.program import FORM, WITH_FORM
from tests.spiff.driver import chain, definitions, end, node, process, start
from web.app import create_app
from web.cli import main
from web.runtime import EXTENSION
from web.settings import Settings


@pytest.fixture(autouse=True)
def instance(empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "instance"
    monkeypatch.setenv("TIKUB_INSTANCE_DIR", str(folder))
    monkeypatch.setenv("TIKUB_DATABASE_URL", empty_database_url)
    return folder


def tikub(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=typed, catch_exceptions=False)


def _ask(token: str, path: str = "/processes") -> int:
    app = create_app(Settings.read())
    try:
        return app.test_client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}).status_code
    finally:
        app.extensions[EXTENSION].sessions.close()


def test_a_token_is_the_last_line_and_opens_the_api() -> None:
    created = tikub("token", "create", "portail", "--scope", "read", "--scope", "messages", "--days", "30")
    token = created.output.strip().splitlines()[-1]
    assert created.exit_code == 0
    assert _ask(token) == 200
    listed = tikub("token", "list").output
    assert "portail" in listed
    assert token not in listed
    assert tikub("token", "revoke", "portail").exit_code == 0
    assert _ask(token) == 401
    assert "révoqué" in tikub("token", "list").output


def test_a_wrong_scope_or_user_is_told() -> None:
    assert tikub("token", "create", "x", "--scope", "tout").exit_code == 2
    unknown = tikub("token", "create", "x", "--scope", "read", "--user", "personne@exemple.bzh")
    assert unknown.exit_code == 1
    assert "personne@exemple.bzh" in unknown.output


def test_an_account_is_created_listed_and_given_another_password() -> None:
    typed = "un long mot de passe\nun long mot de passe\n"
    created = tikub("user", "create", "Maelle@exemple.bzh", "--name", "Maëlle", "--group", "jury", typed=typed)
    assert created.exit_code == 0, created.output
    assert "maelle@exemple.bzh\tMaëlle\tjury" in tikub("user", "list").output
    assert tikub("user", "password", "maelle@exemple.bzh", "--password", "un autre mot de passe").exit_code == 0
    again = tikub("user", "create", "maelle@exemple.bzh", "--name", "M", "--password", "un long mot de passe")
    assert again.exit_code == 1
    assert "existe déjà" in again.output
    assert tikub("user", "create", "b@exemple.bzh", "--name", "B", "--password", "court").exit_code == 1


def test_a_folder_is_published_called_processes_first(tmp_path: Path) -> None:
    calling = process(start(), node("callActivity", "appel", calledElement="Q"), end(), chain("start", "appel", "end"))
    (tmp_path / "p" / "a_appelant").mkdir(parents=True)
    (tmp_path / "p" / "b_appele" / "forms").mkdir(parents=True)
    (tmp_path / "p" / "a_appelant" / "p.bpmn").write_bytes(definitions(calling))
    (tmp_path / "p" / "b_appele" / "q.bpmn").write_bytes(WITH_FORM.replace(b'"P"', b'"Q"'))
    import json

    (tmp_path / "p" / "b_appele" / "forms" / "demande.form").write_text(json.dumps(FORM))
    published = tikub("publish", str(tmp_path / "p"))
    assert published.exit_code == 0, published.output
    assert published.output.splitlines() == ["Q : version 1", "P : version 1"]
    assert tikub("publish", str(tmp_path / "p")).output == published.output


def test_what_deserves_a_look_is_said_after_publishing(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    inside = start() + node("task", "a", name="Seule") + node("exclusiveGateway", "g") + end() + chain("start", "a", "g", "end")
    (tmp_path / "p" / "p.bpmn").write_bytes(definitions(process(inside)))
    published = tikub("publish", str(tmp_path / "p"))
    assert published.exit_code == 0, published.output
    first, second = published.output.splitlines()
    assert first == "P : version 1"
    assert second.startswith("  à revoir - passerelle exclusive « g » : Cette passerelle ne sépare ni ne réunit de chemins. Ajoutez")
    assert second.endswith("[gateway-without-purpose]")


def test_every_problem_of_a_folder_is_listed(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "p.bpmn").write_bytes(WITH_FORM)
    refused = tikub("publish", str(tmp_path / "p"))
    assert refused.exit_code == 1
    assert "demande" in refused.output
    assert "saisir" in refused.output
    empty = tmp_path / "vide"
    empty.mkdir()
    assert tikub("publish", str(empty)).exit_code == 1


def test_a_secret_is_shown_once_for_a_published_process(tmp_path: Path) -> None:
    assert tikub("hook", "secret", "P").exit_code == 1
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "p.bpmn").write_bytes(definitions(process(start(), end(), chain("start", "end"))))
    tikub("publish", str(tmp_path / "p"))
    first, second = (tikub("hook", "secret", "P").output.strip().splitlines()[-1] for _ in range(2))
    assert first.startswith("whsec_")
    assert first != second


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_that_cannot_be_reached_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKUB_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")
    refused = tikub("db", "upgrade")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: la base de données ne répond pas")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_wrong_setting_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKUB_THREADS", "beaucoup")
    refused = tikub("db", "upgrade")
    assert (refused.exit_code, "TIKUB_THREADS" in refused.output) == (1, True)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_folder_that_is_not_there_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKUB_DATABASE_URL", "sqlite:////nulle/part/tikub.db")
    refused = tikub("db", "upgrade")
    assert (refused.exit_code, "/nulle/part" in refused.output) == (1, True)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("name", ["", " ", "a\tb", "a\nb", "x" * 101])
def test_a_token_needs_a_name_that_a_list_can_show(name: str) -> None:
    assert tikub("token", "create", name, "--scope", "read").exit_code == 2
    assert tikub("token", "list").output == ""


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "nulle.part.invalid"])
def test_an_address_that_cannot_be_had_is_told_in_a_line(host: str) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = tikub("serve", "--host", host, "--port", port)
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Error: {host}:{port}")

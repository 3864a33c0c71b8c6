"""What holds for every answer, for signed-in people, and when the database is silent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import people
from tests.api.program import Program
from web.runtime import Runtime

EMAIL, PASSWORD = "maelle@exemple.bzh", "un long mot de passe"


@pytest.fixture
def maelle(running: Runtime) -> str:
    with running.sessions.begin() as session:
        people.create_user(session, EMAIL, "Maëlle", PASSWORD, groups=["agents"], now=running.clock.now(session))
    return EMAIL


@pytest.fixture
def browser(app: Flask, maelle: str) -> FlaskClient:
    """A browser in which Maëlle is signed in."""
    client = app.test_client()
    _sign_in(client)
    assert _is_in(client)
    return client


def _sign_in(client: FlaskClient, password: str = PASSWORD) -> Any:
    form = client.get("/connexion").get_data(as_text=True)
    token = form.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return client.post("/connexion", data={"csrf_token": token, "email": EMAIL, "password": password})


def _is_in(client: FlaskClient) -> bool:
    return bool(client.get("/taches").status_code == 200)


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("tikub")
    assert cookie is not None
    return cookie.value


@pytest.mark.parametrize(
    "path",
    ["/connexion", "/api/v1/instances", "/healthz", "/readyz", "/nulle-part", "/hooks/P/x", "/static/mark.svg", "/static/rien", "/accent.css", "/a%00"],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_answer_is_hardened(app: Flask, path: str) -> None:
    with app.test_client().get(path) as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"]
    assert len(headers["X-Request-Id"]) >= 8
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_request_id_is_taken_over_when_it_is_one(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz", headers={"X-Request-Id": "abc-12345678"}).headers["X-Request-Id"] == "abc-12345678"
    assert client.get("/healthz", headers={"X-Request-Id": "<script>"}).headers["X-Request-Id"] != "<script>"


def test_the_cookie_of_a_session_is_closed_to_scripts_and_other_sites(app: Flask, maelle: str) -> None:
    cookie = _sign_in(app.test_client()).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(app: Flask, browser: FlaskClient) -> None:
    copy = app.test_client()
    copy.set_cookie("tikub", _cookie(browser))
    assert _is_in(copy)
    page = browser.get("/taches").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    browser.post("/deconnexion", data={"csrf_token": token})
    assert not _is_in(browser)
    assert not _is_in(copy)


def test_a_cookie_that_only_names_a_user_is_worth_nothing(app: Flask, running: Runtime, maelle: str) -> None:
    """Even a right signature does not replace the session that the database knows."""
    client = app.test_client()
    with running.sessions.reading() as session:
        found = people.find_by_email(session, EMAIL)
    assert found is not None
    with client.session_transaction() as forged:
        forged["user_id"], forged["sid"] = found.id, "inventé"
    assert not _is_in(client)


def test_a_session_ends_without_use_and_at_last_in_any_case(browser: FlaskClient, api: Program, running: Runtime) -> None:
    idle, lifetime = running.settings.session_idle, running.settings.session_lifetime
    api.advance((idle - timedelta(minutes=1)).total_seconds())
    assert _is_in(browser)
    api.advance((idle - timedelta(minutes=1)).total_seconds())
    assert _is_in(browser)
    api.advance((lifetime - idle).total_seconds() - idle.total_seconds() + 120)
    assert not _is_in(browser)


def test_a_new_password_signs_out_everywhere(browser: FlaskClient, running: Runtime) -> None:
    with running.sessions.begin() as session:
        people.set_password(session, EMAIL, "un autre mot de passe")
    assert not _is_in(browser)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_form_of_another_site_changes_nothing(browser: FlaskClient) -> None:
    answer = browser.post("/deconnexion", data={})
    assert answer.status_code == 400
    assert _is_in(browser)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_api_does_not_believe_cookies(browser: FlaskClient) -> None:
    assert browser.get("/api/v1/instances").status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/instances", "/connexion", "/hooks/P/x", "/readyz"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_silent_database_is_said_to_be_so(app: Flask, running: Runtime, api: Program, path: str) -> None:
    engine = running.sessions.engine
    engine.dispose()
    place = Path(str(engine.url.database))
    place.unlink()
    place.mkdir()  # a file that cannot be opened
    answer = app.test_client().open(
        path, method="POST" if "hooks" in path else "GET", json={}, headers={"Authorization": f"Bearer {api.token}"}
    )
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "database" not in answer.get_data(as_text=True)
    assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_people_get_pages_and_programs_problem_details(app: Flask) -> None:
    client = app.test_client()
    page, problem = client.get("/nulle-part"), client.get("/nulle-part", headers={"Accept": "application/json"})
    assert (page.mimetype, problem.mimetype) == ("text/html", "application/problem+json")
    assert "<h1" in page.get_data(as_text=True)


@pytest.mark.parametrize("target", ["//[ailleurs", "http://[", "/\\ailleurs", "//ailleurs", "https:ailleurs", "/\t/ailleurs"])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_signing_in_leads_nowhere_else(app: Flask, maelle: str, target: str) -> None:
    client = app.test_client()
    assert client.get("/connexion", query_string={"suite": target}).status_code == 200
    form = client.get("/connexion").get_data(as_text=True)
    token = form.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post("/connexion", data={"csrf_token": token, "email": EMAIL, "password": PASSWORD, "suite": target})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/taches")

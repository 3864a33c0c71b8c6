"""Signing in and out: what is said, what is not, and how often one may try."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from engine import attempts, people
from engine.tables import sign_in_attempt as attempt
from engine.tables import user_account
from tests.pages.office import PASSWORD, PEOPLE, Office, Visitor
from web.app import create_app
from web.demo_accounts import create_missing, demonstration
from web.runtime import EXTENSION
from web.settings import Settings

EMAIL = PEOPLE["Maëlle"][0]


@pytest.fixture
def door(office: Office) -> Visitor:
    """A visitor at the sign-in page, where Maëlle has a password."""
    with office.runtime.sessions.begin() as session:
        people.set_password(session, EMAIL, PASSWORD)
    return office.visitor().open("/connexion")


def sign_in(visitor: Visitor, password: str, email: str = EMAIL) -> Visitor:
    return visitor.press("Se connecter", email=email, password=password)


def test_the_right_password_opens_the_tasks(door: Visitor) -> None:
    sign_in(door, PASSWORD, email=f"  {EMAIL.upper()} ")
    assert door.path == "/taches"
    assert "Maëlle Le Goff" in door.answer.text


def test_one_comes_back_to_the_page_that_was_asked_for(door: Visitor) -> None:
    sign_in(door.open("/dossiers?etat=running"), PASSWORD)
    assert door.answer.request.full_path == "/dossiers?etat=running"


@pytest.mark.parametrize("target", ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "javascript:alert(1)"])
def test_signing_in_never_leads_elsewhere(door: Visitor, target: str) -> None:
    door.press("Se connecter", email=EMAIL, password=PASSWORD, suite=target)
    assert door.path == "/taches"


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "autre"), ("personne@exemple.bzh", PASSWORD), ("", ""), (EMAIL, "x" * 5000)])
def test_a_wrong_pair_is_refused_without_saying_which_part(door: Visitor, email: str, password: str) -> None:
    sign_in(door, password, email=email)
    assert door.status == 422
    assert "L’adresse ou le mot de passe ne convient pas" in door.text
    assert door.title.startswith("Erreur :")
    assert door.open("/taches").path == "/connexion"


def test_a_disabled_account_stays_out(office: Office, door: Visitor) -> None:
    with office.runtime.sessions.begin() as session:
        session.execute(update(user_account).values(active=False))
    assert sign_in(door, PASSWORD).status == 422


def test_guessing_is_stopped_for_the_account_and_ends_with_the_pause(office: Office, door: Visitor) -> None:
    with office.runtime.sessions.begin() as session:
        key = attempts.subject("account", EMAIL)
        for _ in range(office.runtime.settings.signin_attempts):
            attempts.count(session, key, now=office.now() - timedelta(minutes=1))
    sign_in(door, PASSWORD)
    assert door.status == 429, "even the right password waits"
    assert "Trop d’essais manqués. Attendez 14 minutes" in door.text
    with office.runtime.sessions.begin() as session:
        office.runtime.clock.move(session, office.runtime.clock.now(session) + office.runtime.settings.signin_pause)
    assert sign_in(door.open("/connexion"), PASSWORD).path == "/taches"


def test_success_forgets_the_failures_before_it(office: Office, door: Visitor) -> None:
    for _ in range(3):
        sign_in(door, "autre")
    sign_in(door, PASSWORD)
    with office.runtime.sessions.reading() as session:
        key = attempts.subject("account", EMAIL)
        assert session.execute(select(func.count()).where(attempt.c.key == key)).scalar() == 0


def test_signing_out_closes_the_session_and_copies_of_its_cookie(office: Office) -> None:
    visitor = office.signed_in("Maëlle").open("/taches")
    stolen = visitor.client.get_cookie("tikub")
    assert stolen is not None
    visitor.press("Se déconnecter")
    assert visitor.path == "/"
    thief = office.visitor()
    thief.client.set_cookie("tikub", stolen.value)
    assert thief.open("/taches").path == "/connexion"


def test_demo_accounts_are_nowhere_on_a_real_server(door: Visitor) -> None:
    assert "démonstration" not in door.text
    token = door.page.xpath("//input[@name='csrf_token']/@value")[0]
    answer = door.client.post("/connexion/demonstration", data={"account": EMAIL, "csrf_token": token})
    assert answer.status_code == 404


@pytest.fixture
def demo(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A server of the demonstration."""
    made = create_app(Settings.read({"TIKUB_DATABASE_URL": database_url, "TIKUB_INSTANCE_DIR": str(tmp_path), "TIKUB_DEMO": "1"}))
    runtime = made.extensions[EXTENSION]
    with runtime.sessions.begin() as session:
        create_missing(session, now=runtime.clock.now(session))
    yield made
    runtime.sessions.close()


def test_one_click_opens_a_demo_account(demo: Flask) -> None:
    visitor = Visitor(demo).open("/connexion")
    for account in demonstration().accounts:
        assert account.name in visitor.text
        assert account.role in visitor.text
    visitor.press(demonstration().accounts[0].email)
    assert visitor.path == "/taches"
    assert demonstration().accounts[0].name in visitor.answer.text

"""Every page that needs no story, judged by axe, wide and narrow, light and dark; nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server, sign_in

pytestmark = pytest.mark.browser

PUBLIC = [
    "/",
    "/connexion",
    "/accessibilite",
    "/vos-donnees",
    "/mentions-legales",
    "/aide",
    "/public/deposer-une-idee",
    "/public/inscrire-une-equipe",
    "/public/demander-le-ti-lab",
    "/page-absente",
]
INSIDE = [
    "/taches",
    "/taches?onglet=groupes",
    "/taches?onglet=retard",
    "/taches?onglet=terminees",
    "/demarrer",
    "/dossiers",
    "/processus",
    "/processus/incubation_tikub",
    "/processus/datathon_edition",
    "/exploitation",
]
SIGHTS = [(1440, "light"), (320, "dark")]


def judge(page: Page, path: str, axe: Callable[[Page], list[str]]) -> None:
    page.goto(path)
    assert page.locator("h1").count() == 1, path
    assert len(page.locator("main").inner_text()) > 20, path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    assert axe(page) == [], path


@pytest.mark.parametrize(("width", "scheme"), SIGHTS)
def test_public_pages(open_page: Callable[..., Page], axe: Callable[[Page], list[str]], width: int, scheme: str) -> None:
    page = open_page(width=width, scheme=scheme)
    for path in PUBLIC:
        judge(page, path, axe)


@pytest.mark.parametrize(("width", "scheme"), SIGHTS)
def test_pages_inside(
    server: Server, open_page: Callable[..., Page], axe: Callable[[Page], list[str]], width: int, scheme: str
) -> None:
    case = server.call("POST", "/api/v1/processes/projet_tilab/instances", {"start_event": None, "variables": {"titre": "Un projet"}})
    page = open_page(width=width, scheme=scheme)
    sign_in(page, "gildas.pennec@exemple.bzh")
    for path in [*INSIDE, f"/dossiers/{case['id']}"]:
        judge(page, path, axe)

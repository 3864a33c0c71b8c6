"""Forms changed in the browser, with the page that people will see beside them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_atelier import OWNER, modify, ready

pytestmark = pytest.mark.browser


def edit(page: Page, name: str, key: str = "incubation_tikub") -> str:
    """The editor on a form of a new draft; its address."""
    sign_in(page, OWNER)
    modify(page, key)
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/formulaires/*")
    return page.url


def test_a_question_is_written_and_seen_at_once(open_page: Callable[..., Page], axe: Callable[..., list[str]]) -> None:
    page = open_page()
    edit(page, "acceptation_tilab.form")
    seen = page.get_by_role("region", name="Ce que les gens verront")
    expect(seen.get_by_label(re.compile("^Accepter le projet"))).to_be_visible()
    page.locator("#questions").get_by_role("button", name=re.compile("^Motif ou question")).press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Réponse longue"))).to_be_focused()
    page.get_by_label("Question", exact=True).fill("Pourquoi ?")
    expect(seen.get_by_label("Pourquoi ?")).to_have_count(1)
    expect(seen.get_by_label("Pourquoi ?")).to_be_hidden()
    page.get_by_label("Question", exact=True).fill("")
    page.get_by_label("Question", exact=True).fill("Votre motif")
    page.locator("#genre").select_option("Case à cocher")
    page.get_by_role("button", name="Ajouter", exact=True).press("Enter")
    page.get_by_label("Question", exact=True).fill("J’ai prévenu le Ti Lab")
    expect(seen.get_by_label("J’ai prévenu le Ti Lab")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Enregistrer", exact=True).press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Le formulaire est enregistré dans le brouillon.")
    expect(page.locator("#questions")).to_contain_text("Votre motif")
    page.get_by_role("link", name="Retour à l’atelier").click()
    ready(page)
    expect(page.locator("#problemes")).to_contain_text("Rien n’empêche la publication.")


def test_the_form_of_a_step_is_a_link_away_and_nothing_is_lost(open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_in(page, OWNER)
    modify(page)
    page.locator("#parcours").get_by_role("button", name="Tenir la démonstration").first.click()
    page.get_by_label("Nom", exact=True).fill("Un autre nom")
    page.locator("#panneau").get_by_role("link", name="Ouvrir ce qui est choisi").click()
    page.wait_for_url("**/formulaires/*")
    expect(page.get_by_role("main")).to_contain_text("Demandé par : Un autre nom")


def test_answers_are_tried_in_the_preview(open_page: Callable[..., Page], axe: Callable[..., list[str]]) -> None:
    page = open_page()
    edit(page, "accuse_reception.form")
    page.get_by_role("button", name="Vérifier ces réponses").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert axe(page) == []
    page.get_by_label("Qui suivra ce dossier ?").fill("Maëlle")
    page.get_by_label("Message à l’auteur").fill("Merci, nous avons bien reçu votre idée.")
    page.get_by_role("button", name="Vérifier ces réponses").click()
    expect(page.get_by_role("status").last).to_contain_text("Ces réponses passent.")
    assert axe(page) == []


@pytest.mark.parametrize(
    ("width", "scheme", "name"), [(1440, "dark", "idee.form"), (320, "light", "equipe.form"), (768, "light", "rapport_investigation.form")]
)
def test_the_editor_is_accessible(
    open_page: Callable[..., Page], axe: Callable[..., list[str]], width: int, scheme: str, name: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    edit(page, name)
    for number in range(min(8, page.locator("#questions button").count())):
        page.locator("#questions button").nth(number).click()
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        assert axe(page) == [], number
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"

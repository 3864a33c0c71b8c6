"""The way of a diagram of another tool, in a real browser: chosen, looked at, published, started, done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

DIAGRAMS = Path(__file__).resolve().parents[1] / "diagrams" / "imports"
OWNER = "gwenola.lebras@exemple.bzh"


def bring(page: Page, *names: str) -> None:
    page.goto("/processus")
    page.get_by_role("link", name="Importer un diagramme").click()
    page.get_by_label("Fichiers").set_input_files([str(DIAGRAMS / name) for name in names])
    page.get_by_role("button", name="Importer", exact=True).click()
    page.wait_for_url("**/brouillons/*")


def test_a_diagram_of_camunda_becomes_a_case(open_page: Callable[..., Page], axe: Callable[[Page], list[str]]) -> None:
    page = open_page()
    sign_in(page, OWNER)
    bring(page, "camunda7-facture.bpmn")
    diagram = page.get_by_role("region", name="Schéma : camunda7-facture.bpmn")
    expect(diagram).to_have_attribute("data-ready", "1")
    assert axe(page) == []

    page.get_by_text("Traduit (14)").click()
    page.get_by_role("link", name="Payer : montrer sur le schéma").first.click()
    expect(diagram).to_be_focused()
    expect(diagram.locator("[data-element-id=payer].is-chosen")).to_be_visible()
    page.get_by_role("link", name="oui : montrer sur le schéma").first.click()
    expect(diagram.locator(".is-chosen")).to_have_count(1)
    expect(diagram.locator("[data-element-id=f3].is-chosen")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="camunda7-facture.bpmn").click()
    assert "spiffworkflow:properties" in Path(download.value.path()).read_text()

    page.get_by_role("button", name="Publier quand même").click()
    page.wait_for_url("**/processus/facture")
    page.goto("/demarrer/facture/recue")
    page.get_by_label("Fournisseur").fill("Imprimerie du Port")
    page.get_by_label("Montant en euros").fill("4200")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    page.wait_for_url("**/dossiers/*")
    expect(page.get_by_role("main")).to_contain_text("Approuver la facture de Imprimerie du Port")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (320, "light")])
def test_pages_of_imports_are_accessible(
    open_page: Callable[..., Page], axe: Callable[[Page], list[str]], width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    sign_in(page, OWNER)
    page.goto("/importer")
    assert axe(page) == []
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert axe(page) == []
    for files in (["camunda7-livraison.bpmn"], ["flowable-conge.bpmn20.xml"], ["camunda8-evaluation.bpmn"]):
        bring(page, *files)
        for summary in page.locator("main summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{files} scrolls sideways"
        assert axe(page) == [], files
    page.goto("/processus")
    expect(page.get_by_role("heading", name="Brouillons")).to_be_visible()
    assert axe(page) == []


def test_an_import_needs_no_script(open_page: Callable[..., Page]) -> None:
    page = open_page(javascript=False)
    sign_in(page, OWNER)
    bring(page, "camunda8-commande.bpmn")
    expect(page.get_by_role("heading", name="Prêt à être publié")).to_be_visible()
    page.get_by_text("Supprimer ce brouillon…").click()
    page.get_by_role("button", name="Oui, supprimer le brouillon").click()
    expect(page.get_by_role("status")).to_contain_text("Le brouillon est supprimé")

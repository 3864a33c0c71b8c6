"""The page of settings in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_atelier import OWNER, modify, ready

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_a_deadline_is_changed_and_leads_to_its_step(
    open_page: Callable[..., Page], axe: Callable[..., list[str]], width: int, scheme: str
) -> None:
    page = open_page(width=width, scheme=scheme)
    sign_in(page, OWNER)
    modify(page, "incubation_tikub")
    page.get_by_role("link", name="Tous les réglages").click()
    page.wait_for_url("**/reglages")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    deadline = page.get_by_label("Échéance de la notation")
    deadline.fill("sept jours")
    deadline.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    assert axe(page) == []
    page.get_by_role("alert").get_by_role("link").click()
    expect(deadline).to_be_focused()
    deadline.fill("P9D")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("1 réglage est enregistré dans le brouillon.")
    expect(deadline).to_have_value("P9D")
    page.get_by_role("link", name="Noter l’idée").click()
    ready(page)
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Noter l'idée")

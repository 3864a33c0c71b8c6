"""The three journeys in a real browser: every start and every task by its page, as the person whose it is, and every page judged by axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server
from tests.browser.office import BrowserOffice
from tests.processes.stories import PROCESSES, Story

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

JOURNEYS = [
    "incubation_tikub/scenarios/service_transfere.yaml",
    "datathon_edition/scenarios/entree_au_tikub.yaml",
    "projet_tilab/scenarios/transmission_acceptee.yaml",
]


@pytest.mark.parametrize("journey", JOURNEYS)
def test_journey_in_the_browser(
    journey: str, server: Server, open_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    office = BrowserOffice(server, open_page)
    seen: set[str] = set()

    def judge(page: Page) -> None:
        title = page.title()
        if title in seen:
            return
        seen.add(title)
        assert page.locator("h1").count() == 1, page.url
        assert page.locator("main").inner_text().strip(), page.url
        assert axe(page) == [], page.url

    office.looked.append(judge)
    Story(office, PROCESSES / journey).play()
    assert len(seen) > 3

"""Takes the pictures of docs/pictures from a served demonstration, in a real browser: `make pictures`.

What they show is played, not painted: stories of `processes/*/scenarios` lead to it, in the spring of 2019.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import Server, serve, sign_in
from tests.browser.office import BrowserOffice
from tests.processes.stories import PROCESSES, Story, read
from tools.browser import launch_options

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
LARGEST = 200_000
"""Bytes of a picture."""
WIDTH, HEIGHT = 1280, 960
IDEA = PROCESSES / "incubation_tikub" / "scenarios" / "idee_retenue.yaml"
EDITION = PROCESSES / "datathon_edition" / "scenarios" / "edition_2019.yaml"
LAB = PROCESSES / "projet_tilab" / "scenarios" / "accelerateur.yaml"
TITLES = ("Un carnet de santé numérique pour les lycéens", "Payer la cantine sans déplacement", "Retrouver un objet perdu dans les trains")
HEAD, OPERATOR = "gwenola.lebras@exemple.bzh", "gildas.pennec@exemple.bzh"
NOWHERE = "http://127.0.0.1:9"
"""Outside systems that never answer: their steps fall to people."""


class Studio:
    """Windows of one size, and pictures of what they show."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self._browser = browser
        self._server = server

    def open(self) -> Page:
        """A window of a new visitor."""
        context = self._browser.new_context(
            base_url=self._server.url,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": WIDTH, "height": HEIGHT},
            reduced_motion="reduce",
        )
        return context.new_page()

    def take(self, page: Page, name: str) -> None:
        """One picture of what is in sight. Raises SystemExit when it is too large for the documentation."""
        if page.locator("[data-diagram]").count():
            page.wait_for_selector("[data-diagram][data-ready]")
        path = PICTURES / f"{name}.png"
        page.screenshot(path=path)
        if path.stat().st_size > LARGEST:
            sys.exit(f"{path}: {path.stat().st_size} bytes are more than {LARGEST}")
        print(path.relative_to(PICTURES.parent.parent))


def play(office: BrowserOffice) -> str:
    """An idea on its way through the public pages, more of them, a request to the lab and an edition; the idea's id."""
    story = Story(office, IDEA)
    story.play(until="accuser_reception")
    (case,) = story.cases.values()
    first = next(step for step in read(IDEA)["when"] if step.get("complete") == "accuser_reception")
    (task,) = office.tasks(case)
    if refused := office.complete(task["id"], first["answers"]):
        sys.exit(f"{task['name']} is not done: {refused}")
    _start(office.server, EDITION)
    _start(office.server, LAB)
    for number, title in enumerate(TITLES, 1):
        office.server.advance(days=1, seconds=3 * 3600)
        _start(office.server, IDEA, titre=title, reference=f"TK-2019-{number:03}")
    return case


def _start(server: Server, scenario: Path, **answers: str) -> None:
    """Start the case of a scenario, with some answers changed."""
    step = read(scenario)["given"][0]
    order = {"variables": step["answers"] | answers, "start_event": step.get("at")}
    server.call("POST", f"/api/v1/processes/{step['start']}/instances", order)


PUBLIC = {"/public/deposer-une-idee/1": "deposer-une-idee", "/recu": "recu", "/suivi/": "suivre-ma-demande"}


def shoot_public(studio: Studio, office: BrowserOffice) -> None:
    """Take what visitors see, as the story passes."""

    def look(page: Page) -> None:
        for path, name in PUBLIC.items():
            if path in page.url:
                studio.take(page, name)

    office.looked.append(look)


def shoot_inside(studio: Studio, office: BrowserOffice, case: str) -> None:
    """Take what people with an account see."""
    page = studio.open()
    sign_in(page, HEAD)
    task = office.tasks(case)[0]["id"]
    for path, name in {
        "/taches?onglet=groupes": "mes-taches",
        f"/taches/{task}": "tache",
        f"/dossiers/{case}": "dossier",
        "/dossiers": "dossiers",
        "/demarrer": "demarrer",
        "/processus": "processus",
        "/processus/incubation_tikub": "schema",
    }.items():
        page.goto(path)
        studio.take(page, name)
    operator = studio.open()
    sign_in(operator, OPERATOR)
    operator.goto("/exploitation")
    studio.take(operator, "exploitation")
    visitor = studio.open()
    visitor.goto("/")
    studio.take(visitor, "accueil")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
        yield browser
        browser.close()


def main() -> None:
    """Serve, play, take."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for server in serve(Path(folder), NOWHERE):
            studio = Studio(browser, server)
            office = BrowserOffice(server, studio.open)
            shoot_public(studio, office)
            case = play(office)
            office.advance(3600)
            shoot_inside(studio, office, case)


if __name__ == "__main__":
    main()

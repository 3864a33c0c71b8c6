"""Every page that needs no story, judged by axe, wide and narrow, light and dark; nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server, sign_in
from tests.processes.stories import PROCESSES, read

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
    "/processus/projet_tilab/dossiers",
    "/processus/projet_tilab/suivi",
    "/exploitation",
    "/webhooks",
    "/webhooks/nouveau",
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
    case = server.call("POST", "/api/v1/processes/projet_tilab/instances", {"start_event": "demande_recue", "variables": {"titre": "Un projet"}})
    made = server.call("POST", "/api/v1/subscriptions", {"name": "Entrepôt de données"})["id"]
    server.call("POST", "/api/v1/processes/projet_tilab/instances", {"start_event": "demande_recue", "variables": {"titre": "Un autre"}})
    delivery = server.call("GET", f"/api/v1/deliveries?subscription={made}")["items"][0]["id"]
    page = open_page(width=width, scheme=scheme)
    sign_in(page, "gildas.pennec@exemple.bzh")
    told = [f"/webhooks/{made}", f"/webhooks/{made}/modifier", f"/webhooks/{made}/envois/{delivery}"]
    for path in [*INSIDE, f"/dossiers/{case['id']}", *told]:
        judge(page, path, axe)


MEASURE = """box => {
  const frame = box.getBoundingClientRect(), at = id => box.querySelector(`[data-element-id="${id}"] .djs-visual`).getBoundingClientRect();
  const step = at(box.dataset.here || box.dataset.now.split(" ")[0]), sign = box.querySelector(".ui-here");
  return {
    inside: step.left >= frame.left && step.right <= frame.right && step.top >= frame.top && step.bottom <= frame.bottom,
    width: step.width,
    covered: sign ? sign.getBoundingClientRect().bottom - step.top : 0,
  };
}"""


@pytest.mark.parametrize("width", [1440, 320])
def test_the_diagram_opens_at_the_current_step_large_enough_to_read(
    server: Server, open_page: Callable[..., Page], width: int
) -> None:
    """A task is 100 units wide and its label 12 high: below 80 pixels its name is not legible."""
    case = server.call("POST", "/api/v1/processes/projet_tilab/instances", {"start_event": "demande_recue", "variables": {"titre": "Un projet"}})
    page = open_page(width=width)
    sign_in(page, "gildas.pennec@exemple.bzh")
    for path in (f"/taches/{case['tasks'][0]['id']}", f"/dossiers/{case['id']}"):
        page.goto(path)
        page.wait_for_selector("[data-diagram][data-ready]")
        found = page.locator("[data-diagram]").evaluate(MEASURE)
        assert found["inside"], path
        assert found["width"] >= 80, path
        assert found["covered"] <= 2, "the sign « you are here » stands above the step"


def test_the_header_of_a_small_screen_takes_one_line(server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(width=320)
    sign_in(page, "gwenola.lebras@exemple.bzh")
    assert page.locator(".ui-bar").evaluate("e => e.offsetHeight") <= 60


def test_long_names_do_not_scroll_small_screens(server: Server, open_page: Callable[..., Page]) -> None:
    title = "Simplification" * 6 + " " + "https://exemple.bzh/" + "a" * 100
    case = server.call("POST", "/api/v1/processes/projet_tilab/instances", {"start_event": "demande_recue", "variables": {"titre": title}})
    page = open_page(width=320)
    sign_in(page, "gildas.pennec@exemple.bzh")
    for path in ("/dossiers", "/taches?onglet=retard", f"/dossiers/{case['id']}", f"/taches/{case['tasks'][0]['id']}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_the_diagram_of_a_case_opens_the_phase_that_it_is_in(server: Server, open_page: Callable[..., Page]) -> None:
    """The step under way lies in a collapsed sub-process: its plane is shown, with the way back out."""
    answers = {"titre": "Une idée", "reference": "TK-1", "dimension_numerique": True, "irritant": "Trop long"}
    order = {"variables": answers, "start_event": "idee_deposee"}
    idea = server.call("POST", "/api/v1/processes/incubation_tikub/instances", order)
    running = server.call("GET", "/api/v1/instances?process=selection_idee&state=running&limit=200")["items"]
    (called,) = (each["id"] for each in running if each["parent_id"] == idea["id"])
    case = server.call("GET", f"/api/v1/instances/{called}")
    (task,) = case["tasks"]
    given = {"referent": "Gwénola", "message_accuse": "Nous avons bien reçu votre idée."}
    server.call("POST", f"/api/v1/tasks/{task['id']}/complete", {"data": given})
    server.advance(seconds=1)
    page = open_page()
    sign_in(page, "gildas.pennec@exemple.bzh")
    page.goto(f"/dossiers/{case['id']}")
    page.wait_for_selector("[data-diagram][data-ready]")
    assert page.locator(".bjs-breadcrumbs").inner_text().startswith("Sélectionner une idée")
    found = page.locator('[data-element-id="noter"] .djs-visual').bounding_box()
    assert found
    assert found["width"] >= 80


def test_the_diagram_of_a_finished_case_opens_at_its_end(server: Server, open_page: Callable[..., Page]) -> None:
    steps = read(PROCESSES / "projet_tilab/scenarios/non_recevable.yaml")
    answers = next(step["answers"] for part in ("given", "when") for step in steps.get(part, ()) if step.get("complete") == "qualifier")
    case = server.call("POST", "/api/v1/processes/projet_tilab/instances", {"start_event": "demande_recue", "variables": {"titre": "Un projet"}})
    server.call("POST", f"/api/v1/tasks/{case['tasks'][0]['id']}/complete", {"data": answers})
    assert server.call("GET", f"/api/v1/instances/{case['id']}")["state"] == "completed"
    page = open_page()
    sign_in(page, "gildas.pennec@exemple.bzh")
    page.goto(f"/dossiers/{case['id']}")
    page.wait_for_selector("[data-diagram][data-ready]")
    end = page.get_by_text("Non retenue", exact=True).first.bounding_box()
    frame = page.locator("[data-diagram]").bounding_box()
    assert end
    assert frame
    assert frame["x"] <= end["x"] <= frame["x"] + frame["width"]
    assert frame["y"] <= end["y"] <= frame["y"] + frame["height"]


def test_nothing_moves_when_the_diagram_is_drawn(server: Server, open_page: Callable[..., Page]) -> None:
    case = server.call("POST", "/api/v1/processes/projet_tilab/instances", {"start_event": "demande_recue", "variables": {"titre": "Un projet"}})
    page = open_page()
    sign_in(page, "gildas.pennec@exemple.bzh")
    height = "box => box.offsetHeight"
    for path in (f"/taches/{case['tasks'][0]['id']}", f"/dossiers/{case['id']}", "/processus/projet_tilab"):
        page.route("**/viewer.js*", lambda route: route.abort())
        page.goto(path)
        before = page.locator("[data-diagram]").evaluate(height)
        page.unroute("**/viewer.js*")
        page.goto(path)
        page.wait_for_selector("[data-diagram][data-ready]")
        assert page.locator("[data-diagram]").evaluate(height) == before > 200, path

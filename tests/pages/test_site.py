"""What holds for every page: no dead link, no inline code, a language, a title, errors in plain words."""

from __future__ import annotations

import re

import pytest

from tests.pages.office import Office, Visitor
from web import rendering
from web.pages.errors import EXPLANATIONS, page

INFORMATION = {
    "/accessibilite": "partiellement conforme",
    "/vos-donnees": "Vos droits",
    "/mentions-legales": "EUPL",
    "/aide": "Raccourcis du clavier",
}


def walk(visitor: Visitor, start: str) -> dict[str, int]:
    """Every page that can be reached by links, with its status."""
    found: dict[str, int] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found or "/static/" in path:
            continue
        visitor.open(path)
        found[path] = visitor.status
        if visitor.answer.mimetype == "text/html":
            check(visitor)
            waiting += visitor.links()
    return found


def check(visitor: Visitor) -> None:
    """What the policy and the guidelines ask of each page."""
    page = visitor.page
    where = visitor.path
    assert len(page.xpath("//h1")) == 1, where
    assert page.get("lang") == "fr", where
    assert visitor.title.endswith("– Ti Kub"), where
    assert not page.xpath("//script[not(@src)] | //style | //*[@style]"), where
    assert not page.xpath("//@*[starts-with(name(), 'on')]"), where
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), (where, [each for each in ids if ids.count(each) > 1])
    assert set(page.xpath("//@aria-labelledby")) <= set(ids), where
    for form in page.xpath("//form[@method='post']"):
        assert form.xpath(".//input[@name='csrf_token']/@value"), where
    assert "'unsafe" not in visitor.answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in visitor.answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["", "Maëlle", "Ronan"])
def test_no_link_is_dead_and_every_page_keeps_the_rules(office: Office, name: str) -> None:
    _, link = office.request()
    visitor = office.signed_in(name) if name else office.visitor()
    found = walk(visitor, "/taches" if name else "/") | (walk(visitor, link) if not name else {})
    assert {path: status for path, status in found.items() if status != 200} == {}
    assert len(found) > (20 if name else 6)


@pytest.mark.parametrize(("path", "told"), INFORMATION.items())
def test_information_is_there_for_everybody(office: Office, path: str, told: str) -> None:
    assert told in office.visitor().open(path).text
    assert told in office.signed_in("Maëlle").open(path).text


@pytest.mark.parametrize("status", sorted(EXPLANATIONS))
def test_each_error_has_a_page_in_plain_french(office: Office, status: int) -> None:
    with office.app.test_request_context("/"):
        office.app.preprocess_request()
        told = page(status)
    assert "<h1>" in told
    assert str(EXPLANATIONS[status].title)[:12] in told
    assert not re.search(r"Error|Exception|Traceback", told)


def test_a_page_that_does_not_exist_says_so(visitor: Visitor) -> None:
    visitor.open("/nulle-part")
    assert visitor.status == 404
    assert visitor.heading == "Page introuvable"
    check(visitor)


def test_too_large_a_post_is_refused(office: Office) -> None:
    answer = office.visitor().client.post("/connexion", data={"email": "x" * 2_000_000})
    assert answer.status_code == 413
    assert "trop" in answer.text


def test_the_appearance_is_kept(visitor: Visitor) -> None:
    visitor.open("/aide").press("dark")
    assert visitor.path == "/aide"
    assert visitor.page.get("data-bs-theme") == "dark"
    visitor.press("système")
    assert visitor.page.get("data-bs-theme") is None


def test_english_is_a_choice_that_is_kept(visitor: Visitor) -> None:
    visitor.open("/").press("English")
    assert visitor.page.get("lang") == "en"
    assert "No account" in visitor.open("/connexion").text
    visitor.press("Français")
    assert visitor.page.get("lang") == "fr"


def test_an_unknown_choice_is_refused(visitor: Visitor) -> None:
    visitor.open("/")
    token = visitor.page.xpath("//input[@name='csrf_token']/@value")[0]
    assert visitor.client.post("/preferences", data={"language": "xx", "csrf_token": token}).status_code == 400


def test_assets_are_named_by_their_content(visitor: Visitor) -> None:
    for address in visitor.open("/").page.xpath("//link[@rel='stylesheet']/@href | //script/@src"):
        assert re.search(r"\?v=[0-9a-f]{12}$", address), "the front end is built"
        answer = visitor.client.get(address)
        assert answer.status_code == 200
        answer.close()


def test_pages_of_people_are_not_stored_by_browsers(office: Office) -> None:
    assert office.signed_in("Maëlle").open("/taches").answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("size", "told"), [(12, "1 ko"), (380_000, "380 ko"), (2_100_000, "2,1 Mo")])
def test_sizes_are_said_as_people_say_them(office: Office, size: int, told: str) -> None:
    with office.app.test_request_context("/"):
        assert rendering.file_size(size).replace("\u00a0", " ") == told


def test_what_somebody_answered_is_not_stored_on_the_way(office: Office) -> None:
    visitor, link = office.request()
    for path in ("/recu", link, "/public/demander-du-materiel/1"):
        assert visitor.open(path).answer.headers["Cache-Control"] == "no-store"

"""The page on which an owner watches a process, and the files of its history."""

from __future__ import annotations

import pytest

from tests.pages.office import Office, Visitor

WATCH = "/processus/demande_materiel/suivi"


@pytest.fixture
def ronan(office: Office) -> Visitor:
    """An operator."""
    return office.signed_in("Ronan")


def test_the_figures_are_a_table_and_heat_on_the_diagram(office: Office, ronan: Visitor) -> None:
    office.start_many(4)
    page = ronan.open(WATCH)
    assert "Dossiers commencés4" in page.text
    box = page.page.get_element_by_id("schema")
    assert '"instruire": "4"' in box.get("data-notes").replace('":"', '": "')
    assert '"instruire"' in box.get("data-levels")
    row = next(each for each in page.page.iter("tr") if "Instruire la demande" in each.text_content())
    assert [cell.text_content().strip() for cell in row.iter("td")][:1] == ["4"]
    for measure in ("mediane", "p90", "presents", "attente", "retards", "autre"):
        assert ronan.open(f"{WATCH}?mesure={measure}").status == 200
    assert ronan.open(f"{WATCH}?version=1&periode=30").status == 200
    assert ronan.open(f"{WATCH}?version=9").status == 404


def test_a_period_without_cases_says_so(ronan: Visitor) -> None:
    assert "Aucun dossier sur cette période" in ronan.open(WATCH).text


@pytest.mark.parametrize(("kind", "media"), [("csv", "text/csv"), ("xes", "application/xml"), ("ocel.json", "application/json")])
def test_the_history_comes_as_files(office: Office, ronan: Visitor, kind: str, media: str) -> None:
    office.start_many(2)
    assert any(each.startswith("/processus/demande_materiel/journal.") for each in ronan.open(WATCH).links())
    answer = ronan.client.get(f"/processus/demande_materiel/journal.{kind}")
    assert (answer.status_code, answer.mimetype) == (200, media)
    assert "Instruire la demande" in answer.get_data(as_text=True)
    assert ronan.client.get("/processus/demande_materiel/journal.exe").status_code == 404


def test_agents_do_not_see_it(office: Office) -> None:
    agent = office.signed_in("Maëlle")
    assert agent.open(WATCH).status == 403
    assert agent.client.get("/processus/demande_materiel/journal.csv").status_code == 403

"""The pages on which an owner lets running cases go on in another version, follows that, and takes it back."""

from __future__ import annotations

import pytest

from engine import versions
from engine.actors import SYSTEM
from engine.bundle import File
from tests.pages.office import DIAGRAM, FILES, Office, Visitor

PLAN = "/processus/demande_materiel/dossiers"
RENAMED = DIAGRAM.replace(b'"instruire"', b'"examiner"').replace(b'name="Instruire la demande"', b'name="Examiner la demande"')
LONGER = DIAGRAM.replace(b'name="Commander', b'name="Acheter')


def publish(office: Office, diagram: bytes) -> None:
    with office.runtime.sessions.begin() as session:
        now = office.runtime.clock.now(session)
        versions.publish(session, [File("diagram", "demande.bpmn", diagram), *FILES[1:]], actor=SYSTEM, now=now)


@pytest.fixture
def ronan(office: Office) -> Visitor:
    """An operator."""
    return office.signed_in("Ronan")


def test_an_operator_moves_cases_follows_them_and_takes_them_back(office: Office, ronan: Visitor) -> None:
    office.start_many(3)
    publish(office, LONGER)
    page = ronan.open("/processus/demande_materiel")
    assert f"{PLAN}?version=2" in {each.get("href") for each in page.page.iter("a")}
    page = ronan.open(PLAN)
    assert "3 dossiers passent d’eux-mêmes" in page.text
    assert "Instruire la demande" in page.text
    page = ronan.press("Faire passer à la version 2")
    assert "0 sur 3 dossiers traités" in page.text
    assert page.page.find('.//meta[@http-equiv="refresh"]') is not None
    office.settle()
    page = ronan.open(page.path)
    assert "3 dossiers traités." in page.text
    assert page.page.find('.//meta[@http-equiv="refresh"]') is None
    case = next(each for each in page.links() if each.startswith("/dossiers/"))
    order = page.path
    assert "Passé de la version 1 à la version 2" in ronan.open(f"{case}/historique").text + ronan.open(case).text
    ronan.open(order).press("Oui, ramener les dossiers")
    office.settle()
    page = ronan.open(order)
    assert "ramené : 3" in page.text
    assert not [each for each in page.page.iter("button") if "ramener" in (each.text_content() or "")]


def test_what_is_gone_asks_which_step_takes_its_place(office: Office, ronan: Visitor) -> None:
    office.start_many(2)
    publish(office, RENAMED)
    page = ronan.open(PLAN)
    assert "2 dossiers demandent une correspondance" in page.text
    assert "« Instruire la demande » n’existe plus." in page.text
    assert not [each for each in page.page.iter("button") if "Faire passer" in (each.text_content() or "")]
    page = ronan.open(f"{PLAN}?version=2&place-instruire=examiner")
    assert "2 dossiers passent d’eux-mêmes" in page.text
    ronan.press("Faire passer à la version 2")
    office.settle()
    assert "passé : 2" in ronan.open(ronan.path).text
    assert "Examiner la demande" in office.signed_in("Maëlle").open("/taches?onglet=groupes").text


def test_only_the_chosen_ones_move(office: Office, ronan: Visitor) -> None:
    office.start_many(3)
    publish(office, LONGER)
    page = ronan.open(PLAN)
    first = next(each.get("value") for each in page.page.iter("input") if each.get("name") == "dossier")
    page = ronan.press("Faire passer à la version 2", lesquels="choisis", dossier=[first])
    office.settle()
    assert "1 dossier traité." in ronan.open(page.path).text
    page = ronan.open(PLAN).press("Faire passer à la version 2", lesquels="choisis")
    assert page.status == 422
    assert "Aucun de ces dossiers n’est en cours dans une autre version." in page.page.text_content()


def test_without_a_running_case_there_is_nothing_to_do(office: Office, ronan: Visitor) -> None:
    page = ronan.open(PLAN)
    assert "Aucun dossier en cours" in page.text
    assert ronan.open("/processus/absent/dossiers").status == 404
    assert ronan.open(f"{PLAN}/17").status == 404


def test_it_is_for_owners_and_operators(office: Office) -> None:
    agent = office.signed_in("Maëlle")
    assert agent.open(PLAN).status == 403
    office.start_many(1)
    assert "Changer la version" not in agent.open("/processus/demande_materiel").text

"""Publishing with what it changes shown first, and going back: told element by element, with the cases that stand there."""

from __future__ import annotations

import json

from tests.pages.office import DIAGRAM, REVIEW_FORM, Office, Visitor
from tests.pages.test_atelier import draw, put
from tests.pages.test_site import check

CHANGED = DIAGRAM.replace(b'value="P2D"', b'value="P5D"').replace("Commander le matériel".encode(), b"Acheter")
PROCESS = "/processus/demande_materiel"


def test_what_changes_and_for_whom_is_told_before(office: Office, owner: Visitor) -> None:
    office.start_many(3)
    draft = draw(owner)
    owner.open(f"{draft}/publication")
    assert "Rien ne change par rapport à ce qui est publié." in owner.text
    owner.open(f"{draft}/atelier")
    assert put(owner, draft, CHANGED, "1").status_code == 200
    form = {**REVIEW_FORM, "components": [{**REVIEW_FORM["components"][0], "label": "Votre avis motivé"}, REVIEW_FORM["components"][1]]}  # type: ignore[index,dict-item]
    assert put(owner, draft, json.dumps(form).encode(), "2", number=3).status_code == 200
    check(owner.open(f"{draft}/publication"))
    assert "2 modifiés." in owner.text
    assert "3 dossiers en cours gardent leur version et finissent comme ils ont commencé." in owner.text
    assert "3 attentes ont lieu à des étapes qui changent" in owner.text
    assert "3 dossiers passent d’eux-mêmes" in owner.text
    assert "Instruire la demande" in owner.text
    assert "3 dossiers y attendent" in owner.text
    assert "avant : P2D → maintenant : P5D" in owner.text
    assert "avant : Commander le matériel → maintenant : Acheter" in owner.text
    assert "avant : Votre avis → maintenant : Votre avis motivé" in owner.text
    assert owner.page.xpath("//@data-changed") == ["instruire commander"]
    owner.press("Publier maintenant")
    assert owner.path == PROCESS
    assert "Version 2" in owner.text
    owner.open("/dossiers")
    assert "Demande 0" in owner.text


def test_a_draft_with_problems_cannot_be_published_here(owner: Visitor) -> None:
    draft = draw(owner)
    assert put(owner, draft, DIAGRAM.replace(b'value="avis"', b'value="autre"'), "1").status_code == 200
    check(owner.open(f"{draft}/publication"))
    assert "1 problème empêche la publication." in owner.text
    assert not [each for each in owner.page.iter("button") if "Publier maintenant" in each.text_content()]


def test_going_back_publishes_the_earlier_version_again(office: Office, owner: Visitor) -> None:
    draft = draw(owner)
    assert put(owner, draft, CHANGED, "1").status_code == 200
    owner.open(f"{draft}/publication").press("Publier maintenant")
    office.start_many(2)
    assert f"{PROCESS}/versions/1/retablir" in owner.open(PROCESS).links()
    check(owner.open(f"{PROCESS}/versions/1/retablir"))
    assert "2 dossiers en cours gardent leur version" in owner.text
    assert "avant : P5D → maintenant : P2D" in owner.text
    owner.press("Revenir à la version 1")
    assert owner.path == PROCESS
    assert "1 processus est revenu à la version choisie." in owner.text
    assert "Version 3" in owner.text
    assert owner.client.get(f"{PROCESS}/3/schema.bpmn").data == DIAGRAM
    owner.open(f"{PROCESS}/versions/3/retablir")
    assert "Rien à faire." in owner.text
    assert owner.open(f"{PROCESS}/versions/99/retablir").status == 404


def test_both_pages_are_for_owners(office: Office, owner: Visitor) -> None:
    draft = draw(owner)
    agent = office.signed_in("Yann")
    assert agent.open(f"{draft}/publication").status == 403
    assert agent.open(f"{PROCESS}/versions/1/retablir").status == 403
    token = agent.open("/processus").page.xpath("//input[@name='csrf_token']/@value")[0]
    assert agent.client.post(f"{PROCESS}/versions/1/retablir", data={"csrf_token": token}).status_code == 403

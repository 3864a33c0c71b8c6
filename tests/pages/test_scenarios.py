"""Scenarios of a draft: written, played on a stage out of which nothing leaves; while one does not hold, nothing is published."""

from __future__ import annotations

import time

from sqlalchemy import func, select

from engine.tables import instance
from tests.pages.office import DIAGRAM, Office, Visitor
from tests.pages.test_atelier import draw, put
from tests.pages.test_site import check

STORY = """name: Une demande acceptée est commandée
clock: 2019-06-13T09:00:00+02:00
given:
  - start: demande_materiel
    answers: {titre: Un écran plus grand, urgence: "non", nom: Anne}
when:
  - complete: instruire
    role: instructeurs
    answers: {avis: Tout est en ordre., suite: accepter}
  - complete: commander
then:
  - state: completed
  - ended_at: fin
"""


def write(owner: Visitor, draft: str, story: str, name: str = "acceptee") -> None:
    owner.open(f"{draft}/scenarios/nouveau").press("Enregistrer", fichier=name, texte=story)


def played(owner: Visitor, draft: str) -> Visitor:
    owner.open(f"{draft}/scenarios").press("Jouer les scénarios")
    deadline = time.monotonic() + 60
    while "Cette page se met à jour seule" in owner.text and time.monotonic() < deadline:
        time.sleep(0.1)
        owner.open(f"{draft}/scenarios")
    return owner


def test_a_scenario_is_written_played_and_lets_the_draft_be_published(office: Office, owner: Visitor) -> None:
    draft = draw(owner)
    check(owner.open(f"{draft}/scenarios"))
    assert "Aucun scénario" in owner.text
    write(owner, draft, STORY)
    assert "Pas encore joués dans cette révision" in owner.text
    assert "Les scénarios de cette révision n’ont pas tous été joués." in owner.open(f"{draft}/publication").text
    check(played(owner, draft))
    assert "Tous tiennent" in owner.text
    assert "4 chemins sur 7 sont pris" in owner.text
    assert "de « Instruire la demande » à" not in owner.text
    assert "de « Demande retirée » à « Retirée »" in owner.text
    with office.runtime.sessions.reading() as session:
        assert session.execute(select(func.count()).select_from(instance)).scalar() == 0
    owner.open(f"{draft}/publication").press("Publier maintenant")
    assert "Version 1" in owner.text


def test_a_red_scenario_says_why_and_keeps_the_draft_from_being_published(office: Office, owner: Visitor) -> None:
    draft = draw(owner)
    write(owner, draft, STORY.replace("ended_at: fin", "ended_at: retiree"))
    played(owner, draft)
    assert "1 scénario ne tient pas" in owner.text
    assert "N’est pas passé par retiree" in owner.text
    assert "Étape 5 (ended_at) de acceptee.yaml" in owner.text
    owner.open(f"{draft}/publication")
    assert "Le scénario « Une demande acceptée est commandée » ne tient pas." in owner.text
    buttons = {each.text_content().strip() for each in owner.page.iter("button")}
    assert not buttons & {"Publier maintenant", "Publier malgré les scénarios"}
    owner.open(draft).press("Publier")
    assert owner.status == 422
    assert "ne tient pas" in owner.text


def test_an_operator_publishes_nevertheless_and_the_reason_is_kept(office: Office) -> None:
    both = office.joined("Maëlle", "proprietaires", "operateurs")
    draft = draw(both)
    assert put(both, draft, DIAGRAM.replace("Commander le matériel".encode(), b"Acheter"), "1").status_code == 200
    write(both, draft, STORY.replace("accepter", "danser"))
    played(both, draft)
    assert "Les réponses sont refusées" in both.text
    both.open(f"{draft}/publication").press("Publier malgré les scénarios", raison="La rentrée n’attend pas.")
    assert "Version 2" in both.text
    assert "Publié malgré les scénarios, par Maëlle Le Goff : La rentrée n’attend pas." in both.open(f"{draft}/scenarios").text


def test_a_scenario_that_cannot_be_read_is_not_kept_and_nothing_typed_is_lost(owner: Visitor) -> None:
    draft = draw(owner)
    write(owner, draft, STORY + "  - danser: vite\n")
    assert owner.status == 422
    assert "commence par « danser », qui n’est pas une étape" in owner.text
    assert "danser: vite" in owner.page.find('.//textarea[@name="texte"]').text
    write(owner, draft, STORY, name="Un nom")
    assert "sans espace ni accent" in owner.text
    write(owner, draft, STORY)
    write(owner, draft, STORY)
    assert "porte déjà ce nom" in owner.text


def test_a_scenario_is_changed_and_taken_out(owner: Visitor) -> None:
    draft = draw(owner)
    write(owner, draft, STORY)
    link = next(each for each in owner.links() if each.rpartition("/")[2].isdigit() and "/scenarios/" in each)
    owner.open(link).press("Enregistrer", texte=STORY.replace("acceptée", "retenue"))
    assert "Une demande retenue est commandée" in owner.text
    owner.open(link).press("Oui, retirer le scénario")
    assert "Aucun scénario" in owner.text


def test_time_and_outside_systems_belong_to_the_stage(office: Office, owner: Visitor) -> None:
    before = office.now()
    draft = draw(owner)
    write(owner, draft, STORY.replace("  - complete: commander\n", "  - advance: P30D\n  - complete: commander\n"))
    played(owner, draft)
    assert "Tous tiennent" in owner.text
    assert (office.now() - before).total_seconds() < 3_600

"""A case of a sandbox becomes a scenario, which holds when it is played."""

from __future__ import annotations

import yaml

from tests.pages.office import REQUEST, Office, Visitor
from tests.pages.test_atelier import draw
from tests.pages.test_scenarios import played
from tests.pages.test_trying import LATE, tried


def begin(owner: Visitor, place: str) -> None:
    owner.open(f"{place}/demarrer/demande_materiel/depot").press("Ouvrir le dossier", **REQUEST)


def work(owner: Visitor, place: str, **answers: str) -> None:
    owner.open(f"{place}/taches?onglet=groupes")
    link = next(each for each in owner.links() if each.startswith(f"{place}/taches/"))
    owner.open(link).press("Terminer la tâche", **answers)


def recorded(owner: Visitor, place: str) -> str:
    """The draft, with the story of the newest case on the page of a new scenario."""
    owner.open(f"{place}/bac")
    (link,) = [each for each in owner.links() if "essai=" in each][:1]
    owner.open(link)
    return f"/brouillons/{place.rpartition('/')[2]}"


def story(owner: Visitor) -> dict[str, object]:
    found = yaml.safe_load(owner.page.xpath("//textarea[@name='texte']")[0].text)
    assert isinstance(found, dict)
    return found


def holds(owner: Visitor, draft: str) -> None:
    owner.press("Enregistrer", fichier="essai")
    assert "Le scénario est enregistré." in owner.text, owner.text
    assert "Tous tiennent" in played(owner, draft).text, owner.text


def test_what_people_did_over_days_is_told_and_holds(owner: Visitor) -> None:
    place = tried(owner)
    begin(owner, place)
    owner.open(f"{place}/bac").press("Avancer le temps", duree="P1D")
    work(owner, place, avis="À préciser un peu.", suite="completer")
    work(owner, place, precision="Vingt-sept pouces.")
    draft = recorded(owner, place)
    told = story(owner)
    assert told["given"] == [{"start": "demande_materiel", "case": "dossier", "answers": REQUEST}]
    when = told["when"]
    assert isinstance(when, list)
    assert [next(iter(each)) for each in when] == ["advance", "complete", "complete"]
    assert when[1] == {"complete": "instruire", "role": "instructeurs", "answers": {"avis": "À préciser un peu.", "suite": "completer"}}
    assert told["then"] == [{"state": "running"}, {"waiting": ["commander"]}]
    holds(owner, draft)


def test_a_deadline_that_passed_is_told_and_holds(owner: Visitor) -> None:
    place = tried(owner, LATE)
    begin(owner, place)
    owner.open(f"{place}/bac").press("Avancer le temps", duree="due")
    draft = recorded(owner, place)
    told = story(owner)
    assert told["then"] == [{"state": "completed"}, {"ended_at": "oubliee"}]
    holds(owner, draft)


def test_a_message_from_outside_is_told_and_holds(owner: Visitor) -> None:
    place = tried(owner)
    begin(owner, place)
    owner.open(f"{place}/bac").press("Envoyer", nom="demande.retiree", cles='{"dossier": "Un écran plus grand"}', charge="{}")
    owner.open(f"{place}/bac").press("C’est sa réponse", connecteur="entreprises", reponse='{"actif": true}')
    draft = recorded(owner, place)
    told = story(owner)
    assert told["when"] == [{"message": "demande.retiree", "correlation": {"dossier": {"of": "dossier", "value": "business_key"}}}]
    assert told["outside"] == {"entreprises": {"actif": True}}
    assert told["then"] == [{"state": "completed"}, {"ended_at": "retiree"}]
    holds(owner, draft)


def test_only_what_was_played_by_who_may_see_it(office: Office, owner: Visitor) -> None:
    place = tried(owner)
    draft = f"/brouillons/{place.rpartition('/')[2]}"
    assert "Les dossiers de cet essai apparaissent ici." in owner.open(f"{place}/bac").text
    assert owner.open(f"{draft}/scenarios/nouveau?essai=1").status == 404, "nothing was played"
    assert owner.open(f"{draw(owner)}/scenarios/nouveau?essai=1").status == 404, "there is no sandbox"
    assert office.signed_in("Yann").open(f"{draft}/scenarios/nouveau?essai=1").status == 403

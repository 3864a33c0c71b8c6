"""A draft is tried in a sandbox: the very pages, as any role, on a clock of its own; nothing leaves, and nobody else gets in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.tables import instance
from tests.pages.office import DIAGRAM, REQUEST, Office, Visitor
from tests.pages.test_atelier import draw, put
from tests.pages.test_scenarios import STORY, played
from tests.pages.test_site import check
from tests.webhooks.receiver import Receiver, receiver
from web.settings import Settings

LATE = DIAGRAM.replace(b'value="P2D"', b'value="P3D"').replace(
    b'<sequenceFlow id="f2"',
    b'<boundaryEvent id="tard" name="Trop tard" attachedToRef="instruire"><timerEventDefinition id="td"><timeDuration>"P5D"</timeDuration>'
    b'</timerEventDefinition></boundaryEvent><sequenceFlow id="f9" sourceRef="tard" targetRef="oubliee"/><endEvent id="oubliee" name="Oubli"/>'
    b'<sequenceFlow id="f2"',
)


def tried(owner: Visitor, content: bytes | None = None) -> str:
    """A draft in its sandbox; the address of the sandbox."""
    draft = draw(owner)
    if content is not None:
        assert put(owner, draft, content, "1").status_code == 200
    owner.open(f"{draft}/atelier").press("Essayer")
    assert owner.status == 200, owner.text
    return f"/essai/{draft.rpartition('/')[2]}"


def cases(office: Office) -> int:
    with office.runtime.sessions.reading() as session:
        return int(session.execute(select(func.count()).select_from(instance)).scalar_one())


def here(owner: Visitor) -> str:
    """The path that the browser shows."""
    return owner.answer.request.script_root + owner.answer.request.path  # type: ignore[no-any-return]


def test_a_case_is_played_from_its_start_to_its_end_as_several_roles(office: Office, owner: Visitor) -> None:
    place = tried(owner)
    check(owner)
    assert here(owner) == f"{place}/bac"
    assert "Rien n’en sort." in owner.page.text_content()
    owner.open(f"{place}/demarrer/demande_materiel/depot").press("Ouvrir le dossier", **REQUEST)
    assert here(owner).startswith(place), here(owner)
    owner.open(f"{place}/taches?onglet=groupes")
    assert "Instruire la demande" in owner.text
    assert all(each.startswith((place, "/brouillons/")) for each in owner.links()), owner.links()
    owner.press("Changer", role="instructeurs")
    assert here(owner).startswith(place)
    owner.open(f"{place}/taches?onglet=groupes")
    link = next(each for each in owner.links() if each.startswith(f"{place}/taches/"))
    owner.open(link).press("Terminer la tâche", avis="Tout est en ordre.", suite="accepter")
    owner.open(f"{place}/taches?onglet=groupes")
    assert "Commander le matériel" in owner.text
    assert cases(office) == 0


def test_time_passes_in_the_sandbox_alone_and_what_is_due_happens(office: Office, owner: Visitor) -> None:
    before = office.now()
    place = tried(owner, LATE)
    owner.open(f"{place}/demarrer/demande_materiel/depot").press("Ouvrir le dossier", **REQUEST)
    owner.open(f"{place}/dossiers").press("Avancer le temps", duree="P7D")
    assert here(owner) == f"{place}/dossiers"
    assert "Le temps a passé" in owner.page.text_content()
    owner.open(f"{place}/dossiers?etat=completed")
    assert "Un écran plus grand" in owner.text
    owner.press("Avancer le temps", duree="P365D")
    assert owner.status == 200
    owner.press("Avancer le temps", duree="demain")
    assert "Le temps n’a pas pu avancer ainsi." in owner.page.text_content()
    assert (office.now() - before).total_seconds() < 3_600


def test_messages_come_in_and_answers_of_outside_systems_are_kept(owner: Visitor) -> None:
    place = tried(owner)
    owner.open(f"{place}/demarrer/demande_materiel/depot").press("Ouvrir le dossier", **REQUEST)
    owner.open(f"{place}/bac").press("Envoyer", nom="demande.retiree", cles='{"dossier": "Un écran plus grand"}', charge="{}")
    assert "est envoyé" in owner.page.text_content()
    assert "Un écran plus grand" in owner.open(f"{place}/dossiers?etat=completed").text
    owner.open(f"{place}/bac").press("Envoyer", nom="x", cles="[", charge="{}")
    assert "objets JSON" in owner.page.text_content()
    owner.press("C’est sa réponse", connecteur="entreprises", reponse='{"actif": true}')
    assert '"actif": true' in owner.text
    owner.press("C’est sa réponse", connecteur="entreprises", reponse="{")
    assert "La réponse est du JSON" in owner.page.text_content()


def test_nobody_else_gets_in(office: Office, owner: Visitor) -> None:
    place = tried(owner)
    stranger = office.visitor()
    assert stranger.client.get(f"{place}/bac").status_code in (302, 401)
    agent = office.signed_in("Yann")
    assert agent.client.get(f"{place}/bac").status_code == 403
    assert agent.client.post(f"{place}/bac/temps", data={"duree": "P1D"}).status_code == 403
    assert agent.client.get(f"{place}/api/v1/instances").status_code == 403
    assert owner.client.get("/essai/17/bac").status_code == 404
    assert owner.client.get("/bac").status_code == 404
    assert owner.client.get(f"{place}/essai/17/bac").status_code == 404


def test_a_draft_with_errors_says_what_is_missing(owner: Visitor) -> None:
    draft = draw(owner)
    assert put(owner, draft, DIAGRAM.replace(b'value="avis"', b'value="autre"'), "1").status_code == 200
    owner.open(f"{draft}/atelier").press("Essayer")
    assert "Le brouillon ne peut pas encore être essayé" in owner.page.text_content()


def test_trying_again_begins_anew(owner: Visitor) -> None:
    place = tried(owner)
    owner.open(f"{place}/demarrer/demande_materiel/depot").press("Ouvrir le dossier", **REQUEST)
    owner.open(f"/brouillons/{place.rpartition('/')[2]}/atelier").press("Essayer")
    assert "Un écran plus grand" not in owner.open(f"{place}/dossiers").text


def test_a_deleted_draft_takes_its_sandbox_with_it(owner: Visitor) -> None:
    place = tried(owner)
    owner.open(f"/brouillons/{place.rpartition('/')[2]}").press("Oui, supprimer le brouillon")
    assert owner.status == 200
    assert owner.client.get(f"{place}/bac").status_code == 404


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def settings(database_url: str, tmp_path: Path, inbox: Receiver) -> Settings:
    environment = {"TIKUB_DATABASE_URL": database_url, "TIKUB_INSTANCE_DIR": str(tmp_path), "TIKUB_TEST_CLOCK": "1"}
    return Settings.read(environment | {"TIKUB_DELIVERY_INSIDE": inbox.place})


def test_webhooks_that_would_leave_are_shown_and_never_sent(office: Office, owner: Visitor, inbox: Receiver) -> None:
    office.signed_in("Ronan").open("/webhooks/nouveau").press("Créer l’abonnement", nom="Tableau de bord", adresse=inbox.url)
    place = tried(owner)
    owner.open(f"{place}/webhooks/nouveau").press("Créer l’abonnement", nom="Un autre", adresse=inbox.url)
    owner.open(f"{place}/demarrer/demande_materiel/depot").press("Ouvrir le dossier", **REQUEST)
    owner.open(f"{place}/dossiers").press("Avancer le temps", duree="P7D")
    page = owner.open(f"{place}/bac")
    assert "Tableau de bord" in page.text
    assert "tikub.instance.started" in page.text
    assert inbox.url in page.text
    assert inbox.got == []
    office.settle()
    assert inbox.got == []


def test_a_sandbox_holds_no_sandbox(owner: Visitor) -> None:
    place = tried(owner)
    owner.open(f"{place}/processus/demande_materiel").press("Modifier ce processus")
    inner = here(owner)
    assert inner.startswith(place)
    assert not [each for each in owner.page.iter("button") if "Essayer" in each.text_content()]
    token = owner.page.find('.//input[@name="csrf_token"]').get("value")
    draft = inner.removesuffix("/atelier")
    assert owner.client.get(draft).status_code == 200
    assert owner.client.post(f"{draft}/essai", data={"csrf_token": token}).status_code == 404
    owner.open(draft).press("Oui, supprimer le brouillon")
    assert owner.status == 200


def test_a_drawing_that_is_not_finished_says_what_is_missing(owner: Visitor) -> None:
    draft = draw(owner)
    broken = DIAGRAM.replace(b'targetRef="choix"', b'targetRef="nulle_part"')
    assert put(owner, draft, broken, "1").status_code == 200
    owner.open(f"{draft}/atelier").press("Essayer")
    assert "Le brouillon ne peut pas encore être essayé" in owner.page.text_content()
    owner.open(f"{draft}/scenarios/nouveau").press("Enregistrer", fichier="acceptee", texte=STORY)
    assert "ne tient pas" in played(owner, draft).text

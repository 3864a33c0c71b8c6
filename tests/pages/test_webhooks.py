"""The pages of webhooks: an operator makes a subscription, sees its secret once, follows what was sent and sends it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.office import Office, Visitor
from tests.webhooks.receiver import Receiver, answer, receiver, verify
from web.settings import Settings


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def settings(database_url: str, tmp_path: Path, inbox: Receiver) -> Settings:
    environment = {
        "TIKUB_INSTANCE_DIR": str(tmp_path),
        "TIKUB_DATABASE_URL": database_url,
        "TIKUB_TEST_CLOCK": "1",
        "TIKUB_DELIVERY_INSIDE": inbox.place,
    }
    return Settings.read(environment)


@pytest.fixture
def ronan(office: Office) -> Visitor:
    """An operator."""
    return office.signed_in("Ronan")


def _make(ronan: Visitor, inbox: Receiver, **answers: object) -> tuple[str, str]:
    """A subscription through the form; the path of its page, and the secret that was shown."""
    order = {"nom": "Tableau de bord", "adresse": inbox.url, "evenements": ["instance.started"], **answers}
    page = ronan.open("/webhooks/nouveau").press("Créer l’abonnement", **order)
    assert page.status == 200, page.text
    secret = next(each.text for each in page.page.iter("code") if (each.text or "").startswith("whsec_"))
    return next(link for link in page.links() if link.endswith("/modifier")).removesuffix("/modifier"), str(secret)


def test_an_operator_makes_one_and_follows_what_it_sends(office: Office, ronan: Visitor, inbox: Receiver) -> None:
    assert "Aucun abonnement" in ronan.open("/webhooks").text
    path, secret = _make(ronan, inbox, quoi="demande_materiel")
    assert secret not in ronan.open(path).text
    office.start_many(2)
    office.settle()
    for got in inbox.got:
        verify(got, secret)
    assert "reçu" in ronan.open(path).text
    assert "2 reçus" in ronan.open("/webhooks").text
    ronan.open(path)
    ronan.open(next(link for link in ronan.links() if "/envois/" in link))
    assert "réponse 204" in ronan.text
    assert '"type": "tikub.instance.started"' in ronan.text


def test_what_failed_is_shown_and_sent_again(office: Office, ronan: Visitor, inbox: Receiver) -> None:
    path, _ = _make(ronan, inbox)
    inbox.behaviour = answer(410, b"parti")
    office.start_many(1)
    office.settle()
    page = ronan.open(path)
    assert "Arrêté : le destinataire n’en veut plus" in page.text
    assert "Arrêté automatiquement" in page.text
    assert "Aucun envoi" not in ronan.open(f"{path}?etat=dead").text
    inbox.behaviour = answer(204)
    ronan.open(path).press("Remettre en service")
    ronan.press("Rejouer tous ceux-là", duree="24", etat="dead")
    assert "1 envoi repart" in ronan.text
    office.settle()
    assert [each.id for each in inbox.got] == [inbox.got[0].id] * 2
    box = ronan.open(path).page.find(".//input[@name='envoi']").get("value")
    ronan.press("Rejouer ceux qui sont choisis", envoi=box)
    office.settle()
    assert len(inbox.got) == 3


def test_test_pause_new_secret_and_removal(office: Office, ronan: Visitor, inbox: Receiver) -> None:
    path, first = _make(ronan, inbox)
    ronan.open(path).press("Envoyer un essai")
    office.settle()
    assert inbox.types() == ["tikub.test"]
    ronan.open(path).press("Renouveler le secret")
    assert "whsec_" in ronan.text
    assert first not in ronan.text
    ronan.open(path).press("Mettre en pause")
    office.start_many(1)
    office.settle()
    assert len(inbox.got) == 1
    ronan.open(path).press("Oui, supprimer l’abonnement")
    assert ronan.path == "/webhooks"
    assert "Aucun abonnement" in ronan.text


def test_a_change_keeps_what_was_typed_and_says_what_is_wrong(ronan: Visitor, inbox: Receiver) -> None:
    path, _ = _make(ronan, inbox, filtre="variables.a > 1", champs="variables.a\nactor", quoi="demande_materiel/instruire")
    page = ronan.open(f"{path}/modifier").press("Enregistrer", filtre="1 +")
    assert page.status == 422
    assert page.title.startswith("Erreur :")
    assert page.page.find(".//textarea[@name='filtre']").text.strip() == "1 +"
    assert page.page.find(".//textarea[@name='champs']").text.split() == ["variables.a", "actor"]
    page.press("Enregistrer", filtre="variables.a > 2")
    assert "variables.a > 2" in ronan.open(path).text
    assert "demande_materiel › instruire" in ronan.text


@pytest.mark.parametrize("address", ["http://exemple.bzh/", "https://a:b@exemple.bzh/", "autre chose"])
def test_an_address_that_cannot_be_is_refused_at_its_field(ronan: Visitor, address: str) -> None:
    page = ronan.open("/webhooks/nouveau").press("Créer l’abonnement", nom="x", adresse=address)
    assert page.status == 422
    assert page.page.find(".//input[@name='adresse']").get("aria-invalid") == "true"


def test_only_operators_come_in(office: Office, ronan: Visitor, inbox: Receiver) -> None:
    path, _ = _make(ronan, inbox)
    maelle = office.signed_in("Maëlle")
    for each in ("/webhooks", "/webhooks/nouveau", path):
        assert maelle.open(each).status == 403
    assert "/webhooks" not in maelle.open("/taches").links()
    assert office.visitor().open(path).path == "/connexion"

"""The modeler's page and its doors: a draft of what is published, saved against a revision, with problems and outline of the server."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from tests.pages.office import DIAGRAM, Office, Visitor
from tests.pages.test_site import check


def draw(owner: Visitor) -> str:
    """The path of a draft of the published process, with the modeler open."""
    owner.open("/processus/demande_materiel").press("Modifier ce processus")
    assert owner.path.endswith("/atelier")
    return owner.path.removesuffix("/atelier")


def put(visitor: Visitor, draft: str, content: bytes, revision: str | None, number: int = 1) -> TestResponse:
    token = visitor.page.xpath("//@data-csrf")[0]
    headers = {"X-CSRFToken": token, "Accept": "application/json"} | ({"If-Match": f'"{revision}"'} if revision else {})
    return visitor.client.put(f"{draft}/fichiers/{number}", data=content, headers=headers)


def test_what_is_published_opens_as_a_draft_byte_for_byte(owner: Visitor) -> None:
    draft = draw(owner)
    check(owner)
    assert owner.heading == "Demander du matériel"
    assert "Rien n’empêche la publication" in owner.text
    assert "Instruire la demande" in owner.text
    (source,) = owner.page.xpath("//@data-diagram-source")
    assert owner.client.get(source).data == DIAGRAM
    answer = put(owner, draft, DIAGRAM, "1")
    assert answer.json is not None
    assert (answer.status_code, answer.json["revision"]) == (200, 1), "nothing changed: no new revision"


def test_saving_says_what_is_wrong_and_where(owner: Visitor) -> None:
    draft = draw(owner)
    answer = put(owner, draft, DIAGRAM.replace(b'value="avis"', b'value="autre"').replace("Commander le matériel".encode(), b"Acheter"), "1")
    assert answer.json is not None
    assert answer.json["revision"] == 2
    assert answer.headers["ETag"] == '"2"'
    (mark,) = (each for each in answer.json["marks"] if each["severity"] == "error")
    assert mark["id"] == "instruire"
    assert mark["text"] == "Le formulaire « autre » n’est pas parmi les fichiers. Ajoutez ce formulaire, ou corrigez la clé.".replace("« ", "«\xa0").replace(" »", "\xa0»")
    assert 'data-select="instruire"' in answer.json["parts"]["problemes"]
    outline = answer.json["parts"]["parcours"]
    assert "Acheter" in outline
    assert re.search(r'is-wrong" data-select="instruire"', outline)
    owner.open(draft)
    assert "Révision 2" in owner.text
    assert "Il manque 1 chose avant la publication" in owner.text


def test_the_second_of_two_is_told_and_nothing_is_overwritten(office: Office, owner: Visitor) -> None:
    draft = draw(owner)
    late = office.signed_in("Maëlle").open(f"{draft}/atelier")
    assert put(owner, draft, DIAGRAM.replace(b"Commander", b"Acheter"), "1").status_code == 200
    refused = put(late, draft, DIAGRAM.replace(b"Commander", b"Louer"), "1")
    assert refused.status_code == 412
    assert refused.json is not None
    assert "Maëlle Le Goff a enregistré ce brouillon entre-temps" in refused.json["detail"]
    (source,) = owner.open(f"{draft}/atelier").page.xpath("//@data-diagram-source")
    assert b"Acheter" in owner.client.get(source).data
    assert put(late, draft, DIAGRAM, None).status_code == 428
    assert put(late, draft, DIAGRAM, "0").status_code == 428


def test_what_cannot_be_read_is_refused_and_kept_out(owner: Visitor) -> None:
    draft = draw(owner)
    refused = put(owner, draft, b"<definitions", "1")
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["problems"][0]["code"] == "xml-syntax"
    assert put(owner, draft, DIAGRAM, "1", number=99).status_code == 404
    assert "Révision 1" in owner.open(draft).text


def test_the_modeler_is_for_owners(office: Office, owner: Visitor) -> None:
    draft = draw(owner)
    agent = office.signed_in("Yann").open("/processus/demande_materiel")
    assert "Modifier ce processus" not in agent.text
    assert agent.open(f"{draft}/atelier").status == 403
    token = agent.open("/processus").page.xpath("//input[@name='csrf_token']/@value")[0]
    headers = {"X-CSRFToken": token, "If-Match": '"1"'}
    assert agent.client.put(f"{draft}/fichiers/1", data=DIAGRAM, headers=headers).status_code == 403
    assert agent.client.post("/processus/demande_materiel/modifier", data={"csrf_token": token}).status_code == 403


def test_the_page_asks_the_server_for_these_words(owner: Visitor) -> None:
    answer = owner.client.get("/atelier/minuterie", query_string={"genre": "timeCycle", "texte": "R/P14D"})
    assert answer.json is not None
    assert answer.json["say"].startswith("tous les 14")
    long = owner.client.get("/atelier/minuterie", query_string={"genre": "timeCycle", "texte": "R" * 5000})
    assert long.json == {"say": "Ce texte est trop long pour une minuterie."}


def test_what_a_connector_is_given_is_taken_apart(owner: Visitor) -> None:
    answer = owner.client.get("/atelier/entrees", query_string={"texte": '{ siret: siret, note: "a, b" }'})
    assert answer.json == {"entries": [["siret", "siret"], ["note", '"a, b"']]}
    for text in ("siret", "{" * 9000):
        assert owner.client.get("/atelier/entrees", query_string={"texte": text}).json == {"entries": None}

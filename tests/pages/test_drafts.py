"""Importing a diagram and working on its draft, as an owner of processes does with a browser without scripts."""

from __future__ import annotations

import io
import re
from pathlib import Path

from werkzeug.datastructures import FileMultiDict

from tests.pages.office import Office, Visitor
from tests.pages.test_site import check

DIAGRAMS = Path(__file__).resolve().parent.parent / "diagrams" / "imports"


def bring(visitor: Visitor, *paths: Path, button: str = "Importer") -> Visitor:
    files: FileMultiDict[str, object] = FileMultiDict()
    for path in paths:
        files.add_file("fichiers", io.BytesIO(path.read_bytes()), path.name)
    return visitor.press(button, files=files)


def test_from_the_file_to_the_published_process(owner: Visitor) -> None:
    owner.open("/processus")
    assert "/importer" in owner.links()
    check(owner.open("/importer"))
    bring(owner, DIAGRAMS / "camunda7-facture.bpmn")
    assert owner.path.startswith("/brouillons/")
    check(owner)
    assert owner.heading == "Traiter une facture"
    assert "Prêt à être publié" in owner.text
    assert "À compléter (1)" in owner.text
    assert "Traduit (14)" in owner.text
    assert "${montant gt 1000} → maintenant : {eleve: montant > 1000}" in owner.text
    assert "Classer la facture — calcul automatique" in owner.text
    draft = owner.path
    (file,) = (each for each in owner.links() if each.endswith("/fichiers/1"))
    answer = owner.client.get(file)
    assert b"spiffworkflow:property" in answer.data
    assert b"camunda:" not in answer.data
    assert answer.headers["Content-Disposition"] == "attachment; filename=camunda7-facture.bpmn"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    owner.press("Publier quand même")
    assert owner.path == "/processus/facture"
    assert "1 processus est publié" in owner.text
    check(owner.open("/processus"))
    assert draft in owner.links()
    assert "publié tel quel" in owner.text


def test_what_is_missing_is_a_list_with_remedies(owner: Visitor) -> None:
    owner.open("/importer")
    bring(owner, DIAGRAMS / "flowable-conge.bpmn20.xml")
    assert "Il manque 1 chose avant la publication" in owner.text
    assert "Le formulaire « demande » n’est pas parmi les fichiers. Ajoutez ce formulaire, ou corrigez la clé." in owner.text
    assert "ne contient pas de dessin" in owner.text
    assert not [each for each in owner.page.iter("button") if "Publier" in (each.text or "")]
    check(owner)
    page = owner.path
    bring(owner, DIAGRAMS / "flowable-conge.bpmn20.xml", DIAGRAMS / "demande.form", button="Remplacer")
    assert owner.path == page
    assert "Révision 2" in owner.text
    assert "Prêt à être publié" in owner.text
    owner.press("Oui, supprimer le brouillon")
    assert owner.path == "/processus"
    assert "Le brouillon est supprimé" in owner.text
    assert owner.open(page).status == 404


def test_files_that_cannot_be_read_are_named(owner: Visitor, tmp_path: Path) -> None:
    broken, picture = tmp_path / "casse.bpmn", tmp_path / "photo.png"
    broken.write_text("<definitions")
    picture.write_bytes(b"x")
    owner.open("/importer")
    bring(owner, broken)
    assert owner.status == 422
    assert owner.title.startswith("Erreur")
    assert "casse.bpmn : Le fichier n’est pas du XML bien formé (ligne 1)." in owner.text
    check(owner)
    bring(owner, picture)
    assert "« photo.png » n’est pas un fichier de processus" in owner.text
    bring(owner, DIAGRAMS / "demande.form")
    assert "Choisissez au moins un diagramme" in owner.text
    assert "Brouillons" not in owner.open("/processus").text
    bring(owner.open("/importer"), DIAGRAMS / "camunda7-jury.bpmn")
    bring(owner, broken, button="Remplacer")
    assert owner.status == 422
    assert "casse.bpmn" in owner.text
    check(owner)


def test_two_people_on_one_draft(office: Office, owner: Visitor) -> None:
    owner.open("/importer")
    bring(owner, DIAGRAMS / "camunda7-livraison.bpmn")
    late = office.signed_in("Maëlle").open(owner.path)
    bring(owner, DIAGRAMS / "camunda7-facture.bpmn", button="Remplacer")
    late.press("Publier quand même")
    assert late.status == 409
    assert "entre-temps" in late.text
    assert late.open("/processus/livraison").status == 404


def test_the_pages_are_for_owners(office: Office, owner: Visitor) -> None:
    owner.open("/importer")
    bring(owner, DIAGRAMS / "camunda7-facture.bpmn")
    page = owner.path
    other = office.signed_in("Enora")
    assert "Importer un diagramme" not in other.open("/processus").text
    for path in ("/importer", page, page + "/fichiers/1", page + "/1/schema-1.bpmn"):
        assert other.open(path).status == 403, path
    assert office.visitor().open(page).path == "/connexion"


def test_the_report_is_told_in_english_too(owner: Visitor) -> None:
    owner.open("/importer")
    bring(owner, DIAGRAMS / "camunda8-commande.bpmn")
    page = owner.path
    owner.press("English").open(page)
    assert "Translated" in owner.text
    assert "The groups that may do the task" in owner.text
    assert not re.search("[éèêà]", re.sub(r"Traiter une commande.*?payée|«.*?»", "", owner.title))

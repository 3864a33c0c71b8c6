"""Decision tables of a draft on their page: values tried before anything is saved, cells changed, rows added and removed."""

from __future__ import annotations

import io
import re
from pathlib import Path

from werkzeug.datastructures import FileMultiDict

from tests.authoring.test_differences import TABLE
from tests.pages.office import DIAGRAM, Office, Visitor
from tests.pages.test_site import check

INCUBATION = Path(__file__).resolve().parents[2] / "processes" / "incubation_tikub" / "decisions"


def bring(owner: Visitor, table: bytes = TABLE.encode()) -> str:
    """The path of the page of a decision in a new draft."""
    files: FileMultiDict[str, object] = FileMultiDict()
    files.add_file("fichiers", io.BytesIO(DIAGRAM), "demande.bpmn")
    files.add_file("fichiers", io.BytesIO(table), "seuil.dmn")
    owner.open("/importer").press("Importer", files=files)
    (path,) = (each for each in owner.links() if "/decisions/" in each)
    return path


def marked(owner: Visitor) -> list[str]:
    return [re.sub(r"\D.*", "", row.text_content().strip()) for row in owner.page.xpath("//tr[@class='is-on']")]


def test_values_are_tried_and_the_rules_that_match_are_marked(owner: Visitor) -> None:
    path = bring(owner)
    check(owner.open(path))
    owner.press("Essayer ces valeurs", **{"essai-seuil-note": "5"})
    check(owner)
    assert marked(owner) == ["1"]
    assert 'Résultat"oui"' in owner.text
    owner.press("Essayer ces valeurs", **{"essai-seuil-note": "2"})
    assert marked(owner) == ["2"]
    owner.press("Essayer ces valeurs", **{"c-0-0-0": "> 1"})
    assert marked(owner) == ["1"], "what is on the page counts, saved or not"
    assert "changements à enregistrer" in owner.text
    assert "> 3" in owner.open(path).page.xpath("//textarea[@name='c-0-0-0']")[0].text
    owner.press("Essayer ces valeurs", **{"essai-seuil-note": "1 +"})
    assert "note : " in owner.text.replace("\xa0", " ")


def test_cells_and_rows_are_saved_in_the_draft(owner: Visitor) -> None:
    path = bring(owner)
    owner.open(path).press("Ajouter une ligne")
    assert len(owner.page.xpath("//tbody/tr")) == 3
    owner.press("remove:0:1", **{"c-0-2-0": "< 1", "c-0-2-1": '"rien"'})
    assert len(owner.page.xpath("//tbody/tr")) == 2
    owner.press("Enregistrer", **{"c-0-0-0": "> 4"})
    assert "La décision est enregistrée dans le brouillon." in owner.text
    assert "Révision 2" in owner.text
    assert [each.text for each in owner.page.xpath("//textarea")] == ["> 4", '"oui"', "< 1", '"rien"']
    stale = owner.page
    owner.press("Enregistrer", **{"c-0-0-0": "> 5"})
    owner.page = stale
    owner.press("Enregistrer", **{"c-0-0-0": "> 6"})
    assert owner.status == 409
    assert "> 5" in owner.open(path).page.xpath("//textarea")[0].text


def test_settings_of_a_process_are_such_a_table(owner: Visitor) -> None:
    path = bring(owner, (INCUBATION / "parametres_incubation.dmn").read_bytes())
    check(owner.open(path))
    assert "delai_decision" in owner.page.xpath("//textarea[@name='c-0-1-0']")[0].text
    assert "Décision sur une idée : quinze jours, puis alerte de la CDO" in owner.text
    owner.press("Enregistrer", **{"c-0-1-1": '"P21D"'})
    assert owner.page.xpath("//textarea[@name='c-0-1-1']")[0].text.strip() == '"P21D"'


def test_only_owners_and_only_decisions(office: Office, owner: Visitor) -> None:
    path = bring(owner)
    assert owner.open(path.replace("/decisions/2", "/decisions/1")).status == 404
    assert owner.open(path.replace("/decisions/2", "/decisions/9")).status == 404
    assert office.signed_in("Yann").open(path).status == 403

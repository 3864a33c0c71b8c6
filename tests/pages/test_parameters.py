"""The page of settings: all of them, where they are used, changed together or not at all."""

from __future__ import annotations

import io
import re

from werkzeug.datastructures import FileMultiDict

from tests.authoring.test_parameters import DIAGRAM, files
from tests.pages.office import Office, Visitor
from tests.pages.test_site import check


def bring(owner: Visitor, named: list[tuple[str, bytes]]) -> str:
    """The path of a new draft of these files."""
    sent: FileMultiDict[str, object] = FileMultiDict()
    for name, content in named:
        sent.add_file("fichiers", io.BytesIO(content), name)
    owner.open("/importer").press("Importer", files=sent)
    assert owner.path.startswith("/brouillons/")
    return owner.path


def key_of(owner: Visitor, label: str) -> str:
    (found,) = owner.page.xpath(f"//label[normalize-space(translate(., '\xa0\u202f', '  '))='{label}']/@for")
    return str(found)


def test_settings_of_a_process_are_read_and_changed_together(owner: Visitor) -> None:
    draft = bring(owner, [(each.name, each.content) for each in files("incubation_tikub")])
    owner.open(f"{draft}/reglages")
    check(owner)
    assert owner.heading == "Réglages"
    decision = key_of(owner, "Décision sur une idée : quinze jours, puis alerte de la CDO")
    field = owner.page.xpath(f"//input[@id='{decision}']")[0]
    assert field.get("value") == "P15D"
    row = re.sub(r"\s", " ", field.xpath("ancestor::li")[0].text_content())
    assert "Utilisé par : 15 jours sans décision" in row
    assert row.rstrip().endswith("15 jours"), "the duration in words"
    budget = key_of(owner, "Moins de 200 000 € sur six mois")
    owner.press("Enregistrer", **{decision: "P21D", budget: "180000,50"})
    assert "2 réglages sont enregistrés dans le brouillon." in owner.text
    assert "Révision 3" in owner.text, "one revision for each file"
    assert owner.page.xpath(f"//input[@id='{decision}']/@value") == ["P21D"]
    assert owner.page.xpath(f"//input[@id='{budget}']/@value") == ["180000.50"]
    owner.press("Enregistrer")
    assert "Rien n’a changé." in owner.text
    assert "Révision 3" in owner.text


def test_a_value_of_another_kind_is_refused_with_all_the_others(owner: Visitor) -> None:
    draft = bring(owner, [("d.bpmn", DIAGRAM)])
    owner.open(f"{draft}/reglages")
    check(owner)
    keys = [str(each) for each in owner.page.xpath("//main//form//input[@type!='hidden' or not(@type)]/@id")]
    due, cycle, amount = keys[:3]
    owner.press("Enregistrer", **{due: "deux jours", cycle: "R/P7D", amount: "beaucoup"})
    assert owner.status == 422
    check(owner)
    errors = [re.sub(r"\s", " ", each.text_content()) for each in owner.page.xpath("//*[@id='erreurs']//li")]
    assert errors[0].startswith("Deux jours suffisent. : Écrivez une durée ISO 8601")
    assert errors[1] == "Cher : condition : Écrivez un nombre, par exemple 12 ou 12.5."
    assert owner.page.xpath(f"//input[@id='{cycle}']/@value") == ["R/P7D"], "what was typed stays"
    assert "R/P14D" in str(owner.open(f"{draft}/reglages").page.xpath(f"//input[@id='{cycle}']/@value"))
    owner.press("Enregistrer", **{due: "P3D"})
    link = owner.page.xpath("//a[normalize-space()='Instruire']/@href")[0]
    assert link.endswith("/atelier?fichier=1&element=instruire")


def test_an_empty_page_says_what_would_be_there(office: Office, owner: Visitor) -> None:
    draft = bring(owner, [("d.bpmn", re.sub(rb"<(timerEvent|conditionExpr|extension).*?</\1\w+>", b"", DIAGRAM, flags=re.S))])
    owner.open(f"{draft}/reglages")
    check(owner)
    assert "Aucun réglage" in owner.text
    assert office.signed_in("Yann").open(f"{draft}/reglages").status == 403


def test_two_owners_do_not_overwrite_each_other(owner: Visitor) -> None:
    draft = bring(owner, [("d.bpmn", DIAGRAM)])
    stale = owner.open(f"{draft}/reglages").page
    due = str(owner.page.xpath("//input[@value='P2D']/@id")[0])
    owner.press("Enregistrer", **{due: "P3D"})
    owner.page = stale
    owner.press("Enregistrer", **{due: "P4D"})
    assert owner.status == 409
    assert owner.open(f"{draft}/reglages").page.xpath(f"//input[@id='{due}']/@value") == ["P3D"]

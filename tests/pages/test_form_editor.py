"""Forms changed in the browser: questions, their settings, and the very page that people will see beside them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.pages.office import Office, Visitor
from tests.pages.test_site import check

FORMS = sorted((Path(__file__).resolve().parents[2] / "processes").glob("*/forms/*.form"))


def edit(owner: Visitor, name: str = "avis.form") -> str:
    """The path of the editor of a form of a new draft, opened."""
    owner.open("/processus/demande_materiel").press("Modifier ce processus")
    (path,) = owner.page.xpath(f"//a[normalize-space()='{name}']/@href")
    owner.open(path)
    return str(path)


def kept(owner: Visitor, path: str) -> dict[str, object]:
    """The form as the draft holds it."""
    draft, number = re.fullmatch(r"(/brouillons/\d+)/formulaires/(\d+)", path.split("?")[0]).groups()  # type: ignore[union-attr]
    found = json.loads(owner.client.get(f"{draft}/fichiers/{number}").data)
    assert isinstance(found, dict)
    return found


def questions(owner: Visitor) -> list[str]:
    return [each.text_content().strip() for each in owner.page.xpath("//*[@id='questions']//button/span[1]")]


def test_the_editor_shows_the_questions_their_settings_and_the_page(owner: Visitor) -> None:
    edit(owner)
    check(owner)
    assert questions(owner) == ["Votre avis", "Quelle suite ?"]
    assert "Instruire la demande" in owner.text
    owner.press("select:0")
    check(owner)
    assert owner.page.xpath("//input[@name='_s-label']/@value") == ["Votre avis"]
    assert owner.page.xpath("//input[@name='_s-validate.required' and @checked]")
    assert owner.page.xpath("//input[@name='_s-validate.maxLength']/@value") == ["500"]
    seen = owner.page.xpath("//*[@id='apercu']")[0]
    assert seen.xpath(".//textarea[@name='avis']")
    assert "Le matériel est commandé." in seen.text_content()


def test_a_question_is_added_set_and_saved(owner: Visitor) -> None:
    path = edit(owner)
    before = kept(owner, path)
    owner.press("select:0").press("add", _genre="number")
    assert questions(owner) == ["Votre avis", "Nombre", "Quelle suite ?"]
    assert kept(owner, path) == before, "nothing is saved before"
    owner.press("keep", **{"_s-label": "Combien ?", "_s-key": "combien", "_s-validate.max": "12", "_s-validate.required": "oui"})
    assert owner.page.xpath("//*[@id='apercu']//input[@name='combien']")
    assert "changements à enregistrer" in owner.text
    owner.press("Enregistrer", **{"_s-description": "Au plus douze."})
    assert "Le formulaire est enregistré dans le brouillon." in owner.text
    assert "Révision 2" in owner.text
    form = kept(owner, path)
    assert form["components"][1] == {  # type: ignore[index]
        "id": "avis_number_1",
        "type": "number",
        "decimalDigits": 0,
        "key": "combien",
        "label": "Combien ?",
        "validate": {"max": 12, "required": True},
        "description": "Au plus douze.",
    }
    form["components"].pop(1)  # type: ignore[attr-defined]
    assert form == before


def test_choices_are_rows_and_keep_what_the_page_does_not_show(owner: Visitor) -> None:
    path = edit(owner)
    owner.press("select:1").press("row:add.values")
    owner.press("row:remove.values.2", **{"_s-values-3-label": "Très urgent !", "_s-values-0-then": "On commande demain."})
    owner.press("row:up.values.2").press("Enregistrer")
    values = kept(owner, path)["components"][1]["values"]  # type: ignore[index]
    assert values == [
        {"label": "Accepter", "value": "accepter", "then": "On commande demain."},
        {"label": "Très urgent !", "value": "tres_urgent"},
        {"label": "Faire compléter", "value": "completer", "then": "La personne précise sa demande."},
    ]


def test_answers_are_tried_as_an_agent_would_give_them(owner: Visitor) -> None:
    edit(owner)
    owner.press("Vérifier ces réponses", avis="non")
    assert owner.status == 200
    errors = owner.page.xpath("//*[@id='erreurs']//li")
    said = [re.sub(r"\s", " ", each.text_content()) for each in errors]
    assert said == ["Votre avis : écrivez au moins 5 caractères (il y en a 3)", "Quelle suite ? Choisissez une réponse"]
    owner.press("Vérifier ces réponses", avis="oui, volontiers", suite="accepter")
    assert '"suite": "accepter"' in owner.text
    assert not owner.page.xpath("//*[@id='erreurs']")


def test_what_cannot_be_read_is_said_and_the_page_comes_back(owner: Visitor) -> None:
    edit(owner)
    owner.press("select:0").press("keep", **{"_s-key": "deux mots"})
    assert "L’aperçu revient dès que ceci est corrigé" in owner.text
    assert "« deux mots » ne peut pas être un nom de réponse" in owner.text.replace("\xa0", " ")
    assert "à corriger" in owner.page.xpath("//*[@id='questions']")[0].text_content()
    owner.press("keep", **{"_s-key": "avis"})
    assert owner.page.xpath("//*[@id='apercu']//textarea[@name='avis']")


def test_values_of_the_case_can_be_given_to_the_page(owner: Visitor) -> None:
    edit(owner)
    owner.press("add", _genre="text").press("keep", **{"_s-text": "Demande : **{{titre}}**, {{montant + 1}}"})
    assert owner.page.xpath("//input[@name='_v-titre']")
    owner.press("keep", **{"_v-titre": "Un écran", "_v-montant": "41"})
    assert "Demande : Un écran, 42" in owner.page.xpath("//*[@id='apercu']")[0].text_content().replace("\xa0", " ")


def test_conditions_and_parts_move_questions(owner: Visitor) -> None:
    path = edit(owner, "demande.form")
    owner.press("select:0.2")
    assert owner.page.xpath("//textarea[@name='_s-conditional.hide']")[0].text.strip() == '=urgence != "oui"'
    owner.press("into", _dans="1").press("up:1.1").press("Enregistrer")
    form = kept(owner, path)
    assert [each["id"] for each in form["components"][1]["components"]] == ["f3", "f5"]  # type: ignore[index]
    assert [each["id"] for each in form["components"][0]["components"]] == ["f1", "f2", "f4"]  # type: ignore[index]


def test_the_page_is_drawn_while_one_types(owner: Visitor) -> None:
    path = edit(owner)
    owner.press("select:0")
    fields = dict(owner.page.xpath("//form[@data-live]")[0].form_values()) | {"_s-label": "Autrement dit"}
    answer = owner.client.post(f"{path}/apercu", data=fields)
    assert answer.json is not None
    assert "Autrement dit" in answer.json["parts"]["apercu"]
    assert "Autrement dit" in answer.json["parts"]["questions"]
    assert kept(owner, path)["components"][0]["label"] == "Votre avis"  # type: ignore[index]


def test_two_editors_and_hostile_posts(office: Office, owner: Visitor) -> None:
    path = edit(owner)
    stale = owner.page
    owner.press("select:0").press("Enregistrer", **{"_s-label": "Premier"})
    owner.page = stale
    owner.press("Enregistrer")
    assert owner.status == 409
    owner.open(path)
    for schema in ("", "[]", '{"components": [3]}', '{"components":[' * 40 + "]}" * 40):
        owner.press("keep", _schema=schema)
        assert owner.status == 409
        owner.open(path)
    for act in ("up:", "remove:9.9", "select:9999.9", "row:remove.values.x", "row:add.nothing", "into", "add"):
        owner.open(path)
        owner.page.xpath("//button[@value='keep']")[0].set("value", act)
        owner.press(act, _genre="nothing", _dans="9.9.9")
        assert owner.status == 200, act
        assert questions(owner) == ["Premier", "Quelle suite ?"]
    assert owner.open(path.rpartition("/")[0] + "/1").status == 404
    assert office.signed_in("Yann").open(path).status == 403


def test_a_form_is_made_and_taken_out(owner: Visitor) -> None:
    path = edit(owner)
    draft = path.rpartition("/formulaires")[0]
    owner.open(draft).press("Créer", nom="Pas un nom")
    assert "Donnez un nom qui n’est pas pris" in owner.text
    owner.press("Créer", nom="relance")
    assert owner.heading == "relance"
    check(owner)
    assert "Aucune question pour l’instant" in owner.text
    assert "Aucune étape ne le demande encore." in owner.text
    owner.press("add", _genre="textfield").press("Enregistrer", **{"_s-label": "Que dire ?"})
    assert kept(owner, owner.path)["components"][0]["label"] == "Que dire ?"  # type: ignore[index]
    owner.press("Oui, retirer le formulaire")
    assert "Le formulaire est retiré du brouillon." in owner.text
    assert "relance.form" not in owner.text

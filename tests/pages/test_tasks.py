"""My tasks and one task: taking, drafts, completing, losing a race, and who may see what."""

from __future__ import annotations

import pytest

from tests.pages.office import REQUEST, Office, Visitor

GROUPS = "/taches?onglet=groupes"


def opened(office: Office, name: str = "Maëlle") -> Visitor:
    """Somebody on the page of the one task of their groups."""
    visitor = office.signed_in(name).open(GROUPS)
    return visitor.open(visitor.page.xpath("//tbody//th/a/@href")[0])


def rows(visitor: Visitor) -> int:
    return int(visitor.page.xpath("count(//tbody/tr)"))


def test_who_is_not_signed_in_is_asked_to_and_comes_back(office: Office) -> None:
    visitor = office.visitor().open(GROUPS)
    assert visitor.path == "/connexion"
    assert visitor.page.xpath("//input[@name='suite']/@value")[0] == GROUPS


def test_an_empty_list_says_what_will_come(office: Office) -> None:
    visitor = office.signed_in("Maëlle").open("/taches")
    assert "Rien ne vous attend" in visitor.text
    assert "/demarrer" in visitor.links()


def test_a_task_tells_its_case_its_deadline_and_why_it_is_shown(office: Office) -> None:
    office.request()
    visitor = office.signed_in("Maëlle").open(GROUPS)
    for told in ("Instruire la demande", REQUEST["titre"], "Demander du matériel", "Groupe Instruction, libre"):
        assert told in visitor.text
    assert office.signed_in("Enora").open(GROUPS).text.count("Instruire") == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=écran", 1),
        ("q=souris", 0),
        ("processus=demande_materiel", 1),
        ("processus=inconnu", 0),
        ("groupe=instructeurs", 1),
        ("echeance=semaine", 1),
        ("echeance=retard", 0),
        ("echeance=jamais", 1),
    ],
)
def test_filters_are_in_the_address(office: Office, query: str, found: int) -> None:
    office.request()
    visitor = office.signed_in("Maëlle").open(f"{GROUPS}&{query}")
    assert visitor.status == 200
    assert rows(visitor) == found


def test_a_filter_can_be_taken_away(office: Office) -> None:
    visitor = office.signed_in("Maëlle").open(f"{GROUPS}&q=souris")
    assert "Texte : souris" in visitor.text
    assert "/taches?onglet=groupes" in visitor.links()


def test_a_broken_cursor_is_refused_in_words(office: Office) -> None:
    visitor = office.signed_in("Maëlle").open(f"{GROUPS}&suite=xx")
    assert visitor.status == 422
    assert "curseur" in visitor.text


def test_a_long_list_is_paged(office: Office) -> None:
    office.start_many(52)
    visitor = office.signed_in("Maëlle").open(GROUPS)
    assert rows(visitor) == 50
    following = visitor.page.xpath("//a[@rel='next']/@href")[0]
    visitor.open(following)
    assert rows(visitor) == 2
    assert "Début de la liste" in visitor.text


def test_taking_and_giving_back_from_the_list(office: Office) -> None:
    office.request()
    visitor = office.signed_in("Maëlle").open(GROUPS).press("Prendre")
    assert "La tâche est à vous" in visitor.text
    assert rows(visitor.open("/taches?onglet=moi")) == 1
    visitor.press("Rendre")
    assert "rendue à son groupe" in visitor.text
    assert rows(visitor.open(GROUPS)) == 1


def test_taking_several_says_which_somebody_else_had(office: Office) -> None:
    office.request()
    office.request(titre="Une deuxième demande")
    visitor = office.signed_in("Maëlle").open(GROUPS)
    keys = visitor.page.xpath("//input[@name='task']/@value")
    office.signed_in("Yann").open(GROUPS).press(keys[0])
    visitor.press("take", task=keys)
    assert "Yann Le Goff a pris cette tâche" in visitor.text
    assert "La tâche est à vous" in visitor.text


def test_a_task_shows_its_form_its_case_and_its_way(office: Office) -> None:
    office.request()
    visitor = opened(office)
    for told in ("Lisez la demande", "Votre avis", "Anne-Sophie", "Le parcours en texte", "Dossier ouvert"):
        assert told in visitor.text
    here = visitor.page.xpath("//*[@data-diagram]")[0]
    assert here.get("data-here") == "instruire"
    assert b"instruire" in visitor.client.get(here.get("data-diagram")).data


def test_wrong_answers_keep_what_was_typed(office: Office) -> None:
    office.request()
    visitor = opened(office).press("complete", avis="Non")
    assert visitor.status == 422
    assert visitor.title.startswith("Erreur :")
    assert visitor.page.xpath("//textarea[@name='avis']")[0].text.strip() == "Non"


def test_a_draft_is_kept_for_its_author(office: Office) -> None:
    office.request()
    visitor = opened(office)
    task = visitor.path
    visitor.press("draft", avis="Encore")
    assert "Brouillon enregistré" in visitor.text
    assert visitor.open(task).page.xpath("//textarea[@name='avis']")[0].text.strip() == "Encore"
    other = office.signed_in("Yann").open(task)
    assert not (other.page.xpath("//textarea[@name='avis']")[0].text or "").strip()


def test_the_draft_saved_while_typing_says_the_hour(office: Office) -> None:
    office.request()
    visitor = opened(office)
    form = visitor.page.get_element_by_id("f")
    token = form.fields["csrf_token"]
    answer = visitor.client.post(form.get("data-live"), data={"csrf_token": token, "avis": "En cours"})
    assert answer.json is not None
    assert "h" in answer.json["hour"]
    assert visitor.open(visitor.path).page.xpath("//textarea[@name='avis']")[0].text.strip() == "En cours"


def test_completing_leads_to_the_next_task_of_the_case(office: Office) -> None:
    office.request()
    visitor = opened(office).press("complete", avis="D’accord", suite="accepter")
    assert visitor.heading == "Commander le matériel"
    assert "C’est fait" in visitor.text
    visitor.press("Terminer la tâche")
    assert visitor.path == "/taches"
    done = visitor.open("/taches?onglet=terminees")
    assert rows(done) == 2


def test_a_done_task_shows_its_answers_and_who_gave_them(office: Office) -> None:
    office.request()
    visitor = opened(office)
    task = visitor.path
    visitor.press("complete", avis="D’accord", suite="accepter").open(task)
    for told in ("Terminée par Maëlle Le Goff", "D’accord", "Accepter"):
        assert told in visitor.text
    assert not visitor.page.xpath("//textarea")


def test_who_comes_second_is_told_and_keeps_the_draft(office: Office) -> None:
    office.request()
    late = opened(office, "Yann")
    opened(office, "Maëlle").press("complete", avis="D’accord", suite="accepter")
    late.press("complete", avis="Mon avis à moi", suite="completer")
    assert late.status == 409
    assert "Maëlle Le Goff a terminé cette tâche" in late.text
    office_case = office.signed_in("Ronan").open("/dossiers")
    assert "Commander le matériel" in office_case.text, "the second answer changed nothing"


def test_a_task_that_somebody_took_meanwhile_keeps_the_draft(office: Office) -> None:
    office.request()
    late = opened(office, "Yann")
    task = late.path
    office.signed_in("Maëlle").open(task).press("Prendre la tâche")
    late.press("complete", avis="Mon avis à moi", suite="completer")
    assert late.status == 409
    assert "Maëlle Le Goff a pris cette tâche" in late.text
    assert "Mon avis à moi" in late.text


def test_a_task_of_another_group_does_not_exist(office: Office) -> None:
    office.request()
    task = opened(office).path
    stranger = office.signed_in("Enora").open(task)
    assert stranger.status == 404
    assert "Instruire" not in stranger.text


@pytest.mark.parametrize("key", ["0", "abc", "99999999999999999999999", "1%00", "-1"])
def test_an_id_that_is_none_is_not_found(office: Office, key: str) -> None:
    assert office.signed_in("Maëlle").open(f"/taches/{key}").status in (400, 404)


def test_a_forged_post_is_refused(office: Office) -> None:
    office.request()
    visitor = opened(office)
    answer = visitor.client.post(visitor.path, data={"avis": "D’accord", "suite": "accepter"})
    assert answer.status_code == 400
    assert "ouverte depuis trop longtemps" in answer.text
    assert visitor.open(visitor.path).page.xpath("//textarea[@name='avis']")


def test_a_field_that_the_form_does_not_have_is_refused(office: Office) -> None:
    office.request()
    visitor = opened(office).press("complete", avis="D’accord", suite="accepter", admin="true")
    assert visitor.status == 422


def test_one_comes_back_to_the_list_as_it_was(office: Office) -> None:
    office.start_many(2)
    visitor = office.signed_in("Maëlle").open("/taches?onglet=groupes&q=Demande")
    visitor.open(visitor.page.xpath("//tbody//th/a/@href")[0])
    assert "/taches?onglet=groupes&q=Demande" in visitor.links()
    visitor.press("draft", avis="Mon avis")
    assert visitor.answer.request.full_path == "/taches?onglet=groupes&q=Demande"

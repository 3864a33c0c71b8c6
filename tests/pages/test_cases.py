"""Cases and what surrounds them: what each person sees, stopping, stuck steps, processes, starting."""

from __future__ import annotations

import io

from werkzeug.datastructures import FileMultiDict

from engine import versions
from engine.actors import SYSTEM
from engine.bundle import File
from tests.pages.office import REQUEST, START, Office, Visitor
from tests.spiff.driver import chain, definitions, flow, node, process, start, user
from web.runtime import EXTENSION, Runtime


def case_of(office: Office, name: str) -> Visitor:
    """Somebody on the page of the newest case that they see."""
    visitor = office.signed_in(name).open("/dossiers")
    return visitor.open(visitor.page.xpath("//tbody//th/a/@href")[0])


def answer(office: Office, suite: str, name: str = "Maëlle") -> None:
    visitor = office.signed_in(name).open("/taches?onglet=groupes")
    visitor.open(visitor.page.xpath("//tbody//th/a/@href")[0]).press("complete", avis="Mon avis", suite=suite)


def test_the_list_says_the_state_and_who_is_awaited(office: Office) -> None:
    office.request()
    visitor = office.signed_in("Maëlle").open("/dossiers")
    for told in (REQUEST["titre"], "En cours", "Instruire la demande – le groupe Instruction"):
        assert told in visitor.text
    assert "Aucun dossier ne correspond" in visitor.open("/dossiers?etat=completed").text
    assert visitor.open("/dossiers?q=ÉCRAN").status == 200


def test_people_without_a_part_see_no_case(office: Office) -> None:
    office.request()
    path = case_of(office, "Maëlle").path
    stranger = office.signed_in("Enora")
    assert "Aucun dossier pour l’instant" in stranger.open("/dossiers").text
    assert stranger.open(path).status == 404
    assert stranger.open(f"{path}/historique").status == 404


def test_a_case_tells_what_it_waits_for_and_where_it_stands(office: Office) -> None:
    office.request()
    visitor = case_of(office, "Maëlle")
    assert visitor.heading == REQUEST["titre"]
    for told in ("On attend le groupe Instruction : Instruire la demande", "Échéance", "Demande déposée — fait", "Anne-Sophie"):
        assert told in visitor.text
    drawn = visitor.page.xpath("//*[@data-diagram]")[0]
    assert drawn.get("data-done") == "depot"
    assert drawn.get("data-now") == "instruire"


def test_what_happened_is_told_in_peoples_words(office: Office) -> None:
    office.request()
    answer(office, "accepter")
    visitor = case_of(office, "Maëlle")
    assert "Fait : Instruire la demande" in visitor.text
    assert "Par Maëlle Le Goff" in visitor.text
    history = visitor.open(f"{visitor.path}/historique")
    assert "Dossier ouvert" in history.text


def test_taking_a_task_is_told_until_it_is_done(office: Office) -> None:
    office.request()
    visitor = office.signed_in("Maëlle").open("/taches?onglet=groupes").press("Prendre")
    path = case_of(office, "Maëlle").path
    assert "Tâche prise : Instruire la demande" in visitor.open(path).text
    visitor.open("/taches?onglet=moi").open(visitor.page.xpath("//tbody//th/a/@href")[0])
    visitor.press("complete", avis="Mon avis", suite="completer")
    told = visitor.open(path).text
    assert "Fait : Instruire la demande" in told
    assert "Tâche prise : Instruire la demande" not in told


def test_a_message_that_came_is_told_once(office: Office) -> None:
    office.request()
    link = office.request(titre="Un clavier")[1]
    visitor = office.visitor().open(link).press("Oui, retirer ma demande")
    told = case_of(office, "Maëlle").text
    assert told.count("Demande retirée") == 1 + told.count("Demande retirée —"), told
    assert "Issue : Retirée" in told
    assert visitor.status == 200


def test_starting_says_how_long_it_usually_takes(office: Office) -> None:
    visitor = office.signed_in("Maëlle")
    assert "Dure en général" not in visitor.open("/demarrer").text
    for _ in range(3):
        link = office.request()[1]
        office.visitor().open(link).press("Oui, retirer ma demande")
    assert "Dure en général 1 minute" in visitor.open("/demarrer").text


def test_variables_are_for_operators_alone(office: Office) -> None:
    office.request()
    assert "Données du dossier" not in case_of(office, "Maëlle").text
    told = case_of(office, "Ronan").text
    assert "Données du dossier" in told
    assert "urgence" in told


def test_stopping_needs_a_reason_and_a_right(office: Office) -> None:
    office.request()
    assert "Arrêter ce dossier" not in case_of(office, "Maëlle").text
    operator = case_of(office, "Ronan").press("Oui, arrêter le dossier")
    assert operator.status == 422
    assert "Écrivez pourquoi" in operator.text
    operator.press("Oui, arrêter le dossier", reason="Doublon")
    assert "Arrêté" in operator.text
    assert "Doublon" in operator.text
    assert "Arrêter ce dossier" not in operator.text
    assert "Aucune tâche libre" in office.signed_in("Maëlle").open("/taches?onglet=groupes").text


def test_stopping_is_refused_to_who_may_not(office: Office) -> None:
    office.request()
    agent = case_of(office, "Maëlle")
    token = agent.page.xpath("//input[@name='csrf_token']/@value")[0]
    refused = agent.client.post(f"{agent.path}/arreter", data={"csrf_token": token, "reason": "Pour voir"})
    assert refused.status_code == 403
    assert "En cours" in agent.open(agent.path).text


def test_a_stuck_step_is_shown_with_its_reason_and_tried_again(office: Office) -> None:
    office.request()
    answer(office, "bloquer")
    visitor = case_of(office, "Maëlle")
    assert "Une étape est bloquée : Quelle suite ?" in visitor.text
    assert "Réessayer" not in visitor.text
    operator = office.signed_in("Ronan").open("/exploitation")
    assert REQUEST["titre"] in operator.text
    assert "Quelle suite ?" in operator.text
    operator.press("Réessayer")
    assert "relancée" in operator.text
    assert "Réessayer maintenant" in case_of(office, "Ronan").text


def test_operations_are_for_operators(office: Office) -> None:
    visitor = office.signed_in("Maëlle").open("/exploitation")
    assert visitor.status == 403
    assert "Cette page n’est pas pour votre compte" in visitor.heading
    assert "/exploitation" not in visitor.links()


def test_an_empty_operations_page_says_so(office: Office) -> None:
    assert "Aucune étape bloquée" in office.signed_in("Ronan").open("/exploitation").text


def test_starting_offers_what_the_groups_may(office: Office) -> None:
    visitor = office.signed_in("Maëlle").open("/demarrer")
    assert START in visitor.links()
    assert "Décrivez ce qu’il vous faut" in visitor.text
    assert "Rien à démarrer" in office.signed_in("Enora").open("/demarrer").text
    assert office.signed_in("Enora").open(START).status == 403


def test_starting_checks_the_form_and_opens_the_case(office: Office) -> None:
    visitor = office.signed_in("Maëlle").open(START).press("Ouvrir le dossier", titre="Un")
    assert visitor.status == 422
    assert visitor.title.startswith("Erreur :")
    visitor.press("Ouvrir le dossier", **REQUEST)
    assert visitor.heading == REQUEST["titre"]
    assert "Le dossier est ouvert" in visitor.text


def test_an_unknown_start_is_not_found(office: Office) -> None:
    visitor = office.signed_in("Maëlle")
    assert visitor.open("/demarrer/demande_materiel/autre").status == 404
    assert visitor.open("/demarrer/inconnu/depot").status == 404


def test_processes_show_their_health(office: Office) -> None:
    assert "Aucun dossier" in office.signed_in("Maëlle").open("/processus").text
    office.request()
    answer(office, "bloquer")
    visitor = office.signed_in("Maëlle").open("/processus")
    for told in ("Demander du matériel", "Version 1", "1 étape bloquée"):
        assert told in visitor.text


def test_what_deserves_a_look_is_on_the_page_of_the_process(office: Office) -> None:
    runtime: Runtime = office.app.extensions[EXTENSION]
    joined = (
        start() + node("exclusiveGateway", "choix", default="non", name="Urgent ?") + user("a") + user("b")
        + node("parallelGateway", "jonction", name="Réunion") + chain("start", "choix") + flow("choix", "a", "urgent")
        + flow("choix", "b", name="non") + chain("a", "jonction") + chain("b", "jonction")
    )  # fmt: skip
    with runtime.sessions.begin() as session:
        files = [File("diagram", "a_revoir.bpmn", definitions(process(joined, key="a_revoir")))]
        versions.publish(session, files, actor=SYSTEM, now=runtime.clock.now(session))
    page = office.signed_in("Maëlle").open("/processus/a_revoir").text
    for told in ("À revoir", "Passerelle parallèle « Réunion » (jonction)", "mais « Urgent ? » n’en prend qu’un", "passerelle exclusive"):
        assert told in page


def test_a_process_is_drawn_and_told(office: Office) -> None:
    visitor = office.signed_in("Maëlle").open("/processus/demande_materiel")
    for told in (
        "Une demande est instruite",
        "Instruire la demande — tâche",
        "si « Acceptée » : Commander le matériel",
        "Instruction",
        "avis",
    ):
        assert told in visitor.text
    drawing = visitor.client.get("/processus/demande_materiel/1/schema.bpmn")
    assert drawing.mimetype == "application/xml"
    assert b"demande_materiel" in drawing.data
    assert visitor.open("/processus/inconnu").status == 404
    assert visitor.open("/processus/demande_materiel?version=7").status == 404


def test_a_file_is_kept_while_other_answers_are_mended(office: Office) -> None:
    sent = FileMultiDict()
    sent.add_file("pieces", io.BytesIO(b"Devis"), "devis.txt")
    visitor = office.signed_in("Maëlle").open(START).press("Ouvrir le dossier", titre="Un", files=sent)
    assert visitor.status == 422
    assert "devis.txt" in visitor.text
    visitor.press("Ouvrir le dossier", **REQUEST)
    assert visitor.heading == REQUEST["titre"]
    assert "devis.txt" in visitor.text
    stranger = office.signed_in("Yann").open(START)
    number = visitor.page.xpath("//a[contains(@href, '/documents/')]/@href")[0].rsplit("/", 1)[-1]
    stranger.press("Ouvrir le dossier", **REQUEST, pieces=number)
    assert stranger.status == 422, "a file of somebody else cannot be claimed by its number"


def test_a_key_that_is_the_title_is_not_said_twice(office: Office) -> None:
    office.request()
    visitor = office.signed_in("Ronan").open("/dossiers")
    assert visitor.text.count(REQUEST["titre"]) == 1

"""Public forms: page by page, checked, kept, sent once, followed through the private link."""

from __future__ import annotations

import io
import resource

from werkzeug.datastructures import FileMultiDict

from tests.pages.office import REQUEST, Office, Visitor

PATH = "/public/demander-du-materiel"


def test_home_offers_what_anybody_may_start(visitor: Visitor) -> None:
    visitor.open("/")
    assert "Ti Kub" in visitor.text
    assert PATH in visitor.links()
    assert "/connexion" in visitor.links()


def test_wrong_answers_are_named_above_the_page_and_what_was_typed_is_kept(visitor: Visitor) -> None:
    visitor.open(PATH).press("Continuer", titre="Un")
    assert visitor.status == 422
    assert visitor.title.startswith("Erreur :")
    summary = visitor.page.get_element_by_id("erreurs")
    assert {each.get("href") for each in summary.iter("a")} <= {f"#{each.get('id')}" for each in visitor.page.iter() if each.get("id")}
    assert visitor.page.xpath("//input[@name='titre']/@value") == ["Un"]
    assert visitor.path.endswith("/1")


def test_a_hidden_question_is_not_asked(visitor: Visitor) -> None:
    visitor.open(PATH).press("Continuer", titre="Un écran", urgence="non")
    assert visitor.heading == "Vous"


def test_a_question_that_another_answer_opens_must_be_answered(visitor: Visitor) -> None:
    visitor.open(PATH).press("Continuer", titre="Un écran", urgence="oui")
    assert visitor.status == 422
    assert "Pourquoi est-ce urgent" in visitor.text


def test_answers_are_kept_for_later_in_the_same_browser_only(office: Office) -> None:
    visitor = office.visitor().open(PATH)
    visitor.press("Continuer", titre="Un écran", urgence="non").open(PATH)
    assert visitor.path.endswith("/2"), "the form goes on where it was left"
    visitor.open(f"{PATH}/1")
    assert visitor.page.xpath("//input[@name='titre']/@value") == ["Un écran"]
    assert office.visitor().open(f"{PATH}/1").page.xpath("//input[@name='titre']/@value") == [""]


def test_saving_for_later_asks_nothing(visitor: Visitor) -> None:
    visitor.open(PATH).press("Enregistrer et reprendre plus tard", titre="Un")
    assert visitor.status == 200
    assert "30 jours" in visitor.text


def test_everything_is_shown_before_it_is_sent(visitor: Visitor) -> None:
    visitor.open(PATH).press("Continuer", titre="Un écran", urgence="oui", raison="Les yeux").press("Continuer", nom="Anne")
    assert visitor.path.endswith("/verifier")
    for told in ("Un écran", "Oui", "Les yeux", "Anne", "Rien n’est encore envoyé"):
        assert told in visitor.text


def test_an_unfinished_form_cannot_be_sent(visitor: Visitor) -> None:
    visitor.open(PATH).press("Continuer", titre="Un écran", urgence="non").open(f"{PATH}/verifier").press("Envoyer")
    assert visitor.path.endswith("/2")


def test_a_request_is_sent_once_whatever_is_pressed_again(office: Office) -> None:
    visitor = office.visitor().open(PATH)
    visitor.press("Continuer", titre="Un écran", urgence="non").press("Continuer", nom="Anne")
    token = visitor.page.xpath("//main//input[@name='csrf_token']/@value")[0]
    for _ in range(2):
        visitor.client.post(f"{PATH}/verifier", data={"csrf_token": token})
    assert office.signed_in("Ronan").open("/dossiers").page.xpath("count(//tbody/tr)") == 1


def test_the_receipt_gives_the_private_link_and_nobody_else_sees_it(office: Office) -> None:
    visitor, link = office.request()
    assert "Merci, votre demande est arrivée" in visitor.heading
    assert office.visitor().open("/recu").path == "/"
    assert office.visitor().open(link).heading == REQUEST["titre"]


def test_the_private_link_tells_where_the_request_stands_and_what_was_sent(office: Office) -> None:
    _, link = office.request()
    visitor = office.visitor().open(link)
    for told in ("Instruire la demande", "Vous en êtes là", "Anne-Sophie", "Instruction", "Réponse attendue avant"):
        assert told in visitor.text
    assert "Retirée" not in visitor.text, "ways out that nobody took are not announced"


def test_an_unknown_link_is_not_found(visitor: Visitor) -> None:
    assert visitor.open("/suivi/personne").status == 404
    assert "Page introuvable" in visitor.heading


def test_what_the_applicant_must_answer_is_asked_and_sent_through_the_link(office: Office) -> None:
    visitor, link = office.request()
    agent = office.signed_in("Maëlle").open("/taches?onglet=groupes")
    agent.open(agent.page.xpath("//tbody//th/a/@href")[0]).press("complete", avis="À préciser", suite="completer")
    visitor.open(link)
    assert "Une réponse est attendue de vous" in visitor.text
    visitor.open(next(href for href in visitor.links() if "/taches/" in href)).press("Envoyer ma réponse")
    assert visitor.status == 422
    visitor.press("Envoyer ma réponse", precision="27 pouces")
    assert "Votre réponse est arrivée" in visitor.text
    assert "Commander le matériel" in visitor.text


def test_a_task_that_is_not_the_applicants_cannot_be_answered_through_the_link(office: Office) -> None:
    visitor, link = office.request()
    agent = office.signed_in("Maëlle").open("/taches?onglet=groupes")
    task = agent.page.xpath("//tbody//th/a/@href")[0].rsplit("/", 1)[-1]
    visitor.open(f"{link}/taches/{task}")
    assert visitor.path == link
    assert "n’attend plus de réponse" in visitor.text


def test_an_applicant_withdraws(office: Office) -> None:
    visitor, link = office.request()
    visitor.open(link).press("Oui, retirer ma demande")
    office.settle()
    assert "retrait est enregistré" in visitor.text
    visitor.open(link)
    assert "au bout de son parcours" in visitor.text
    assert "Retirer ma demande" not in visitor.text


def test_files_are_checked_kept_and_given_to_who_may_see_the_case(office: Office) -> None:
    visitor = office.visitor().open(PATH)
    wrong = FileMultiDict()
    wrong.add_file("pieces", io.BytesIO(b"MZ\x00program"), "virus.txt")
    visitor.press("Continuer", titre="Un écran", urgence="non", files=wrong)
    assert visitor.status == 422
    assert "virus.txt" in visitor.text
    good = FileMultiDict()
    good.add_file("pieces", io.BytesIO("Devis : 300 €".encode()), "devis.txt")
    visitor.press("Continuer", files=good).press("Continuer", nom="Anne").press("Envoyer")
    agent = office.signed_in("Maëlle").open("/dossiers")
    agent.open(agent.page.xpath("//tbody//th/a/@href")[0])
    path = agent.page.xpath("//a[contains(@href, '/documents/')]/@href")[0]
    given = agent.client.get(path)
    assert given.get_data(as_text=True) == "Devis : 300 €"
    given.close()
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert office.signed_in("Enora").client.get(path).status_code == 404
    assert office.visitor().open(path).path == "/connexion"


def test_a_file_for_which_there_is_no_room_is_refused_and_may_be_sent_later(office: Office) -> None:
    visitor = office.visitor().open(PATH)

    def send() -> int:
        large = FileMultiDict()
        large.add_file("pieces", io.BytesIO("Devis : 300 €\n".encode() * 20_000), "devis.txt")
        visitor.press("Continuer", titre="Un écran", urgence="non", files=large)
        return visitor.status

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        assert send() == 503
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "plus de place" in visitor.text
    visitor.open(PATH)
    assert send() == 200


def test_what_was_sent_is_not_filled_in_again(office: Office) -> None:
    visitor = office.visitor().open(PATH).press("Continuer", titre="Un écran", urgence="non")
    cookie = next(each for each in visitor.client._cookies.values() if each.key.startswith("brouillon-"))
    visitor.press("Continuer", nom="Anne").press("Envoyer")
    visitor.open(f"{PATH}/1")
    visitor.client.set_cookie(cookie.key, cookie.value, path="/public")
    visitor.press("Continuer", titre="Un autre", urgence="non")
    assert visitor.status == 409
    assert "déjà envoyée" in visitor.text


def test_looking_at_what_changes_without_end_is_stopped(office: Office) -> None:
    visitor = office.visitor().open(PATH).open(f"{PATH}/1")
    token = visitor.page.xpath("//input[@name='csrf_token']/@value")[0]

    def look(**more: object) -> int:
        return visitor.client.post(f"{PATH}/1/suite", data={"csrf_token": token, **more}).status_code

    assert {look() for _ in range(office.runtime.settings.public_posts + 1)} == {200}
    files = [look(pieces=(io.BytesIO(b"x"), "x.txt")) for _ in range(office.runtime.settings.public_posts + 1)]
    assert (files[0], files[-1]) == (200, 429)


def test_posting_without_end_is_stopped(office: Office) -> None:
    visitor = office.visitor().open(PATH)
    for _ in range(office.runtime.settings.public_posts + 1):
        visitor.open(f"{PATH}/1").press("Enregistrer et reprendre plus tard")
    assert visitor.status == 429
    assert "Trop d’essais" in visitor.heading


def test_what_was_sent_is_read_back_by_section(office: Office) -> None:
    visitor = office.visitor().open(office.request()[1])
    titles = [each.text for each in visitor.page.xpath("//section[h2='Ce que j’ai envoyé']/h3")]
    assert titles == ["Le besoin", "Vous"]


def test_the_end_that_was_reached_is_told(office: Office) -> None:
    link = office.request()[1]
    visitor = office.visitor().open(link)
    assert "Issue" not in visitor.text
    visitor.press("Oui, retirer ma demande")
    assert "Issue : Retirée. Il n’y a plus rien à faire." in visitor.text

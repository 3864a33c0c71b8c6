"""The less trodden ways of the Datathon: absences, quorum, silence, waivers, cancelled editions, over HTTP."""

from __future__ import annotations

import pytest

from tests.conftest import Api
from tests.processes.test_datathon import DAY, DOWN, HOUR, Datathon, team
from tests.webhooks.standin import COMPANY, Standin

FAIR = {"conflit": False, "pertinence": 12, "technique": 12, "ergonomie": 12, "responsabilite": 12, "commentaire": ""}
TIED = {"conflit": True, "commentaire": "Un membre est mon employé."}


@pytest.fixture
def datathon(api: Api) -> Datathon:
    return Datathon(api)


def _score(datathon: Datathon, name: str, *sheets: dict[str, object]) -> None:
    for sheet in sheets:
        datathon.do("noter_equipe", sheet, titre=f"Projet {name}")


def _laureate(datathon: Datathon) -> tuple[str, str]:
    """One team, heard and rewarded; the ids of the edition and of the team."""
    edition, (alpha,) = datathon.hear("Alpha")
    _score(datathon, "Alpha", *[FAIR] * 5)
    datathon.do("deliberer", {"nb_laureats": 1, "motif_deliberation": "Un projet abouti."})
    return edition, alpha


def test_an_absent_team_is_not_ranked_and_one_without_quorum_only_if_the_chair_says_so(datathon: Datathon) -> None:
    _, (alpha, _, _) = datathon.hear("Alpha", "Beta", "Gamma", absent="Gamma")
    _score(datathon, "Alpha", FAIR, FAIR, TIED, TIED, TIED)
    _score(datathon, "Beta", FAIR, TIED, TIED, TIED, TIED)
    reason = "Le jury se connaît trop bien."
    datathon.do("traiter_quorum", {"suite_quorum": "passer_outre", "motif_quorum": reason}, titre="Projet Alpha")
    datathon.do("traiter_quorum", {"suite_quorum": "ecarter", "motif_quorum": reason}, titre="Projet Beta")
    (task,) = datathon.tasks("deliberer")
    assert [row["equipe"] for row in task["variables"]["classement"]["rangs"]] == [alpha]


def test_a_laureate_who_vanishes_does_not_hold_the_offer_forever(datathon: Datathon) -> None:
    edition, alpha = _laureate(datathon)
    datathon.api.post("/messages", {"name": "team.withdrew", "correlation": {"equipe": alpha}}, status=202)
    assert datathon.api.instance(alpha)["state"] == "completed"
    datathon.api.advance(seconds=15 * DAY + HOUR)
    assert datathon.api.instance(edition)["state"] == "running"
    datathon.api.advance(seconds=DAY)
    assert datathon.api.instance(edition)["state"] == "completed"
    assert {"sans_reponse", "offre_close", "edition_close"} <= datathon.passed(edition)


def test_the_organisation_counts_again_when_it_says_that_the_files_are_settled(datathon: Datathon, outside: Standin) -> None:
    datathon.open()
    outside.answer = DOWN
    legal = {"type": "morale", "raison_sociale": "Association", "siret": COMPANY["siege"]["siret"]}  # type: ignore[index]
    datathon.register("Alpha", **legal)
    datathon.at("2019-05-15T03:00:00+02:00")
    datathon.do("faire_aboutir")
    assert len(datathon.tasks("faire_aboutir")) == 1, "nothing was settled"
    datathon.do("verifier_main", {"entreprise": {"actif": True}})
    datathon.do("faire_aboutir")
    assert datathon.tasks("faire_aboutir") == []
    assert len(datathon.tasks("evaluer_preprojet")) == 2


def _admit(datathon: Datathon, *names: str, **changes: object) -> list[str]:
    datathon.open(**changes)
    cases = [datathon.register(name) for name in names]
    datathon.at("2019-05-15T00:10:00+02:00")
    datathon.assess()
    datathon.do("arreter_selection")
    return cases


def test_a_team_below_the_minimum_without_waiver_is_excluded_with_the_motive(datathon: Datathon) -> None:
    (alpha,) = _admit(datathon, "Alpha")
    datathon.do("confirmer", {"confirmation": "oui"})
    datathon.at("2019-06-13T09:10:00+02:00")
    datathon.do("pointer", {"presents": [team("Alpha")["capitaine"]]})
    datathon.do("deroger", {"derogation_accordee": "non", "motif_derogation": "Une seule personne est venue."})
    assert "exclue" in datathon.passed(alpha)
    assert "Une seule personne est venue." in datathon.api.instance(alpha)["variables"]["motif_exclusion"]


def test_a_team_still_waiting_when_the_days_open_is_told_that_it_is_refused(datathon: Datathon) -> None:
    _, beta = _admit(datathon, "Alpha", "Beta", nb_equipes_max=1)
    datathon.do("confirmer", {"confirmation": "oui"})
    assert datathon.tasks("confirmer") == []
    datathon.at("2019-06-13T09:10:00+02:00")
    assert {"journees_ouvertes", "notifier_refus", "non_retenue"} <= datathon.passed(beta)


def test_a_team_on_the_waiting_list_that_leaves_is_not_called(datathon: Datathon) -> None:
    alpha, beta, gamma = _admit(datathon, "Alpha", "Beta", "Gamma", nb_equipes_max=1)
    datathon.api.post("/messages", {"name": "team.withdrew", "correlation": {"equipe": beta}}, status=202)
    assert "quitter_liste" in datathon.passed(beta)
    datathon.do("confirmer", {"confirmation": "non"})
    assert {"liberer_place", "place_perdue"} <= datathon.passed(alpha)
    (task,) = datathon.tasks("confirmer")
    assert task["instance_id"] == gamma


def test_a_team_does_not_mind_the_cancellation_of_another_edition(datathon: Datathon) -> None:
    datathon.open()
    alpha = datathon.register("Alpha")
    other = datathon.open(edition="datathon-2020")
    datathon.api.post("/messages", {"name": "edition.cancelled", "correlation": {"edition": "datathon-2020"}}, status=202)
    assert datathon.api.instance(other)["state"] == "completed"
    assert datathon.api.instance(alpha)["state"] == "running"
    datathon.api.post("/messages", {"name": "edition.cancelled", "correlation": {"edition": "datathon-2019"}}, status=202)
    assert datathon.api.instance(alpha)["state"] == "completed"
    assert datathon.api.instance(alpha)["variables"]["membres"] == []


def test_what_a_team_pushes_to_the_forge_is_noted(datathon: Datathon) -> None:
    (alpha,) = _admit(datathon, "Alpha")
    datathon.do("confirmer", {"confirmation": "oui"})
    datathon.at("2019-06-13T09:10:00+02:00")
    datathon.do("pointer", {"presents": [member["email"] for member in team("Alpha")["membres"]]})
    for revision in ("a1b2", "c3d4"):
        push = {"name": "forge.pushed", "correlation": {"equipe": alpha}, "payload": {"revision": revision}}
        datathon.api.post("/messages", push, status=202)
    (case,) = datathon.api.get("/instances", process="concours_equipe")["items"]
    assert [each["revision"] for each in datathon.api.instance(case["id"])["variables"]["depots"]] == ["a1b2", "c3d4"]


def test_a_team_that_may_not_enter_can_be_invited_out_of_competition_and_is_not_ranked(datathon: Datathon) -> None:
    edition = datathon.open(hors_competition=True)
    alpha, beta = datathon.register("Alpha"), datathon.register("Beta", finalite_service_public="")
    refused = datathon.register("Gamma", size=2)
    datathon.at("2019-05-15T00:10:00+02:00")
    datathon.do("decider_invitation", {"hors_competition": True}, titre="Projet Beta")
    datathon.do("decider_invitation", {"hors_competition": False}, titre="Projet Gamma")
    assert datathon.api.instance(refused)["state"] == "completed"
    datathon.do("faire_aboutir")
    datathon.assess()
    datathon.do("arreter_selection")
    datathon.hand_in("Alpha", "Beta")
    _score(datathon, "Alpha", *[FAIR] * 5)
    _score(datathon, "Beta", *[FAIR] * 5)
    (task,) = datathon.tasks("deliberer")
    assert [row["equipe"] for row in task["variables"]["classement"]["rangs"]] == [alpha]
    datathon.api.complete(task["id"], {"nb_laureats": 1, "motif_deliberation": "Un projet abouti."})
    assert "participation_close" in datathon.passed(beta)
    assert "Hors compétition" in [each["objet"] for each in datathon.api.instance(edition)["variables"]["proces_verbal"]]

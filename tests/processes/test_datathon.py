"""The Datathon where time, outside systems and people misbehave, over HTTP. The plain stories lie in its `scenarios/`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from engine import links, people
from tests.conftest import Api
from tests.processes.stories import PROCESSES
from tests.webhooks.standin import CLOSED, COMPANY, Standin
from web.runtime import EXTENSION

MINUTE, HOUR, DAY = 60, 3_600, 86_400
DOWN = (503, {"Retry-After": "1"}, b"")


def proposed(**changes: object) -> dict[str, Any]:
    """What the form for an edition proposes, with some changes."""
    form = json.loads((PROCESSES / "datathon_edition/forms/ouvrir_edition.form").read_bytes())
    fields = [field for group in form["components"] for field in group.get("components", ())]
    return {field["key"]: field["defaultValue"] for field in fields if "defaultValue" in field} | changes


def team(name: str, size: int = 3, **changes: object) -> dict[str, Any]:
    """The answers of a team that may enter."""
    members = [
        {"prenom": first, "nom": name, "email": f"{first}@{name}.bzh".lower(), "date_naissance": "1990-03-21"}
        for first in ("Anna", "Brieg", "Corentin", "Deniz")[:size]
    ]
    return {
        "edition": "datathon-2019",
        "titre": f"Projet {name}",
        "type": "physique",
        "membres": members,
        "capitaine": members[0]["email"],
        "cas_usage": "energie",
        "pre_projet": "Croiser les consommations des lycées avec la météo.",
        "finalite_service_public": "Dépenser moins d'énergie.",
        "reglement_accepte": True,
        **changes,
    }


class Datathon:
    """An installation with the Datathon published, on a clock that tests set."""

    def __init__(self, api: Api) -> None:
        self.api = api
        for folder in ("datathon_edition", "datathon_equipe"):
            api.publish(PROCESSES / folder)

    def at(self, moment: str) -> None:
        """Let it be that moment, and let all happen that is due until then."""
        runtime = self.api.app.extensions[EXTENSION]
        with runtime.sessions.begin() as session:
            now = runtime.clock.now(session)
            to = datetime.fromisoformat(moment)
            if to < now:
                runtime.clock.move(session, to)
        if to >= now:
            self.api.post("/clock", {"advance": (to - now).total_seconds()})

    def open(self, **changes: object) -> str:
        self.at("2019-04-15T10:00:00+02:00")
        return str(self.api.start("datathon_edition", proposed(**changes))["id"])

    def register(self, name: str, size: int = 3, **changes: object) -> str:
        """A team registers by the message of the public page; the id of its case."""
        self.api.post("/messages", {"name": "registration.submitted", "payload": team(name, size, **changes)}, status=202)
        return str(self.api.get("/instances", process="datathon_equipe", limit=1)["items"][0]["id"])

    def reasons(self, case: str) -> list[str]:
        return [reason["code"] for reason in self.api.instance(case)["variables"]["motifs"]]

    def tasks(self, element: str, **variables: object) -> list[dict[str, Any]]:
        """The open tasks of an element that see these variables, in full."""
        found = [self.api.get(f"/tasks/{task['id']}") for task in self.api.tasks(limit=200) if task["element_id"] == element]
        return [task for task in found if variables.items() <= task["variables"].items()]

    def do(self, element: str, answers: object = None, **variables: object) -> None:
        """Complete the first such task."""
        self.api.complete(self.tasks(element, **variables)[0]["id"], answers or {})  # type: ignore[arg-type]

    def passed(self, case: str) -> set[str]:
        page = self.api.get(f"/instances/{case}/events", children=1, limit=200)
        return {event["element_id"] for event in page["items"] if event["type"] == "element.completed"}

    def assess(self, note: float = 14) -> None:
        notes = {"methodologie": note, "competences": note, "pertinence": note, "avis": "Un projet bien construit."}
        for task in self.tasks("evaluer_preprojet"):
            self.api.complete(task["id"], notes)

    def hear(self, *names: str, absent: str = "", **changes: object) -> tuple[str, list[str]]:
        """An edition up to the jury's sheets, one team perhaps absent when called; its id and those of the teams."""
        edition = self.open(**changes)
        cases = [self.register(name) for name in names]
        self.at("2019-05-15T00:10:00+02:00")
        self.assess()
        self.do("arreter_selection")
        self.hand_in(*names, absent=absent)
        return edition, cases

    def hand_in(self, *names: str, absent: str = "") -> None:
        """Teams confirm, come, hand in and are called before the jury."""
        for name in names:
            self.do("confirmer", {"confirmation": "oui"}, titre=f"Projet {name}")
        self.at("2019-06-13T09:10:00+02:00")
        handed_in = {"depot": "https://git.exemple.bzh/x", "licence": "mit", "jeux_de_donnees": [{"nom": "Bâti", "licence": "odbl-1.0"}]}
        for name in names:
            present = [member["email"] for member in self.members(name)]
            self.do("pointer", {"presents": present}, titre=f"Projet {name}")
            self.do("rendre", {"rendu": {**handed_in, "synthese": "Un outil simple et utile."}}, titre=f"Projet {name}")
        self.at("2019-06-14T14:10:00+02:00")
        for name in names:
            self.do("appeler_equipe", {"presente": "non" if name == absent else "oui"}, titre=f"Projet {name}")
            if name != absent:
                self.do("chronometrer", titre=f"Projet {name}")

    def members(self, name: str) -> list[dict[str, Any]]:
        """The members that a team registered."""
        return list(self.tasks("pointer", titre=f"Projet {name}")[0]["variables"]["membres"])


@pytest.fixture
def datathon(api: Api) -> Datathon:
    return Datathon(api)


# Deadlines


def test_the_last_second_of_14_may_in_paris_is_in_time_and_midnight_is_late(datathon: Datathon) -> None:
    datathon.open()
    datathon.at("2019-05-14T21:59:59+00:00")
    assert datathon.reasons(datathon.register("Alpha")) == []
    datathon.at("2019-05-14T22:00:00+00:00")
    late = datathon.register("Beta")
    assert datathon.reasons(late) == ["LATE"]
    assert datathon.api.instance(late)["state"] == "completed"


def test_ten_past_midnight_on_16_may_is_late_and_asks_nothing(datathon: Datathon) -> None:
    datathon.open()
    datathon.at("2019-05-16T00:10:00+02:00")
    late = datathon.register("Alpha", size=2)
    assert set(datathon.reasons(late)) == {"LATE", "TEAM_TOO_SMALL"}
    assert datathon.tasks("completer") == []
    assert "resultat_selection" not in datathon.passed(late)


def test_a_file_completed_in_the_last_minute_is_selected_with_the_others(datathon: Datathon) -> None:
    datathon.open()
    case = datathon.register("Alpha", size=2)
    datathon.at("2019-05-14T23:59:00+02:00")
    completed = {key: value for key, value in team("Alpha").items() if key != "edition"}
    datathon.do("completer", completed)
    assert datathon.reasons(case) == []
    datathon.at("2019-05-15T00:10:00+02:00")
    assert len(datathon.tasks("evaluer_preprojet")) == 2


def test_a_pitch_is_warned_then_cut_at_the_length_that_the_rules_set(datathon: Datathon) -> None:
    datathon.open(pitch_max_s=300, pitch_alerte_s=60)
    datathon.register("Alpha")
    datathon.at("2019-05-15T00:10:00+02:00")
    datathon.assess()
    datathon.do("arreter_selection")
    datathon.do("confirmer", {"confirmation": "oui"})
    datathon.at("2019-06-13T09:10:00+02:00")
    datathon.do("pointer", {"presents": [member["email"] for member in team("Alpha")["membres"]]})
    jeux = [{"nom": "Bâti", "licence": "odbl-1.0"}]
    rendu = {"depot": "https://git.exemple.bzh/x", "licence": "mit", "jeux_de_donnees": jeux, "synthese": "Un outil simple et utile."}
    datathon.do("rendre", {"rendu": rendu})
    datathon.at("2019-06-14T14:10:00+02:00")
    datathon.do("appeler_equipe", {"presente": "oui"})
    datathon.api.advance(seconds=4 * MINUTE - 20)
    assert len(datathon.tasks("chronometrer")) == 1
    datathon.api.advance(seconds=30)
    assert len(datathon.tasks("chronometrer")) == 1, "warned, not cut"
    datathon.api.advance(seconds=MINUTE)
    assert datathon.tasks("chronometrer") == []
    assert len(datathon.tasks("noter_equipe", pitch_coupe=True)) == 5


# Outside systems


def test_when_the_portal_is_down_the_open_data_team_opens_the_use_cases(datathon: Datathon, outside: Standin) -> None:
    outside.answer = DOWN
    edition = datathon.open()
    datathon.api.advance(seconds=2 * HOUR)
    (task,) = datathon.tasks("verifier_jeux_main")
    assert task["groups"] == ["open_data"]
    datathon.api.complete(task["id"], {"cas_ouverts": ["achat"]})
    assert datathon.api.instance(edition)["variables"]["cas_ouverts"] == ["achat"]
    datathon.register("Alpha")
    (task,) = datathon.tasks("completer")
    assert [reason["code"] for reason in task["variables"]["motifs"]] == ["USE_CASE_CLOSED"]


def test_a_use_case_without_data_set_is_not_opened(datathon: Datathon, outside: Standin) -> None:
    outside.answer = (200, {"Content-Type": "application/json"}, b'{"total_count": 0, "results": []}')
    edition = datathon.open()
    assert len(datathon.tasks("verifier_jeux_main")) == 1
    assert datathon.api.instance(edition)["variables"]["cas_bloques"] == ["achat", "organismes", "energie", "lycees"]


def test_when_the_directory_is_down_a_team_waits_for_a_manual_check_and_is_not_lost(datathon: Datathon, outside: Standin) -> None:
    datathon.open()
    datathon.at("2019-05-14T23:00:00+02:00")
    outside.answer = DOWN
    legal = {"type": "morale", "raison_sociale": "Association", "siret": COMPANY["siege"]["siret"]}  # type: ignore[index]
    checked, plain = datathon.register("Alpha", **legal), datathon.register("Beta")
    datathon.at("2019-05-15T03:00:00+02:00")
    (pending,) = datathon.tasks("faire_aboutir")
    assert [each["equipe"] for each in pending["variables"]["dossiers_en_cours"]] == [checked]
    assert datathon.tasks("evaluer_preprojet") == []
    datathon.do("verifier_main", {"entreprise": {"actif": True}})
    datathon.api.advance(seconds=HOUR + MINUTE)
    assert datathon.tasks("faire_aboutir") == []
    assessed = {task["variables"]["dossier"]["equipe"]["equipe"] for task in datathon.tasks("evaluer_preprojet")}
    assert assessed == {checked, plain}


@pytest.mark.parametrize("siret", [CLOSED["siege"]["siret"], "12345678901234", "00000000000018"])  # type: ignore[index]
def test_a_closed_wrong_or_unknown_siret_is_a_reason_not_a_failure(datathon: Datathon, siret: str) -> None:
    datathon.open()
    case = datathon.register("Alpha", type="morale", raison_sociale="Fermée", siret=siret)
    (task,) = datathon.tasks("completer")
    assert [reason["code"] for reason in task["variables"]["motifs"]] == ["ENTITY_INACTIVE"]
    assert datathon.api.instance(case)["incidents"] == []


# Messages


def test_a_registration_sent_twice_registers_once(datathon: Datathon) -> None:
    datathon.open()
    order = {"name": "registration.submitted", "payload": team("Alpha"), "id": "atelier-4512"}
    for _ in range(3):
        datathon.api.post("/messages", order, status=202)
    assert len(datathon.api.get("/instances", process="datathon_equipe")["items"]) == 1


@pytest.mark.parametrize(
    ("payload", "reasons"),
    [
        ({}, {"UNKNOWN_EDITION"}),
        ({"edition": ["datathon-2019"], "membres": "trois"}, {"UNKNOWN_EDITION"}),
        ({"edition": "x" * 300}, {"UNKNOWN_EDITION"}),
        ({"edition": "datathon-2019"}, {"TEAM_TOO_SMALL", "MINOR_MEMBER", "RULES_NOT_ACCEPTED", "INCOMPLETE_FILE"}),
        ({**team("Alpha"), "membres": [1, None, {"email": 3}]}, {"MINOR_MEMBER", "CAPTAIN_NOT_MEMBER"}),
        ({**team("Alpha"), "motifs": [], "deposee_le": "2019-01-01", "reglement_accepte": "oui"}, {"RULES_NOT_ACCEPTED"}),
        ({**team("Alpha"), "type": "morale", "siret": None}, {"ENTITY_INACTIVE"}),
    ],
)
def test_a_broken_registration_is_refused_with_reasons_and_breaks_nothing(
    datathon: Datathon, payload: dict[str, Any], reasons: set[str]
) -> None:
    datathon.open()
    datathon.api.post("/messages", {"name": "registration.submitted", "payload": payload}, status=202)
    (case,) = datathon.api.get("/instances", process="datathon_equipe")["items"]
    seen = [task["variables"]["motifs"] for task in datathon.tasks("completer")]
    given = seen[0] if seen else datathon.api.instance(case["id"])["variables"]["motifs"]
    assert reasons <= {reason["code"] for reason in given}
    assert datathon.api.instance(case["id"])["incidents"] == []


def test_two_teams_cannot_share_a_member_and_the_first_keeps_its_place(datathon: Datathon) -> None:
    datathon.open()
    first = datathon.register("Alpha")
    shared = [*team("Beta")["membres"][:2], team("Alpha")["membres"][1]]
    datathon.register("Beta", membres=shared)
    (task,) = datathon.tasks("completer")
    assert [reason["code"] for reason in task["variables"]["motifs"]] == ["DUPLICATE_MEMBER"]
    assert datathon.reasons(first) == []


# The jury


def test_a_team_that_leaves_before_the_jury_is_neither_scored_nor_ranked(datathon: Datathon) -> None:
    _, (alpha, beta) = datathon.hear("Alpha", "Beta")
    datathon.api.post("/messages", {"name": "team.withdrew", "correlation": {"equipe": beta}}, status=202)
    assert datathon.api.instance(beta)["state"] == "completed"
    assert datathon.tasks("noter_equipe", titre="Projet Beta") == []
    notes = {"conflit": False, "pertinence": 12, "technique": 12, "ergonomie": 12, "responsabilite": 12, "commentaire": ""}
    for task in datathon.tasks("noter_equipe"):
        datathon.api.complete(task["id"], notes)
    (task,) = datathon.tasks("deliberer")
    assert [row["equipe"] for row in task["variables"]["classement"]["rangs"]] == [alpha]


def test_a_sheet_belongs_to_the_juror_it_is_assigned_to(datathon: Datathon) -> None:
    runtime = datathon.api.app.extensions[EXTENSION]
    addresses = ["ana@jury.bzh", "bob@jury.bzh", "cleo@jury.bzh"]
    with runtime.sessions.begin() as session:
        for address in addresses:
            people.create_user(session, address, address[:3], "mot de passe", groups=["jury"], now=runtime.clock.now(session))
    datathon.hear("Alpha", jury_nomme=[{"nom": address[:3], "identifiant": address} for address in addresses])
    assert sorted(task["assignee"] for task in datathon.tasks("noter_equipe")) == addresses


def test_a_note_outside_the_scale_is_refused_and_the_sheet_stays(datathon: Datathon) -> None:
    datathon.hear("Alpha")
    sheet = datathon.tasks("noter_equipe")[0]["id"]
    notes = {"conflit": False, "pertinence": 20.5, "technique": -1, "ergonomie": "dix", "commentaire": ""}
    refusal = datathon.api.complete(sheet, notes, status=422)
    assert {"pertinence", "technique", "ergonomie", "responsabilite"} <= set(refusal["errors"])
    refusal = datathon.api.complete(sheet, {"conflit": True, "commentaire": " "}, status=422)
    assert set(refusal["errors"]) == {"commentaire"}
    assert len(datathon.tasks("noter_equipe")) == 5


# The private link


def test_the_team_sees_where_it_stands_and_not_what_might_happen(datathon: Datathon) -> None:
    datathon.open()
    case = datathon.register("Alpha", size=2)
    runtime = datathon.api.app.extensions[EXTENSION]
    with runtime.sessions.begin() as session:
        link = links.create(session, int(case), now=runtime.clock.now(session))
    told = datathon.api.client.get(f"/suivi/{link}").text
    for expected in ("Une réponse est attendue de vous", "Compléter le dossier", "Résultat de la sélection"):
        assert expected in told
    for possible in ("Désistement", "Édition annulée"):
        assert possible not in told

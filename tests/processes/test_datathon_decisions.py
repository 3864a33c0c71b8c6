"""The rules of the Datathon as its tables hold them: who may enter, who is selected, who wins, what the bank accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from feel import expression
from feel.dmn.model import Model, read
from feel.host import to_json
from tests.processes.stories import PROCESSES

NOW = datetime(2019, 4, 15, 8, 0, tzinfo=UTC)
CRITERIA = ("pertinence", "technique", "ergonomie", "responsabilite")


@cache
def _model(folder: str, name: str) -> Model:
    return read((PROCESSES / folder / "decisions" / f"{name}.dmn").read_bytes())


def _decide(folder: str, name: str, decision: str, inputs: Mapping[str, object]) -> Any:
    result = _model(folder, name).evaluate(decision, inputs, now=NOW)
    return to_json(result.value)


def _paris(moment: str) -> object:
    return expression.compile(f'date and time("{moment}@Europe/Paris")').evaluate()


# The edition


def _proposed() -> dict[str, Any]:
    """What the form for an edition proposes."""
    form = json.loads((PROCESSES / "datathon_edition/forms/ouvrir_edition.form").read_bytes())
    fields = [field for group in form["components"] for field in group.get("components", ())]
    return {field["key"]: field["defaultValue"] for field in fields if "defaultValue" in field}


def test_the_proposed_edition_is_that_of_june_2019() -> None:
    rules = _decide("datathon_edition", "reglement", "reglement", _proposed())
    assert rules["cloture_le"] == "2019-05-15T00:00:00@Europe/Paris"
    assert (rules["debut_le"][:10], rules["fin_le"][:10]) == ("2019-06-13", "2019-06-14")
    assert rules["prix"] == [5000, 3000, 2000]
    assert "Isabelle Pellerin" in rules["presidence_jury"]
    assert len(rules["jury"]) == 5
    assert len(rules["evaluateurs"]) == 2
    cases = _decide("datathon_edition", "cas_usage_et_jeux", "cas_usage_et_jeux", _proposed())
    assert [case["code"] for case in cases] == ["achat", "organismes", "energie", "lycees"]
    assert _decide("datathon_edition", "reglement", "parametrage_edition", _proposed()) == []


@pytest.mark.parametrize(
    ("changes", "anomalies"),
    [
        ({"fin": "2019-06-13T08:00"}, ["DATES_INVERSEES", "RENDU_HORS_JOURNEES"]),
        ({"cloture": "2019-06-13T09:00"}, ["CLOTURE_TARDIVE"]),
        ({"limite_rendu": "2019-06-14T18:15"}, ["RENDU_HORS_JOURNEES"]),
        ({"taille_min": 9}, ["TAILLES_INVERSEES"]),
        ({"poids_ergonomie": 21}, ["POIDS_JURY"]),
        ({"poids_adequation": None}, ["POIDS_SELECTION"]),
        ({"prix_3": 1999}, ["PRIX_HORS_BORNES"]),
        ({"prix_1": 5001}, ["PRIX_HORS_BORNES"]),
        ({"pitch_max_s": 900}, ["PRESENTATION_TROP_LONGUE"]),
        ({"pitch_max_s": None}, ["PRESENTATION_TROP_LONGUE"]),
        ({"cas_usage": []}, ["AUCUN_CAS_USAGE"]),
        ({"quorum": 6}, ["QUORUM_TROP_HAUT"]),
        ({"quorum": 2, "jury_nomme": [{"nom": "Ana"}]}, ["QUORUM_TROP_HAUT"]),
    ],
)
def test_a_setting_outside_the_rules_is_named(changes: dict[str, object], anomalies: list[str]) -> None:
    found = _decide("datathon_edition", "reglement", "parametrage_edition", _proposed() | changes)
    assert [each["code"] for each in found] == anomalies


def test_fewer_prizes_may_be_promised() -> None:
    rules = _decide("datathon_edition", "reglement", "reglement", _proposed() | {"prix_3": None, "prix_2": None})
    assert rules["prix"] == [5000]


# Entry


def _members(*born: str) -> list[dict[str, str]]:
    return [{"prenom": "A", "nom": "B", "email": f"m{number}@exemple.bzh", "date_naissance": day} for number, day in enumerate(born)]


def _file(**changes: object) -> dict[str, object]:
    return {
        "reglement": {"taille_min": 3, "taille_max": 8, "age_min": 18},
        "cloture_le": _paris("2019-05-15T00:00:00"),
        "debut_le": _paris("2019-06-13T09:00:00"),
        "deposee_le": _paris("2019-05-01T12:00:00"),
        "membres": _members(*["1990-01-01"] * 3),
        "capitaine": "M0@exemple.bzh",
        "doublons": [],
        "reglement_accepte": True,
        "cas_ouverts": ["energie"],
        "cas_usage": "energie",
        "finalite_service_public": "Moins de froid dans les lycées",
        "titre": "Lycées au chaud",
        "pre_projet": "Suivre la température des salles.",
        "type": "physique",
        "entreprise": None,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, []),
        ({"membres": _members("1990-01-01", "1990-01-01")}, ["TEAM_TOO_SMALL"]),
        ({"membres": _members(*["1990-01-01"] * 8)}, []),
        ({"membres": _members(*["1990-01-01"] * 9)}, ["TEAM_TOO_LARGE"]),
        ({"membres": _members("1990-01-01", "1990-01-01", "2001-06-13")}, []),
        ({"membres": _members("1990-01-01", "1990-01-01", "2001-06-14")}, ["MINOR_MEMBER"]),
        ({"membres": _members("1990-01-01", "1990-01-01", "hier")}, ["MINOR_MEMBER"]),
        ({"membres": []}, ["TEAM_TOO_SMALL", "MINOR_MEMBER", "CAPTAIN_NOT_MEMBER"]),
        ({"doublons": ["m1@exemple.bzh"]}, ["DUPLICATE_MEMBER"]),
        ({"capitaine": "ailleurs@exemple.bzh"}, ["CAPTAIN_NOT_MEMBER"]),
        ({"reglement_accepte": False}, ["RULES_NOT_ACCEPTED"]),
        ({"reglement_accepte": None}, ["RULES_NOT_ACCEPTED"]),
        ({"cas_usage": "achat"}, ["USE_CASE_CLOSED"]),
        ({"finalite_service_public": "  "}, ["NO_PUBLIC_PURPOSE"]),
        ({"finalite_service_public": None}, ["NO_PUBLIC_PURPOSE"]),
        ({"titre": None}, ["INCOMPLETE_FILE"]),
        ({"pre_projet": "x" * 3001}, ["INCOMPLETE_FILE"]),
        ({"pre_projet": "x" * 3000}, []),
        ({"type": "morale"}, ["ENTITY_INACTIVE"]),
        ({"type": "morale", "entreprise": {"actif": False}}, ["ENTITY_INACTIVE"]),
        ({"type": "morale", "entreprise": {"actif": True}}, []),
        ({"reglement": None, "cloture_le": None, "debut_le": None, "cas_ouverts": None}, ["UNKNOWN_EDITION"]),
        (
            {"membres": _members("1990-01-01"), "cas_usage": "x", "reglement_accepte": False},
            ["TEAM_TOO_SMALL", "RULES_NOT_ACCEPTED", "USE_CASE_CLOSED"],
        ),
    ],
)
def test_every_reason_against_a_team_is_given(changes: dict[str, object], reasons: list[str]) -> None:
    found = _decide("datathon_equipe", "eligibilite", "eligibilite", _file(**changes))
    assert [each["code"] for each in found] == reasons


@pytest.mark.parametrize(
    ("deposited", "is_late"),
    [
        (_paris("2019-05-14T23:59:59"), False),
        (_paris("2019-05-15T00:00:00"), True),
        (datetime(2019, 5, 14, 21, 59, 59, tzinfo=UTC), False),
        (datetime(2019, 5, 14, 22, 0, 0, tzinfo=UTC), True),
        (datetime(2019, 5, 15, 22, 10, 0, tzinfo=UTC), True),
    ],
)
def test_the_deadline_is_midnight_in_paris_whatever_the_clock(deposited: object, is_late: bool) -> None:
    found = _decide("datathon_equipe", "eligibilite", "eligibilite", _file(deposee_le=deposited))
    assert [each["code"] for each in found] == (["LATE"] if is_late else [])
    assert all(each["definitif"] for each in found)


# Selection


def _assessed(**notes: float) -> dict[str, Any]:
    teams = [{"equipe": team, "titre": team, "cas_usage": "energie", "deposee_le": f"2019-05-0{day}"} for day, team in enumerate(notes, 1)]
    sheets = [
        {"equipe": team, "methodologie": note + shift, "competences": note - shift, "pertinence": note}
        for team, note in notes.items()
        for shift in (-1, 1)
    ]
    rules = {"poids_selection": {"methodologie": 30, "competences": 30, "pertinence": 40}, "seuil_selection": 10, "nb_equipes_max": 2}
    return {"equipes": teams, "evaluations": sheets, "reglement": rules, "en_lice": {"items": [{"id": team} for team in notes]}}


def test_seats_go_by_note_then_by_date_of_deposit_and_the_rest_wait() -> None:
    found = _decide("datathon_edition", "selection_datathon", "selection_datathon", _assessed(a=12, b=15, c=12, d=9.9))
    assert [(each["equipe"], each["rang"], each["statut"]) for each in found] == [
        ("b", 1, "retenue"),
        ("a", 2, "retenue"),
        ("c", 3, "attente"),
        ("d", 4, "refusee"),
    ]
    assert "seuil" in found[3]["motif"]


def test_a_team_that_withdrew_leaves_its_seat() -> None:
    inputs = _assessed(a=12, b=15, c=11)
    inputs["en_lice"] = {"items": [{"id": "a"}, {"id": "c"}]}
    found = _decide("datathon_edition", "selection_datathon", "selection_datathon", inputs)
    assert [(each["equipe"], each["statut"]) for each in found] == [("a", "retenue"), ("c", "retenue")]


def test_the_weights_of_the_rules_count() -> None:
    inputs = _assessed(a=10)
    inputs["evaluations"] = [{"equipe": "a", "methodologie": 20, "competences": 10, "pertinence": 5}]
    notes = _decide("datathon_edition", "selection_datathon", "notes_preprojets", inputs)
    assert notes[0]["note"] == 11


# Ranking


def _heard(team: str, *sheets: tuple[float, ...] | None) -> dict[str, Any]:
    """A team before the jury; a sheet holds four notes, or nothing for a conflict of interest."""
    filled = [
        {"jure": f"J{number}", "conflit": notes is None, "commentaire": "", **dict(zip(CRITERIA, notes or (None,) * 4, strict=True))}
        for number, notes in enumerate(sheets, 1)
    ]
    return {"equipe": team, "titre": team.upper(), "classable": True, "fiches": filled}


def _ranked(*heard: dict[str, Any], votes: tuple[str, ...] = ()) -> dict[str, Any]:
    weights = {"pertinence": 35, "technique": 25, "ergonomie": 20, "responsabilite": 20}
    inputs = {
        "passages": list(heard),
        "reglement": {"poids_jury": weights},
        "votes": list(votes),
        "en_lice": {"items": [{"id": each["equipe"]} for each in heard]},
    }
    return dict(_decide("datathon_edition", "classement", "classement", inputs))


def _order(ranking: Mapping[str, Any]) -> list[str]:
    assert [row["rang"] for row in ranking["rangs"]] == list(range(1, len(ranking["rangs"]) + 1))
    return [row["equipe"] for row in ranking["rangs"]]


def test_the_total_is_the_weighted_mean_of_the_sheets() -> None:
    ranking = _ranked(_heard("a", (20, 10, 10, 10), (10, 10, 10, 10)))
    assert ranking["rangs"][0]["total"] == 11.75


def test_a_sheet_with_a_conflict_does_not_count() -> None:
    ranking = _ranked(_heard("a", (10, 10, 10, 10), None, (14, 14, 14, 14)))
    assert (ranking["rangs"][0]["total"], ranking["rangs"][0]["fiches_valables"]) == (12, 2)


def test_equal_totals_go_by_pertinence_then_by_technique() -> None:
    plain, pertinent = _heard("a", (10, 10, 10, 10)), _heard("b", (12, 10, 8, 8.5))
    assert [row["total"] for row in _ranked(plain, pertinent)["rangs"]] == [10, 10]
    assert _order(_ranked(plain, pertinent)) == ["b", "a"]
    technical = _heard("c", (10, 12, 9, 8.5))
    assert _ranked(plain, technical)["rangs"][1]["total"] == 10
    assert _order(_ranked(plain, technical)) == ["c", "a"]
    assert _ranked(plain, technical)["candidats"] == []


def test_full_equality_waits_for_the_casting_vote() -> None:
    teams = [_heard(name, (10, 10, 10, 10)) for name in ("a", "b", "c")]
    assert [each["value"] for each in _ranked(*teams)["candidats"]] == ["a", "b", "c"]
    first = _ranked(*teams, votes=("c",))
    assert [each["value"] for each in first["candidats"]] == ["a", "b"]
    second = _ranked(*teams, votes=("c", "b"))
    assert second["candidats"] == []
    assert _order(second) == ["c", "b", "a"]


def test_equal_means_of_different_sheets_are_equal() -> None:
    thirds, other = (
        _heard("a", (10, 10, 10, 10), (10, 10, 10, 10), (11, 11, 11, 11)),
        _heard("b", (11, 11, 11, 11), (10, 10, 10, 10), (10, 10, 10, 10)),
    )
    assert len(_ranked(thirds, other)["candidats"]) == 2


# Payment


@pytest.mark.parametrize(
    ("iban", "is_valid"),
    [
        ("FR76 3000 6000 0112 3456 7890 189", True),
        ("fr7630006000011234567890189", True),
        ("FR14 2004 1010 0505 0001 3M02 606", True),
        ("MT84MALT011000012345MTLCAST001S", True),
        ("BE68539007547034", True),
        ("LC55HEMM000100010012001200023015", True),
        ("FR76 3000 6000 0112 3456 7890 188", False),
        ("FR76 3000 6000 0112 3456 7809 189", False),
        ("7630006000011234567890189", False),
        ("FR76-3000-6000", False),
        ("", False),
    ],
)
def test_an_iban_must_hold_its_key(iban: str, is_valid: bool) -> None:
    assert _decide("datathon_equipe", "controle_iban", "controle_iban", {"iban": iban})["valide"] is is_valid

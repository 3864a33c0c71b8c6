"""The decision tables of the incubation and of the Ti Lab decide at their very edges as the programmes say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from feel.dmn.model import Model, read
from tests.processes.stories import PROCESSES

GATE = {"avis": "valider", "suite_du_service": "continuer"}


def _model(folder: str, name: str) -> Model:
    return read((PROCESSES / folder / "decisions" / f"{name}.dmn").read_bytes())


def _evaluate(folder: str, name: str, decision: str, inputs: dict[str, object]) -> Any:
    return _model(folder, name).evaluate(decision, inputs).value


@pytest.mark.parametrize(
    ("note", "reworks", "total", "decision"),
    [
        (4.4, None, 44, "refuser"),
        (4.5, None, 45, "reprendre"),
        (5.9, None, 59, "reprendre"),
        (5.99, None, 59.9, "reprendre"),
        (5.9, 1, 59, "refuser"),
        (6, None, 60, "accepter"),
        (6, 1, 60, "accepter"),
        (10, None, 100, "accepter"),
        (0, None, 0, "refuser"),
    ],
)
def test_thresholds_of_the_selection(note: float, reworks: int | None, total: float, decision: str) -> None:
    notes = dict.fromkeys(("note_ampleur", "note_credibilite", "note_couts", "note_competences"), note)
    result = _evaluate(
        "incubation_tikub", "selection_tikub", "selection_tikub", {**notes, "dimension_numerique": True, "reprises": reworks}
    )
    assert (float(result["total"]), result["decision"]) == (total, decision)


@pytest.mark.parametrize(
    ("criterion", "weight"), [("note_ampleur", 30), ("note_credibilite", 30), ("note_couts", 20), ("note_competences", 20)]
)
def test_each_criterion_has_its_weight(criterion: str, weight: int) -> None:
    notes = dict.fromkeys(("note_ampleur", "note_credibilite", "note_couts", "note_competences"), 0)
    result = _evaluate("incubation_tikub", "selection_tikub", "selection_tikub", {**notes, criterion: 10, "dimension_numerique": True})
    assert result["total"] == weight


def test_without_digital_dimension_nothing_is_scored() -> None:
    assert _evaluate("incubation_tikub", "selection_tikub", "orientation_tikub", {"dimension_numerique": False})["voie"] == "tilab"


@pytest.mark.parametrize(
    ("titles", "found"),
    [
        (["Inscriptions en ligne au transport scolaire"], 1),
        (["Prêt de vélos aux lycéens"], 0),
        (["Simplifier le transport"], 1),
        (["Le transport", None], 0),
        (["SIMPLIFIER LES INSCRIPTIONS AU TRANSPORT"], 1),
    ],
)
def test_ideas_are_similar_when_titles_share_two_long_words(titles: list[str | None], found: int) -> None:
    items = [{"id": str(number), "variables": {"titre": title}} for number, title in enumerate(titles)]
    inputs = {"titre": "Simplifier les inscriptions au transport", "dossiers_en_cours": {"items": items}}
    assert len(_evaluate("incubation_tikub", "doublons", "doublons", inputs)) == found


@pytest.mark.parametrize(
    ("phases", "decision", "free"),
    [
        ([], "capacite_preincubation", 6),
        (["preincubation"] * 6, "capacite_preincubation", 0),
        (["preincubation", None], "capacite_incubation", 3),
        (["investigation", "construction", "reintegration"], "capacite_incubation", 0),
    ],
)
def test_places_that_are_left(phases: list[str | None], decision: str, free: int) -> None:
    cases = {"items": [{"variables": {"phase": phase}} for phase in phases]}
    assert _evaluate("incubation_tikub", "capacite_tikub", decision, {"dossiers_en_cours": cases})["libres"] == free


def _member(role: str, cost: int = 50_000) -> dict[str, object]:
    return {"nom": role, "role": role, "cout": cost}


@pytest.mark.parametrize(
    ("roles", "cost", "cap", "anomalies"),
    [
        (["intrapreneur", "developpeur", "coach"], 50_000, 180_000, 0),
        (["intrapreneur", "developpeur", "developpeur", "coach"], 44_999, 180_000, 0),
        (["intrapreneur", "developpeur", "developpeur", "coach"], 45_000, 180_000, 1),
        (["intrapreneur", "developpeur"], 1, 180_000, 2),
        (["intrapreneur", "developpeur", "developpeur", "coach", "designer"], 1, 180_000, 1),
        (["intrapreneur", "developpeur", "coach"], 70_000, None, 1),
        ([], 0, None, 4),
    ],
)
def test_anomalies_of_a_team(roles: list[str], cost: int, cap: int | None, anomalies: int) -> None:
    members = [_member(role, cost) for role in roles]
    result = _evaluate("incubation_tikub", "team_check", "team_check", {"membres": members, "plafond": cap})
    assert (len(result["anomalies"]), result["conforme"]) == (anomalies, anomalies == 0)


@pytest.mark.parametrize(
    ("phase", "answers", "issue"),
    [
        ("investigation", {"entretiens": 30, "irritant_confirme": True, "prejudice_reel": True}, "franchie"),
        ("investigation", {"entretiens": 29, "irritant_confirme": True, "prejudice_reel": True}, "continuer"),
        ("investigation", {"avis": "abandonner"}, "abandon"),
        ("construction", {"utilisateurs": 1, "mois_premier_utilisateur": 2, "satisfaction_usagers": 3}, "franchie"),
        ("construction", {"utilisateurs": 1, "mois_premier_utilisateur": 3, "satisfaction_usagers": 3}, "continuer"),
        (
            "construction",
            {"utilisateurs": 1, "mois_premier_utilisateur": 3, "justification_retard": "Grève", "satisfaction_usagers": 3},
            "franchie",
        ),
        ("construction", {"utilisateurs": 1, "mois_premier_utilisateur": 1, "satisfaction_usagers": None}, "continuer"),
        (
            "consolidation",
            {"retours_integres": True, "plan_passage_echelle": "Oui", "accessibilite": True, "securite": True, "rgpd": None},
            "continuer",
        ),
        (
            "reintegration",
            {"unite_cible": "Service", "ligne_budgetaire": "1", "documentation": True, "passation_acceptee": True},
            "franchie",
        ),
        ("reintegration", {"suite_du_service": "abandonner"}, "abandon"),
    ],
)
def test_gates_between_phases(phase: str, answers: dict[str, object], issue: str) -> None:
    assert _evaluate("incubation_tikub", "portes", f"porte_{phase}", {**GATE, **answers})["issue"] == issue


@pytest.mark.parametrize(
    ("change", "anomalies"),
    [
        ({}, 0),
        ({"date_fin": "2020-03-03"}, 0),
        ({"date_fin": "2020-03-04"}, 1),
        ({"date_fin": "2019-09-03"}, 1),
        ({"quotite": 59}, 1),
        ({"plafond": 200_000}, 1),
        ({"refacturation": 101}, 1),
        ({"parties": [{"nom": "Région"}]}, 1),
        ({"quotite": 10, "plafond": 300_000, "parties": []}, 3),
    ],
)
def test_anomalies_of_a_convention(change: dict[str, object], anomalies: int) -> None:
    convention = {
        "parties": [{"nom": "Région"}, {"nom": "Préfecture"}],
        "date_debut": "2019-09-03",
        "date_fin": "2020-02-28",
        "quotite": 60,
        "refacturation": 50,
        "plafond": 199_999,
    }
    assert len(_evaluate("convention", "convention", "controle_convention", {**convention, **change})) == anomalies


@pytest.mark.parametrize(
    ("decision", "months", "amount", "granted", "conforms"),
    [
        ("six_mois", None, 90_000, 6, True),
        ("six_mois", None, 180_000, 6, False),
        ("provisoire", 2, 20_000, 2, True),
        ("provisoire", 5, 20_000, 1, True),
        ("arret", None, None, 0, True),
    ],
)
def test_months_that_the_committee_grants(decision: str, months: int | None, amount: int | None, granted: int, conforms: bool) -> None:
    inputs = {"decision_comite": decision, "mois_provisoires": months, "montant": amount, "plafond": 180_000}
    result = _evaluate("comite_investissement", "comite_investissement", "financement", inputs)
    assert (result["mois"], result["conforme"]) == (Decimal(granted), conforms)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, 0),
        ({"sincerite": False}, 1),
        ({"contribue": None}, 1),
        ({"adequation": False}, 1),
        ({"adequation": False, "cooperation": False}, 1),
        ({"administrations": [{"nom": "Région"}]}, 1),
        (dict.fromkeys(("cooperation", "reciprocite", "sincerite", "inventivite"), False), 4),
    ],
)
def test_rules_of_the_ti_lab(change: dict[str, object], missing: int) -> None:
    values = dict.fromkeys(("cooperation", "reciprocite", "sincerite", "inventivite", "contribue", "adequation"), True)
    request = {**values, "administrations": [{"nom": "Région"}, {"nom": "Préfecture"}]}
    result = _evaluate("projet_tilab", "regles_projet", "regles_projet", {**request, **change})
    assert (len(result["manques"]), result["recevable"]) == (missing, missing == 0)

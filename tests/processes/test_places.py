"""Ti Kub holds so many services at a time: the next ones wait, and enter when a place is free, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.conftest import Api
from tests.processes.stories import PROCESSES
from web.runtime import EXTENSION

NOTES = {"note_ampleur": 8, "note_credibilite": 8, "note_couts": 8, "note_competences": 8, "appreciation": "Simple et utile."}
REPORT = {
    "debut_enquete": "2019-04-10",
    "entretiens": 31,
    "constats": "Trente et un entretiens confirment le besoin.",
    "irritant_confirme": True,
}
PARTIES = [{"nom": "Région"}, {"nom": "Préfecture"}]
AGREEMENT = {
    "parties": PARTIES,
    "date_debut": "2019-06-03",
    "date_fin": "2019-12-02",
    "quotite": 80,
    "refacturation": 50,
    "plafond": 180_000,
}
LETTER = {"reference_lettre": "LM-1", "date_lettre": "2019-06-03", "mission": "Construire le service avec les usagers."}
ROLES = ("intrapreneur", "developpeur", "coach")
TEAM = {"membres": [{"nom": role, "role": role, "statut": "agent", "cout": 1} for role in ROLES]}
ORDER = {"numero_marche": "M", "bon_commande": "B", "arrivee": "2019-06-03", "premiere_depense_le": "2019-06-03"}


class House:
    """Ti Kub with its processes published."""

    def __init__(self, api: Api) -> None:
        self.api = api
        runtime = api.app.extensions[EXTENSION]
        with runtime.sessions.begin() as session:
            runtime.clock.move(session, datetime(2019, 4, 8, 7, tzinfo=UTC))
        for folder in ("convention", "iteration_demo", "comite_investissement", "generalisation", "incubation_tikub"):
            api.publish(PROCESSES / folder)

    def open(self) -> list[str]:
        return [task["element_id"] for task in self.api.tasks(limit=200)]

    def do(self, case: str, element: str, answers: dict[str, Any]) -> None:
        """Complete the first open task of an element in a case or in what it called."""
        key = self.api.instance(case)["variables"]["reference"]
        found = [each for each in self.api.tasks(limit=200) if each["element_id"] == element and each["business_key"] == key]
        self.api.complete(found[0]["id"], answers)

    def admit(self, number: int) -> str:
        """An idea that was scored well and found coherent."""
        idea = {
            "reference": f"TK-{number}",
            "titre": f"Idée {number}",
            "irritant": "Une longue attente.",
            "usagers_concernes": 10,
            "frequence": "mensuelle",
            "dimension_numerique": True,
            "origine": "agent",
            "auteur_nom": "Enora",
            "auteur_courriel": "enora@exemple.bzh",
            "volontaire": True,
        }
        case = str(self.api.start("incubation_tikub", idea, start_event="idee_deposee")["id"])
        self.do(case, "accuser_reception", {"referent": "Gwenola", "message_accuse": "Nous avons bien reçu votre idée."})
        self.do(case, "noter", NOTES)
        self.do(case, "verifier_coherence", {"coherence": "favorable"})
        return case

    def incubate(self, case: str) -> None:
        """From the report of the inquiry to the first phase."""
        self.do(case, "enqueter", {**REPORT, "suite": "poursuivre"})
        self.do(case, "rediger_convention", AGREEMENT)
        for _ in PARTIES:
            self.do(case, "signer_convention", {"accord": "signe", "signataire": "La directrice"})
        self.do(case, "editer_lettre", LETTER)
        self.do(case, "composer_equipe", TEAM)
        self.do(case, "commander_equipe", ORDER)
        self.do(case, "ouvrir_acces", {"acces": ["forge"]})


def test_a_seventh_service_waits_for_pre_incubation_and_a_fourth_for_incubation(api: Api) -> None:
    house = House(api)
    cases = [house.admit(number) for number in range(7)]
    assert house.open().count("enqueter") == 6
    for case in cases[:3]:
        house.incubate(case)
    house.do(cases[3], "enqueter", {**REPORT, "suite": "poursuivre"})
    assert "rediger_convention" not in house.open(), "three services are incubated"
    api.advance(days=7)
    assert house.open().count("enqueter") == 3, "the seventh entered"
    house.do(
        cases[0],
        "tenir_demo",
        {
            "date_demo": "2019-06-10",
            "presents": [{"nom": "Yann"}, {"nom": "Anna"}],
            "decisions": [{"decision": "Arrêter"}],
            "satisfaction": 3,
            "prochaine_hypothese": "Aucune ne tient.",
            "porte_demandee": True,
        },
    )
    house.do(
        cases[0],
        "valider_investigation",
        {
            "entretiens": 30,
            "irritant_confirme": False,
            "prejudice_reel": False,
            "objectifs": "Aucun objectif.",
            "avis": "abandonner",
            "motif_arret": "Le problème a disparu.",
        },
    )
    house.do(cases[0], "retirer_acces", {"acces_retires_le": "2019-06-20", "acces_retires": True})
    house.do(cases[0], "clore_commandes", {"commandes_closes_le": "2019-06-20", "montant_solde": 0})
    house.do(cases[0], "rendre_agent", {"retour_agent_le": "2019-06-20", "poste_retour": "Service formation"})
    house.do(cases[0], "rediger_bilan", {"motif_arret": "Le problème a disparu.", "enseignements": "Demander d'abord à la DSI."})
    api.advance(days=7)
    assert house.open().count("rediger_convention") == 1

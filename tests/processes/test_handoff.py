"""A handoff of the Ti Lab is studied once, however often and however fast it is sent."""

from __future__ import annotations

from tests.conftest import Api
from tests.processes.stories import PROCESSES
from web.runtime import EXTENSION

HANDOFF = {
    "handoff_id": "TL-1-T1",
    "reference": "TL-1-T1",
    "origine": "tilab",
    "titre": "TransfoParcours",
    "irritant": "Quatre dossiers pour une seule formation.",
    "usagers_concernes": 12_000,
    "frequence": "mensuelle",
    "dimension_numerique": True,
    "auteur_nom": "Enora Le Goff",
    "auteur_courriel": "enora.legoff@exemple.bzh",
}


def test_a_handoff_sent_twice_before_the_first_is_looked_at_is_studied_once(api: Api) -> None:
    for folder in ("convention", "iteration_demo", "comite_investissement", "generalisation", "incubation_tikub"):
        api.publish(PROCESSES / folder)
    for number in (1, 2):
        order = {"name": "handoff.requested", "correlation": {"handoff_id": "TL-1-T1"}, "payload": HANDOFF, "id": f"envoi-{number}"}
        headers = {"Authorization": f"Bearer {api.token}"}
        assert api.client.post("/api/v1/messages", json=order, headers=headers).status_code == 202
    api.app.extensions[EXTENSION].worker.run_until_quiet()
    states = [each["state"] for each in api.get("/instances", process="incubation_tikub")["items"]]
    assert sorted(states) == ["completed", "running"]
    assert [task["element_id"] for task in api.tasks()] == ["accepter_projet_tilab"]

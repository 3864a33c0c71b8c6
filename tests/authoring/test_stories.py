"""Diagrams of other tools, from the file to the end of the case: imported, published, started and completed over the API alone."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.api.cases import Act, Case, do, message, play, wait
from tests.api.program import Program

DIAGRAMS = Path(__file__).resolve().parent.parent / "diagrams" / "imports"
KINDS = {".bpmn": "diagram", ".xml": "diagram", ".form": "form", ".dmn": "decision"}


def send(api: Program, *names: str, method: str = "POST", path: str = "/imports", **fields: str) -> Any:
    """Send files as a multipart request; the answer."""
    parts: dict[str, Any] = dict(fields)
    for name in names:
        file = DIAGRAMS / name
        parts.setdefault(KINDS[file.suffix], []).append((io.BytesIO(file.read_bytes()), file.name))
    return api.call(method, path, data=parts, content_type="multipart/form-data")


def bring_in(api: Program, *names: str) -> dict[str, Any]:
    answer = send(api, *names)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def publish(api: Program, draft: Mapping[str, Any]) -> list[dict[str, Any]]:
    assert [each for each in draft["problems"] if each["severity"] == "error"] == []
    return list(api.post(f"/drafts/{draft['draft']}/publish", {"revision": draft["revision"]})["processes"])


def answer(process: str, step: str, **body: Any) -> Act:
    """The outside program says that its work is done."""

    def act(case: Case) -> None:
        case.api.post(f"/hooks/{process}/{step}", {"correlation": {"instance": case.id}, **body})
        case.api.advance()

    return act


def rows(draft: Mapping[str, Any], severity: str) -> set[tuple[str, str]]:
    return {(each["code"], each["element_id"]) for each in draft["report"] if each["severity"] == severity}


def test_invoice_of_camunda_7(api: Program) -> None:
    draft = bring_in(api, "camunda7-facture.bpmn")
    assert rows(draft, "todo") == {("listener", "approuver")}
    assert {("external", "payer"), ("title", "approuver"), ("form-fields", "recue"), ("default-flow", "accordee"), ("script", "classer")} <= rows(draft, "translated")
    assert {("initiator", "recue"), ("setting-asyncafter", "recue"), ("setting-historytimetolive", "facture"), ("setting-versiontag", "facture")} <= rows(draft, "dropped")
    assert publish(api, draft) == [{"key": "facture", "version": 1, "name": "Traiter une facture"}]

    high = play(api, "facture", {"fournisseur": "Le Goff", "montant": 4000}, [])
    (task,) = high.tasks()
    assert (task["name"], task["groups"], task["priority"]) == ("Approuver la facture de Le Goff", ["compta", "direction"], 80)
    assert task["due_at"] is not None
    for act in (do("approuver", accord=True), answer("facture", "payer", result={"preuve": "V-1"})):
        act(high)
    assert high.trace() == ["recue", "classer", "combien", "approuver", "accordee", "payer", "payee"]
    assert high.read()["variables"] == {"fournisseur": "Le Goff", "montant": 4000, "eleve": True, "accord": True, "preuve": "V-1"}

    refused = play(api, "facture", {"fournisseur": "Le Goff", "montant": 4000}, [do("approuver", accord=False)])
    assert refused.trace()[-1] == "refusee"
    low = play(api, "facture", {"fournisseur": "Le Goff", "montant": 10}, [])
    assert low.trace() == ["recue", "classer", "combien"]
    assert [each["form_key"] for each in api.get("/processes/facture")["starts"]] == ["formulaire_recue"]
    answer("facture", "payer", error={"code": "X", "message": "non"})(low)
    assert [each["code"] for each in low.read()["incidents"]] == ["X"]


def test_jury_of_camunda_7(api: Program) -> None:
    draft = bring_in(api, "camunda7-jury.bpmn", "mention.dmn")
    assert rows(draft, "todo") == set()
    assert [each["key"] for each in publish(api, draft)] == ["jury", "annonce"]
    variables = {"jures": ["a@x.bzh", "b@x.bzh", "c@x.bzh"], "secret": 1}
    case = play(api, "jury", variables, [])
    assert [each["element_id"] for each in case.tasks()] == ["noter"] * 3
    do("noter", note=16)(case)
    assert len(case.tasks()) == 2
    do("noter", note=17)(case)  # two of three: half of them is enough
    (child,) = (each for each in case.tasks() if each["element_id"] == "lire")
    assert api.get(f"/instances/{child['instance_id']}")["variables"] == {"mention": "très bien"}
    do("lire", lue=True, autre=2)(case)
    assert case.read()["state"] == "completed"
    assert case.read()["variables"] == {**variables, "note": 17, "mention": {"libelle": "très bien"}, "annonce_lue": True}


def test_delivery_of_camunda_7(api: Program) -> None:
    draft = bring_in(api, "camunda7-livraison.bpmn")
    assert rows(draft, "todo") == {("delegate", "commander"), ("correlation", "attendre")}
    assert {("calculation", "reserver"), ("timer", "tard"), ("payload", "en_retard")} <= rows(draft, "translated")
    assert {("code-variable", "rupture"), ("error-message", "Error_rupture")} <= rows(draft, "dropped")
    publish(api, draft)
    given = {"quantite": 3, "prix": 2.5, "delai": "PT2H"}
    ordered = answer("livraison", "commander", result=None)
    late = play(api, "livraison", given, [ordered, wait(3 * 3600)])
    assert late.trace() == ["debut", "reserver", "commander", "tard", "en_retard"]
    assert late.read()["variables"]["total"] == 7.5
    in_time = play(api, "livraison", given, [ordered, message("livraison", bon="L-7")])
    assert in_time.trace()[-2:] == ["attendre", "livree"]
    out_of_stock = play(api, "livraison", given, [answer("livraison", "commander", error={"code": "RUPTURE", "message": ""})])
    assert out_of_stock.trace()[-1] == "sans_stock"


def test_order_of_camunda_8(api: Program) -> None:
    draft = bring_in(api, "camunda8-commande.bpmn")
    assert rows(draft, "todo") == set()
    assert [each["name"] for each in draft["files"]] == ["camunda8-commande.bpmn", "userTaskForm_prix.form"]
    publish(api, draft)
    variables = {"commande": {"numero": "C-12", "prix": 100}}
    case = play(api, "commande", variables, [])
    (task,) = case.tasks()
    assert (task["groups"], task["priority"], task["form_key"]) == (["ventes"], 70, "userTaskForm_prix")
    assert api.get(f"/tasks/{task['id']}")["variables"]["prix"] == 100
    do("verifier", remise=10)(case)
    assert case.read()["variables"] == {**variables, "total": 90, "ttc": 108}
    api.post("/hooks/commande/encaisser", {"correlation": {"somme": 108}, "result": {"recu": {"numero": "R-1"}, "bruit": 1}})
    api.advance()
    assert case.read()["variables"] == {**variables, "total": 90, "ttc": 108, "recu": "R-1"}
    message("paiement", {"numero": "C-99"}, montant=1)(case)
    assert case.trace()[-1] == "encaisser", "a message of another order is not this order's"
    message("paiement", {"numero": "C-12"}, montant=50)(case)
    assert [each["element_id"] for each in case.tasks()] == ["relancer"]
    do("relancer")(case)
    assert case.trace()[-2:] == ["relancer", "fin"]


def test_evaluation_of_camunda_8(api: Program) -> None:
    draft = bring_in(api, "camunda8-evaluation.bpmn", "mention.dmn")
    assert rows(draft, "todo") == set()
    publish(api, draft)
    variables = {"jures": ["a@x.bzh", "b@x.bzh"]}
    case = play(api, "evaluation", variables, [do("noter", note=12), do("noter", note=20)])
    assert case.trace(children=1) == ["debut", "noter", "noter", "classer", "a_debut", "coter", "a_fin", "archiver", "fin"]
    assert case.read()["variables"] == {**variables, "notes": [12, 20], "mention": "très bien", "cote": "très bien-2"}


def test_leave_of_flowable(api: Program) -> None:
    draft = bring_in(api, "flowable-conge.bpmn20.xml", "demande.form")
    assert rows(draft, "todo") == {("listener", "valider"), ("extension-unknown", "valider")}
    publish(api, draft)
    granted = play(api, "conge", {"duree": 3, "solde": 10}, [do("valider", accord=True)])
    assert granted.trace() == ["debut", "valider", "choix", "jours", "accorde"]
    assert granted.read()["variables"]["solde"] == 7
    assert play(api, "conge", {"duree": 3, "solde": 1}, [do("valider", accord=True)]).trace()[-1] == "refuse"


@pytest.mark.parametrize("name", sorted(each.name for each in DIAGRAMS.iterdir() if KINDS[each.suffix] == "diagram"))
def test_published_path_stays_strict_and_shows_the_way(server: Flask, api: Program, name: str) -> None:
    refused = send(api, name, path="/processes")
    assert refused.status_code == 422
    remedies = {each["remedy"] for each in refused.get_json()["problems"] if each["code"] == "vendor-extension"}
    assert remedies == {"Importez ce diagramme, il sera traduit\u00a0: page «\u00a0Processus\u00a0», ou POST /api/v1/imports."}

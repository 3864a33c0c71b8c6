"""Service tasks that call outside systems, from the diagram to the request that leaves, with a stand-in on loopback."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.program import Program
from tests.spiff.driver import boundary, chain, diagram, end, node, start, user
from tests.webhooks.standin import Standin
from web.runtime import Runtime

SIRET = "23350001600040"


def _calling(connector: str, given: str, *, retries: int = 0, error: str = "DATASET_NOT_FOUND") -> bytes:
    props = {"connector": connector, "connectorInput": given, "resultVariable": "recu", "retries": str(retries)}
    return diagram(
        start(),
        node("serviceTask", "appeler", props=props),
        boundary("refus", "appeler", '<errorEventDefinition errorRef="r"/>'),
        user("suite"),
        user("autrement"),
        end(),
        chain("start", "appeler", "suite", "end"),
        chain("refus", "autrement", "end"),
        extra=f'<error id="r" name="Refus" errorCode="{error}"/>',
    )


def _called(api: Program, running: Runtime, **variables: Any) -> Any:
    case = api.start("P", **variables)
    running.worker.run_until_quiet()
    return api.get(f"/instances/{case['id']}")


def test_a_siret_is_verified(api: Program, running: Runtime, outside: Standin) -> None:
    api.publish(_calling("entreprises", "{siret: siret}"))
    found = _called(api, running, siret="233 500 016 00040")
    assert found["variables"]["recu"] == {
        "siret": SIRET,
        "trouve": True,
        "actif": True,
        "nom": "REGION BRETAGNE",
        "nature_juridique": "7230",
    }
    assert outside.asked == [f"/search?q={SIRET}&page=1&per_page=5"]
    assert outside.agents == ["TiKub/1"]


def test_a_closed_and_an_unknown_company_are_not_active(api: Program, running: Runtime) -> None:
    api.publish(_calling("entreprises", "{siret: siret}"))
    closed, unknown = _called(api, running, siret="73282932000074"), _called(api, running, siret="35600000000048")
    assert (closed["variables"]["recu"]["trouve"], closed["variables"]["recu"]["actif"]) == (True, False)
    assert (unknown["variables"]["recu"]["trouve"], unknown["variables"]["recu"]["actif"]) == (False, False)


def test_an_input_that_a_connector_does_not_know_is_refused_when_drawn_and_when_made(api: Program, running: Runtime, outside: Standin) -> None:
    refused = api.send_files(_calling("entreprises", "{siren: siret}"))
    assert [each["code"] for each in refused.get_json()["problems"]] == ["connector-input-unknown", "connector-input-missing"]
    api.publish(_calling("entreprises", "context put({siret: siret}, autre, 1)", error="INPUT_INVALID"))
    assert [each["element_id"] for each in _called(api, running, siret=SIRET, autre="siren")["tasks"]] == ["autrement"]
    assert outside.asked == []


@pytest.mark.parametrize("siret", ["23350001600041", "1234", "2335000160004a", "١٢٣٤٥٦٧٨٩٠١٢٣٤"])
def test_a_wrong_siret_is_a_business_error(api: Program, running: Runtime, outside: Standin, siret: str) -> None:
    api.publish(_calling("entreprises", "{siret: siret}", error="SIRET_INVALID"))
    assert [each["element_id"] for each in _called(api, running, siret=siret)["tasks"]] == ["autrement"]
    assert outside.asked == []


def test_a_dataset_is_found_or_its_boundary_taken(api: Program, running: Runtime) -> None:
    api.publish(_calling("opendatasoft", "{dataset_id: jeu}"))
    found, missing = _called(api, running, jeu="korrigo"), _called(api, running, jeu="../../etc")
    result = found["variables"]["recu"]
    assert (result["found"], result["title"], result["records_count"]) == (True, "Points de vente Korrigo", 412)
    assert [each["element_id"] for each in missing["tasks"]] == ["autrement"]


def test_datasets_are_searched_by_words(api: Program, running: Runtime, outside: Standin) -> None:
    api.publish(_calling("opendatasoft", "{search: mots, limit: 3}"))
    found = _called(api, running, mots='arrêts "bus"')["variables"]["recu"]
    assert found == {"total_count": 1, "results": [{"dataset_id": "korrigo", "title": "Points de vente Korrigo"}]}
    assert "limit=3" in outside.asked[0]


def test_a_failing_system_is_tried_again_then_shown(api: Program, running: Runtime, outside: Standin) -> None:
    api.publish(_calling("entreprises", "{siret: siret}", retries=2))
    outside.answer = (503, {}, b"en panne")
    case = _called(api, running, siret=SIRET)
    assert (len(outside.asked), case["incidents"]) == (1, [])
    api.advance(3600)
    (incident,) = api.get(f"/instances/{case['id']}")["incidents"]
    assert (len(outside.asked), incident["element_id"], incident["code"]) == (3, "appeler", "UNREACHABLE")


def test_a_system_that_asks_to_wait_is_obeyed(api: Program, running: Runtime, outside: Standin) -> None:
    api.publish(_calling("entreprises", "{siret: siret}", retries=1))
    outside.answer = (429, {"Retry-After": "600"}, b"")
    case = _called(api, running, siret=SIRET)
    api.advance(595)
    assert len(outside.asked) == 1
    outside.answer = None
    api.advance(10)
    assert api.get(f"/instances/{case['id']}")["variables"]["recu"]["actif"] is True


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (200, {}, b'{"results": 3}'),
        (200, {}, b'{"results": [3]}'),
        (200, {}, b" " * 3_000_000),
        (302, {"Location": "http://127.0.0.1:1/"}, b""),
        (500, {}, b""),
    ],
    ids=["html", "list", "number", "numbers", "huge", "redirect", "failure"],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_useless_answer_is_an_incident(api: Program, running: Runtime, outside: Standin, answer: Any) -> None:
    api.publish(_calling("entreprises", "{siret: siret}"))
    outside.answer = answer
    case = _called(api, running, siret=SIRET)
    assert [each["code"] for each in case["incidents"]] == ["UNREACHABLE"]
    assert len(outside.asked) == 1


@pytest.mark.parametrize(
    ("connector", "given"),
    [
        ("entreprises", "if true then {} else null"),
        ("entreprises", "3"),
        ("entreprises", "{siret: 3}"),
        ("opendatasoft", '{dataset_id: ""}'),
        ("opendatasoft", '{search: "a", limit: 1000}'),
        ("instances.find", "if true then {} else null"),
        ("instances.find", '{process: "P", state: "ouvert"}'),
        ("instances.find", '{process: "P", where: "1 +"}'),
        ("instances.find", '{process: "P", fields: "titre"}'),
        ("instances.count", '{process: "P", limit: 0}'),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_input_that_fits_not_is_a_business_error(api: Program, running: Runtime, connector: str, given: str) -> None:
    api.publish(_calling(connector, given, error="INPUT_INVALID"))
    assert [each["element_id"] for each in _called(api, running)["tasks"]] == ["autrement"]


def test_other_cases_are_found(api: Program, running: Runtime) -> None:
    waiting = diagram(start(), user("attendre"), end(), chain("start", "attendre", "end")).replace(b'"P"', b'"Q"')
    api.publish(waiting)
    ids = [api.start("Q", equipe=name, points=points)["id"] for name, points in (("a", 3), ("b", 12), ("c", 15))]
    api.post(f"/instances/{ids[2]}/cancel", {"reason": "x"})
    find = '{process: "Q", state: "running", fields: ["equipe"], where: %s}'
    api.publish(_calling("instances.find", find % "{points: 12}"))
    found = _called(api, running)
    (item,) = found["variables"]["recu"]["items"]
    assert (item["id"], item["variables"], item["state"]) == (ids[1], {"equipe": "b"}, "running")
    assert (found["variables"]["recu"]["self"], found["variables"]["recu"]["total"]) == (found["id"], 1)
    api.publish(_calling("instances.count", find % '"points > 2"'))
    assert _called(api, running)["variables"]["recu"]["total"] == 2
    api.publish(_calling("instances.count", '{process: "P"}'))
    assert _called(api, running)["variables"]["recu"]["total"] == 2, "the asking case is not among those found"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_connector_that_breaks_is_an_incident(api: Program, running: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> object:
        raise RuntimeError("secret de fabrication")

    monkeypatch.setattr("web.work.perform", fail)
    api.publish(_calling("entreprises", "{siret: siret}"))
    (incident,) = _called(api, running, siret=SIRET)["incidents"]
    assert incident["code"] == "CONNECTOR_FAILED"
    assert "secret" not in incident["message"]

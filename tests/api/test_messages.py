"""Messages and signals over the API, and what instances throw to each other."""

from __future__ import annotations

from datetime import timedelta

from tests.api.program import Program
from tests.spiff.driver import chain, definitions, diagram, end, node, process, start, user
from web.runtime import Runtime

PAID = '<message id="m" name="facture.payee"/>'
STARTED = '<message id="m" name="idee.deposee"/>'
WAITING = diagram(
    start(),
    node("receiveTask", "attendre", props={"correlation": "{dossier: dossier}"}, messageRef="m"),
    user("suite"),
    end(),
    chain("start", "attendre", "suite", "end"),
    extra=PAID,
)
MESSAGE_START = diagram(
    start("start", '<messageEventDefinition messageRef="m"/>'), user("lire"), end(), chain("start", "lire", "end"), extra=STARTED
)


def test_a_message_reaches_the_one_that_waits(api: Program) -> None:
    api.publish(WAITING)
    first, second = api.start("P", dossier="a"), api.start("P", dossier="b")
    receipt = api.post("/messages", {"name": "facture.payee", "correlation": {"dossier": "b"}, "payload": {"montant": 12}})
    assert (receipt["matched"], receipt["duplicate"]) == (1, False)
    assert api.get(f"/instances/{first['id']}")["tasks"] == []
    reached = api.get(f"/instances/{second['id']}")
    assert [each["element_id"] for each in reached["tasks"]] == ["suite"]
    assert reached["variables"] == {"dossier": "b", "montant": 12}


def test_an_early_message_is_kept_until_it_is_awaited(api: Program) -> None:
    api.publish(WAITING)
    order = {"name": "facture.payee", "correlation": {"dossier": "a"}, "payload": {"montant": 12}}
    answer = api.call("POST", "/messages", json=order)
    assert (answer.status_code, answer.get_json()["matched"]) == (202, 0)
    assert api.start("P", dossier="a")["variables"] == {"dossier": "a", "montant": 12}


def test_an_early_message_is_forgotten_after_its_time(api: Program, running: Runtime) -> None:
    api.publish(WAITING)
    api.post("/messages", {"name": "facture.payee", "correlation": {"dossier": "a"}, "payload": {"montant": 12}})
    api.advance((running.settings.message_ttl + timedelta(seconds=1)).total_seconds())
    assert api.start("P", dossier="a")["variables"] == {"dossier": "a"}


def test_a_message_with_an_id_is_received_once(api: Program) -> None:
    api.publish(MESSAGE_START)
    order = {"name": "idee.deposee", "payload": {"titre": "Korrigo"}, "id": "evt-1"}
    first, second = api.post("/messages", order), api.post("/messages", order)
    assert (first["matched"], first["duplicate"], second["duplicate"]) == (1, False, True)
    assert second["id"] == first["id"]
    (case,) = api.get("/instances")["items"]
    assert case["variables"] == {"titre": "Korrigo"}


def test_a_signal_reaches_everybody(api: Program) -> None:
    catch = node("intermediateCatchEvent", "attendre", '<signalEventDefinition signalRef="s"/>')
    api.publish(
        diagram(start(), catch, user("suite"), end(), chain("start", "attendre", "suite", "end"), extra='<signal id="s" name="alerte"/>')
    )
    cases = [api.start()["id"] for _ in range(3)]
    answer = api.call("POST", "/signals", json={"name": "alerte", "payload": {"motif": "crue"}})
    assert (answer.status_code, answer.get_json()) == (202, {"matched": 3})
    for case in cases:
        found = api.get(f"/instances/{case}")
        assert (found["variables"], len(found["tasks"])) == ({"motif": "crue"}, 1)


def test_what_one_process_throws_another_one_receives(api: Program, running: Runtime) -> None:
    sender = process(
        start(),
        node("sendTask", "envoyer", props={"payload": "{titre: titre}", "correlation": "{}"}, messageRef="m"),
        end(),
        chain("start", "envoyer", "end"),
        key="A",
    )
    receiver = process(start("s", '<messageEventDefinition messageRef="m"/>'), user("lire"), end("e"), chain("s", "lire", "e"), key="B")
    api.publish(definitions(sender, receiver, extra=STARTED))
    assert api.start("A", titre="Korrigo")["state"] == "completed"
    running.worker.run_until_quiet()
    (received,) = api.get("/instances", process="B")["items"]
    assert received["variables"] == {"titre": "Korrigo"}

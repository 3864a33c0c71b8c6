"""Messages: early, late, twice, to one of many, to nobody; each takes effect once or says why not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import history, leases, messages, signals
from engine.errors import NotFound, Unusable
from engine.instances import InstanceView
from engine.messages import Received
from engine.tables import message
from tests.engine.test_tasks import race
from tests.engine.world import NOW, World
from tests.spiff.driver import chain, definitions, diagram, end, flow, node, process, start, user

MESSAGES = '<message id="M1" name="paiement"/><message id="M2" name="retrait"/>'
ON_M1 = '<messageEventDefinition messageRef="M1"/>'
ON_M2 = '<messageEventDefinition messageRef="M2"/>'
WAITS = diagram(
    start(),
    node("receiveTask", "attendre", messageRef="M1", props={"correlation": "{dossier: dossier}"}),
    user("suite"),
    end(),
    chain("start", "attendre", "suite", "end"),
    extra=MESSAGES,
)
STARTS = diagram(start("recu", ON_M1), user("suite"), end(), chain("recu", "suite", "end"), extra=MESSAGES)
WORKS_FIRST = diagram(
    start(),
    user("avant"),
    node("receiveTask", "attendre", messageRef="M1", props={"correlation": "{dossier: dossier}"}),
    end(),
    chain("start", "avant", "attendre", "end"),
    extra=MESSAGES,
)
EITHER = diagram(
    start(),
    node("eventBasedGateway", "ou"),
    node("intermediateCatchEvent", "paye", ON_M1),
    node("intermediateCatchEvent", "retire", ON_M2),
    user("apres_paye"),
    user("apres_retire"),
    chain("start", "ou", "paye", "apres_paye"),
    chain("ou", "retire", "apres_retire"),
    extra=MESSAGES,
)
THROWS = definitions(
    process(
        start(),
        node("intermediateThrowEvent", "envoyer", ON_M1, props={"payload": "{montant: 12}", "correlation": "{dossier: dossier}"}),
        end(),
        chain("start", "envoyer", "end"),
        key="Emetteur",
    ),
    extra=MESSAGES,
)


def send(
    world: World,
    name: str = "paiement",
    correlation: Mapping[str, object] | None = None,
    payload: Mapping[str, object] | None = None,
    **more: object,
) -> Received:
    return world.do(messages.receive, name, correlation or {}, payload or {}, now=world.now, **more)


def opened(world: World, case: InstanceView) -> list[str]:
    return [each.element_id for each in world.case(case.id).tasks]


def test_a_message_reaches_exactly_the_one_that_waits_for_it(world: World) -> None:
    world.publish(WAITS)
    first, second = world.start(variables={"dossier": "A"}), world.start(variables={"dossier": "B"})
    received = send(world, correlation={"dossier": "B"}, payload={"montant": 12})
    assert (received.matched, received.instance_ids) == (1, (second.id,))
    assert (opened(world, first), opened(world, second)) == ([], ["suite"])
    assert world.case(second.id).variables == {"dossier": "B", "montant": 12}


def test_of_two_that_wait_alike_the_older_one_gets_it(world: World) -> None:
    world.publish(WAITS)
    first, second = (world.start(variables={"dossier": "A"}) for _ in range(2))
    send(world, correlation={"dossier": "A"})
    assert (opened(world, first), opened(world, second)) == (["suite"], [])
    send(world, correlation={"dossier": "A"})
    assert opened(world, second) == ["suite"]


@pytest.mark.parametrize(
    ("expected", "correlation", "payload", "matches"),
    [
        ("A", {"dossier": "A"}, {}, True),
        ("A", {}, {"dossier": "A"}, True),
        ("A", {"dossier": "A", "autre": 1}, {"x": 2}, True),
        (1, {"dossier": 1.0}, {}, True),
        (1.5, {"dossier": 1.5}, {}, True),
        ({"n": [1, 2]}, {"dossier": {"n": [1.0, 2]}}, {}, True),
        (None, {"dossier": None}, {}, True),
        ("A", {"dossier": "a"}, {}, False),
        ("1", {"dossier": 1}, {}, False),
        (1, {"dossier": True}, {}, False),
        ("A", {}, {}, False),
        ("A", {"Dossier": "A"}, {}, False),
        ([1, 2], {"dossier": [2, 1]}, {}, False),
        (None, {}, {}, False),
    ],
)
def test_every_expected_key_must_be_there_with_an_equal_value(
    world: World, expected: object, correlation: dict[str, object], payload: dict[str, object], matches: bool
) -> None:
    world.publish(WAITS)
    world.start(variables={"dossier": expected})
    assert send(world, correlation=correlation, payload=payload).matched == int(matches)


def test_an_early_message_is_delivered_when_somebody_waits(world: World) -> None:
    world.publish(WORKS_FIRST)
    case = world.start(variables={"dossier": "A"})
    assert send(world, correlation={"dossier": "A"}, payload={"montant": 3}).matched == 0
    world.complete(world.task(case.id).id)
    assert world.case(case.id).state == "completed"
    assert world.case(case.id).variables["montant"] == 3


def test_an_early_message_is_delivered_to_one_alone(world: World) -> None:
    world.publish(WAITS)
    send(world, correlation={"dossier": "A"})
    first, second = (world.start(variables={"dossier": "A"}) for _ in range(2))
    assert (opened(world, first), opened(world, second)) == (["suite"], [])


def test_of_two_early_messages_only_one_decides_at_a_gateway(world: World) -> None:
    world.publish(EITHER)
    send(world, "retrait")
    send(world, "paiement")
    case = world.start()
    assert len(opened(world, case)) == 1
    assert sorted(world.ask(states).values()) == ["delivered", "pending"]


def test_an_expired_message_reaches_nobody(world: World) -> None:
    world.publish(WAITS)
    send(world, correlation={"dossier": "A"}, ttl=timedelta(hours=1))
    world.now += timedelta(hours=1)
    case = world.start(variables={"dossier": "A"})
    assert opened(world, case) == []
    assert world.do(messages.expire, now=world.now) == 1
    assert list(world.ask(states).values()) == ["expired"]


def test_a_repeated_message_takes_effect_once(world: World) -> None:
    world.publish(STARTS)
    first = send(world, message_id="abc")
    again = send(world, message_id="abc", payload={"autre": 1})
    other_source = send(world, message_id="abc", source="hook:P/recu")
    assert (first.matched, first.duplicate) == (1, False)
    assert (again.id, again.matched, again.duplicate) == (first.id, 1, True)
    assert other_source.duplicate is False
    assert world.rows()["instance"] == 2


def test_of_a_message_sent_many_times_at_once_one_counts(world: World) -> None:
    world.publish(STARTS)
    for number in range(8):
        outcomes = race([partial(send, world, message_id=f"m{number}") for _ in range(4)])
        assert sorted(each.duplicate for each in outcomes) == [False, True, True, True]
    assert world.rows()["instance"] == 8


def test_of_two_messages_at_once_for_one_wait_one_is_kept(world: World) -> None:
    world.publish(WAITS)
    for _ in range(8):
        world.start(variables={"dossier": "A"})
        outcomes = race([partial(send, world, correlation={"dossier": "A"}) for _ in range(2)])
        assert sorted(each.matched for each in outcomes) == [0, 1], outcomes
        world.start(variables={"dossier": "A"})  # takes the one that was kept
    assert world.rows().get("wait") is None


def test_a_message_starts_each_process_that_begins_with_it(world: World) -> None:
    world.publish(STARTS)
    world.publish(STARTS.replace(b'id="P"', b'id="Q"'))
    received = send(world, payload={"titre": "Glad"})
    assert received.matched == 2
    cases = [world.case(each) for each in received.instance_ids]
    assert [(each.process, each.variables) for each in cases] == [("P", {"titre": "Glad"}), ("Q", {"titre": "Glad"})]


def test_only_the_newest_version_starts(world: World) -> None:
    world.publish(STARTS)
    world.publish(STARTS.replace(b'id="suite"', b'id="suite2"').replace(b'"suite"', b'"suite2"'))
    case = world.case(send(world).instance_ids[0])
    assert (case.version, [each.element_id for each in case.tasks]) == (2, ["suite2"])


def test_a_wait_is_served_before_a_start(world: World) -> None:
    world.publish(WAITS)
    world.publish(STARTS.replace(b'id="P"', b'id="Q"'))
    case = world.start(variables={"dossier": "A"})
    assert send(world, correlation={"dossier": "A"}).instance_ids == (case.id,)


def test_a_targeted_message_reaches_that_step_alone(world: World) -> None:
    world.publish(WAITS)
    case = world.start(variables={"dossier": "A"})
    assert send(world, correlation={"dossier": "A"}, target=("Q", "attendre")).matched == 0
    assert send(world, correlation={"dossier": "A"}, target=("P", "autre")).matched == 0
    assert send(world, correlation={"dossier": "A"}, target=("P", "attendre")).instance_ids == (case.id,)


def test_what_correlates_with_nothing_says_why(world: World) -> None:
    world.publish(WAITS)
    send(world, "inconnu")
    world.start(variables={"dossier": "A"})
    send(world, correlation={"dossier": "B"})
    nearest, unknown = world.ask(messages.inbox)
    assert "inconnu" in str(unknown.reason)
    assert "dossier = A" in str(nearest.reason)


def test_thrown_messages_reach_others_after_the_step(world: World) -> None:
    world.publish(WAITS)
    world.publish(THROWS)
    waiting = world.start(variables={"dossier": "A"})
    world.start("Emetteur", {"dossier": "A"})
    assert opened(world, waiting) == []
    (thrown,) = world.ask(messages.untried)
    assert world.do(messages.correlate, thrown, now=NOW).matched == 1
    assert opened(world, waiting) == ["suite"]
    assert world.case(waiting.id).variables["montant"] == 12
    with pytest.raises(NotFound):
        world.do(messages.correlate, thrown, now=NOW)


def test_a_thrown_message_that_nobody_expects_is_tried_once_and_kept(world: World) -> None:
    world.publish(THROWS)
    world.start("Emetteur", {"dossier": "A"})
    (thrown,) = world.ask(messages.untried)
    assert world.do(messages.correlate, thrown, now=NOW).matched == 0
    assert world.ask(messages.untried) == []
    world.publish(WAITS)
    assert opened(world, world.start(variables={"dossier": "A"})) == ["suite"]


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_a_name_that_cannot_be_one_is_refused(world: World, name: str) -> None:
    with pytest.raises(Unusable):
        send(world, name)
    assert world.rows() == {}


def states(session: Session) -> dict[str, str]:
    return {row.name: row.state for row in session.execute(select(message))}


# Signals

SIGNALS = '<signal id="S1" name="annulation"/>'
ON_S1 = '<signalEventDefinition signalRef="S1"/>'
LISTENS = diagram(
    start(),
    user("travail"),
    node("boundaryEvent", "annule", ON_S1, attachedToRef="travail", cancelActivity="true"),
    user("suite"),
    chain("start", "travail"),
    flow("annule", "suite"),
    extra=SIGNALS,
)
SHOUTS = definitions(
    process(
        start(),
        node("intermediateThrowEvent", "crier", ON_S1, props={"payload": "{motif: motif}"}),
        end(),
        chain("start", "crier", "end"),
        key="Crieur",
    ),
    process(start("s2", ON_S1), user("u"), chain("s2", "u"), key="Reveil"),
    extra=SIGNALS,
)


def test_a_signal_reaches_everybody_who_listens(world: World) -> None:
    world.publish(LISTENS)
    cases = [world.start() for _ in range(3)]
    assert world.do(signals.broadcast, "annulation", {"motif": "pluie"}, now=NOW) == 3
    assert [opened(world, each) for each in cases] == [["suite"]] * 3
    assert [world.case(each.id).variables for each in cases] == [{"motif": "pluie"}] * 3
    assert world.do(signals.broadcast, "annulation", {}, now=NOW) == 0


def test_a_thrown_signal_is_broadcast_once_and_starts_processes(world: World) -> None:
    world.publish(LISTENS)
    world.publish(SHOUTS)
    case = world.start()
    world.start("Crieur", {"motif": "pluie"})
    (thrown,) = world.ask(signals.pending)
    assert world.do(signals.deliver, thrown, now=NOW) == 2
    assert world.do(signals.deliver, thrown, now=NOW) == 0
    assert opened(world, case) == ["suite"]
    assert [each.type for each in world.ask(history.events, case.id).items if each.type.startswith("signal")] == ["signal.received"]


def test_a_message_that_a_worker_holds_is_left_to_it(world: World) -> None:
    world.publish(diagram(start(), node("endEvent", "dire", '<messageEventDefinition messageRef="m"/>'), chain("start", "dire"), extra='<message id="m" name="bonjour"/>'))
    world.start()
    (held,) = world.do(leases.MESSAGES.claim, now=NOW, worker="w", limit=1, lease=timedelta(minutes=1))
    assert world.ask(messages.pending, now=NOW) == []
    assert world.ask(messages.pending, now=NOW + timedelta(minutes=1)) == [held.id]

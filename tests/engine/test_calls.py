"""Service calls: made by whoever holds the lease, their result taken once, their failures tried again, then shown to an operator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import calls, history, incidents, leases
from engine.actors import SYSTEM
from engine.calls import LEASE, Call, CallError, Outcome
from engine.errors import Conflict, Forbidden, NotFound
from feel.text import text
from tests.engine.test_tasks import race
from tests.engine.world import NOW, World
from tests.spiff.driver import boundary, chain, diagram, end, flow, node, start, user

ERRORS = '<error id="E1" errorCode="SIRET_INVALID"/>'
PROPS = {"connector": "entreprises", "connectorInput": "{siret: siret}", "resultVariable": "entreprise", "retries": "2"}
CALLS = diagram(
    start(),
    node("serviceTask", "verifier", props=PROPS),
    boundary("invalide", "verifier", '<errorEventDefinition errorRef="E1"/>'),
    user("suite"),
    user("corriger"),
    end(),
    chain("start", "verifier", "suite", "end"),
    flow("invalide", "corriger"),
    extra=ERRORS,
)
EXTERNAL = diagram(
    start(),
    node("serviceTask", "payer", props={"connector": "external", "connectorInput": "{facture: facture}", "resultVariable": "paiement"}),
    user("suite"),
    chain("start", "payer", "suite"),
)
DOWN = CallError("UNREACHABLE", text("Le service ne répond pas."))


def claim(world: World, worker: str = "w1") -> list[Call]:
    return world.do(calls.claim, now=world.now, worker=worker)


def test_a_call_is_made_with_its_input_and_its_result_goes_on(world: World) -> None:
    world.publish(CALLS)
    case = world.start(variables={"siret": "356"})
    (call,) = claim(world)
    assert (call.connector, call.input, call.element_id, str(call.instance_id)) == ("entreprises", {"siret": "356"}, "verifier", case.id)
    assert world.do(calls.succeed, call.id, call.token, {"actif": True}, now=NOW)
    assert world.case(case.id).variables["entreprise"] == {"actif": True}
    assert world.task(case.id).element_id == "suite"
    assert "call" not in world.rows()


def test_a_claimed_call_is_not_claimed_again_while_its_lease_lasts(world: World) -> None:
    world.publish(CALLS)
    world.start(variables={"siret": "356"})
    first = claim(world)
    assert (len(first), claim(world, "w2")) == (1, [])
    world.now += LEASE - timedelta(seconds=1)
    assert claim(world, "w2") == []
    world.now += timedelta(seconds=1)
    (second,) = claim(world, "w2")
    assert second.token > first[0].token


def test_a_worker_that_wakes_up_late_changes_nothing(world: World) -> None:
    world.publish(CALLS)
    case = world.start(variables={"siret": "356"})
    (frozen,) = claim(world)
    world.now += LEASE
    (taken_over,) = claim(world, "w2")
    assert world.do(calls.succeed, frozen.id, frozen.token, {"de": "w1"}, now=world.now) is False
    assert world.do(calls.fail, frozen.id, frozen.token, DOWN, now=world.now) is False
    assert world.do(calls.succeed, taken_over.id, taken_over.token, {"de": "w2"}, now=world.now)
    assert world.do(calls.succeed, frozen.id, frozen.token, {"de": "w1"}, now=world.now) is False
    assert world.case(case.id).variables["entreprise"] == {"de": "w2"}


def test_several_workers_share_the_calls(world: World) -> None:
    world.publish(CALLS)
    for _ in range(6):
        world.start(variables={"siret": "356"})
    outcomes = race([lambda worker=worker: claim(world, worker) for worker in ("w1", "w2", "w3")])  # type: ignore[misc]
    found = [each.id for outcome in outcomes for each in outcome]
    assert len(found) == len(set(found))
    assert len(found) + len(claim(world)) == 6


def test_a_failure_is_tried_again_later_and_later_then_becomes_an_incident(world: World) -> None:
    world.publish(CALLS)
    case = world.start(variables={"siret": "356"})
    pauses = []
    for attempt in (1, 2, 3):
        (call,) = claim(world)
        assert call.attempts == attempt
        assert world.do(calls.fail, call.id, call.token, DOWN, now=world.now)
        if attempt < 3:
            assert claim(world) == []
            due = world.ask(calls.next_due)
            assert due is not None
            pauses.append(due - world.now)
            world.now = due
    assert timedelta(0) < pauses[0] < pauses[1]
    (incident,) = world.case(case.id).incidents
    assert (incident.element_id, incident.code) == ("verifier", "UNREACHABLE")
    assert "ne répond pas" in str(incident.message)
    assert claim(world) == []


def test_an_operator_tries_an_incident_again(world: World) -> None:
    world.publish(CALLS.replace(b'value="2"', b'value="0"'))
    case = world.start(variables={"siret": "356"})
    (call,) = claim(world)
    world.do(calls.fail, call.id, call.token, DOWN, now=NOW)
    (incident,) = world.ask(incidents.page, SYSTEM).items
    with pytest.raises(Forbidden):
        world.do(incidents.retry, incident.id, actor=world.person("Yann", "agents"), now=NOW)
    world.do(incidents.retry, incident.id, actor=world.person("Gildas", "operateurs"), now=NOW)
    assert list(world.case(case.id).incidents) == []
    (again,) = claim(world)
    world.do(calls.succeed, again.id, again.token, 1, now=NOW)
    assert world.task(case.id).element_id == "suite"
    with pytest.raises(NotFound):
        world.do(incidents.retry, incident.id, actor=SYSTEM, now=NOW)


def test_a_business_error_goes_to_its_boundary_at_once(world: World) -> None:
    world.publish(CALLS)
    case = world.start(variables={"siret": "1"})
    (call,) = claim(world)
    world.do(calls.fail, call.id, call.token, CallError("SIRET_INVALID", text("faux"), business=True), now=NOW)
    assert world.task(case.id).element_id == "corriger"
    assert "call" not in world.rows()


def test_the_other_side_says_when_to_come_back(world: World) -> None:
    world.publish(CALLS)
    world.start(variables={"siret": "356"})
    (call,) = claim(world)
    busy = CallError("UNREACHABLE", text("occupé"), retry_after=timedelta(minutes=7))
    world.do(calls.fail, call.id, call.token, busy, now=NOW)
    assert world.ask(calls.next_due) == NOW + timedelta(minutes=7)


def test_attempts_are_told_in_the_history(world: World) -> None:
    world.publish(CALLS.replace(b'value="2"', b'value="0"'))
    case = world.start(variables={"siret": "356"})
    (call,) = claim(world)
    world.do(calls.fail, call.id, call.token, DOWN, now=NOW)
    types = [each.type for each in world.ask(history.events, case.id).items]
    assert "incident.opened" in types


# Work done outside


def test_work_done_outside_is_never_claimed_but_answered(world: World) -> None:
    world.publish(EXTERNAL)
    first, second = (world.start(variables={"facture": number}) for number in (1, 2))
    assert claim(world) == []
    assert world.ask(calls.next_due) is None
    answer = Outcome({"paye": True})
    reached = world.do(calls.complete_external, "P", "payer", {"facture": 2}, answer, now=NOW)
    assert str(reached) == second.id
    assert world.task(second.id).element_id == "suite"
    assert list(world.case(first.id).tasks) == []
    with pytest.raises(NotFound):
        world.do(calls.complete_external, "P", "payer", {"facture": 2}, answer, now=NOW)


def test_an_answer_that_fits_several_is_refused(world: World) -> None:
    world.publish(EXTERNAL)
    for _ in range(2):
        world.start(variables={"facture": 1})
    with pytest.raises(Conflict):
        world.do(calls.complete_external, "P", "payer", {"facture": 1}, Outcome(), now=NOW)
    assert world.rows()["call"] == 2


def test_what_a_dead_worker_held_is_free_at_once(world: World) -> None:
    world.publish(CALLS)
    world.start(variables={"siret": "356"})
    world.start(variables={"siret": "357"})
    (dead,) = world.do(calls.claim, now=world.now, worker="dead", limit=1)
    (alive,) = world.do(calls.claim, now=world.now, worker="alive", limit=1)
    assert world.do(leases.free, lambda name: name == "dead", now=world.now) == 1
    (again,) = claim(world, "w3")
    assert (again.id, again.token) == (dead.id, dead.token + 1)
    assert not world.do(calls.succeed, dead.id, dead.token, {}, now=world.now)
    assert world.do(calls.succeed, alive.id, alive.token, {}, now=world.now)


def test_a_pause_after_a_failure_is_not_cut_short(world: World) -> None:
    world.publish(CALLS)
    world.start(variables={"siret": "356"})
    (call,) = claim(world, "dead")
    world.do(calls.fail, call.id, call.token, DOWN, now=world.now)
    assert world.do(leases.free, lambda _: True, now=world.now) == 0
    assert claim(world) == []

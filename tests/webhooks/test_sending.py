"""How deliveries are sent: tried again, given up, disabled, replayed; receivers that fail, hang, drop, move or lie inside."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.actors import SYSTEM
from engine.tables import delivery, delivery_attempt, subscription
from tests.api.program import TWO_TASKS, Program
from tests.webhooks.receiver import Behaviour, Got, Receiver, answer, drip, drop, verify
from web.runtime import Runtime
from webhooks import deliveries, http, policy, sending, subscriptions
from webhooks.deliveries import Selection
from webhooks.http import Limits
from webhooks.policy import PAUSES, Outcome
from webhooks.secrets import Cipher

Subscribe = Callable[..., tuple[int, str]]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
STARTED: dict[str, Any] = {"types": ("instance.started",)}


def _settle(running: Runtime) -> None:
    running.worker.run_until_quiet()


def _rows(running: Runtime) -> list[Any]:
    with running.sessions.reading() as session:
        return list(session.execute(select(delivery).order_by(delivery.c.id)))


def _attempts(running: Runtime) -> list[Any]:
    with running.sessions.reading() as session:
        return list(session.execute(select(delivery_attempt).order_by(delivery_attempt.c.delivery_id, delivery_attempt.c.number)))


def _subscription(running: Runtime) -> Any:
    with running.sessions.reading() as session:
        return session.execute(select(subscription)).one()


def test_a_receiver_that_recovers_gets_the_same_event_signed_anew(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe
) -> None:
    api.publish(TWO_TASKS)
    _, secret = subscribe(**STARTED)
    inbox.behaviour = answer(500, b"panne")
    api.start("P")
    _settle(running)
    assert len(inbox.got) == 1
    inbox.behaviour = answer(200)
    api.advance(10)
    first, second = inbox.got
    assert first.body == second.body
    assert first.id == second.id
    assert int(second.headers["webhook-timestamp"]) > int(first.headers["webhook-timestamp"])
    verify(second, secret)
    assert _rows(running)[0].state == "delivered"
    logged = [(each.number, each.status, each.answer) for each in _attempts(running)]
    assert logged == [(1, 500, "panne"), (2, 200, None)]


def test_attempts_go_on_for_three_days_and_then_the_delivery_is_dead(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe
) -> None:
    api.publish(TWO_TASKS)
    subscribe(**STARTED)
    inbox.behaviour = answer(503)
    api.start("P")
    api.advance(90 * 3600)
    assert len(inbox.got) == len(PAUSES) + 1
    stamps = [int(each.headers["webhook-timestamp"]) for each in inbox.got]
    assert 0.9 * 75 * 3600 < stamps[-1] - stamps[0] < 1.1 * 76 * 3600
    for pause, before, after in zip(PAUSES, stamps[:-1], stamps[1:], strict=True):
        assert 0.9 * pause.total_seconds() - 1 <= after - before <= 1.1 * pause.total_seconds() + 1
    row = _rows(running)[0]
    assert (row.state, row.reason) == ("dead", "exhausted")
    assert _subscription(running).state == "active"


@pytest.mark.parametrize(
    ("behaviour", "error", "status"),
    [(drop, "unreachable", None), (drip, "timeout", None), (answer(302, Location="http://169.254.169.254/"), None, 302), (answer(404), None, 404)],
    ids=["drops", "drips", "moves", "refuses"],
)
def test_what_is_no_success_is_tried_again(
    api: Program,
    running: Runtime,
    inbox: Receiver,
    subscribe: Subscribe,
    behaviour: Behaviour,
    error: str | None,
    status: int | None,
) -> None:
    api.publish(TWO_TASKS)
    subscribe(**STARTED)
    inbox.behaviour = behaviour
    api.start("P")
    _settle(running)
    assert len(inbox.got) == 1
    assert [(each.error, each.status) for each in _attempts(running)] == [(error, status)]
    assert _rows(running)[0].state == "pending"


def test_a_side_that_hangs_is_cut_off_at_the_limit(inbox: Receiver, running: Runtime) -> None:
    """A wall clock decides here what the product promises: an end, far before the twenty seconds that this receiver takes."""
    inbox.behaviour = drip
    begun = time.monotonic()
    limits = Limits(timedelta(seconds=0.5), 100)
    with pytest.raises(http.TooSlow):
        http.post(inbox.url, b"{}", {}, limits, inside=True, now=NOW)
    with pytest.raises(http.Unreachable):
        http.get(inbox.url, "", {}, limits, now=NOW)
    assert time.monotonic() - begun < 10


def test_retry_after_is_honoured_when_it_asks_for_more(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    subscribe(**STARTED)
    inbox.behaviour = answer(429, Retry_After="3600")
    api.start("P")
    _settle(running)
    api.advance(3590)
    assert len(inbox.got) == 1
    api.advance(20)
    assert len(inbox.got) == 2


def test_a_receiver_that_is_gone_is_told_nothing_more_and_what_it_misses_is_kept(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe
) -> None:
    api.publish(TWO_TASKS)
    key, _ = subscribe(**STARTED)
    inbox.behaviour = answer(410)
    api.start("P")
    _settle(running)
    api.start("P")
    _settle(running)
    assert len(inbox.got) == 1
    assert [(each.state, each.reason) for each in _rows(running)] == [("dead", "gone"), ("dead", "disabled")]
    with running.sessions.reading() as session:
        found = subscriptions.find(session, key, actor=SYSTEM)
        told = subscriptions.history(session, key)
    assert (found.state, found.reason) == ("disabled", "gone")
    assert (told[0].type, told[0].data) == ("disabled", {"reason": "gone"})


def test_five_failing_days_disable_and_enabling_starts_afresh(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe
) -> None:
    api.publish(TWO_TASKS)
    key, _ = subscribe(**STARTED)
    inbox.behaviour = answer(500)
    for _ in range(6):
        api.start("P")
        api.advance(86_400)
    assert (_subscription(running).state, _subscription(running).reason) == ("disabled", "failing")
    assert {each.state for each in _rows(running)} == {"dead"}
    inbox.behaviour = answer(200)
    inbox.got.clear()
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        subscriptions.enable(session, key, actor=SYSTEM, now=now)
        assert deliveries.replay(session, key, Selection(), actor="user:Maëlle", now=now) == 6
    _settle(running)
    assert len({each.id for each in inbox.got}) == 6
    assert {each.state for each in _rows(running)} == {"delivered"}


def test_a_failing_receiver_is_left_alone_and_then_asked_with_one(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe
) -> None:
    api.publish(TWO_TASKS)
    subscribe(**STARTED)
    inbox.behaviour = answer(500)
    for _ in range(20):
        api.start("P")
    _settle(running)
    assert policy.PATIENCE <= len(inbox.got) <= policy.PATIENCE + policy.CONCURRENCY
    asked = len(inbox.got)
    api.advance(policy.LONGEST_REST.total_seconds())
    assert asked < len(inbox.got) <= asked + 3
    inbox.behaviour = answer(200)
    api.advance(86_400)
    assert {each.state for each in _rows(running)} == {"delivered"}
    assert _subscription(running).failures == 0


def test_one_that_hangs_takes_its_own_places_alone(running: Runtime, api: Program, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    slow, _ = subscribe(**STARTED, name="lent")
    quick, _ = subscribe(**STARTED, name="rapide")
    for _ in range(10):
        api.start("P")
    cipher, lease = Cipher(running.settings.secret_key), timedelta(minutes=1)
    taken: list[int] = []
    for _ in range(3):
        with running.sessions.begin() as session:
            claimed = deliveries.claim(session, now=running.clock.now(session), worker="w", limit=6, lease=lease, cipher=cipher)
            taken += [each.subscription_id for each in claimed]
            for each in claimed:
                if each.subscription_id == quick:
                    assert deliveries.finish(session, each, Outcome(200, 1), now=running.clock.now(session))
    assert taken.count(slow) == policy.CONCURRENCY
    assert taken.count(quick) > policy.CONCURRENCY


def test_of_an_ordered_subscription_nothing_overtakes(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    subscribe(ordered=True, types=("step.entered", "step.completed"))
    refused: list[str] = []

    def each_once(got: Got, handler: Any) -> None:
        answer(500 if refused.count(got.id) == 0 else 204)(got, handler)
        refused.append(got.id)

    inbox.behaviour = each_once
    case = api.start("P")
    api.start("P")
    api.advance(3600)
    sequence = [got.event["data"]["sequence"] for got in inbox.got if got.event["subject"] == case["id"]]
    assert sequence == sorted(sequence)
    assert len(sequence) == 2 * len(set(sequence))
    assert {each.state for each in _rows(running)} == {"delivered"}


def test_both_secrets_sign_while_a_receiver_changes_over(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    key, old = subscribe(**STARTED)
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        new = subscriptions.rotate(session, key, cipher=Cipher(running.settings.secret_key), actor=SYSTEM, now=now)
    api.start("P")
    _settle(running)
    verify(inbox.got[0], old)
    verify(inbox.got[0], new)
    assert old != new
    api.advance(86_401)
    api.start("P")
    _settle(running)
    assert len(inbox.got[1].headers["webhook-signature"].split(" ")) == 1


HOSTILE = [
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://0.0.0.0/",
    "http://127.1/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::a00:1]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "https://localhost/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_addresses_inside_are_refused(url: str, running: Runtime) -> None:
    with pytest.raises(http.Unreachable):
        http.post(url, b"{}", {}, Limits(timedelta(seconds=1), 100), inside=False, now=NOW)


def test_loopback_is_refused_where_no_operator_allows_it(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe
) -> None:
    api.publish(TWO_TASKS)
    subscribe(**STARTED)
    api.start("P")
    with running.sessions.begin() as session:
        about = {"worker": "w", "limit": 1, "lease": timedelta(minutes=1), "cipher": Cipher(running.settings.secret_key)}
        claimed = deliveries.claim(session, now=running.clock.now(session), **about)[0]  # type: ignore[arg-type]
    road = sending.Road(Limits(timedelta(seconds=1), 100), frozenset(), Cipher(running.settings.secret_key))
    assert sending.send(claimed, road, now=NOW).error == "address-refused"
    assert inbox.got == []


def test_a_worker_that_comes_too_late_changes_nothing(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    subscribe(**STARTED)
    api.start("P")
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        about = {"limit": 1, "lease": timedelta(seconds=5), "cipher": Cipher(running.settings.secret_key)}
        late = deliveries.claim(session, now=now, worker="lent", **about)[0]  # type: ignore[arg-type]
        other = deliveries.claim(session, now=now + timedelta(seconds=6), worker="autre", **about)[0]  # type: ignore[arg-type]
        assert late.id == other.id
        assert not deliveries.finish(session, late, Outcome(200, 1), now=now + timedelta(seconds=7))
        assert deliveries.finish(session, replace(other), Outcome(200, 1), now=now + timedelta(seconds=7))
    assert [(each.number, each.status) for each in _attempts(running)] == [(2, 200)]


def test_old_deliveries_are_forgotten_and_waiting_ones_are_not(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe
) -> None:
    api.publish(TWO_TASKS)
    key, _ = subscribe(**STARTED)
    api.start("P")
    _settle(running)
    with running.sessions.begin() as session:
        now = running.clock.now(session)
        subscriptions.pause(session, key, actor=SYSTEM, now=now)
        deliveries.replay(session, key, Selection(), actor="user:x", now=now)
        assert deliveries.purge(session, now=now + timedelta(days=31)) == 0
        subscriptions.enable(session, key, actor=SYSTEM, now=now)
    _settle(running)
    with running.sessions.begin() as session:
        assert deliveries.purge(session, now=running.clock.now(session) + timedelta(days=31)) == 1
    assert _attempts(running) == []


def test_with_a_receiver_that_fails_hangs_and_drops_every_event_arrives(
    api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe
) -> None:
    """Three in ten fail, one hangs past the limit, one takes the event and says nothing."""
    api.publish(TWO_TASKS)
    subscribe(**STARTED)
    chance = random.Random(6)  # noqa: S311  no secret
    accepted: set[str] = set()

    def misbehave(got: Got, handler: Any) -> None:
        drawn = chance.random()
        if drawn < 0.3:
            answer(500)(got, handler)
        elif drawn < 0.4:
            time.sleep(1.5)
        elif drawn < 0.5:
            drop(got, handler)
        else:
            accepted.add(got.id)
            answer(204)(got, handler)

    inbox.behaviour = misbehave
    cases = {api.start("P")["id"] for _ in range(60)}
    api.advance(80 * 3600)
    rows = _rows(running)
    assert {str(each.instance_id) for each in rows} == cases
    assert {each.state for each in rows} == {"delivered"}
    assert {f"msg_{each.id}" for each in rows} == accepted
    assert len({each.event["subject"] for each in inbox.got}) == len(cases)


def test_the_worker_sends_by_itself(api: Program, running: Runtime, inbox: Receiver, subscribe: Subscribe) -> None:
    api.publish(TWO_TASKS)
    subscribe(**STARTED)
    running.worker.start()
    try:
        cases = {api.start("P")["id"] for _ in range(5)}
        deadline = time.monotonic() + 20
        while {each.event["subject"] for each in inbox.got} != cases:
            assert time.monotonic() < deadline, "not all were sent"
            time.sleep(0.05)
    finally:
        running.worker.stop()
    assert {each.state for each in _rows(running)} == {"delivered"}

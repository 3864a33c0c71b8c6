"""Gateways beyond the everyday: those that begin a process, complex ones in both their phases, inclusive joins without structure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spiff.driver import Run, boundary, chain, define, diagram, end, flow, node, start, user

MESSAGES = '<message id="M" name="un"/><message id="N" name="deux"/><signal id="S" name="trois"/>'


def catch(ident: str, *content: str, **more: Any) -> str:
    return node("intermediateCatchEvent", ident, *content, **more)


def on(kind: str, pointer: str) -> str:
    return f'<{kind}EventDefinition {kind}Ref="{pointer}"/>'


@pytest.mark.parametrize(("first", "later", "awaited"), [("c", "r", "deux"), ("r", "c", "un")])
def test_parallel_gateway_begins_with_one_event_and_waits_for_the_others(first: str, later: str, awaited: str) -> None:
    content = diagram(
        node("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel"), catch("c", on("message", "M")),
        node("receiveTask", "r", messageRef="N"), node("parallelGateway", "j"), user("z"), chain("g", "c", "j", "z"), chain("g", "r", "j"),
        extra=MESSAGES,
    )  # fmt: skip
    assert [(each.element_id, each.kind, each.name) for each in define(content).starts if each.kind != "none"] == [
        ("c", "message", "un"), ("r", "message", "deux"),
    ]  # fmt: skip
    run = Run(content, start_event=first, payload={"a": 1})
    assert [wait.name for wait in run.waits.values()] == [awaited]
    assert run.trace() == ["g", first]
    run.send(awaited)
    assert run.open == ["z"]
    assert run.trace() == ["g", first, later, "j"]


def test_exclusive_gateway_that_begins_a_process_takes_receive_tasks_with_their_properties() -> None:
    content = diagram(
        node("eventBasedGateway", "g", instantiate="1"), catch("c", on("signal", "S")),
        node("receiveTask", "r", messageRef="N", props={"resultVariable": "recu"}), user("u"), user("v"), chain("g", "c", "u"), chain("g", "r", "v"),
        extra=MESSAGES,
    )  # fmt: skip
    run = Run(content, start_event="r", payload={"a": 1})
    assert run.open == ["v"]
    assert run.trace() == ["r"]
    assert run.variables == {"recu": {"a": 1}}
    assert Run(content, start_event="c").open == ["u"]


def test_event_gateway_takes_conditions_timers_signals_and_receive_tasks() -> None:
    content = diagram(
        start(), node("parallelGateway", "p"), user("w"), node("eventBasedGateway", "g"), node("receiveTask", "r", messageRef="M"),
        catch("c", "<conditionalEventDefinition><condition>n > 3</condition></conditionalEventDefinition>"),
        catch("t", "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"), catch("s", on("signal", "S")),
        *(user(f"u{each}") for each in "rcts"), chain("start", "p", "g"), chain("p", "w"), *(chain("g", each, f"u{each}") for each in "rcts"),
        extra=MESSAGES,
    )  # fmt: skip
    assert Run(content, {"n": 1}).do("w", n=4).open == ["uc"]
    assert Run(content, {"n": 1}).send("un").open == ["ur", "w"]
    assert Run(content, {"n": 1}).send("trois").open == ["us", "w"]
    run = Run(content, {"n": 1}).advance(hours=2)
    assert run.open == ["ut", "w"]
    assert not run.waits
    assert Run(content, {"n": 9}).open == ["uc", "w"]


def discriminator(condition: str, *flows: str) -> str:
    return (
        start() + node("parallelGateway", "p") + user("a") + user("b") + user("c")
        + node("complexGateway", "j", f"<activationCondition>{condition}</activationCondition>", default="d") + user("first") + user("rest") + end()
        + chain("start", "p") + "".join(chain("p", each, "j") for each in "abc") + "".join(flows) + flow("j", "end", name="d")
    )  # fmt: skip


def test_complex_gateway_tells_its_two_phases_apart() -> None:
    inside = discriminator("activationCount >= 1", flow("j", "first", "waitingForStart"), flow("j", "rest", "not(waitingForStart)"))
    run = Run(diagram(inside)).do("b")
    assert run.open == ["a", "c", "first"]
    run.do("a").do("first")
    assert run.open == ["c"]
    run.do("c")
    assert run.open == ["rest"]
    assert run.trace().count("j") == 1
    assert run.do("rest").done


def test_complex_gateway_without_a_word_of_its_phase_stays_silent_at_the_reset() -> None:
    run = Run(diagram(discriminator("activationCount >= 2", flow("j", "first", "true"), flow("j", "rest", "false")))).do("a").do("b")
    assert run.open == ["c", "first"]
    run.do("c")
    assert run.open == ["first"]
    assert run.do("first").done


def test_complex_gateway_fires_anew_in_the_next_round() -> None:
    content = diagram(
        start(), node("exclusiveGateway", "m"), node("parallelGateway", "p"), user("a"), user("b"),
        node("complexGateway", "j", "<activationCondition>activationCount >= 1</activationCondition>"), user("z"),
        node("exclusiveGateway", "x", default="d"), end(), chain("start", "m", "p", "a", "j", "z", "x"), chain("p", "b", "j"),
        flow("x", "m", "encore"), flow("x", "end", name="d"),
    )  # fmt: skip
    run = Run(content).do("a").do("b").do("z", encore=True)
    assert run.open == ["a", "b"]
    assert run.do("b").open == ["a", "z"]
    run.do("z", encore=False)
    assert not run.done
    assert run.do("a").done


def test_complex_gateway_condition_over_named_flows() -> None:
    inside = (
        start() + node("parallelGateway", "p") + user("a") + user("b") + user("c")
        + node("complexGateway", "j", "<activationCondition>fa &gt; 0 and (fb &gt; 0 or fc &gt; 0)</activationCondition>") + user("z")
        + chain("start", "p") + "".join(chain("p", each) + flow(each, "j", name=f"f{each}") for each in "abc") + chain("j", "z")
    )  # fmt: skip
    run = Run(diagram(inside)).do("b").do("c")
    assert run.open == ["a"]
    assert run.do("a").open == ["z"]
    assert run.do("z").done


def test_inclusive_join_without_structure_waits_only_for_what_can_reach_it() -> None:
    # a → j; b → x → (j or out); c leads away from the join.
    content = diagram(
        start(), node("parallelGateway", "p"), user("a"), user("b"), user("c"), node("exclusiveGateway", "x", default="d"), user("out"),
        node("inclusiveGateway", "j"), user("z"), chain("start", "p", "a", "j", "z"), chain("p", "b", "x"), chain("p", "c"),
        flow("x", "out", "ailleurs"), flow("x", "j", name="d"),
    )  # fmt: skip
    run = Run(content).do("a")
    assert run.open == ["b", "c"]
    assert run.do("b", ailleurs=True).open == ["c", "out", "z"]
    other = Run(content).do("a").do("b", ailleurs=False)
    assert other.open == ["c", "z"]


def test_inclusive_join_waits_for_a_boundary_event_that_may_still_lead_to_it() -> None:
    content = diagram(
        start(), node("parallelGateway", "p"), user("a"), user("b"), user("late"), node("inclusiveGateway", "j"), user("z"), end(),
        boundary("t", "b", "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"),
        chain("start", "p", "a", "j", "z"), chain("p", "b", "end"), chain("t", "late", "j"),
    )  # fmt: skip
    run = Run(content).do("a")
    assert run.open == ["b"]
    assert run.advance(hours=1).open == ["late"]
    assert run.do("late").open == ["z"]
    assert Run(content).do("a").do("b").open == ["z"]

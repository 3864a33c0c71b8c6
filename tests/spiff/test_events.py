"""Events: timers, messages, signals, errors, escalations, conditions, boundary events and event sub-processes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.spiff.execution import NotWaiting
from tests.spiff.driver import (
    Run,
    boundary,
    chain,
    diagram,
    end,
    flow,
    node,
    start,
    user,
)

MESSAGE = '<message id="M" name="reponse"/>'
SIGNAL = '<signal id="S" name="alerte"/>'
ERRORS = '<error id="E1" errorCode="refus"/><error id="E2" errorCode="panne"/>'
ESCALATION = '<escalation id="X" escalationCode="retard"/>'
ON_MESSAGE = '<messageEventDefinition messageRef="M"/>'
ON_SIGNAL = '<signalEventDefinition signalRef="S"/>'
ON_ESCALATION = '<escalationEventDefinition escalationRef="X"/>'


def timer(kind: str, text: str) -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def catch(ident: str, *content: str, **more: object) -> str:
    return node("intermediateCatchEvent", ident, *content, **more)  # type: ignore[arg-type]


def throw(ident: str, *content: str, **more: object) -> str:
    return node("intermediateThrowEvent", ident, *content, **more)  # type: ignore[arg-type]


def event_sub(ident: str, definition: str, *content: str, interrupting: bool = True) -> str:
    begin = start(f"{ident}_start", definition, isInterrupting=str(interrupting).lower())
    return node("subProcess", ident, begin, *content, triggeredByEvent="true")


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("timeDate", "2019-07-01", "2019-06-30T22:00:00+00:00"),
        ("timeDate", "2019-07-01T10:00:00Z", "2019-07-01T10:00:00+00:00"),
        ("timeDate", "date(cloture)", "2019-06-30T22:00:00+00:00"),
        ("timeDate", '=date and time("2019-07-01T10:00:00@Europe/Paris")', "2019-07-01T08:00:00+00:00"),
        ("timeDuration", "PT10M", "2019-06-13T08:10:00+00:00"),
        ("timeDuration", "duration(delai)", "2019-06-15T08:00:00+00:00"),
        ("timeDuration", "delai", "2019-06-15T08:00:00+00:00"),
    ],
)
def test_timer_is_due_when_the_calendar_of_paris_says(kind: str, text: str, due: str) -> None:
    content = diagram(start(), catch("t", timer(kind, text)), user("z"), chain("start", "t", "z"))
    run = Run(content, {"cloture": "2019-07-01", "delai": "P2D"})
    (set_,) = run.timers.values()
    assert set_.due.isoformat() == due
    assert run.open == []
    assert run.advance(days=30).open == ["z"]
    assert run.trace("timer.fired") == ["t"]


def test_a_day_keeps_the_wall_clock_of_paris_over_the_change_of_clocks() -> None:
    content = diagram(start(), catch("t", timer("timeDuration", "P1D")), end(), chain("start", "t", "end"))
    run = Run(content, now=datetime(2019, 3, 30, 9, 0, tzinfo=UTC))
    (set_,) = run.timers.values()
    assert set_.due == datetime(2019, 3, 31, 8, 0, tzinfo=UTC)


def test_timer_that_gives_no_moment_is_an_incident() -> None:
    content = diagram(start(), catch("t", timer("timeDate", "cloture")), user("z"), chain("start", "t", "z"))
    run = Run(content, {})
    assert [each.code for each in run.incidents.values()] == ["timer-invalid"]
    assert not run.timers


def test_non_interrupting_cycle_reminds_again_and_again_until_the_task_is_done() -> None:
    content = diagram(
        start(), user("a"), boundary("b", "a", timer("timeCycle", "R3/P1D"), interrupting=False), user("remind"),
        chain("start", "a"), chain("b", "remind"),
    )  # fmt: skip
    run = Run(content).advance(days=1)
    assert run.open == ["a", "remind"]
    assert len(run.timers) == 1
    run.advance(days=5)
    assert run.open == ["a", "remind", "remind", "remind"]
    assert not run.timers
    assert Run(content).advance(days=2).do("a").timers == {}


def test_interrupting_timer_ends_the_task_even_when_it_repeats() -> None:
    content = diagram(
        start(), user("a"), boundary("b", "a", timer("timeCycle", "R/PT1H")), user("late"), user("z"),
        chain("start", "a", "z"), chain("b", "late"),
    )  # fmt: skip
    run = Run(content).advance(hours=5)
    assert run.open == ["late"]
    assert run.trace("element.cancelled") == ["a"]
    assert not run.timers


def test_fired_or_interrupted_references_are_refused() -> None:
    content = diagram(
        start(), user("a"), boundary("b", "a", timer("timeDuration", "PT1H")), user("late"), chain("start", "a"), chain("b", "late")
    )
    run = Run(content)
    task, clock = run.ref("a"), run.ref("b")
    run.advance(hours=1)
    for step in (lambda e: e.complete(task, {}), lambda e: e.fire(clock), lambda e: e.complete(clock, {}), lambda e: e.retry("t1")):
        with pytest.raises(NotWaiting):
            run.act(step)
    assert run.open == ["late"]


def test_receive_task_and_message_event_wait_with_their_correlation() -> None:
    content = diagram(
        start(), node("receiveTask", "r", messageRef="M", props={"correlation": "{dossier: numero}", "resultVariable": "reponse"}),
        catch("m", ON_MESSAGE, props={"correlation": "{dossier: numero + 1}"}), user("z"), chain("start", "r", "m", "z"),
        extra=MESSAGE,
    )  # fmt: skip
    run = Run(content, {"numero": 41})
    (wait,) = run.waits.values()
    assert (wait.kind, wait.name, wait.correlation) == ("message", "reponse", {"dossier": 41})
    run.send("reponse", avis="oui")
    (wait,) = run.waits.values()
    assert wait.correlation == {"dossier": 42}
    run.send("reponse", motif="aucun")
    assert run.open == ["z"]
    assert run.variables == {"numero": 41, "reponse": {"avis": "oui"}, "motif": "aucun"}
    assert run.trace("message.received") == ["r", "m"]


def test_messages_are_thrown_with_payload_and_correlation() -> None:
    props = {"payload": "{titre: titre}", "correlation": "{dossier: numero}"}
    content = diagram(
        start(), throw("t", ON_MESSAGE, props=props), node("sendTask", "s", messageRef="M", props=props),
        end("end", ON_MESSAGE), chain("start", "t", "s", "end"), extra=MESSAGE,
    )  # fmt: skip
    run = Run(content, {"titre": "Vélo", "numero": 7})
    assert run.done
    assert [each.element_id for each in run.messages] == ["t", "s", "end"]
    assert run.messages[0].payload == {"titre": "Vélo"}
    assert run.messages[1].correlation == {"dossier": 7}
    assert run.messages[2].payload == {}


def test_event_based_gateway_follows_the_first_event_and_forgets_the_others() -> None:
    content = diagram(
        start(), node("eventBasedGateway", "g"), catch("m", ON_MESSAGE), catch("t", timer("timeDuration", "P1D")), catch("s", ON_SIGNAL),
        node("receiveTask", "r", messageRef="M2"), *[user(f"u{each}") for each in "mtsr"], chain("start", "g"),
        *[flow("g", each) + flow(each, f"u{each}") for each in "mtsr"], extra=MESSAGE + SIGNAL + '<message id="M2" name="retrait"/>',
    )  # fmt: skip
    assert Run(content).send("reponse").open == ["um"]
    assert Run(content).send("alerte").open == ["us"]
    assert Run(content).send("retrait").open == ["ur"]
    run = Run(content).advance(days=1)
    assert run.open == ["ut"]
    assert not run.waits
    assert run.do("ut").done


@pytest.mark.parametrize("interrupting", [True, False])
def test_boundary_event_stops_everything_inside_or_nothing(interrupting: bool) -> None:
    inside = start("s2") + user("i2") + chain("s2", "i2")
    inner = (
        start("s1")
        + node("parallelGateway", "p")
        + user("i1")
        + node("subProcess", "sp2", inside)
        + chain("s1", "p", "i1")
        + chain("p", "sp2")
    )
    content = diagram(
        start(), node("subProcess", "sp", inner), user("after"), user("esc"), boundary("b", "sp", ON_SIGNAL, interrupting=interrupting),
        chain("start", "sp", "after"), chain("b", "esc"), extra=SIGNAL,
    )  # fmt: skip
    run = Run(content)
    assert run.open == ["i1", "i2"]
    run.send("alerte", niveau=3)
    assert run.variables["niveau"] == 3
    if interrupting:
        assert run.open == ["esc"]
        assert run.trace("element.cancelled") == ["i1", "i2", "sp2", "sp"]
        assert run.do("esc").done
    else:
        assert run.open == ["esc", "i1", "i2"]
        run.send("alerte")
        assert run.open == ["esc", "esc", "i1", "i2"]
        for element in ("i1", "i2", "esc", "esc", "after"):
            run.do(element)
        assert run.done


def test_signal_reaches_all_who_wait_inside_at_once() -> None:
    content = diagram(
        start(), node("parallelGateway", "p"), catch("c1", ON_SIGNAL), catch("c2", ON_SIGNAL),
        throw("t", ON_SIGNAL, props={"payload": "{x: 1}"}),
        user("u1"), user("u2"), chain("start", "p", "t"), chain("p", "c1", "u1"), chain("p", "c2", "u2"), extra=SIGNAL,
    )  # fmt: skip
    run = Run(content)
    assert run.open == ["u1", "u2"]
    assert [each.name for each in run.signals] == ["alerte"]
    assert run.variables == {"x": 1}


@pytest.mark.parametrize(("code", "expected"), [("refus", "c1"), ("panne", "c2"), ("autre", "c3")])
def test_error_goes_to_the_event_of_its_code_then_to_one_of_any_code(code: str, expected: str) -> None:
    inner = start("s1") + end("ee", '<errorEventDefinition errorRef="E"/>') + chain("s1", "ee")
    middle = start("s0") + node("subProcess", "inner", inner) + user("never") + chain("s0", "inner", "never")
    content = diagram(
        start(), node("subProcess", "sp", middle), user("c1"), user("c2"), user("c3"),
        boundary("b1", "sp", '<errorEventDefinition errorRef="E1"/>'), boundary("b2", "sp", '<errorEventDefinition errorRef="E2"/>'),
        boundary("b3", "sp", "<errorEventDefinition/>"), chain("start", "sp"), chain("b1", "c1"), chain("b2", "c2"), chain("b3", "c3"),
        extra=ERRORS + f'<error id="E" errorCode="{code}"/>',
    )  # fmt: skip
    run = Run(content)
    assert run.open == [expected]
    assert "ee" in run.trace()
    assert run.trace("error.caught") == [{"c1": "b1", "c2": "b2", "c3": "b3"}[expected]]
    assert run.do(expected).done


def test_error_that_nothing_catches_fails_the_instance_and_says_so() -> None:
    content = diagram(
        start(), node("parallelGateway", "p"), user("a"), end("ee", '<errorEventDefinition errorRef="E1"/>'),
        chain("start", "p", "a"), chain("p", "ee"), extra=ERRORS,
    )  # fmt: skip
    run = Run(content)
    assert run.state_name == "failed"
    assert run.ended is not None
    assert run.ended.error_code == "refus"
    assert run.trace("error.uncaught") == ["ee"]
    assert run.open == []


def test_escalation_lets_work_go_on_or_interrupts_and_is_noted_when_nobody_cares() -> None:
    inner = start("s1") + throw("t", ON_ESCALATION) + user("i") + chain("s1", "t", "i")
    for interrupting, expected in ((False, ["esc", "i"]), (True, ["esc"])):
        content = diagram(
            start(), node("subProcess", "sp", inner), user("esc"), boundary("b", "sp", ON_ESCALATION, interrupting=interrupting),
            chain("start", "sp"), chain("b", "esc"), extra=ESCALATION,
        )  # fmt: skip
        assert Run(content).open == expected
    run = Run(diagram(start(), node("subProcess", "sp", inner), chain("start", "sp"), extra=ESCALATION))
    assert run.open == ["i"]
    assert run.trace("escalation.uncaught") == ["t"]


def test_conditional_events_fire_when_their_condition_becomes_true() -> None:
    condition = "<conditionalEventDefinition><condition>montant > 100</condition></conditionalEventDefinition>"
    content = diagram(
        start(), node("parallelGateway", "p"), user("w"), user("x"), catch("c", condition), user("u"), user("alarm"),
        boundary("b", "w", condition), chain("start", "p", "w"), chain("p", "x"), chain("p", "c", "u"), chain("b", "alarm"),
    )  # fmt: skip
    run = Run(content)
    assert run.open == ["w", "x"]
    run.do("x", montant=500)
    assert run.open == ["alarm", "u"]
    assert Run(content, {"montant": 200}).open == ["alarm", "u", "x"]


def test_non_interrupting_event_sub_process_runs_once_for_each_message() -> None:
    sub = event_sub("es", ON_MESSAGE, user("h"), chain("es_start", "h"), interrupting=False)
    run = Run(diagram(start(), user("m"), sub, chain("start", "m"), extra=MESSAGE))
    for number in range(3):
        run.send("reponse", n=number)
    assert run.open == ["h", "h", "h", "m"]
    run.do("m")
    assert not run.done
    for _ in range(3):
        run.do("h")
    assert run.done
    assert run.trace().count("es") == 3


def test_interrupting_event_sub_process_ends_everything_else_in_its_scope() -> None:
    sub = event_sub("es", timer("timeDuration", "P12M"), user("h"), chain("es_start", "h"))
    other = event_sub("es2", ON_MESSAGE, user("h2"), chain("es2_start", "h2"), interrupting=False)
    content = diagram(start(), user("m"), sub, other, user("z"), chain("start", "m", "z"), extra=MESSAGE)
    run = Run(content).send("reponse")
    assert run.open == ["h2", "m"]
    run.advance(days=366)
    assert run.open == ["h"]
    assert not run.waits
    assert run.do("h").done


def test_event_sub_process_catches_an_error_of_its_scope() -> None:
    sub = event_sub("es", "<errorEventDefinition/>", user("h"), chain("es_start", "h"))
    inner = start("s1") + user("i") + end("ee", '<errorEventDefinition errorRef="E1"/>') + sub + chain("s1", "i", "ee")
    run = Run(diagram(start(), node("subProcess", "sp", inner), user("z"), chain("start", "sp", "z"), extra=ERRORS)).do("i")
    assert run.open == ["h"]
    assert run.do("h").open == ["z"]


def test_event_with_several_triggers_takes_any_or_waits_for_all() -> None:
    for parallel in ("false", "true"):
        content = diagram(
            start(), catch("c", ON_MESSAGE, ON_SIGNAL, timer("timeDuration", "P1D"), parallelMultiple=parallel), user("z"),
            chain("start", "c", "z"), extra=MESSAGE + SIGNAL,
        )  # fmt: skip
        run = Run(content).send("reponse")
        assert run.open == (["z"] if parallel == "false" else [])
        if parallel == "true":
            run.send("alerte").advance(days=1)
        assert run.open == ["z"]
        assert not run.waits
        assert not run.timers


def test_condition_that_nothing_can_make_true_is_an_incident_that_amended_data_resolve() -> None:
    condition = "<conditionalEventDefinition><condition>montant > 100</condition></conditionalEventDefinition>"
    run = Run(diagram(start(), catch("c", condition), user("z"), chain("start", "c", "z")))
    assert [(each.code, each.element_id) for each in run.incidents.values()] == [("stuck", "c")]
    run.act(lambda execution: execution.amend({"montant": 500}))
    assert run.open == ["z"]
    assert not run.incidents
    assert run.do("z").done


def test_definitions_by_reference_count_like_definitions_in_place() -> None:
    reference = '<timerEventDefinition id="D"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    content = diagram(
        start(), catch("t", "<eventDefinitionRef>D</eventDefinitionRef>"), user("z"), chain("start", "t", "z"), extra=reference
    )
    assert Run(content).advance(hours=1).open == ["z"]


def test_instantiating_receive_task_and_gateway_are_message_starts() -> None:
    receive = diagram(node("receiveTask", "r", messageRef="M", instantiate="true"), user("z"), chain("r", "z"), extra=MESSAGE)
    run = Run(receive, start_event=None, payload={"x": 1})
    assert [(each.element_id, each.kind, each.name) for each in run.definition.starts] == [("r", "message", "reponse")]
    assert run.definition.elements["r"].message == "reponse"
    assert run.open == ["z"]
    assert Run(receive, start_event="r").open == ["z"]
    assert run.trace() == ["r"]
    gateway = diagram(
        node("eventBasedGateway", "g", instantiate="true"), catch("c1", ON_MESSAGE), catch("c2", ON_SIGNAL), user("u1"), user("u2"),
        chain("g", "c1", "u1"), chain("g", "c2", "u2"), extra=MESSAGE + SIGNAL,
    )  # fmt: skip
    assert Run(gateway, start_event="c2").open == ["u2"]


def test_cycle_of_an_intermediate_event_sends_a_token_each_time_or_one_when_it_has_no_number() -> None:
    def run(cycle: str) -> Run:
        return Run(diagram(start(), catch("t", timer("timeCycle", cycle)), user("z"), end(), chain("start", "t", "z", "end")))

    several = run("R3/PT1H").advance(minutes=150)
    assert several.open == ["z", "z"]
    several.do("z").do("z")
    assert not several.done
    assert several.advance(hours=9).open == ["z"]
    assert several.do("z").done
    assert several.trace().count("t") == 3
    assert run("R/PT1H").advance(hours=9).open == ["z"]
    behind = Run(
        diagram(start(), node("eventBasedGateway", "g"), catch("t", timer("timeCycle", "R3/PT1H")), catch("m", ON_MESSAGE), user("z"),
                chain("start", "g", "t", "z"), chain("g", "m"), extra=MESSAGE)
    ).advance(hours=9)  # fmt: skip
    assert behind.open == ["z"]


def test_signal_that_interrupts_its_own_thrower_was_thrown_all_the_same() -> None:
    inner = start("s1") + user("other") + end("e1", ON_SIGNAL) + chain("s1", "other") + chain("s1", "e1")
    run = Run(diagram(start(), node("subProcess", "sp", inner), boundary("b", "sp", ON_SIGNAL), user("c"), chain("start", "sp"), chain("b", "c"), extra=SIGNAL))
    assert run.open == ["c"]
    assert run.trace() == ["start", "s1", "e1", "b"]
    assert run.trace("element.cancelled") == ["other", "sp"]


def test_throwing_a_signal_completes_the_event_even_when_the_signal_interrupts_it() -> None:
    inner = start("s1") + end("e1", ON_SIGNAL) + chain("s1", "e1")
    content = diagram(
        start(), node("subProcess", "sp", inner), boundary("b", "sp", ON_SIGNAL), user("z"), chain("start", "sp"), chain("b", "z"),
        extra=SIGNAL,
    )  # fmt: skip
    run = Run(content)
    assert run.open == ["z"]
    assert run.trace() == ["start", "s1", "e1", "b"]
    assert run.trace("element.cancelled") == ["sp"]

def test_condition_sees_a_message_when_the_step_that_awaited_it_is_done() -> None:
    content = diagram(
        start(), node("receiveTask", "r", messageRef="M"), boundary("b", "r", "<conditionalEventDefinition><condition>x &gt; 1</condition>"
        "</conditionalEventDefinition>"), user("late"), user("z"), chain("start", "r", "z"), chain("b", "late"), extra=MESSAGE,
    )  # fmt: skip
    assert Run(content, {"x": 0}).send("reponse", x=2).open == ["z"]

def test_standstill_is_no_error_that_the_diagram_could_catch() -> None:
    inner = start("s1") + node("parallelGateway", "j") + chain("s1", "j") + user("a") + chain("s1", "a", "j")
    inner += node("exclusiveGateway", "x", default="out") + flow("a", "x") + flow("x", "j", "false") + end("e1") + flow("x", "e1", name="out")
    content = diagram(
        start(), node("subProcess", "sp", inner), boundary("b", "sp", "<errorEventDefinition/>"), user("z"), chain("start", "sp"), chain("b", "z")
    )
    run = Run(content).do("a")
    assert run.open == []
    assert [each.code for each in run.incidents.values()] == ["stuck"]



def test_signal_from_inside_is_waited_for_no_longer_where_other_events_are_still_missing() -> None:
    throw = node("intermediateThrowEvent", "t", ON_SIGNAL)
    content = diagram(
        start(), catch("c", ON_MESSAGE, ON_SIGNAL, parallelMultiple="true"), user("a"), throw, user("z"),
        chain("start", "c", "z"), chain("start", "a", "t"), extra=MESSAGE + SIGNAL,
    )  # fmt: skip
    run = Run(content).do("a")
    assert [each.kind for each in run.waits.values()] == ["message"]
    assert run.send("reponse").open == ["z"]


def test_listener_outlives_its_timer_as_long_as_another_of_its_events_may_come() -> None:
    hour = timer("timeDuration", "PT1H")
    for parallel, after in (("false", ["a", "late", "late"]), ("true", ["a", "late"])):
        content = diagram(
            start(), user("a"), boundary("b", "a", ON_MESSAGE, hour, interrupting=False, parallelMultiple=parallel), user("late"),
            chain("start", "a"), chain("b", "late"), extra=MESSAGE,
        )  # fmt: skip
        run = Run(content).advance(hours=1).send("reponse")
        assert run.open == after
        assert [each.kind for each in run.waits.values()] == (["message"] if parallel == "false" else [])


def test_escalation_is_one_of_the_events_that_a_parallel_multiple_event_needs() -> None:
    escalation = '<escalation id="X" escalationCode="x"/>'
    inner = start("s1") + user("i") + end("e1", '<escalationEventDefinition escalationRef="X"/>') + user("k") + chain("s1", "i", "e1") + chain("s1", "k")
    content = diagram(
        start(), node("subProcess", "sp", inner),
        boundary("b", "sp", ON_MESSAGE, '<escalationEventDefinition escalationRef="X"/>', interrupting=False, parallelMultiple="true"),
        user("late"), chain("start", "sp"), chain("b", "late"), extra=MESSAGE + escalation,
    )  # fmt: skip
    run = Run(content).do("i")
    assert run.open == ["k"]
    assert run.send("reponse").open == ["k", "late"]

"""Loops, multi-instance, service calls, called processes, incidents and limits."""

from __future__ import annotations

import pytest

from engine.bundle import Bundle, File
from engine.checks import check
from engine.spiff.execution import Execution, NotWaiting, Overrun, StateUnreadable, Unstorable
from tests.spiff.driver import (
    NOW,
    Run,
    boundary,
    chain,
    define,
    define_all,
    definitions,
    diagram,
    end,
    flow,
    node,
    process,
    script,
    start,
    user,
)

ERRORS = '<error id="E1" errorCode="refus"/>'
ON_ERROR = '<errorEventDefinition errorRef="E1"/>'
ON_ANY_ERROR = "<errorEventDefinition/>"


ESCALATION = '<escalation id="X" escalationCode="retard"/>'
ON_ESCALATION = '<escalationEventDefinition escalationRef="X"/>'


def several(*content: str, sequential: bool = False) -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{"".join(content)}</multiInstanceLoopCharacteristics>'
    )


# Service tasks


SERVICE = {"connector": "siret", "connectorInput": "{siret: siret}", "resultVariable": "etablissement", "retries": "5"}


def test_service_task_calls_out_and_keeps_the_answer() -> None:
    content = diagram(start(), node("serviceTask", "s", props=SERVICE), end(), chain("start", "s", "end"))
    run = Run(content, {"siret": "12345678900011"})
    (call,) = run.calls.values()
    assert (call.connector, call.input, call.retries) == ("siret", {"siret": "12345678900011"}, 5)
    run.answer("s", {"actif": True})
    assert run.done
    assert run.variables["etablissement"] == {"actif": True}


def test_failed_call_goes_to_the_error_event_of_its_code_else_it_is_an_incident() -> None:
    content = diagram(
        start(), node("serviceTask", "s", props=SERVICE), boundary("b", "s", ON_ERROR), user("c"), end(), chain("start", "s", "end"),
        chain("b", "c"), extra=ERRORS,
    )  # fmt: skip
    assert Run(content).fail("s", "refus").open == ["c"]
    run = Run(content).fail("s", "timeout", "délai dépassé")
    (incident,) = run.incidents.values()
    assert incident.code == "timeout"
    assert "délai dépassé" in str(incident.message)
    assert not run.calls
    run.retry("s")
    assert not run.incidents
    assert run.answer("s", None).done


def test_interrupted_call_is_closed_and_its_late_answer_refused() -> None:
    content = diagram(
        start(), node("serviceTask", "s", props=SERVICE),
        boundary("b", "s", "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"), user("late"),
        chain("start", "s"), chain("b", "late"),
    )  # fmt: skip
    run = Run(content)
    ref = run.ref("s")
    run.advance(hours=1)
    assert not run.calls
    with pytest.raises(NotWaiting):
        run.act(lambda execution: execution.call_succeeded(ref, {}))


def test_failing_script_reaches_an_error_event_else_stays_as_an_incident() -> None:
    broken = "{x: for i in 1..10000000 return i}"
    caught = diagram(start(), script("s", broken), boundary("b", "s", ON_ANY_ERROR), user("c"), chain("start", "s"), chain("b", "c"))
    assert Run(caught).open == ["c"]
    run = Run(diagram(start(), script("s", broken), chain("start", "s")))
    assert [each.element_id for each in run.incidents.values()] == ["s"]
    assert run.state_name == "running"


def test_script_that_is_no_context_is_an_incident() -> None:
    run = Run(diagram(start(), script("s", "1 + 1"), chain("start", "s")))
    assert [each.code for each in run.incidents.values()] == ["not-a-context"]


# Call activities

CALLED = process(start("qs"), user("q"), node("exclusiveGateway", "x", default="d"), end("ee", ON_ERROR), end("ok"),
                 chain("qs", "q", "x"), flow("x", "ee", "bad"), flow("x", "ok", name="d"), key="Q")  # fmt: skip


def calling(**props: str) -> Run:
    caller = process(
        start(), node("callActivity", "ca", calledElement="Q", props=props), boundary("b", "ca", ON_ERROR), user("c"), user("z"),
        chain("start", "ca", "z"), chain("b", "c"),
    )  # fmt: skip
    found = define_all(definitions(caller, CALLED, extra=ERRORS))
    assert found["P"].calls == {"Q"}
    return Run(found["P"], {"a": 1, "b": 2}, called=found)


def test_called_process_gets_all_variables_and_gives_all_back_by_default() -> None:
    run = calling()
    child = run.child("ca")
    assert child.variables == {"a": 1, "b": 2}
    child.do("q", a=5, bad=False)
    run.settle_children()
    assert run.open == ["z"]
    assert run.variables == {"a": 5, "b": 2, "bad": False}


def test_mappings_say_what_a_called_process_gets_and_gives() -> None:
    run = calling(input="{somme: a + b}", output="{resultat: somme * 2}", businessKey='"D-" + string(a)')
    assert next(iter(run.children.values())).business_key == "D-1"
    child = run.child("ca")
    assert child.variables == {"somme": 3}
    child.do("q", somme=4, bad=False)
    assert run.settle_children().variables == {"a": 1, "b": 2, "resultat": 8}


def test_error_of_a_called_process_reaches_the_boundary_of_the_call() -> None:
    run = calling()
    run.child("ca").do("q", bad=True)
    assert run.settle_children().open == ["c"]


def test_cancelled_child_is_an_incident_and_retry_starts_another() -> None:
    run = calling()
    run.child("ca").act(lambda execution: execution.cancel("erreur"))
    run.settle_children()
    assert [each.code for each in run.incidents.values()] == ["child-cancelled"]
    run.retry("ca")
    run.child("ca").do("q", bad=False)
    assert run.settle_children().open == ["z"]


def test_every_instance_calls_a_process_of_its_own() -> None:
    props = {"collection": "equipes", "elementVariable": "equipe", "input": "{equipe: equipe}", "output": "{}",
             "outputCollection": "resultats", "outputElement": "equipe"}  # fmt: skip
    caller = process(start(), node("callActivity", "ca", several(), calledElement="Q", props=props), user("z"), chain("start", "ca", "z"))
    found = define_all(definitions(caller, CALLED, extra=ERRORS))
    run = Run(found["P"], {"equipes": ["a", "b"]}, called=found)
    assert len(run.children) == 2
    for child in list(run.runs.values()):
        child.do("q", bad=False)
        run.settle_children()
    assert run.open == ["z"]
    assert run.variables == {"equipes": ["a", "b"], "resultats": ["a", "b"]}


def test_escalation_of_a_called_process_asks_its_callers_before_it_goes_on() -> None:
    called = process(start("qs"), node("intermediateThrowEvent", "qt", ON_ESCALATION), user("q"), end("qe", ON_ESCALATION), chain("qs", "qt", "q", "qe"), key="Q")
    for interrupting in (False, True):
        caller = process(
            start(), node("callActivity", "ca", calledElement="Q"), boundary("b", "ca", ON_ESCALATION, interrupting=interrupting),
            user("esc"), user("z"), chain("start", "ca", "z"), chain("b", "esc"),
        )  # fmt: skip
        found = define_all(definitions(caller, called, extra=ESCALATION))
        run = Run(found["P"], called=found)
        assert run.open == ["esc"]
        assert run.trace("escalation.caught") == ["b"]
        if interrupting:
            assert not run.children
            continue
        child = run.child("ca")
        assert child.open == ["q"]
        child.do("q")
        run.settle_children()
        assert run.open == ["esc", "esc", "z"]
        assert child.trace("escalation.thrown") == ["qt", "qe"]
        assert child.trace("escalation.uncaught") == []
    alone = Run(found["Q"])
    assert alone.open == ["q"]
    assert alone.trace("escalation.uncaught") == ["qt"]


# Cancelling, limits, stored state


def test_cancelling_closes_everything_and_is_final() -> None:
    inner = start("s1") + user("i") + chain("s1", "i")
    content = diagram(
        start(), node("parallelGateway", "p"), node("subProcess", "sp", inner), node("serviceTask", "s", props=SERVICE),
        chain("start", "p", "sp"),
        chain("p", "s"),
    )  # fmt: skip
    run = Run(content).act(lambda execution: execution.cancel("doublon"))
    assert run.state_name == "cancelled"
    assert run.history[-1].data == {"reason": "doublon"}
    with pytest.raises(NotWaiting):
        run.act(lambda execution: execution.cancel("encore"))


def test_endless_loop_becomes_an_incident_and_not_a_hanging_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.spiff.instance.MAXIMUM_STEPS", 2_000)
    content = diagram(start(), node("exclusiveGateway", "m"), node("task", "t"), chain("start", "m", "t", "m"))
    run = Run(content)
    assert [each.code for each in run.incidents.values()] == ["endless-loop"]
    assert run.retry("t" if "t" in {each.element_id for each in run.incidents.values()} else "m").incidents


@pytest.mark.parametrize(
    "content",
    [
        diagram(start(), node("task", "a"), flow("start", "a"), flow("a", "a"), flow("a", "a")),
        diagram(*(node("task", each, completionQuantity="1000") for each in "abc"), user("u"), chain("a", "b", "c", "u")),
    ],
)
def test_diagram_that_multiplies_without_end_is_stopped(content: bytes) -> None:
    with pytest.raises(Overrun):
        Run(content)


def test_chain_of_three_thousand_elements_runs() -> None:
    names = [f"t{number}" for number in range(3_000)]
    content = diagram(start(), *[node("task", each) for each in names], user("z"), end(), chain("start", *names, "z", "end"))
    run = Run(content)
    assert run.open == ["z"]
    assert len(run.do("z").trace()) == 3_003


def test_deeply_nested_sub_processes_open_and_close() -> None:
    inner = user("u")
    for number in range(100):
        inner = node("subProcess", f"sp{number}", start(f"s{number}"), inner, chain(f"s{number}", f"sp{number - 1}" if number else "u"))
    late = boundary("b", "sp99", '<signalEventDefinition signalRef="S"/>') + user("late") + chain("b", "late")
    content = diagram(start(), inner, late, chain("start", "sp99"), extra='<signal id="S" name="stop"/>')
    assert check(Bundle([File("diagram", "deep", content)]), called=()) == []
    run = Run(content)
    assert run.open == ["u"]
    assert run.do("u").done
    assert Run(content).send("stop").open == ["late"]


def test_values_that_an_instance_cannot_keep_are_refused_and_change_nothing() -> None:
    run = Run(diagram(start(), user("a"), chain("start", "a")), {"x": 1})
    deep: object = 1
    for _ in range(200):
        deep = [deep]
    for bad in (deep, "x" * 10_000_000, object(), {1: 2}):
        before = run.state
        with pytest.raises(Unstorable):
            run.do("a", x=bad)
        assert run.state == before
    assert run.do("a").done


def test_state_keeps_every_kind_of_value() -> None:
    source = (
        '{d: date("2019-06-13"), t: time("10:00:00"), m: date and time("2019-06-13T10:00:00@Europe/Paris"), j: duration("P3DT4H"),'
        ' a: duration("P1Y2M"), n: 1/3, e: 12345678901234567890123, l: [1, null, true]}'
    )
    run = Run(diagram(start(), script("s", source), user("a"), user("b"), chain("start", "s", "a", "b")))
    before = run.variables
    run.do("a", **{"$": {"$k": "v"}, "$texte": "$"})
    after = run.variables
    assert {name: after[name] for name in before} == before
    assert after["$"] == {"$k": "v"}
    assert after["$texte"] == "$"
    again = Run(diagram(start(), user("c"), chain("start", "c")), {"x": 1})
    assert again.variables == {"x": 1}


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b'{"format": 99}', b"\xff", b'{"format":1,"key":"P"}'])
def test_damaged_or_foreign_state_is_refused(damage: bytes) -> None:
    definition = define(diagram(start(), user("a"), chain("start", "a")))
    with pytest.raises(StateUnreadable):
        Execution.restore(definition, damage, now=NOW)


def test_state_of_another_definition_is_refused() -> None:
    run = Run(diagram(start(), user("a"), chain("start", "a")))
    other = define(diagram(start(), user("b"), chain("start", "b")))
    with pytest.raises(StateUnreadable):
        Execution.restore(other, run.state, now=NOW)

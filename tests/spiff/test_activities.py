"""Loops, multi-instance, service calls, called processes, incidents and limits."""

from __future__ import annotations

import time

import pytest

from engine import effects
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


def several(*content: str, sequential: bool = False) -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{"".join(content)}</multiInstanceLoopCharacteristics>'
    )


OVER_XS = '<loopDataInputRef>xs</loopDataInputRef><loopDataOutputRef>ys</loopDataOutputRef><inputDataItem id="x"/><outputDataItem id="y"/>'


# Multi-instance and loops


def test_parallel_instances_have_their_own_variables_and_outputs_in_the_order_of_the_input() -> None:
    inner = start("s1") + user("u") + script("sc", "{y: x * 10 + add}") + chain("s1", "u", "sc")
    content = diagram(start(), node("subProcess", "sp", several(OVER_XS), inner), user("z"), chain("start", "sp", "z"))
    run = Run(content, {"xs": [1, 2, 3]})
    refs = list(run.tasks)
    assert [run.tasks[ref].local for ref in refs] == [{"loopCounter": each, "x": each} for each in (1, 2, 3)]
    for number in (2, 0, 1):
        run.do(refs[number], add=number)
    assert run.variables == {"xs": [1, 2, 3], "ys": [10, 21, 32]}
    assert run.open == ["z"]
    assert run.trace().count("sp") == 3


def test_jurors_never_see_each_others_scores() -> None:
    props = {"collection": "jury", "elementVariable": "jure", "outputCollection": "notes", "outputElement": "{jure: jure, note: note}"}
    content = diagram(start(), user("noter", several(), props={**props, "assignee": "jure"}), user("z"), chain("start", "noter", "z"))
    run = Run(content, {"jury": ["anne", "bob"]})
    assert [task.assignee for task in run.tasks.values()] == ["anne", "bob"]
    assert [task.local for task in run.tasks.values()] == [{"loopCounter": 1, "jure": "anne"}, {"loopCounter": 2, "jure": "bob"}]
    run.do(run.ref("noter"), note=12)
    assert "note" not in run.variables
    run.do("noter", note=8)
    assert run.variables["notes"] == [{"jure": "anne", "note": 12}, {"jure": "bob", "note": 8}]
    assert set(run.variables) == {"jury", "notes"}


@pytest.mark.parametrize("sequential", [True, False])
def test_completion_condition_ends_the_rest(sequential: bool) -> None:
    condition = '<completionCondition>avis = "refus" or numberOfCompletedInstances >= 3</completionCondition>'
    content = diagram(
        start(),
        user("u", several("<loopCardinality>n</loopCardinality>", condition, sequential=sequential)),
        user("z"),
        chain("start", "u", "z"),
    )
    run = Run(content, {"n": 5})
    assert run.open == (["u"] if sequential else ["u"] * 5)
    run.do("u", avis="ok").do("u", avis="refus")
    assert run.open == ["z"]
    assert run.trace("element.cancelled") == ([] if sequential else ["u"] * 3)
    assert Run(content, {"n": 5}).do("u", avis="ok").do("u", avis="ok").do("u", avis="ok").open == ["z"]


def test_iterations_without_outputs_apply_what_they_set_one_after_the_other() -> None:
    content = diagram(
        start(), node("scriptTask", "s", "<script>{total: total + x}</script>",
             several("<loopDataInputRef>xs</loopDataInputRef>", '<inputDataItem name="x"/>', sequential=True)),
        end(), chain("start", "s", "end"),
    )  # fmt: skip
    run = Run(content, {"xs": [1, 2, 3], "total": 0})
    assert run.done
    assert run.variables == {"xs": [1, 2, 3], "total": 6}


def test_empty_collection_passes_at_once_with_an_empty_output() -> None:
    content = diagram(start(), user("u", several(OVER_XS)), user("z"), chain("start", "u", "z"))
    run = Run(content, {"xs": []})
    assert run.open == ["z"]
    assert run.variables["ys"] == []
    assert "u" not in run.trace()


@pytest.mark.parametrize(
    ("characteristics", "variables", "code"),
    [
        ("<loopDataInputRef>xs</loopDataInputRef>", {}, "collection-invalid"),
        ("<loopDataInputRef>xs</loopDataInputRef>", {"xs": "abc"}, "collection-invalid"),
        ("<loopCardinality>n</loopCardinality>", {"n": -1}, "cardinality-invalid"),
        ("<loopCardinality>n</loopCardinality>", {"n": 1.5}, "cardinality-invalid"),
        ("<loopCardinality>n</loopCardinality>", {"n": 10**9}, "too-many-instances"),
    ],
)
def test_wrong_number_of_instances_is_an_incident_that_can_be_retried(
    characteristics: str, variables: dict[str, object], code: str
) -> None:
    content = diagram(
        start(), node("parallelGateway", "p"), user("u", several(characteristics)), user("fix"), chain("start", "p", "u"), chain("p", "fix")
    )
    run = Run(content, variables)
    assert [each.code for each in run.incidents.values()] == [code]
    run.do("fix", n=2, xs=[1, 2]).retry("u")
    assert run.open == ["u", "u"]
    assert run.do("u").do("u").done


@pytest.mark.parametrize(
    ("attributes", "condition", "passes"),
    [
        ('loopMaximum="3"', None, 3),
        ('testBefore="true" loopMaximum="0"', None, 0),
        ('testBefore="false" loopMaximum="0"', None, 0),
        ('testBefore="false" loopMaximum="1"', "true", 1),
        ('testBefore="true"', "i &lt; 2", 2),
        ('testBefore="false"', "i &lt; 2", 2),
        ('testBefore="false"', "false", 1),
        ('testBefore="true"', "false", 0),
    ],
)
def test_standard_loop_repeats_while_its_condition_holds(attributes: str, condition: str | None, passes: int) -> None:
    inner = f"<loopCondition>{condition}</loopCondition>" if condition else ""
    loop = f"<standardLoopCharacteristics {attributes}>{inner}</standardLoopCharacteristics>"
    content = diagram(start(), script("s", "{i: i + 1}", loop), end(), chain("start", "s", "end"))
    run = Run(content, {"i": 0})
    assert run.done
    assert run.variables["i"] == passes
    assert run.trace().count("s") == passes


def test_error_in_one_instance_ends_all_and_goes_to_the_boundary() -> None:
    inner = start("s1") + user("u") + node("exclusiveGateway", "x", default="d") + end("ee", ON_ERROR) + end("ok")
    inner += chain("s1", "u", "x") + flow("x", "ee", "bad") + flow("x", "ok", name="d")
    content = diagram(
        start(), node("subProcess", "sp", several("<loopCardinality>3</loopCardinality>"), inner), boundary("b", "sp", ON_ERROR),
        user("c"), user("z"), chain("start", "sp", "z"), chain("b", "c"), extra=ERRORS,
    )  # fmt: skip
    run = Run(content)
    second = list(run.tasks)[1]
    run.do(second, bad=False).do("u", bad=True)
    assert run.open == ["c"]
    assert run.do("c").done


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


def test_ten_thousand_passes_of_a_loop_leave_a_small_state() -> None:
    content = diagram(
        start(), node("exclusiveGateway", "m"), user("u"), script("s", "{i: i + 1}"), node("exclusiveGateway", "x", default="d"), end(),
        chain("start", "m", "u", "s", "x"), flow("x", "m", "i < 10000"), flow("x", "end", name="d"),
    )  # fmt: skip
    definition = define(content)
    execution = Execution.start(definition, {"i": 0}, now=NOW)
    (task,) = [each for each in execution.take_effects() if isinstance(each, effects.TaskOpened)]
    state, sizes, began = execution.dump(), set(), time.monotonic()
    for _ in range(10_000):
        execution = Execution.restore(definition, state, now=NOW)
        execution.complete(task.ref, {})
        opened = [each for each in execution.take_effects() if isinstance(each, effects.TaskOpened)]
        task = opened[0] if opened else task
        state = execution.dump()
        sizes.add(len(state))
    assert execution.state == "completed"
    assert max(sizes) < 400
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize("many", ["<loopCardinality>1000</loopCardinality>", "<loopDataInputRef>xs</loopDataInputRef>"])
def test_thousand_instances_run_side_by_side_or_one_after_the_other(many: str, sequential: bool) -> None:
    content = diagram(start(), user("u", several(many, sequential=sequential)), end(), chain("start", "u", "end"))
    definition = define(content)
    execution = Execution.start(definition, {"xs": list(range(1_000))}, now=NOW)
    open_tasks = [each for each in execution.take_effects() if isinstance(each, effects.TaskOpened)]
    assert len(open_tasks) == (1 if sequential else 1_000)
    while open_tasks:
        execution.complete(open_tasks.pop(0).ref, {})
        open_tasks += [each for each in execution.take_effects() if isinstance(each, effects.TaskOpened)]
        assert not sequential or "xs" in many or len(execution.dump()) < 6_000
    assert execution.state == "completed"


BEHAVIOR = '<signal id="S" name="fini"/><signalEventDefinition id="D" signalRef="S"/>'
FIRST_TWO = (
    "<complexBehaviorDefinition><condition>numberOfCompletedInstances = 2</condition>"
    '<event><signalEventDefinition signalRef="S"/></event></complexBehaviorDefinition>'
)


def behaving(loop: str, *, interrupting: bool = True) -> Run:
    on_signal = boundary("b", "u", '<signalEventDefinition signalRef="S"/>', interrupting=interrupting)
    content = diagram(
        start(), user("u", loop), on_signal, node("task", "t"), user("z"), chain("start", "u", "z"), chain("b", "t"), extra=BEHAVIOR
    )
    assert check(Bundle([File("diagram", "b", content)]), called=()) == []
    return Run(content)


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize("interrupting", [True, False])
@pytest.mark.parametrize(
    ("behavior", "inner", "told"),
    [("None", "", 3), ("One", "", 1), ("All", "", 0), ("Complex", FIRST_TWO, 1)],
)
def test_completed_instances_throw_what_their_behavior_says(
    sequential: bool, interrupting: bool, behavior: str, inner: str, told: int
) -> None:
    several_ = (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" behavior="{behavior}" noneBehaviorEventRef="D" '
        f'oneBehaviorEventRef="D"><loopCardinality>3</loopCardinality>{inner}</multiInstanceLoopCharacteristics>'
    )
    run = behaving(several_, interrupting=interrupting)
    done = 0
    while "u" in run.open:
        run.do("u")
        done += 1
    assert done == (2 if behavior == "Complex" and interrupting else 3)
    assert run.open == ["z"]
    assert run.trace().count("t") == told
    assert [each.name for each in run.signals] == ["fini"] * told
    assert run.do("z").done


def test_behavior_may_send_a_message_and_its_signal_reaches_others() -> None:
    message = '<message id="M" name="un"/><messageEventDefinition id="D" messageRef="M"/>'
    loop = '<multiInstanceLoopCharacteristics behavior="None" noneBehaviorEventRef="D"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>'
    run = Run(diagram(start(), user("u", loop), user("z"), chain("start", "u", "z"), extra=message)).do("u").do("u")
    assert [each.name for each in run.messages] == ["un", "un"]
    other = node("intermediateCatchEvent", "c", '<signalEventDefinition signalRef="S"/>') + user("w")
    content = diagram(
        start(), user("u", loop), other, user("z"), chain("start", "u", "z"), chain("start", "c", "w"), extra=BEHAVIOR
    )
    assert Run(content).do("u").open == ["u", "w"]


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

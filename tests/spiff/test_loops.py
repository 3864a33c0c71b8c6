"""Standard loops and multi-instance activities: their variables, their ends, what they throw, how far they go."""

from __future__ import annotations

import pytest

from engine import effects
from engine.bundle import Bundle, File
from engine.checks import check
from engine.spiff.execution import Execution
from tests.spiff.driver import NOW, Run, boundary, chain, define, diagram, end, flow, node, script, start, user
from tests.spiff.test_activities import ERRORS, ON_ERROR, several

OVER_XS = '<loopDataInputRef>xs</loopDataInputRef><loopDataOutputRef>ys</loopDataOutputRef><inputDataItem id="x"/><outputDataItem id="y"/>'


def test_parallel_instances_have_their_own_variables_and_outputs_in_the_order_of_the_input() -> None:
    inner = start("s1") + user("u") + script("sc", "{y: x * 10 + add}") + chain("s1", "u", "sc")
    content = diagram(start(), node("subProcess", "sp", several(OVER_XS), inner), user("z"), chain("start", "sp", "z"))
    run = Run(content, {"xs": [1, 2, 3]})
    refs = list(run.tasks)
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


def test_ten_thousand_passes_of_a_loop_leave_a_small_state() -> None:
    content = diagram(
        start(), node("exclusiveGateway", "m"), user("u"), script("s", "{i: i + 1}"), node("exclusiveGateway", "x", default="d"), end(),
        chain("start", "m", "u", "s", "x"), flow("x", "m", "i < 10000"), flow("x", "end", name="d"),
    )  # fmt: skip
    definition = define(content)
    execution = Execution.start(definition, {"i": 0}, now=NOW)
    (task,) = [each for each in execution.take_effects() if isinstance(each, effects.TaskOpened)]
    state, sizes = execution.dump(), set()
    for _ in range(10_000):
        execution = Execution.restore(definition, state, now=NOW)
        execution.complete(task.ref, {})
        opened = [each for each in execution.take_effects() if isinstance(each, effects.TaskOpened)]
        task = opened[0] if opened else task
        state = execution.dump()
        sizes.add(len(state))
    assert execution.state == "completed"
    assert max(sizes) < 400


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


def test_what_an_instance_tells_may_interrupt_all_around_it() -> None:
    """The same signal ends the sub-process: the boundary event inside hands on nothing, since nothing is inside any more."""
    loop = '<multiInstanceLoopCharacteristics behavior="None" noneBehaviorEventRef="D"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>'
    heard = '<signalEventDefinition signalRef="S"/>'
    inside = start("s") + user("u", loop) + boundary("b", "u", heard) + end("refus", '<errorEventDefinition errorRef="E"/>') + chain("s", "u") + chain("b", "refus")
    content = diagram(
        start(), node("subProcess", "sp", inside), boundary("dehors", "sp", heard), user("z"), chain("start", "sp"), chain("dehors", "z"),
        extra=BEHAVIOR + '<error id="E" errorCode="e"/>',
    )  # fmt: skip
    run = Run(content).do("u")
    assert run.open == ["z"]
    assert "refus" not in run.trace()
    assert run.do("z").done

"""Compensation: of loops, by event sub-processes, without waiting, and on the variables as they were (BPMN 2.0.2, 10.7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spiff.driver import Run, boundary, chain, diagram, end, flow, node, script, start, user

COMPENSATE = "<compensateEventDefinition/>"
SIGNAL = '<signal id="S" name="stop"/>'
EACH = '<loopDataInputRef>xs</loopDataInputRef><inputDataItem name="x"/>'


def throw(ident: str = "t", definition: str = COMPENSATE, **more: Any) -> str:
    return node("intermediateThrowEvent", ident, definition, **more)


def handled(activity: str, name: str, handler: str | None = None) -> str:
    """An activity of that name and the user task (or `handler`) that compensates it."""
    handler = handler or user(f"undo_{name}", isForCompensation="true")
    return (
        activity + boundary(f"b_{name}", name, COMPENSATE) + handler
        + f'<association id="as_{name}" sourceRef="b_{name}" targetRef="undo_{name}"/>'
    )  # fmt: skip


def several(inner: str, *, sequential: bool = False) -> str:
    return f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{inner}</multiInstanceLoopCharacteristics>'


def undone(run: Run, until: str = "z") -> list[str]:
    """Do the handlers one by one; which they were."""
    done = []
    while run.open != [until]:
        (element,) = run.open
        done.append(element)
        run.do(element)
    return done


def test_compensation_undoes_completed_activities_the_last_one_first() -> None:
    inner = start("s1") + handled(user("a"), "a") + handled(user("b"), "b") + handled(user("c"), "c") + chain("s1", "a", "b", "c")
    content = diagram(
        start(), node("subProcess", "sp", inner), throw("t", "<compensateEventDefinition/>"), user("z"), chain("start", "sp", "t", "z")
    )
    run = Run(content).do("a").do("b").do("c")
    opened = []
    while run.open != ["z"]:
        opened.append(run.open)
        run.do(run.open[0])
    assert opened == [["undo_c"], ["undo_b"], ["undo_a"]]
    assert run.trace()[-5:] == ["sp", "undo_c", "undo_b", "undo_a", "t"]
    assert run.do("z").done


def test_compensation_of_one_activity_leaves_the_others() -> None:
    content = diagram(
        start(), handled(user("a"), "a"), handled(user("b"), "b"), throw("t", '<compensateEventDefinition activityRef="a"/>'), user("z"),
        chain("start", "a", "b", "t", "z"),
    )  # fmt: skip
    run = Run(content).do("a").do("b")
    assert run.open == ["undo_a"]
    assert run.do("undo_a").open == ["z"]


def test_cancelled_transaction_is_compensated_and_left_by_its_cancel_event() -> None:
    inner = (
        start("s1") + handled(user("a"), "a") + node("parallelGateway", "p") + user("k") + end("ce", "<cancelEventDefinition/>") + user("other")
        + chain("s1", "a", "p", "k", "ce") + chain("p", "other")
    )  # fmt: skip
    content = diagram(
        start(), node("transaction", "tr", inner), boundary("b", "tr", "<cancelEventDefinition/>"), user("cancelled"), user("z"),
        chain("start", "tr", "z"), chain("b", "cancelled"),
    )  # fmt: skip
    run = Run(content).do("a").do("k")
    assert run.open == ["undo_a"]
    assert run.do("undo_a").open == ["cancelled"]
    assert run.do("cancelled").done


def test_script_inside_a_handler_and_compensation_end_event_work_without_people() -> None:
    content = diagram(
        start(), script("a", "{stock: 1}"), boundary("b", "a", "<compensateEventDefinition/>"),
        node("scriptTask", "undo", "<script>{stock: 0}</script>", isForCompensation="true", scriptFormat="feel"),
        '<association id="as" sourceRef="b" targetRef="undo"/>', end("end", "<compensateEventDefinition/>"), chain("start", "a", "end"),
    )  # fmt: skip
    run = Run(content)
    assert run.done
    assert run.variables == {"stock": 0}


@pytest.mark.parametrize("sequential", [True, False])
def test_each_iteration_of_an_activity_is_compensated_with_its_own_variables(sequential: bool) -> None:
    content = diagram(
        start(), handled(user("a", several(EACH, sequential=sequential)), "a"), throw(), user("z"), chain("start", "a", "t", "z")
    )
    run = Run(content, {"xs": ["p", "q", "r"]})
    for number in range(3):
        run.do("a", prix=number)
    seen = []
    while run.open != ["z"]:
        (ref, task), = run.tasks.items()
        seen.append((task.local["x"], run._restored().local_variables(ref)["prix"]))
        run.do(ref)
    assert seen == [("r", 2), ("q", 1), ("p", 0)]
    assert run.do("z").done


def test_iterations_of_a_sub_process_are_compensated_one_after_the_other_the_last_first() -> None:
    inner = start("s1") + handled(user("a"), "a") + handled(user("b"), "b") + chain("s1", "a", "b")
    content = diagram(
        start(), node("subProcess", "sp", several(EACH, sequential=True), inner), throw(), user("z"), chain("start", "sp", "t", "z")
    )
    run = Run(content, {"xs": [1, 2]}).do("a").do("b").do("a").do("b")
    items = []
    while run.open != ["z"]:
        (ref, task), = run.tasks.items()
        items.append((task.element_id, run._restored().local_variables(ref)["x"]))
        run.do(ref)
    assert items == [("undo_b", 2), ("undo_a", 2), ("undo_b", 1), ("undo_a", 1)]


def test_only_completed_iterations_are_compensated() -> None:
    content = diagram(
        start(), handled(user("a", several("<loopCardinality>3</loopCardinality>")), "a"),
        boundary("stop", "a", '<signalEventDefinition signalRef="S"/>'), throw(), user("z"), end(),
        chain("start", "a", "end"), chain("stop", "t", "z"), extra=SIGNAL,
    )  # fmt: skip
    assert undone(Run(content).do("a").do("a").send("stop")) == ["undo_a", "undo_a"]


def test_passes_of_a_loop_are_compensated_with_the_variables_of_their_time() -> None:
    loop = '<standardLoopCharacteristics loopMaximum="3"/>'
    handler = node("scriptTask", "undo_a", "<script>{trace: append(trace, n)}</script>", isForCompensation="true", scriptFormat="feel")
    content = diagram(start(), handled(script("a", "{n: n + 1}", loop), "a", handler), throw(), user("z"), chain("start", "a", "t", "z"))
    run = Run(content, {"n": 0, "trace": []})
    assert run.open == ["z"]
    assert run.trace().count("undo_a") == 3
    assert run.variables == {"n": 3, "trace": [1]}  # each handler sees the trace of its own time


def test_a_handler_sees_the_variables_as_they_were_and_what_it_sets_counts_now() -> None:
    handler = node("scriptTask", "undo_a", "<script>{annule: reservation, solde: solde - 1}</script>", isForCompensation="true",
                   scriptFormat="feel")  # fmt: skip
    content = diagram(
        start(), handled(user("a"), "a", handler), user("b"), throw(), user("z"), chain("start", "a", "b", "t", "z")
    )
    run = Run(content, {"solde": 5}).do("a", reservation="R1").do("b", reservation="R2", solde=9)
    assert run.open == ["z"]
    assert run.variables == {"solde": 4, "reservation": "R2", "annule": "R1"}


def test_compensation_event_sub_process_sees_its_sub_process_as_it_ended() -> None:
    handler = (
        start("cs", COMPENSATE) + user("undo") + throw("inner_t", '<compensateEventDefinition activityRef="a"/>') + end("ce")
        + chain("cs", "undo", "inner_t", "ce")
    )  # fmt: skip
    inner = start("s1") + handled(user("a"), "a") + handled(user("b"), "b") + end("e1") + chain("s1", "a", "b", "e1")
    inner += node("subProcess", "es", handler, triggeredByEvent="true")
    content = diagram(start(), node("subProcess", "sp", inner), throw(), user("z"), chain("start", "sp", "t", "z"))
    run = Run(content).do("a", x=1).do("b", x=2)
    assert run.open == ["undo"]
    run.do("undo", vu=True)
    assert run.open == ["undo_a"]  # what the event sub-process throws, and not b
    run.do("undo_a")
    assert run.open == ["z"]
    assert run.trace()[-8:] == ["sp", "cs", "undo", "undo_a", "inner_t", "ce", "es", "t"]
    assert run.variables == {"x": 2, "vu": True}
    assert run.do("z").done


def test_compensation_event_sub_process_without_a_throw_replaces_the_handlers_inside() -> None:
    handler = start("cs", COMPENSATE) + user("undo") + chain("cs", "undo")
    inner = start("s1") + handled(user("a"), "a") + chain("s1", "a") + node("subProcess", "es", handler, triggeredByEvent="true")
    content = diagram(
        start(), node("subProcess", "sp", several(EACH), inner), throw(), user("z"), chain("start", "sp", "t", "z")
    )
    run = Run(content, {"xs": [1, 2]}).do("a").do("a")
    assert undone(run) == ["undo", "undo"]


def test_sub_process_with_a_handler_of_its_own_is_not_undone_inside() -> None:
    inner = start("s1") + handled(user("a"), "a") + chain("s1", "a")
    content = diagram(start(), handled(node("subProcess", "sp", inner), "sp"), throw(), user("z"), chain("start", "sp", "t", "z"))
    assert undone(Run(content).do("a")) == ["undo_sp"]


def test_compensation_that_nobody_waits_for_goes_on_beside_the_flow() -> None:
    definition = '<compensateEventDefinition waitForCompletion="false"/>'
    content = diagram(
        start(), handled(user("a"), "a"), handled(user("b"), "b"), throw("t", definition), user("z"), end(),
        chain("start", "a", "b", "t", "z", "end"),
    )  # fmt: skip
    run = Run(content).do("a").do("b")
    assert run.open == ["undo_b", "z"]
    run.do("z")
    assert not run.done
    assert run.do("undo_b").open == ["undo_a"]
    assert run.do("undo_a").done
    assert run.trace().count("t") == 1
    ended = diagram(start(), handled(user("a"), "a"), end("end", definition), chain("start", "a", "end"))
    run = Run(ended).do("a")
    assert run.open == ["undo_a"]
    assert run.do("undo_a").done


def test_a_handler_may_repeat_and_may_be_a_sub_process() -> None:
    inside = start("h1") + user("h") + chain("h1", "h")
    handler = node("subProcess", "undo_a", several("<loopCardinality>2</loopCardinality>", sequential=True), inside, isForCompensation="true")
    content = diagram(start(), handled(user("a"), "a", handler), throw(), user("z"), chain("start", "a", "t", "z"))
    assert undone(Run(content).do("a")) == ["h", "h"]


def test_an_activity_that_was_done_twice_is_undone_twice_but_only_once_for_each() -> None:
    content = diagram(
        start(), node("exclusiveGateway", "m"), handled(user("a"), "a"), node("exclusiveGateway", "g", default="d"), throw(), throw("t2"),
        user("z"), chain("start", "m", "a", "g"), flow("g", "m", "encore"), flow("g", "t", name="d"), chain("t", "t2", "z"),
    )  # fmt: skip
    assert undone(Run(content).do("a", encore=True).do("a", encore=False)) == ["undo_a", "undo_a"]


def test_cancelled_transaction_undoes_the_iterations_inside_it() -> None:
    inner = start("s1") + handled(user("a", several(EACH, sequential=True)), "a") + end("ce", "<cancelEventDefinition/>") + chain("s1", "a", "ce")
    content = diagram(
        start(), node("transaction", "tr", inner), boundary("b", "tr", "<cancelEventDefinition/>"), user("z"), chain("start", "tr"), chain("b", "z")
    )
    assert undone(Run(content, {"xs": [1, 2]}).do("a").do("a")) == ["undo_a", "undo_a"]


def test_error_handler_of_a_sub_process_undoes_what_was_done_in_it() -> None:
    inner = start("s1") + handled(user("a"), "a") + user("b") + end("ee", '<errorEventDefinition errorRef="E"/>') + chain("s1", "a", "b", "ee")
    inner += node("subProcess", "es", start("xs", "<errorEventDefinition/>"), throw("t"), end("xe"), chain("xs", "t", "xe"), triggeredByEvent="true")
    content = diagram(
        start(), node("subProcess", "sp", inner), user("z"), chain("start", "sp", "z"), extra='<error id="E" errorCode="refus"/>'
    )
    assert undone(Run(content).do("a").do("b")) == ["undo_a"]


def test_looking_back_keeps_each_value_once_however_many_activities_there_are() -> None:
    loop = '<standardLoopCharacteristics loopMaximum="40"/>'
    content = diagram(start(), handled(user("a", loop), "a"), throw(), user("z"), chain("start", "a", "t", "z"))
    run = Run(content, {"gros": "x" * 20_000})
    for number in range(39):
        run.do("a", n=number)
    assert len(run.state) < 50_000
    assert len(undone(run.do("a", n=39))) == 40
    assert len(run.state) < 21_000


@pytest.mark.parametrize("interrupting", [True, False])
def test_handler_may_have_boundary_events_and_the_others_go_on_when_one_is_interrupted(interrupting: bool) -> None:
    clock = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    content = diagram(
        start(), handled(user("a"), "a"), handled(user("b"), "b"), boundary("late", "undo_b", clock, interrupting=interrupting), user("chef"),
        throw(), user("z"), chain("start", "a", "b", "t", "z"), chain("late", "chef"),
    )  # fmt: skip
    run = Run(content).do("a").do("b").advance(hours=2)
    assert run.open == (["chef", "undo_a"] if interrupting else ["chef", "undo_b"])
    if not interrupting:
        run.do("undo_b")
    run.do("undo_a").do("chef")
    assert run.open == ["z"]
    assert run.do("z").done


def test_error_inside_a_handler_is_caught_at_its_boundary() -> None:
    inside = start("h1") + end("he", '<errorEventDefinition errorRef="E"/>') + chain("h1", "he")
    handler = node("subProcess", "undo_a", inside, isForCompensation="true") + boundary("eb", "undo_a", "<errorEventDefinition/>") + user("mend")
    content = diagram(
        start(), handled(user("a"), "a", handler), throw(), user("z"), chain("start", "a", "t", "z"), chain("eb", "mend"),
        extra='<error id="E" errorCode="refus"/>',
    )  # fmt: skip
    run = Run(content).do("a")
    assert run.open == ["mend", "z"]
    assert run.do("mend").do("z").done

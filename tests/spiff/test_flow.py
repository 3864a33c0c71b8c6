"""Tokens: gateways, conditions, joins, loops through parallel blocks, several starts and ends."""

from __future__ import annotations

import itertools

import pytest

from tests.spiff.driver import Run, boundary, chain, diagram, end, flow, node, script, start, user


def test_a_process_runs_from_start_to_end_in_order() -> None:
    run = Run(diagram(start(), user("a", name="Saisir"), node("task", "b"), end(), chain("start", "a", "b", "end")))
    assert run.open == ["a"]
    assert next(iter(run.tasks.values())).name == "Saisir"
    run.do("a", titre="Vélo")
    assert run.done
    assert run.variables == {"titre": "Vélo"}
    assert run.trace("element.entered") == ["start", "a", "b", "end"]
    assert run.trace() == ["start", "a", "b", "end"]
    assert run.history[-1].type == "instance.completed"


@pytest.mark.parametrize(("score", "expected"), [(70, "accept"), (50, "rework"), (10, "reject")])
def test_exclusive_gateway_takes_the_first_true_flow_else_the_default(score: int, expected: str) -> None:
    content = diagram(
        start(), node("exclusiveGateway", "x", default="d"), user("accept"), user("rework"), user("reject"),
        chain("start", "x"), flow("x", "accept", "score >= 60"), flow("x", "rework", "=score >= 45"), flow("x", "reject", name="d"),
    )  # fmt: skip
    assert Run(content, {"score": score}).open == [expected]


def test_no_true_flow_is_an_incident_that_can_be_tried_again_once_the_data_are_right() -> None:
    content = diagram(
        start(), node("parallelGateway", "p"), user("fix"), node("exclusiveGateway", "x"), user("a"),
        chain("start", "p", "fix"), chain("p", "x"), flow("x", "a", "ready = true"),
    )  # fmt: skip
    run = Run(content)
    assert [each.code for each in run.incidents.values()] == ["no-outgoing-flow"]
    run.retry("x")
    assert [each.code for each in run.incidents.values()] == ["no-outgoing-flow"]
    run.do("fix", ready=True).retry("x")
    assert not run.incidents
    assert run.open == ["a"]
    assert run.do("a").done


def test_condition_without_an_answer_is_an_incident_and_not_a_guess() -> None:
    content = diagram(
        start(), node("exclusiveGateway", "x", default="d"), user("a"), user("b"),
        chain("start", "x"), flow("x", "a", "montant > 100"), flow("x", "b", name="d"),
    )  # fmt: skip
    run = Run(content)
    (incident,) = run.incidents.values()
    assert incident.code == "condition-not-boolean"
    assert "montant > 100" in str(incident.message)


def test_activities_take_every_true_flow_out_of_them() -> None:
    content = diagram(
        start(), user("a", default="d"), user("b"), user("c"), user("e"),
        chain("start", "a"), flow("a", "b", "x > 1"), flow("a", "c", "x > 2"), flow("a", "e", name="d"),
    )  # fmt: skip
    assert Run(content).do("a", x=3).open == ["b", "c"]
    assert Run(content).do("a", x=2).open == ["b"]
    assert Run(content).do("a", x=0).open == ["e"]


@pytest.mark.parametrize("gateway", ["parallelGateway", "inclusiveGateway"])
@pytest.mark.parametrize("order", ["bc", "cb"])
def test_branches_never_undo_each_other_at_a_join(gateway: str, order: str) -> None:
    condition = "true" if gateway == "inclusiveGateway" else None
    content = diagram(
        start(), user("a"), node(gateway, "p"), user("b"), user("c"), node(gateway, "j"), user("z"),
        chain("start", "a", "p"), flow("p", "b", condition), flow("p", "c", condition), chain("b", "j", "z"), chain("c", "j"),
    )  # fmt: skip
    run = Run(content).do("a", status="new")
    for element in order:
        assert "z" not in run.open
        run.do(element, **({"status": "checked"} if element == "b" else {"other": 1}))
    assert run.variables == {"status": "checked", "other": 1}
    assert run.open == ["z"]
    assert run.do("z").done


@pytest.mark.parametrize("orders", [o for n in (1, 2, 3) for o in itertools.product(("bc", "cb"), repeat=n)])
def test_parallel_block_in_a_loop_joins_right_in_every_order(orders: tuple[str, ...]) -> None:
    content = diagram(
        start(), node("exclusiveGateway", "m"), user("a"), node("parallelGateway", "p"), user("b"), user("c"),
        node("parallelGateway", "j"), node("exclusiveGateway", "x", default="d"), end(),
        chain("start", "m", "a", "p", "b", "j", "x"), chain("p", "c", "j"), flow("x", "m", "again"), flow("x", "end", name="d"),
    )  # fmt: skip
    run = Run(content)
    for number, order in enumerate(orders):
        for element in "a" + order:
            assert len(run.open) == len(set(run.open))
            run.do(element, again=number < len(orders) - 1, **{element: number})
    assert run.done
    assert run.variables["b"] == run.variables["c"] == len(orders) - 1


@pytest.mark.parametrize("subset", [s for n in (1, 2, 3) for s in itertools.combinations("abc", n)])
def test_inclusive_join_waits_for_what_can_still_come_also_in_a_loop(subset: tuple[str, ...]) -> None:
    content = diagram(
        start(), node("exclusiveGateway", "m"), node("inclusiveGateway", "o"), user("a"), user("b"), user("c"),
        node("inclusiveGateway", "j"), user("k"), node("exclusiveGateway", "x", default="d"), end(),
        chain("start", "m", "o"), flow("o", "a", "A"), flow("o", "b", "B"), flow("o", "c", "C"), chain("a", "j"), chain("b", "j"),
        chain("c", "j", "k", "x"), flow("x", "m", "again"), flow("x", "end", name="d"),
    )  # fmt: skip
    for order in itertools.permutations(subset):
        run = Run(content, {name.upper(): name in subset for name in "abc"})
        for number in range(2):
            for element in order:
                assert "k" not in run.open
                run.do(element)
            assert run.open == ["k"]
            run.do("k", again=number < 1)
        assert run.done


def test_surplus_token_stays_in_front_of_a_parallel_join() -> None:
    content = diagram(
        start(), node("parallelGateway", "p"), user("a1"), user("a2"), node("exclusiveGateway", "m"), user("b"),
        node("parallelGateway", "j"), user("z"),
        chain("start", "p", "a1", "m", "j", "z"), chain("p", "a2", "m"), chain("p", "b", "j"),
    )  # fmt: skip
    run = Run(content).do("a1").do("a2").do("b")
    assert run.open == ["z"]
    run.do("z")
    assert not run.done
    assert [(each.code, each.element_id) for each in run.incidents.values()] == [("stuck", "j")]
    run.retry("j")
    assert [each.code for each in run.incidents.values()] == ["stuck"]
    assert run.act(lambda execution: execution.cancel("bloqué")).state_name == "cancelled"


def test_process_without_start_and_end_events_and_flows_without_ids_runs() -> None:
    content = diagram(
        user("a"), user("b"), user("c"),
        '<sequenceFlow sourceRef="a" targetRef="c"/><sequenceFlow sourceRef="b" targetRef="c"/>',
    )  # fmt: skip
    run = Run(content)
    assert run.open == ["a", "b"]
    run.do("a")
    assert run.open == ["b", "c"]
    run.do("b").do("c").do("c")
    assert run.done
    assert run.trace() == ["a", "b", "c", "c"]


def test_a_named_start_event_is_the_only_one_that_starts() -> None:
    message = '<message id="M" name="depot"/>'
    content = diagram(
        start("s1"), start("s2", '<messageEventDefinition messageRef="M"/>'), user("a"), user("b"), chain("s1", "a"), chain("s2", "b"),
        extra=message,
    )  # fmt: skip
    assert Run(content).open == ["a"]
    run = Run(content, start_event="s2", payload={"titre": "x"})
    assert run.open == ["b"]
    assert run.variables == {"titre": "x"}


def test_links_lead_on_like_flows() -> None:
    throw = node("intermediateThrowEvent", "t", '<linkEventDefinition name="L"/>')
    catch = node("intermediateCatchEvent", "c", '<linkEventDefinition name="L"/>')
    run = Run(diagram(start(), throw, catch, user("z"), chain("start", "t"), chain("c", "z")))
    assert run.open == ["z"]
    assert run.trace() == ["start", "t", "c"]


def test_token_quantities_wait_and_multiply() -> None:
    content = diagram(
        start(), user("a", completionQuantity=2), user("b"), user("pair", startQuantity=2),
        chain("start", "a"), chain("a", "b", "pair"),
    )  # fmt: skip
    run = Run(content).do("a")
    assert run.open == ["b", "b"]
    run.do("b")
    assert run.open == ["b"]
    run.do("b")
    assert run.open == ["pair"]
    assert run.do("pair").done


def test_ids_of_the_diagram_never_meet_internal_names() -> None:
    run = Run(diagram(start("Start"), node("task", "Root"), user("End"), chain("Start", "Root", "End")))
    assert run.open == ["End"]
    assert run.do("End").done


def test_terminate_ends_its_own_sub_process_alone() -> None:
    inner = (
        start("s1") + node("parallelGateway", "p1") + user("i") + user("k") + end("t", "<terminateEventDefinition/>")
        + chain("s1", "p1", "i") + chain("p1", "k", "t")
    )  # fmt: skip
    content = diagram(
        start(), node("parallelGateway", "p"), user("o"), node("subProcess", "sp", inner), user("z"),
        chain("start", "p", "o"), chain("p", "sp", "z"),
    )  # fmt: skip
    run = Run(content).do("k")
    assert run.open == ["o", "z"]
    assert "i" in run.trace("element.cancelled")


def test_inclusive_join_lets_every_token_pass_that_came_by_one_flow() -> None:
    content = diagram(
        start(), node("task", "m"), node("inclusiveGateway", "j"), user("z"), end(), chain("start", "m", "j", "z", "end"),
        chain("start", "m"), chain("start", "m"), chain("start", "j"),
    )  # fmt: skip
    run = Run(content)
    assert run.open == ["z", "z", "z"]
    assert run.do("z").do("z").do("z").done


def test_complex_gateway_fires_once_at_two_of_three_and_swallows_the_third() -> None:
    content = diagram(
        start(), node("parallelGateway", "p"), user("a"), user("b"), user("c"),
        node("complexGateway", "j", "<activationCondition>activationCount >= 2</activationCondition>"), user("z"), end(),
        chain("start", "p", "a", "j", "z", "end"), chain("p", "b", "j"), chain("p", "c", "j"),
    )  # fmt: skip
    run = Run(content).do("a")
    assert run.open == ["b", "c"]
    assert run.do("b").open == ["c", "z"]
    assert run.do("c").open == ["z"]
    assert run.do("z").done


def test_user_task_tells_who_may_do_it_until_when() -> None:
    props = {
        "formKey": "depot", "assignee": "porteur", "candidateGroups": "jury, jury_presidence", "dueIn": "P2D", "priority": "5",
        "taskTitle": '"Évaluer " + titre',
    }  # fmt: skip
    run = Run(diagram(start(), user("a", props=props), chain("start", "a")), {"porteur": "claire", "titre": "Vélo"})
    (task,) = run.tasks.values()
    assert (task.form_key, task.assignee, task.groups, task.priority) == ("depot", "claire", ("jury", "jury_presidence"), 5)
    assert task.name == "Évaluer Vélo"
    assert task.due is not None
    assert task.due.isoformat() == "2019-06-15T08:00:00+00:00"


def test_group_of_a_task_is_its_lanes_group_also_inside_sub_processes() -> None:
    lanes = (
        '<laneSet id="ls"><lane id="l1" name="Jury"><extensionElements><s:properties><s:property name="group" value="jury"/>'
        '</s:properties></extensionElements><flowNodeRef>a</flowNodeRef><flowNodeRef>sp</flowNodeRef></lane>'
        '<lane id="l2" name="coach"><flowNodeRef>b</flowNodeRef></lane></laneSet>'
    )  # fmt: skip
    content = diagram(
        lanes, start(), user("a"), user("b"), user("c"), node("subProcess", "sp", start("s1"), user("d"), chain("s1", "d")),
        *[flow("start", each) for each in ("a", "b", "c", "sp")],
    )  # fmt: skip
    groups = {task.element_id: task.groups for task in Run(content).tasks.values()}
    assert groups == {"a": ("jury",), "b": ("coach",), "c": ("agents",), "d": ("jury",)}


def test_script_entries_become_variables_and_see_each_other() -> None:
    run = Run(diagram(start(), script("s", "{total: sum(notes), moyenne: total / count(notes)}"), end(), chain("start", "s", "end")),
              {"notes": [10, 15]})  # fmt: skip
    assert run.done
    assert run.variables["total"] == 25
    assert float(str(run.variables["moyenne"])) == 12.5


def test_sub_process_shares_the_variables_around_it() -> None:
    inner = start("s1") + user("i") + end("e1") + chain("s1", "i", "e1")
    run = Run(diagram(start(), node("subProcess", "sp", inner), user("z"), end(), chain("start", "sp", "z", "end")), {"x": 1})
    run.do("i", x=2, y=3)
    assert run.variables == {"x": 2, "y": 3}
    assert run.do("z").trace() == ["start", "s1", "i", "e1", "sp", "z", "end"]


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_ad_hoc_sub_process_ends_when_its_condition_says_enough(ordering: str) -> None:
    inner = user("a") + user("b") + user("c") + "<completionCondition>assez = true</completionCondition>"
    content = diagram(start(), node("adHocSubProcess", "ah", inner, ordering=ordering), user("z"), chain("start", "ah", "z"))
    run = Run(content)
    assert run.open == (["a", "b", "c"] if ordering == "Parallel" else ["a"])
    run.do("a", assez=False)
    assert run.open == (["b", "c"] if ordering == "Parallel" else ["b"])
    assert run.do("b", assez=True).open == ["z"]
    assert run.do("z").done


def test_ad_hoc_condition_without_an_answer_is_an_incident_that_a_retry_settles() -> None:
    inner = user("a") + user("b") + "<completionCondition>assez</completionCondition>"
    content = diagram(start(), node("adHocSubProcess", "ah", inner), user("z"), chain("start", "ah", "z"))
    run = Run(content).do("a")
    assert [(each.element_id, each.code) for each in run.incidents.values()] == [("ah", "condition-not-boolean")]
    run.act(lambda execution: execution.amend({"assez": True})).retry("ah")
    assert run.open == ["z"]
    assert Run(content).do("a").do("b").open == ["z"]


def test_event_sub_process_of_an_ad_hoc_one_listens_and_interrupts() -> None:
    begin = start("s1", '<messageEventDefinition messageRef="M"/>')
    inner = user("a") + user("b") + node("subProcess", "es", begin, user("h"), chain("s1", "h"), triggeredByEvent="true")
    for ordering in ("Parallel", "Sequential"):
        content = diagram(
            start(), node("adHocSubProcess", "ah", inner, ordering=ordering), user("z"), chain("start", "ah", "z"),
            extra='<message id="M" name="stop"/>',
        )  # fmt: skip
        run = Run(content).send("stop")
        assert run.open == ["h"]
        assert run.do("h").open == ["z"]


def test_boundary_event_is_free_of_its_activity_after_that_ended() -> None:
    content = diagram(
        start(), user("a"), boundary("b", "a", "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"),
        user("late"), user("z"), chain("start", "a", "z"), chain("b", "late"),
    )  # fmt: skip
    run = Run(content).do("a")
    assert not run.timers
    assert run.advance(days=2).open == ["z"]


def test_ad_hoc_sub_process_begins_nothing_further_when_it_is_enough() -> None:
    inner = user("a") + user("b") + chain("a", "b") + user("c") + user("d") + chain("c", "d")
    inner += "<completionCondition>assez = true</completionCondition>"
    for cancels, left in (("true", ["z"]), ("false", ["c"])):
        content = diagram(
            start(), node("adHocSubProcess", "ah", inner, cancelRemainingInstances=cancels), user("z"), chain("start", "ah", "z")
        )
        run = Run(content).do("a", assez=True)
        assert run.open == left
        assert "b" not in run.trace("element.entered")
        if cancels == "false":
            assert run.do("c").open == ["z"]


def test_ad_hoc_sub_process_asks_after_activities_alone() -> None:
    gate = node("intermediateCatchEvent", "m", '<messageEventDefinition messageRef="M"/>')
    inner = user("a") + gate + chain("a", "m") + user("b") + chain("m", "b") + "<completionCondition>assez = true</completionCondition>"
    content = diagram(
        start(), node("adHocSubProcess", "ah", inner), user("z"), chain("start", "ah", "z"), extra='<message id="M" name="stop"/>'
    )
    run = Run(content).do("a", assez=False).send("stop", assez=True)
    assert run.open == ["b"]
    assert run.do("b", assez=False).open == ["z"]


def test_cancelling_the_rest_means_nothing_where_activities_come_one_after_the_other() -> None:
    remind = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    inner = user("a") + boundary("t", "a", remind, interrupting=False) + user("r") + chain("t", "r") + user("b")
    inner += "<completionCondition>assez = true</completionCondition>"
    content = diagram(start(), node("adHocSubProcess", "ah", inner, ordering="Sequential"), user("z"), chain("start", "ah", "z"))
    run = Run(content).advance(hours=1).do("a", assez=True)
    assert run.open == ["r"]
    assert run.do("r").open == ["z"]

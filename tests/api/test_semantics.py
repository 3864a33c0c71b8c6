"""What BPMN 2.0.2 says of compensation, behaviour of loops, calls, gateways and data, seen as an outside program sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from flask import Flask

from tests.api.cases import Act, Case, do, events, message, play
from tests.api.conftest import program
from tests.api.program import DECISION, Program
from tests.spiff.driver import boundary, chain, definitions, end, node, process, start, user

COMPLEX = (
    "<complexBehaviorDefinition><condition>assez</condition>"
    '<event><signalEventDefinition signalRef="S"/></event></complexBehaviorDefinition>'
)
EXTRA = '<signal id="S" name="semantics.s"/><message id="M" name="semantics.m"/><escalation id="X" escalationCode="X1"/>'
EXTRA += '<signalEventDefinition id="D" signalRef="S"/>'
COMPENSATE = "<compensateEventDefinition/>"


@pytest.fixture
def api(server: Flask) -> Program:
    return program(server, "admin")


def run(api: Program, inside: str, variables: Mapping[str, Any], acts: Sequence[Act], *others: str, extra: str = EXTRA) -> Case:
    api.publish(definitions(process(inside), *others, extra=extra))
    return play(api, "P", variables, acts)


def throw(ident: str, content: str, **more: Any) -> str:
    return node("intermediateThrowEvent", ident, content, **more)


def handled(activity: str, name: str) -> str:
    handler = user(f"undo_{name}", isForCompensation="true") + f'<association id="as_{name}" sourceRef="b_{name}" targetRef="undo_{name}"/>'
    return activity + boundary(f"b_{name}", name, COMPENSATE) + handler


def several(inner: str, **more: str) -> str:
    return node("multiInstanceLoopCharacteristics", f"mi{len(inner)}", inner, **more)


EACH = '<loopDataInputRef>liste</loopDataInputRef><inputDataItem id="item_un" name="un"/>'

STORIES: dict[str, tuple[str, dict[str, Any], list[Act], str]] = {
    "each iteration is compensated": (
        start() + handled(user("a", several(EACH)), "a") + throw("t", COMPENSATE) + end() + chain("start", "a", "t", "end"),
        {"liste": [1, 2]}, [do("a"), do("a"), do("undo_a"), do("undo_a")], "start a a undo_a undo_a t end",
    ),
    "a compensation event sub-process": (
        start() + node(
            "subProcess", "sp", start("s"), handled(node("task", "a"), "a"), end("e"), chain("s", "a", "e"),
            node("subProcess", "es", start("cs", COMPENSATE), user("annuler"), throw("ct", COMPENSATE), chain("cs", "annuler", "ct"), triggeredByEvent="true"),
        ) + throw("t", COMPENSATE) + end() + chain("start", "sp", "t", "end"),
        {}, [do("annuler"), do("undo_a")], "start s a e sp cs annuler undo_a ct es t end",
    ),
    "compensation that nobody waits for": (
        start() + handled(node("task", "a"), "a") + throw("t", '<compensateEventDefinition waitForCompletion="false"/>') + user("z")
        + chain("start", "a", "t", "z"),
        {}, [do("z"), do("undo_a")], "start a t z undo_a",
    ),
    "each instance tells of its end": (
        start() + user("a", several("<loopCardinality>2</loopCardinality>", behavior="None", noneBehaviorEventRef="D"))
        + boundary("b", "a", '<signalEventDefinition signalRef="S"/>') + node("task", "t") + end() + chain("start", "a", "end") + chain("b", "t"),
        {}, [do("a"), do("a")], "start a b t a b end t",
    ),
    "the first instance tells of its end": (
        start() + user("a", several("<loopCardinality>2</loopCardinality>", behavior="One", oneBehaviorEventRef="D"))
        + boundary("b", "a", '<signalEventDefinition signalRef="S"/>') + node("task", "t") + end() + chain("start", "a", "end") + chain("b", "t"),
        {}, [do("a"), do("a")], "start a b t a end",
    ),
    "a complex definition ends the others": (
        start() + user("a", several("<loopCardinality>3</loopCardinality>" + COMPLEX, behavior="Complex"))
        + boundary("b", "a", '<signalEventDefinition signalRef="S"/>') + node("task", "t") + end() + chain("start", "a", "end") + chain("b", "t"),
        {}, [do("a", assez=False), do("a", assez=True)], "start a a b end t",
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_story_goes_as_the_standard_says(api: Program, story: str) -> None:
    inside, variables, acts, trace = STORIES[story]
    case = run(api, inside, variables, acts)
    assert case.trace() == trace.split()
    after = case.read()
    assert (after["state"], after["tasks"], after["incidents"]) == ("completed", [], [])


def test_task_that_compensates_shows_the_variables_of_its_time(api: Program) -> None:
    inside = start() + handled(user("a"), "a") + user("b") + throw("t", COMPENSATE) + chain("start", "a", "b", "t")
    case = run(api, inside, {}, [do("a", billet="A1"), do("b", billet="B2")])
    (task,) = case.tasks()
    assert api.get(f"/tasks/{task['id']}")["variables"]["billet"] == "A1"
    do("undo_a", rembourse=True)(case)
    assert case.read()["variables"] == {"billet": "B2", "rembourse": True}
    assert [each["type"] for each in events(api, case.id)][-1] == "instance.completed"


ESCALATES = process(
    start("qs"), throw("qt", '<escalationEventDefinition escalationRef="X"/>'), user("q"), chain("qs", "qt", "q"), key="Q"
)  # fmt: skip


@pytest.mark.parametrize("interrupting", [True, False])
def test_escalation_rises_through_the_calls_to_whoever_catches_it(api: Program, interrupting: bool) -> None:
    between = process(start("rs"), node("callActivity", "r", calledElement="Q"), user("ru"), chain("rs", "r", "ru"), key="R")
    inside = (
        start() + node("callActivity", "c", calledElement="R") + boundary("b", "c", '<escalationEventDefinition escalationRef="X"/>', interrupting=interrupting)
        + user("chef") + end() + chain("start", "c", "end") + chain("b", "chef", "end")
    )  # fmt: skip
    case = run(api, inside, {}, [], ESCALATES, between)
    assert [each["element_id"] for each in case.tasks()] == (["chef"] if interrupting else ["chef", "q"])
    story = [each["type"] for each in events(api, case.id, children=1) if "escalation" in each["type"]]
    assert story == ["escalation.thrown", "escalation.caught"]
    for element in ["chef"] if interrupting else ["chef", "q", "ru"]:
        do(element)(case)
    assert case.read()["state"] == "completed"
    called = {each["instance_id"] for each in events(api, case.id, children=1)} - {case.id}
    states = {api.get(f"/instances/{each}")["state"] for each in called}
    assert states == ({"cancelled"} if interrupting else {"completed"})


def test_escalation_that_no_caller_catches_is_noted_and_work_goes_on(api: Program) -> None:
    case = run(api, start() + node("callActivity", "c", calledElement="Q") + chain("start", "c"), {}, [], ESCALATES)
    assert [each["element_id"] for each in case.tasks()] == ["q"]
    (noted,) = [each for each in events(api, case.id, children=1) if each["type"] == "escalation.uncaught"]
    assert (noted["element_id"], noted["data"]) == ("qt", {"code": "X1"})
    do("q")(case)
    assert case.read()["state"] == "completed"


# Conversations


def keyed(prefix: str) -> str:
    """Two messages that carry one property under names of their own, and the key of their conversation."""
    return f"""<message id="ask" name="{prefix}.ask"/><message id="answer" name="{prefix}.answer"/>
<correlationProperty id="p.ref" name="référence">
  <correlationPropertyRetrievalExpression messageRef="ask"><messagePath>numero</messagePath></correlationPropertyRetrievalExpression>
  <correlationPropertyRetrievalExpression messageRef="answer"><messagePath>pour</messagePath></correlationPropertyRetrievalExpression>
</correlationProperty>
<collaboration id="c"><participant id="p1" processRef="{prefix}"/>
<correlationKey id="key" name="dossier"><correlationPropertyRef>p.ref</correlationPropertyRef></correlationKey></collaboration>"""


def answer(prefix: str, pour: int) -> Act:
    return message(f"{prefix}.answer", pour=pour)


def test_key_of_a_message_that_was_sent_finds_the_answer(api: Program) -> None:
    sends = node("sendTask", "send", messageRef="ask", props={"payload": "{numero: dossier}"})
    api.publish(definitions(process(sends, node("receiveTask", "wait", messageRef="answer"), chain("send", "wait"), key="keyed"), extra=keyed("keyed")))
    cases = [play(api, "keyed", {"dossier": number}, []) for number in (1, 2)]
    answer("keyed", 2)(cases[0])
    assert [each.read()["state"] for each in cases] == ["running", "completed"]


def test_key_of_the_message_that_started_the_process_is_answered_and_awaited(api: Program) -> None:
    begins = start("s", '<messageEventDefinition messageRef="ask"/>')
    inside = begins + node("receiveTask", "wait", messageRef="answer") + end() + chain("s", "wait", "end")
    api.publish(definitions(process(inside, key="begun"), extra=keyed("begun")))
    made = [api.post("/messages", {"name": "begun.ask", "payload": {"numero": number}, "id": f"b{number}"}) for number in (1, 2)]
    made.append(api.post("/messages", {"name": "begun.ask", "correlation": {"numero": 3}, "id": "b3"}))
    assert [each["matched"] for each in made] == [1, 1, 1]
    for number in (2, 3, 9):
        api.post("/messages", {"name": "begun.answer", "payload": {"pour": number}})
    found = {each["variables"].get("numero"): each["state"] for each in api.get("/instances", process="begun")["items"]}
    assert found == {1: "running", 2: "completed", None: "completed"}


def test_each_iteration_has_a_conversation_of_its_own(api: Program) -> None:
    inner = (
        start("s") + node("sendTask", "send", messageRef="ask", props={"payload": "{numero: un}"}) + node("receiveTask", "wait", messageRef="answer")
        + user("lire") + chain("s", "send", "wait", "lire")
    )  # fmt: skip
    api.publish(definitions(process(node("subProcess", "sp", several(EACH), inner), key="each"), extra=keyed("each")))
    case = play(api, "each", {"liste": [1, 2, 3]}, [answer("each", 2), answer("each", 1)])
    assert [api.get(f"/tasks/{each['id']}")["variables"]["un"] for each in case.tasks()] == [2, 1]
    answer("each", 4)(case)
    assert len(case.tasks()) == 2


def test_parallel_gateway_begins_with_either_message_of_a_conversation(api: Program) -> None:
    inside = (
        node("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel") + node("intermediateCatchEvent", "a", '<messageEventDefinition messageRef="ask"/>')
        + node("intermediateCatchEvent", "b", '<messageEventDefinition messageRef="answer"/>') + node("parallelGateway", "j") + end()
        + chain("g", "a", "j", "end") + chain("g", "b", "j")
    )  # fmt: skip
    api.publish(definitions(process(inside, key="both"), extra=keyed("both")))
    for name, payload in (("ask", {"numero": 1}), ("answer", {"pour": 2}), ("answer", {"pour": 1}), ("ask", {"numero": 2})):
        api.post("/messages", {"name": f"both.{name}", "payload": payload})
    found = api.get("/instances", process="both")["items"]
    assert [each["state"] for each in found] == ["completed", "completed"]
    assert {(each["variables"]["numero"], each["variables"]["pour"]) for each in found} == {(1, 1), (2, 2)}


def test_start_event_that_needs_all_its_messages_waits_for_the_others_of_the_conversation(api: Program) -> None:
    begins = start("s", '<messageEventDefinition messageRef="ask"/><messageEventDefinition messageRef="answer"/>', parallelMultiple="true")
    api.publish(definitions(process(begins + user("u") + chain("s", "u"), key="all"), extra=keyed("all")))
    for name, payload in (("ask", {"numero": 1}), ("answer", {"pour": 2}), ("answer", {"pour": 1})):
        api.post("/messages", {"name": f"all.{name}", "payload": payload})
    found = {each["variables"].get("numero"): each for each in api.get("/instances", process="all")["items"]}
    assert {number: [task["element_id"] for task in each["tasks"]] for number, each in found.items()} == {1: ["u"], None: []}
    assert Case(api, found[1]["id"]).trace() == ["s"]
    assert Case(api, found[None]["id"]).trace() == []


# Global tasks


def test_global_tasks_are_called_like_processes(api: Program) -> None:
    tasks = (
        node("globalUserTask", "G.u", props={"candidateGroups": "accueil"}, name="Accueillir") + node("globalManualTask", "G.m") + node("globalTask", "G.t")
        + node("globalScriptTask", "G.s", "<script>{double: 2 * n}</script>", scriptLanguage="feel")
        + node("globalBusinessRuleTask", "G.b", props={"decisionKey": "avis", "resultVariable": "avis"})
    )  # fmt: skip
    calls = "".join(node("callActivity", f"c{each}", calledElement=f"G.{each}") for each in "umtsb")
    content = definitions(process(start(), calls, end(), chain("start", "cu", "cm", "ct", "cs", "cb", "end"), key="global"), extra=tasks)
    assert {each["key"] for each in api.publish(content, decision=DECISION)} == {"global", "G.u", "G.m", "G.t", "G.s", "G.b"}
    case = play(api, "global", {"n": 4, "score": 12}, [])
    (task,) = case.tasks()
    assert (task["element_id"], task["name"], task["groups"]) == ("G.u", "Accueillir", ["accueil"])
    do("G.u", vu=True)(case)
    do("G.m")(case)
    assert case.read()["variables"] == {"n": 4, "score": 12, "vu": True, "double": 8, "avis": "retenu"}
    assert case.trace(children=1) == ["start", "G.u", "cu", "G.m", "cm", "G.t", "ct", "G.s", "cs", "G.b", "cb", "end"]
    assert {each["element_type"] for each in events(api, case.id, children=1) if each["element_id"] == "G.u"} == {"userTask"}


def test_global_task_is_checked_like_any_other(api: Program) -> None:
    tasks = node("globalScriptTask", "G.x", "<script>import os</script>", scriptLanguage="python") + node("globalUserTask", "G.y", props={"formKey": "rien"})
    answer = api.send_files(definitions(process(user("u"), key="global-bad"), extra=tasks))
    assert {(each["code"], each["element_id"]) for each in answer.json["problems"] if each["severity"] == "error"} == {
        ("script-language", "G.x"), ("form-unknown", "G.y"),
    }  # fmt: skip


# Conditional starts


def test_conditional_start_begins_when_the_variables_make_it_true(api: Program) -> None:
    begins = start("s", "<conditionalEventDefinition><condition>montant &gt; 100</condition></conditionalEventDefinition>")
    api.publish(definitions(process(begins + user("u") + chain("s", "u"), key="large")))
    case = play(api, "large", {"montant": 500}, [do("u")])
    assert case.trace() == ["s", "u"]
    for variables in ({"montant": 5}, {}):
        answer = api.call("POST", "/processes/large/instances", json={"variables": variables})
        assert answer.status_code == 422
        assert "montant > 100" in answer.text
    assert len(api.get("/instances", process="large")["items"]) == 1
    catches = '<errorEventDefinition/>'
    calling = start() + node("callActivity", "c", calledElement="large") + boundary("b", "c", catches) + end() + chain("start", "c") + chain("b", "end")
    assert run(api, calling, {"montant": 5}, []).trace() == ["start", "b", "end"]

"""Diagrams as other people's tools write them: published, started, completed and followed over the API alone.

The database does not matter here, so one server on SQLite plays all stories.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.api.cases import Act, Case, do, events, message, play, signal, wait
from tests.api.conftest import program
from tests.api.program import DECISION, Program
from tests.spiff.driver import boundary, chain, definitions, end, flow, node, process, script, start, user

DIAGRAMS = Path(__file__).resolve().parent.parent / "diagrams" / "api"


@pytest.fixture
def api(server: Flask) -> Program:
    return program(server, "admin")


def run(api: Program, content: bytes, variables: Mapping[str, Any], acts: Sequence[Act], key: str = "P") -> Case:
    api.publish(content)
    return play(api, key, variables, acts)


# Files of tools

TOOLS: dict[str, tuple[str, dict[str, Any], list[Act], list[str], dict[str, Any]]] = {
    "bpmn-io": (
        "Process_bpmnio",
        {},
        [do("Activity_lire", note=12, complet=True)],
        ["Event_1", "Activity_lire", "Gateway_1", "Activity_accord", "Event_2"],
        {"note": 12, "complet": True},
    ),
    "eclipse": (
        "eclipse.process-1",
        {"notes": [1, 2.5, 3]},
        [],
        ["Start", "Root", "Root", "Root", "x.EndJoin", "End"],
        {"notes": [1, 2.5, 3], "doubles": [2, 5, 6]},
    ),
    "signavio": (
        "sid-9F1A-11.2",
        {"montant": 2000, "pays": "France"},
        [do("sid-D", ok=True), do("sid-C")],
        ["sid-A", "sid-B", "sid-D", "sid-C", "sid-F", "sid-G"],
        {"montant": 2000, "pays": "France", "ok": True},
    ),
    "by-hand": (
        "by-hand",
        {"x": 1},
        [do("c", y=0.25), do("b")],
        ["a", "both", "c", "b", "joined", "d"],
        {"x": 1, "y": 0.25, "somme": 1.25},
    ),
}


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_file_of_another_tool_runs_as_drawn(api: Program, tool: str) -> None:
    key, variables, acts, trace, after = TOOLS[tool]
    case = run(api, (DIAGRAMS / f"{tool}.bpmn").read_bytes(), variables, acts, key)
    assert case.trace() == trace
    assert case.read()["variables"] == after
    assert case.read()["state"] == "completed"


def test_other_branch_of_the_same_files(api: Program) -> None:
    refused = run(
        api,
        (DIAGRAMS / "bpmn-io.bpmn").read_bytes(),
        {},
        [do("Activity_lire", note=9, complet=True), do("Activity_refus")],
        "Process_bpmnio",
    )
    assert refused.trace() == ["Event_1", "Activity_lire", "Gateway_1", "Activity_refus", "Event_2"]
    cheap = run(api, (DIAGRAMS / "signavio.bpmn").read_bytes(), {"montant": 1, "pays": "France"}, [], "sid-9F1A-11.2")
    assert cheap.trace() == ["sid-A", "sid-B", "sid-E", "sid-F", "sid-G"]


def test_pools_of_one_file_talk_to_each_other(api: Program) -> None:
    client = run(api, (DIAGRAMS / "semantic.bpmn").read_bytes(), {}, [], "_client")
    (seller,) = api.get("/instances", process="_vendeur", state="running")["items"]
    (task,) = seller["tasks"]
    assert (task["element_id"], task["groups"]) == ("_6-3", ["Atelier"])
    do("_6-3")(Case(api, seller["id"]))
    assert client.trace() == ["_7-1", "_7-2", "_7-3", "_7-4"]
    assert client.read()["state"] == "completed"


@pytest.mark.parametrize("prefix", ["", "bpmn", "bpmn2", "semantic", "model", "ns0", "tns"])
def test_prefix_of_the_namespace_does_not_matter(api: Program, prefix: str) -> None:
    plain = definitions(process(start("Start"), user("Root"), end("End"), chain("Start", "Root", "End"))).decode()
    if prefix:
        plain = re.sub(r"<(/?)(?!s:)", rf"<\1{prefix}:", plain).replace("xmlns=", f"xmlns:{prefix}=")
    assert run(api, plain.encode(), {}, [do("Root")]).trace() == ["Start", "Root", "End"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encoding_of_the_file_is_the_one_it_declares(api: Program, encoding: str) -> None:
    body = definitions(process(user("u", name="Évaluer à 50 %"), key="code")).decode()
    content = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>{body}'.encode(encoding)
    case = run(api, content, {}, [], "code")
    assert case.tasks()[0]["name"] == "Évaluer à 50 %"


# Constructs


def catch(ident: str, content: str, **more: Any) -> str:
    return node("intermediateCatchEvent", ident, content, **more)


def throw(ident: str, content: str, **more: Any) -> str:
    return node("intermediateThrowEvent", ident, content, **more)


def timed(kind: str, text: str) -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def refers(kind: str, pointer: str = "") -> str:
    named = f' {kind}Ref="{pointer}"' if pointer else ""
    return f"<{kind}EventDefinition{named}/>"


def several(inner: str, **more: str) -> str:
    return node("multiInstanceLoopCharacteristics", f"mi{len(inner)}", inner, **more)


EXTRA = """<message id="M" name="constructs.m"/><message id="N" name="constructs.n"/><signal id="S" name="constructs.s"/>
<error id="E" errorCode="E1"/><error id="F" name="F2"/><escalation id="X" escalationCode="X1"/>
<timerEventDefinition id="T"><timeDuration>PT1M</timeDuration></timerEventDefinition>"""

WHOLE: dict[str, tuple[str, dict[str, Any], list[Act], str]] = {
    "plain tasks": ("".join((start(), *(node(tag, tag[0]) for tag in ("task", "manualTask")), chain("start", "t", "m"))), {}, [do("m")], "start t m"),
    "nothing but an end": (end(), {}, [], "end"),
    "default when nothing is true": (
        start() + node("exclusiveGateway", "g", default="d") + node("task", "a") + node("task", "b")
        + chain("start", "g") + flow("g", "a", "inconnu = 3") + flow("g", "b", name="d"),
        {}, [], "start g b",
    ),
    "condition over several lines, with a comment": (
        start() + node("exclusiveGateway", "g", default="d") + node("task", "a") + node("task", "b")
        + chain("start", "g") + flow("g", "a", "\n  = x > 1 // assez\n  and\n  x < 3\n") + flow("g", "b", name="d"),
        {"x": 2}, [], "start g a",
    ),
    "conditional flows out of a task": (
        start() + node("task", "t", default="d") + node("task", "a") + node("task", "b") + node("task", "c")
        + chain("start", "t") + flow("t", "a", "x > 1") + flow("t", "b", "x > 2") + flow("t", "c", name="d"),
        {"x": 2}, [], "start t a",
    ),
    "two flows into a task do it twice": (
        start() + node("task", "a") + node("task", "b") + node("task", "c") + chain("start", "a", "c") + chain("start", "b", "c"),
        {}, [], "start a b c c",
    ),
    "parallel, first then second": (
        start() + node("parallelGateway", "p") + user("a") + user("b") + node("parallelGateway", "j") + end()
        + chain("start", "p", "a", "j", "end") + chain("p", "b", "j"),
        {}, [do("a", v=1), do("b", w=2)], "start p a b j end",
    ),
    "parallel, second then first": (
        start() + node("parallelGateway", "p") + user("a") + user("b") + node("parallelGateway", "j") + end()
        + chain("start", "p", "a", "j", "end") + chain("p", "b", "j"),
        {}, [do("b", v=1), do("a", v=2)], "start p b a j end",
    ),
    "a gateway that joins and splits": (
        start() + node("parallelGateway", "p") + node("task", "a") + node("task", "b") + node("parallelGateway", "q")
        + node("task", "c") + node("task", "d") + chain("start", "p", "a", "q", "c") + chain("p", "b", "q", "d"),
        {}, [], "start p a b q c d",
    ),
    "discriminator": (
        start() + node("parallelGateway", "p") + "".join(user(each) for each in "abc")
        + node("complexGateway", "g", "<activationCondition>activationCount &gt;= 2</activationCondition>") + node("task", "z")
        + chain("start", "p") + "".join(chain("p", each, "g") for each in "abc") + chain("g", "z"),
        {}, [do("c"), do("a"), do("b")], "start p c a g z b",
    ),
    "loop back": (
        start() + node("exclusiveGateway", "m") + user("u") + node("exclusiveGateway", "g", default="d") + end()
        + chain("start", "m", "u", "g") + flow("g", "m", "encore") + flow("g", "end", name="d"),
        {}, [do("u", encore=True), do("u", encore=False)], "start m u g m u g end",
    ),
    "standard loop, tested before": (
        script("t", "{n: n + 1}", '<standardLoopCharacteristics testBefore="true"><loopCondition>n &lt; 3</loopCondition></standardLoopCharacteristics>'),
        {"n": 1}, [], "t t",
    ),
    "standard loop, at most": (node("task", "t", '<standardLoopCharacteristics loopMaximum="3"/>') + end() + chain("t", "end"), {}, [], "t t t end"),
    "so many, one after the other": (
        user("u", several("<loopCardinality>n</loopCardinality>", isSequential="true")) + end() + chain("u", "end"),
        {"n": 2}, [do("u"), do("u")], "u u end",
    ),
    "side by side until enough": (
        user("u", several("<loopCardinality>3</loopCardinality><completionCondition>numberOfCompletedInstances = 2</completionCondition>"))
        + end() + chain("u", "end"),
        {}, [do("u", 2), do("u", 0)], "u u end",
    ),
    "each of a list, a sub-process each": (
        node("subProcess", "sp", several('<loopDataInputRef>liste</loopDataInputRef><inputDataItem name="un"/>', isSequential="true"),
             start("s"), user("u"), chain("s", "u")) + end() + chain("sp", "end"),
        {"liste": ["a", "b"]}, [do("u"), do("u")], "s u sp s u sp end",
    ),
    "sub-process": (
        start() + node("subProcess", "sp", start("s"), user("u"), end("e"), chain("s", "u", "e")) + end() + chain("start", "sp", "end"),
        {}, [do("u")], "start s u e sp end",
    ),
    "ad hoc": (
        start() + node("adHocSubProcess", "ah", user("a"), user("b"), "<completionCondition>assez = true</completionCondition>")
        + end() + chain("start", "ah", "end"),
        {}, [do("b", assez=True)], "start b ah end",
    ),
    "terminate": (
        start() + node("parallelGateway", "p") + user("u") + node("task", "t") + end("x", "<terminateEventDefinition/>")
        + chain("start", "p", "u") + chain("p", "t", "x"),
        {}, [], "start p t x",
    ),
    "link": (
        start() + throw("out", '<linkEventDefinition name="L"/>') + catch("in", '<linkEventDefinition name="L"/>') + end()
        + chain("start", "out") + chain("in", "end"),
        {}, [], "start out in end",
    ),
    "a date that has passed": (start() + catch("t", timed("timeDate", "2011-01-01T00:00:00Z")) + chain("start", "t"), {}, [wait()], "start t"),
    "a duration of FEEL": (
        start() + catch("t", timed("timeDuration", '=duration("PT" + string(heures) + "H")')) + chain("start", "t"),
        {"heures": 2}, [wait(7199), wait(1)], "start t",
    ),
    "a reminder and a deadline, nested": (
        start() + node("subProcess", "sp", start("s"), catch("t", timed("timeDuration", "PT1H")), user("u"), chain("s", "t", "u"))
        + boundary("r", "sp", timed("timeCycle", "R/PT40M"), interrupting=False) + node("task", "rappel")
        + boundary("d", "sp", timed("timeDuration", "PT2H10M")) + end("tard") + chain("start", "sp") + chain("r", "rappel") + chain("d", "tard"),
        {}, [wait(4 * 3600)], "start s r rappel t r rappel r rappel d tard",
    ),
    "a cycle of three": (
        user("u") + boundary("r", "u", timed("timeCycle", "R3/PT10M"), interrupting=False) + chain("u", "end") + end() + node("task", "t") + chain("r", "t"),
        {}, [wait(3600), do("u")], "r t r t r t u end",
    ),
    "message": (start() + catch("c", refers("message", "M")) + chain("start", "c"), {}, [message("constructs.m", ok=1)], "start c"),
    "receive task": (start() + node("receiveTask", "r", messageRef="M") + chain("start", "r"), {}, [message("constructs.m")], "start r"),
    "a message to itself": (
        start() + node("parallelGateway", "p") + catch("c", refers("message", "N")) + node("sendTask", "s", messageRef="N")
        + chain("start", "p", "c") + chain("p", "s"),
        {}, [wait()], "start p s c",
    ),
    "a message interrupts a sub-process": (
        node("subProcess", "sp", start("s"), user("u"), chain("s", "u")) + boundary("b", "sp", refers("message", "M")) + end() + chain("b", "end"),
        {}, [message("constructs.m")], "s b end",
    ),
    "signal": (start() + catch("c", refers("signal", "S")) + chain("start", "c"), {}, [signal("constructs.s")], "start c"),
    "the first event wins": (
        start() + node("eventBasedGateway", "g") + catch("a", refers("message", "M")) + catch("b", timed("timeDuration", "PT1H"))
        + node("task", "x") + node("task", "y") + chain("start", "g", "a", "x") + chain("g", "b", "y"),
        {}, [wait(3600)], "start g b y",
    ),
    "condition": (
        start() + node("parallelGateway", "p") + catch("c", "<conditionalEventDefinition><condition>total &gt; 9</condition></conditionalEventDefinition>")
        + user("u") + chain("start", "p", "c") + chain("p", "u"),
        {}, [do("u", total=10)], "start p u c",
    ),
    "error from inside": (
        start() + node("subProcess", "sp", start("s"), end("x", refers("error", "E")), chain("s", "x"))
        + boundary("other", "sp", refers("error", "F")) + boundary("b", "sp", refers("error", "E")) + end("mended") + end()
        + chain("start", "sp", "end") + chain("b", "mended"),
        {}, [], "start s x b mended",
    ),
    "error in an event sub-process": (
        start() + end("x", refers("error", "E"))
        + node("subProcess", "es", start("s", refers("error")), node("task", "t"), chain("s", "t"), triggeredByEvent="true") + chain("start", "x"),
        {}, [], "start x s t es",
    ),
    "escalation": (
        start() + node("subProcess", "sp", start("s"), throw("x", refers("escalation", "X")), user("u"), chain("s", "x", "u"))
        + boundary("b", "sp", refers("escalation", "X"), interrupting=False) + node("task", "chef") + chain("start", "sp") + chain("b", "chef"),
        {}, [do("u")], "start s x b chef u sp",
    ),
    "compensation": (
        start() + node("task", "a") + boundary("ca", "a", "<compensateEventDefinition/>") + user("undo", isForCompensation="true")
        + '<association id="as" associationDirection="One" sourceRef="ca" targetRef="undo"/>' + throw("x", '<compensateEventDefinition activityRef="a"/>')
        + end() + chain("start", "a", "x", "end"),
        {}, [do("undo")], "start a undo x end",
    ),
    "cancelled transaction": (
        start() + node("transaction", "tx", start("s"), end("c", "<cancelEventDefinition/>"), chain("s", "c"))
        + boundary("b", "tx", "<cancelEventDefinition/>") + node("task", "t") + chain("start", "tx") + chain("b", "t"),
        {}, [], "start s c b t",
    ),
    "token quantities": (node("task", "a", completionQuantity="2") + node("task", "b", startQuantity="2") + chain("a", "b"), {}, [], "a b"),
    "reference to a definition": (catch("c", "<eventDefinitionRef>tns:T</eventDefinitionRef>") + end() + chain("c", "end"), {}, [wait(60)], "c end"),
}  # fmt: skip


@pytest.mark.parametrize("construct", WHOLE)
def test_construct_runs_as_the_standard_says(api: Program, construct: str) -> None:
    inside, variables, acts, trace = WHOLE[construct]
    case = run(api, definitions(process(inside), extra=EXTRA), variables, acts)
    assert case.trace() == trace.split()
    after = case.read()
    assert (after["state"], after["tasks"], after["incidents"]) == ("completed", [], [])


def test_an_error_that_nothing_catches_fails_the_instance(api: Program) -> None:
    case = run(api, definitions(process(start(), end("x", refers("error", "E")), chain("start", "x")), extra=EXTRA), {}, [])
    assert case.read()["state"] == "failed"
    assert case.trace() == ["start", "x"]


def test_two_pools_of_one_file_are_two_processes(api: Program) -> None:
    both = definitions(
        process(start("a"), key="pool.a"), process(start("b"), key="pool-b"), process(start("c"), key="drawn", executable=False)
    )
    assert {each["key"] for each in api.publish(both)} == {"pool.a", "pool-b"}
    assert api.call("GET", "/processes/drawn").status_code == 404


# Messages that belong to one instance


CORRELATED = """<message id="ask" name="keys.ask"/><message id="answer" name="keys.answer"/>
<correlationProperty id="p.ref" name="référence">
  <correlationPropertyRetrievalExpression messageRef="tns:ask"><messagePath>reference</messagePath></correlationPropertyRetrievalExpression>
  <correlationPropertyRetrievalExpression messageRef="tns:answer"><messagePath>pour</messagePath></correlationPropertyRetrievalExpression>
</correlationProperty>
<collaboration id="c"><participant id="p1" processRef="tns:asking"/><participant id="p2" processRef="tns:answering"/>
<correlationKey id="key" name="dossier"><correlationPropertyRef>tns:p.ref</correlationPropertyRef></correlationKey></collaboration>"""
SUBSCRIPTION = """<correlationSubscription id="cs" correlationKeyRef="tns:key"><correlationPropertyBinding correlationPropertyRef="p.ref">
<dataPath>dossier.numero</dataPath></correlationPropertyBinding></correlationSubscription>"""


def test_correlation_keys_of_the_diagram_find_the_instance(api: Program) -> None:
    asking = process(
        SUBSCRIPTION, node("sendTask", "send", messageRef="ask", props={"payload": "{reference: dossier.numero}"}),
        node("receiveTask", "wait", messageRef="answer"), end(), chain("send", "wait", "end"), key="asking",
    )  # fmt: skip
    answering = process(
        start("s", '<messageEventDefinition messageRef="ask"/>'), user("u"),
        end("e", '<messageEventDefinition messageRef="answer"/>', props={"payload": "{pour: reference, avis: avis}"}), chain("s", "u", "e"), key="answering",
    )  # fmt: skip
    api.publish(definitions(asking, answering, extra=CORRELATED))
    cases = [play(api, "asking", {"dossier": {"numero": number}}, []) for number in (7, "7", 8)]
    asked = {
        str(each["variables"]["reference"]) + type(each["variables"]["reference"]).__name__: each["id"]
        for each in api.get("/instances", process="answering")["items"]
    }
    assert set(asked) == {"7int", "7str", "8int"}
    do("u", avis="oui")(Case(api, asked["7str"]))
    assert [each.read()["state"] for each in cases] == ["running", "completed", "running"]
    assert cases[1].read()["variables"]["avis"] == "oui"
    message("keys.answer", {"pour": 8}, avis="non")(cases[2])
    message("keys.answer", pour=9)(cases[2])
    assert [each.read()["state"] for each in cases] == ["running", "completed", "completed"]


def test_correlation_key_without_subscription_is_the_variable_of_its_name(api: Program) -> None:
    waiting = process(node("receiveTask", "r", messageRef="answer"), end(), chain("r", "end"), key="asking")
    api.publish(
        definitions(
            waiting, extra=CORRELATED.replace("keys.", "variable.").replace('<participant id="p2" processRef="tns:answering"/>', "")
        )
    )
    mine, other, anyone = (play(api, "asking", variables, []) for variables in ({"pour": "A"}, {"pour": "B"}, {}))
    message("variable.answer", {"pour": "B"})(mine)
    assert [each.read()["state"] for each in (mine, other, anyone)] == ["running", "completed", "running"]
    message("variable.answer", {"pour": "C"})(mine)
    assert [each.read()["state"] for each in (mine, other, anyone)] == ["running", "completed", "completed"]


def test_start_with_several_triggers_starts_by_each(api: Program) -> None:
    both = refers("signal", "S") + refers("message", "M")
    api.publish(
        definitions(process(start("s", both), user("u"), chain("s", "u"), key="many-ways"), extra=EXTRA.replace("constructs.", "ways."))
    )
    assert api.post("/messages", {"name": "ways.m", "payload": {"by": "message"}})["matched"] == 1
    assert api.post("/signals", {"name": "ways.s", "payload": {"by": "signal"}})["matched"] == 1
    assert api.post("/hooks/many-ways/s", {"by": "hook"})["matched"] == 1
    api.post("/processes/many-ways/instances", {"variables": {"by": "hand"}})
    found = api.get("/instances", process="many-ways")["items"]
    assert {each["variables"]["by"] for each in found} == {"message", "signal", "hook", "hand"}


@pytest.mark.parametrize("cycle", ["R3/PT10S", '="R3/" + "PT10S"'])
def test_start_by_the_clock_repeats_however_its_cycle_is_written(api: Program, cycle: str) -> None:
    key = "by-clock-iso" if cycle.startswith("R") else "by-clock-feel"
    api.publish(definitions(process(start("s", timed("timeCycle", cycle)), end("e"), chain("s", "e"), key=key)))
    api.advance(3600)
    assert [each["state"] for each in api.get("/instances", process=key)["items"]] == ["completed"] * 3


def test_a_step_that_waits_for_a_signal_has_no_webhook(api: Program) -> None:
    api.publish(definitions(process(catch("c", refers("signal", "S")), key="signalled"), extra=EXTRA.replace("constructs.", "signalled.")))
    assert api.call("POST", "/hooks/signalled/c", json={}).status_code == 404


# Files that belong together


def test_call_form_and_decision_of_one_publication(api: Program) -> None:
    outer = definitions(
        process(
            start(), user("saisir", props={"formKey": "demande"}),
            node("businessRuleTask", "decider", props={"decisionKey": "avis", "resultVariable": "avis"}),
            node("callActivity", "appeler", calledElement="tns:inner", props={"input": "{sujet: titre}", "output": "{fait: suite}"}), end(),
            chain("start", "saisir", "decider", "appeler", "end"), key="outer",
        )
    )  # fmt: skip
    inner = definitions(process(start("s"), user("u"), end("e"), chain("s", "u", "e"), key="inner"))
    form = {"id": "demande", "type": "default", "schemaVersion": 19, "components": [
        {"type": "textfield", "id": "f1", "key": "titre", "label": "Titre", "validate": {"required": True}},
        {"type": "number", "id": "f2", "key": "score", "label": "Score"},
    ]}  # fmt: skip
    assert len(api.publish(outer, inner, form=form, decision=DECISION)) == 2
    case = play(api, "outer", {}, [do("saisir", titre="Korrigo", score=12), do("u", suite="é")])
    assert case.trace() == ["start", "saisir", "decider", "appeler", "end"]
    assert case.trace(children=1) == ["start", "saisir", "decider", "s", "u", "e", "appeler", "end"]
    assert case.read()["variables"] == {"titre": "Korrigo", "score": 12, "avis": "retenu", "fait": "é"}


def test_the_newest_version_is_called_and_running_instances_keep_theirs(api: Program) -> None:
    inner = [definitions(process(user(name), key="called")) for name in ("ancien", "nouveau")]
    outer = definitions(process(user("avant"), node("callActivity", "c", calledElement="called"), chain("avant", "c"), key="caller"))
    assert api.publish(inner[0])[0]["version"] == 1
    api.publish(outer)
    case = play(api, "caller", {}, [])
    old = play(api, "called", {}, [])
    assert api.publish(inner[1])[0]["version"] == 2
    assert api.publish(inner[1])[0]["version"] == 2
    do("avant")(case)
    assert [each["element_id"] for each in case.tasks()] == ["nouveau"]
    assert (old.read()["version"], old.tasks()[0]["element_id"]) == (1, "ancien")
    do("ancien")(old)
    assert old.read()["state"] == "completed"


# Values


EXACT: dict[str, Any] = {
    "small": 0.1, "third": 1 / 3, "least": 5e-324, "largest": 1.7976931348623157e308, "whole": 1.0, "zero": 0,
    "long": 2**53 + 1, "big": 2**63, "bigger": 123456789012345678901234567890, "negative": -(2**70),
    "nothing": None, "yes": True, "no": False, "empty": "", "list": [], "context": {},
    "text": "É 😀 \u2028 </script> \\ \" ' &amp; ${x} {{ y }}", "nested": {"": [{"a b": [[1, [None]]]}], "$": {"$ref": "x"}, "é": {"0": "1"}},
    "date-like": "2019-02-30", "number-like": "007",
}  # fmt: skip


def test_values_come_back_exactly(api: Program) -> None:
    content = definitions(process(user("u"), user("v"), chain("u", "v")))
    case = run(api, content, {"start": EXACT}, [do("u", task=EXACT, **EXACT)])
    after = case.read()["variables"]
    assert after == {"start": EXACT, "task": EXACT, **EXACT}
    assert {name: type(value) for name, value in after.items()} == {
        name: type(value) for name, value in {"start": {}, "task": {}, **EXACT}.items()
    }
    (task,) = case.tasks()
    assert api.get(f"/tasks/{task['id']}")["variables"] == after


def test_numbers_are_decimals_for_feel(api: Program) -> None:
    content = definitions(process(script("sc", "{somme: a + b, egal: a + b = 0.3, gros: g + 1, tiers: 1 / 3, rien: null}")))
    case = run(api, content, {"a": 0.1, "b": 0.2, "g": 12345678901234567890123456789}, [])
    after = case.read()["variables"]
    assert (after["somme"], after["egal"], after["gros"], after["rien"]) == (0.3, True, 12345678901234567890123456790, None)
    assert after["tiers"] == pytest.approx(1 / 3)


# Many


def test_long_lists_are_read_page_by_page(api: Program) -> None:
    case = run(api, definitions(process(user("u", several("<loopCardinality>250</loopCardinality>")), key="many")), {}, [], "many")
    found: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = api.get("/tasks", process="many", limit=200, **cursor)
        assert len(page["items"]) <= 200
        found += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(found) == len(set(found)) == 250
    entered = [each for each in events(api, case.id) if each["type"] == "element.entered"]
    assert len(entered) == 250


# What is refused


REFUSED: dict[str, tuple[str, set[tuple[str, str]]]] = {
    "attributes of another engine": (
        node("userTask", "u", **{"v:assignee": "demo"}) + node("serviceTask", "s", **{"v:class": "org.Example"}),
        {("vendor-extension", "u"), ("vendor-extension", "s"), ("connector-missing", "s")},
    ),
    "expressions of another engine": (
        start() + node("exclusiveGateway", "g", default="d") + end("a") + end("b")
        + chain("start", "g") + flow("g", "a", "${montant > 3}", "x") + flow("g", "b", name="d"),
        {("feel-syntax", "x")},
    ),
    "a script in Python": (node("scriptTask", "s", "<script>import os</script>", scriptFormat="python"), {("script-language", "s")}),
    "a condition in XPath": (
        start() + end("a") + end("b") + node("inclusiveGateway", "g", default="d") + chain("start", "g") + flow("g", "a", name="d")
        + '<sequenceFlow id="x" sourceRef="g" targetRef="b"><conditionExpression language="http://www.w3.org/1999/XPath">true()</conditionExpression></sequenceFlow>',
        {("expression-language", "x")},
    ),
    "correlation that leads nowhere": (
        node("correlationSubscription", "cs", node("correlationPropertyBinding", "b", correlationPropertyRef="nulle-part"), correlationKeyRef="x") + user("u"),
        {("reference-dangling", "refused"), ("correlation-without-path", "refused")},
    ),
    "people named as BPMN does": (
        user("u", "<potentialOwner><resourceAssignmentExpression><formalExpression>x</formalExpression></resourceAssignmentExpression></potentialOwner>"),
        {("element-unsupported", "u")},
    ),
    "everything at once": (
        node("receiveTask", "r") + node("callActivity", "c") + node("subProcess", "sp") + catch("t", timed("timeDuration", "demain"))
        + flow("r", "nulle-part", name="f") + user("twice") + user("twice") + node("businessRuleTask", "b"),
        {("message-missing", "r"), ("called-missing", "c"), ("sub-process-empty", "sp"), ("flow-dangling", "f"),
         ("id-duplicate", "twice"), ("decision-missing", "b"), ("result-missing", "b")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_run_as_drawn_is_refused_whole(api: Program, what: str, language: str) -> None:
    inside, expected = REFUSED[what]
    content = definitions(process(inside, key="refused")).replace(
        b"<definitions ", b'<definitions xmlns:v="http://camunda.org/schema/1.0/bpmn" '
    )
    answer = api.send_files(content, headers={"Accept-Language": language})
    assert answer.status_code == 422, answer.text
    problems = [each for each in answer.json["problems"] if each["severity"] == "error"]
    assert expected <= {(each["code"], each["element_id"]) for each in problems}
    for each in problems:
        assert each["message"]
        assert each["element_type"]
        assert set(each) >= {"code", "message", "element_id", "element_type", "element_name"}
    assert ("pris en charge" in answer.text or "«" in answer.text) == (language == "fr")
    assert api.call("GET", "/processes/refused").status_code == 404

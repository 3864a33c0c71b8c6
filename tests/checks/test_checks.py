"""The check before publication: what it refuses, how it says so, and that it lets good diagrams through."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bundle import Bundle, File
from engine.checking.table import DRAWN, EXECUTED
from engine.checks import check
from engine.diagram import MAXIMUM_BYTES
from engine.spiff.definition import build
from feel.problems import Problem
from tests.spiff.driver import boundary, chain, definitions, diagram, end, flow, node, process, script, start, user

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'


def problems(content: bytes, called: tuple[str, ...] = (), files: tuple[File, ...] = ()) -> list[Problem]:
    return check(Bundle([File("diagram", "essai.bpmn", content), *files]), called=called)


def codes(content: bytes, called: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    """Code and element of every error."""
    return {(each.code, each.element_id) for each in problems(content, called) if each.severity == "error"}


def warnings(content: bytes) -> set[tuple[str, str]]:
    return {(each.code, each.element_id) for each in problems(content) if each.severity == "warning"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml-syntax"),
        (b"<definitions", "xml-syntax"),
        (b"\xff\xfe\x00", "xml-syntax"),
        (b"<html/>", "not-bpmn"),
        (b'<definitions xmlns="http://example.org"/>', "not-bpmn"),
        (b"x" * (MAXIMUM_BYTES + 1), "xml-size"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD.encode() + b"&x;</definitions>", "xml-doctype"),
        (
            b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>' + HEAD.encode() + b"&b;</definitions>",
            "xml-doctype",
        ),
        (b"<!DOCTYPE definitions>" + HEAD.encode() + b"</definitions>", "xml-doctype"),
        (HEAD.encode() + b"<subProcess>" * 200 + b"</subProcess>" * 200 + b"</definitions>", "xml-depth"),
        (HEAD.encode() + b"<task/>" * 25_000 + b"</definitions>", "xml-elements"),
        (HEAD.encode() + b"</definitions>", "process-missing"),
        (definitions(process(start(), executable=False)), "process-missing"),
    ],
)  # fmt: skip
def test_file_that_is_no_diagram_is_refused_with_its_reason(content: bytes, code: str) -> None:
    found = problems(content)
    assert code in [each.code for each in found]
    assert all(each.element_type == "file" and each.element_name == "essai.bpmn" for each in found if each.code == code)


def a(*content: str, extra: str = "") -> bytes:
    """A process with a start that leads to the element `x`."""
    return diagram(start(), *content, chain("start", "x"), extra=extra)


def loop(content: str, **attributes: str) -> str:
    return user("x", node("multiInstanceLoopCharacteristics", "mi", content, **attributes))


def event(tag: str, content: str, **attributes: str) -> str:
    return node(tag, "x", content, **attributes)


SPLIT = chain("start", "x")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # elements, attributes, languages
        (a(node("choreographyTask", "x")), ("element-unsupported", "P")),
        (a(user("x", camunda="1")), ("attribute-unsupported", "x")),
        (a(user("x").replace("<userTask", '<userTask xmlns:c="http://camunda.org/schema/1.0/bpmn" c:assignee="demo"')),
         ("vendor-extension", "x")),
        (a(user("x", "<extensionElements><s:preScript>import os</s:preScript></extensionElements>")), ("extension-unsupported", "x")),
        (a(node("scriptTask", "x", "<script>x = 1</script>", scriptFormat="python")), ("script-language", "x")),
        (a(node("scriptTask", "x", scriptFormat="feel")), ("script-missing", "x")),
        (a(script("x", "{a: }")), ("feel-syntax", "x")),
        (a(node("scriptTask", "x", "<script>__import__('os').system('id')</script>")), ("feel-syntax", "x")),
        (a(user("x", user("y"))), ("element-misplaced", "y")),
        (a(user("x", "<timerEventDefinition/>")), ("element-misplaced", "x")),
        # ids and references
        (diagram(start("x"), user("x"), user("y"), chain("x", "y")), ("id-duplicate", "x")),
        (a(user("x"), flow("x", "nowhere", name="f")), ("flow-dangling", "f")),
        (a(user("x"), '<sequenceFlow id="f" sourceRef="x"/>'), ("flow-dangling", "f")),
        (a(node("subProcess", "x", user("inner")), flow("start", "inner", name="f")), ("flow-dangling", "f")),
        (a(user("x"), boundary("b", "nothing", "<errorEventDefinition/>")), ("boundary-detached", "b")),
        (a(user("x", default="f")), ("default-dangling", "x")),
        (a(user("x"), '<laneSet id="s"><lane id="l" name="L"><flowNodeRef>ghost</flowNodeRef></lane></laneSet>'), ("lane-dangling", "l")),
        (a(event("intermediateCatchEvent", '<messageEventDefinition messageRef="M"/>')), ("reference-dangling", "x")),
        (a(event("intermediateCatchEvent", "<eventDefinitionRef>D</eventDefinitionRef>")), ("reference-dangling", "x")),
        # events
        (a(event("intermediateCatchEvent", "")), ("event-without-trigger", "x")),
        (a(event("intermediateCatchEvent", "<errorEventDefinition/>")), ("trigger-unsupported", "x")),
        (a(event("intermediateThrowEvent", "<timerEventDefinition/>")), ("trigger-unsupported", "x")),
        (a(event("intermediateCatchEvent", "<messageEventDefinition/>")), ("message-missing", "x")),
        (a(event("intermediateCatchEvent", "<signalEventDefinition/>")), ("signal-missing", "x")),
        (a(node("sendTask", "x")), ("message-missing", "x")),
        (a(node("receiveTask", "x", messageRef="M"), extra='<message id="M"/>'), ("message-without-name", "M")),
        (a(event("intermediateCatchEvent", "<timerEventDefinition/>")), ("timer-missing", "x")),
        (a(event("intermediateCatchEvent", "<timerEventDefinition><timeDuration>P2X</timeDuration></timerEventDefinition>")),
         ("timer-syntax", "x")),
        (a(event("intermediateCatchEvent", "<timerEventDefinition><timeDate>2019-02-31</timeDate></timerEventDefinition>")),
         ("timer-syntax", "x")),
        (a(event("intermediateCatchEvent", "<timerEventDefinition><timeCycle>R3/</timeCycle></timerEventDefinition>")),
         ("timer-syntax", "x")),
        (a(event("intermediateCatchEvent", "<conditionalEventDefinition/>")), ("condition-empty", "x")),
        (a(event("endEvent", "<errorEventDefinition/>")), ("error-missing", "x")),
        (a(event("endEvent", '<errorEventDefinition errorRef="E"/>'), extra='<error id="E"/>'), ("error-without-code", "E")),
        (a(event("endEvent", "<cancelEventDefinition/>")), ("cancel-misplaced", "x")),
        (a(event("intermediateThrowEvent", '<linkEventDefinition name="L"/>')), ("link-dangling", "x")),
        (a(user("x"), boundary("b", "x", "<errorEventDefinition/>", interrupting=False)), ("error-non-interrupting", "b")),
        (a(user("x"), boundary("b", "x", "<compensateEventDefinition/>")), ("compensation-without-handler", "b")),
        (diagram(start("x", "<conditionalEventDefinition><condition>true</condition></conditionalEventDefinition>"), user("y"),
         chain("x", "y")),
         ("start-condition-constant", "x")),
        # flows and gateways
        (a(node("exclusiveGateway", "x"), user("y"), user("z"), flow("x", "y", name="f"), flow("x", "z", "true")),
         ("flow-without-condition", "f")),
        (a(node("exclusiveGateway", "x", default="f"), user("y"), flow("x", "y", "true", name="f")), ("default-with-condition", "f")),
        (a(node("parallelGateway", "x"), user("y"), flow("x", "y", "true", name="f")), ("condition-misplaced", "f")),
        (a(node("exclusiveGateway", "x"), user("y"), flow("x", "y", "montant >", name="f")), ("feel-syntax", "f")),
        (a(node("eventBasedGateway", "x"), user("y"), flow("x", "y")), ("event-gateway-target", "y")),
        (a(node("eventBasedGateway", "x", eventGatewayType="Parallel")), ("event-gateway-parallel", "x")),
        (a(end("x"), user("y"), flow("x", "y")), ("flow-out-of-end", "x")),
        (diagram(start("x"), user("y"), chain("x", "y", "x")), ("flow-into-start", "x")),
        # activities
        (a(node("serviceTask", "x")), ("connector-missing", "x")),
        (a(node("businessRuleTask", "x")), ("decision-missing", "x")),
        (a(node("businessRuleTask", "x", props={"decisionKey": "d"})), ("decision-unknown", "x")),
        (a(node("businessRuleTask", "x", props={"decisionKey": "d"})), ("result-missing", "x")),
        (a(node("callActivity", "x")), ("called-missing", "x")),
        (a(node("callActivity", "x", calledElement="Q")), ("called-unknown", "x")),
        (a(user("x", props={"formKey": "inconnu"})), ("form-unknown", "x")),
        (a(user("x", props={"assignee": "1 +"})), ("feel-syntax", "x")),
        (a(user("x", props={"dueIn": "P2X"})), ("due-syntax", "x")),
        (a(user("x", props={"priority": "haute"})), ("priority-invalid", "x")),
        (a(user("x", startQuantity="0")), ("quantity-invalid", "x")),
        (a(loop("")), ("multi-instance-without-number", "x")),
        (a(loop("<loopCardinality>3</loopCardinality>", behavior="One")), ("multi-instance-behavior-event", "x")),
        (a(loop("<loopCardinality>3</loopCardinality>", behavior="Complex")), ("multi-instance-behavior", "x")),
        (a(loop("<loopCardinality>3 +</loopCardinality>")), ("feel-syntax", "x")),
        (a(user("x", "<standardLoopCharacteristics/>")), ("loop-without-end", "x")),
        (a(user("x", '<standardLoopCharacteristics loopMaximum="-1"/>')), ("loop-maximum-invalid", "x")),
        (a(node("subProcess", "x")), ("sub-process-empty", "x")),
        (a(node("subProcess", "x", start("s1"), start("s2"))), ("sub-process-starts", "x")),
        (diagram(user("y"), node("subProcess", "x", user("z"), triggeredByEvent="true")), ("event-sub-process-start", "x")),
        (a(node("adHocSubProcess", "x", start("s1"), user("y"))), ("ad-hoc-events", "x")),
        # processes
        (definitions(process(user("y"), key="1x")), ("process-key", "1x")),
        (definitions(process()), ("process-empty", "P")),
        (diagram(user("x"), user("y"), chain("x", "y", "x")), ("no-start", "P")),
        (definitions(process(user("y")), process(user("z"))), ("process-duplicate", "P")),
        (diagram(start("x", props={"publicPath": "Pas ça"}), user("y"), chain("x", "y")), ("public-path-invalid", "x")),
        (diagram(start("x", props={"publicPath": "idee"}), user("y"), chain("x", "y")), ("public-path-without-form", "x")),
    ],
)  # fmt: skip
def test_what_would_not_run_as_drawn_is_refused_at_its_element(content: bytes, expected: tuple[str, str]) -> None:
    assert expected in codes(content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (diagram(start(), user("a"), user("b"), chain("start", "a")), ("unreachable", "b")),
        (a(node("exclusiveGateway", "x"), user("y"), user("z"), flow("x", "y", "a"), flow("x", "z", "b")), ("gateway-may-block", "x")),
        (a(user("x", props={"candidatGroups": "jury"})), ("property-unknown", "x")),
        (diagram(user("x")).replace(b' name="P"', b""), ("process-without-name", "P")),
        (a(user("x").replace("<userTask", '<userTask xmlns:v="http://vendor.example/x" v:color="red"')), ("vendor-ignored", "x")),
    ],
)
def test_what_looks_wrong_is_a_warning_that_does_not_forbid(content: bytes, expected: tuple[str, str]) -> None:
    assert expected in warnings(content)
    assert codes(content) == set()


def test_all_problems_come_at_once_each_with_element_message_and_remedy() -> None:
    content = diagram(
        start(), node("serviceTask", "s", name="Vérifier le SIRET"), script("t", "1 +"), node("callActivity", "c", calledElement="Q"),
        node("exclusiveGateway", "x"), user("u"), user("v"), chain("start", "s", "t", "c", "x"),
        flow("x", "u", name="f1"), flow("x", "v", name="f2"),
    )  # fmt: skip
    found = {each.code: each for each in problems(content) if each.severity == "error"}
    assert set(found) == {"connector-missing", "feel-syntax", "called-unknown", "flow-without-condition"}
    service = found["connector-missing"]
    assert (service.element_id, service.element_type, service.element_name) == ("s", "serviceTask", "Vérifier le SIRET")
    assert str(service.message) == "La tâche de service ne dit pas quel système appeler."
    assert service.remedy is not None


def test_good_diagram_has_no_problem_and_calls_inside_the_same_files_are_known() -> None:
    caller = process(start(), node("callActivity", "ca", calledElement="Q"), end(), chain("start", "ca", "end"))
    called = process(start("s2"), user("u"), end("e2"), chain("s2", "u", "e2"), key="Q")
    assert problems(definitions(caller, called)) == []
    assert codes(definitions(caller)) == {("called-unknown", "ca")}
    assert codes(definitions(caller), called=("Q",)) == set()


def test_processes_that_do_not_run_are_left_alone() -> None:
    drawing = process(node("serviceTask", "s"), key="Usager", executable=False)
    assert codes(definitions(process(user("u")), drawing)) == set()


def test_messages_without_id_and_broken_drawings_do_not_disturb() -> None:
    drawing = process("<subProcess><eventDefinitionRef>ghost</eventDefinitionRef><signal/></subProcess>", key="Usager", executable=False)
    assert codes(definitions(process(user("u")), drawing, extra='<message name="m"/>')) == set()


def test_notes_of_people_are_no_problem() -> None:
    notes = '<textAnnotation id="n"><text>À voir</text></textAnnotation><association id="as" sourceRef="u" targetRef="n"/>'
    participant = '<participant id="p" name="Région" processRef="P"/>'
    collaboration = f'<collaboration id="c">{participant}<messageFlow id="m" sourceRef="p" targetRef="p"/></collaboration>'
    content = definitions(process(user("u", "<documentation>Lire</documentation>"), notes), extra=collaboration)
    assert problems(content) == []


def test_no_element_is_both_executed_and_drawn() -> None:
    assert not DRAWN & EXECUTED.keys()


def test_long_chain_is_checked_without_recursion() -> None:
    names = [f"t{number}" for number in range(3_000)]
    content = diagram(start(), *[node("task", each) for each in names], end(), chain("start", *names, "end"))
    assert problems(content) == []


def test_too_many_nested_sub_processes_are_refused() -> None:
    inner = user("u")
    for number in range(101):
        inner = node("subProcess", f"sp{number}", inner)
    assert "nesting-too-deep" in {code for code, _ in codes(diagram(inner))}


@pytest.mark.corpora
def test_diagrams_of_other_tools_are_refused_with_every_problem_named(corpora: Path) -> None:
    paths = sorted((corpora / "bpmn-miwg").rglob("*.bpmn"))
    assert len(paths) > 5
    for path in paths:
        found = problems(path.read_bytes())
        assert any(each.severity == "error" for each in found), path.name
        assert "not-executable" not in {each.code for each in found}, path.name
        for each in found:
            assert str(each.message)
            assert "Error" not in str(each.message)
            assert each.element_id or each.element_type == "file", each


def test_accepted_diagrams_can_always_be_prepared() -> None:
    content = diagram(
        start(), node("receiveTask", "r", messageRef="M"), script("s", "{a: 1}"), end(), chain("start", "r", "s", "end"),
        extra='<message id="M" name="m"/>',
    )  # fmt: skip
    assert problems(content) == []
    definition = build(Bundle([File("diagram", "a.bpmn", content)]))["P"]
    assert definition.catches == {"m"}
    assert [(step.id, step.depth) for step in definition.outline] == [("start", 0), ("r", 0), ("s", 0), ("end", 0)]


def test_same_file_names_forms_and_decisions_twice_are_refused() -> None:
    content = diagram(user("u"))
    bundle = Bundle([File("diagram", "a.bpmn", content), File("diagram", "a.bpmn", content)])
    assert "file-duplicate" in {each.code for each in check(bundle, called=())}


def test_content_hash_ignores_the_order_of_the_files_and_nothing_else() -> None:
    one, two = File("diagram", "a", b"1"), File("scenario", "b", b"2")
    assert Bundle([one, two]).content_hash == Bundle([two, one]).content_hash
    assert Bundle([one]).content_hash != Bundle([File("diagram", "a", b"2")]).content_hash
    assert Bundle([File("scenario", "ab", b"c")]).content_hash != Bundle([File("scenario", "a", b"bc")]).content_hash

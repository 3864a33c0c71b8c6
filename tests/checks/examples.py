"""A small diagram for each code of a problem: what is wrong with it, and at which element."""

from __future__ import annotations

from engine.bundle import File
from engine.connectors import Inputs
from engine.diagram import MAXIMUM_BYTES
from tests.spiff.driver import boundary, chain, definitions, diagram, end, flow, node, process, script, start, user

CONNECTORS = {"external": None, "annuaire": Inputs(frozenset({"siret"}), frozenset({"page"}))}
"""The connectors that these examples meet."""


def a(*content: str, extra: str = "") -> bytes:
    """A process with a start that leads to the element `x`."""
    return diagram(start(), *content, chain("start", "x"), extra=extra)


def loop(content: str, **attributes: str) -> str:
    return user("x", node("multiInstanceLoopCharacteristics", "mi", content, **attributes))


def event(tag: str, content: str, **attributes: str) -> str:
    return node(tag, "x", content, **attributes)



def catching(content: str, ident: str = "x") -> str:
    return node("intermediateCatchEvent", ident, content)


def collaboration(*content: str) -> str:
    """Two pools, of which the first holds the process."""
    pools = '<participant id="p" name="Nous" processRef="P"/><participant id="q" name="Eux"/>'
    return node("collaboration", "c", pools, *content)


def between(source: str, target: str) -> str:
    """A message flow `m`."""
    return f'<messageFlow id="m" sourceRef="{source}" targetRef="{target}"/>'


def sets(*content: str, inputs: str = "", outputs: str = "") -> str:
    """Data inputs and outputs with their sets."""
    return f'<ioSpecification id="io">{"".join(content)}<inputSet id="is">{inputs}</inputSet><outputSet id="os">{outputs}</outputSet></ioSpecification>'


def nested(depth: int) -> str:
    """Sub-processes `n0`, `n1`, ... in each other, the outermost first."""
    inside = user("u")
    for number in reversed(range(depth)):
        inside = node("subProcess", f"n{number}", inside)
    return inside


MESSAGE = '<message id="M" name="m"/>'
TYPES = '<itemDefinition id="T1" structureRef="texte"/><itemDefinition id="T2" structureRef="nombre"/>'
WAIT = '<messageEventDefinition messageRef="M"/>'
LATER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"

ERRORS: list[tuple[bytes, tuple[str, str]]] = [
    # elements, attributes, languages
    (a(node("choreographyTask", "x")), ("element-unsupported", "P")),
    (a(user("x", camunda="1")), ("attribute-unknown", "x")),
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
    (definitions(process(user("y"), props={"indicators": "[1]"})), ("indicator-invalid", "P")),
    (definitions(process(user("y"), props={"indicators": '[{label: "Durée", from: "y", to: "z"}]'})), ("indicator-element", "P")),
    (diagram(start("x", props={"publicPath": "Pas ça"}), user("y"), chain("x", "y")), ("public-path-invalid", "x")),
    (diagram(start("x", props={"publicPath": "idee"}), user("y"), chain("x", "y")), ("public-path-without-form", "x")),
    # words
    (a(user("x"), "<userTaks/>"), ("element-unknown", "P")),
    (a(user("x", "<script>{}</script>")), ("element-misplaced", "x")),
    (a(user("x", sets(), sets())), ("element-repeated", "x")),
    (a(user("x", '<ioSpecification id="io"/>')), ("element-missing", "x")),
    (a(user("x"), extra='<import importType="http://www.w3.org/2001/XMLSchema" namespace="t"/>'), ("attribute-missing", "")),
    (a(user("x", isForCompensation="oui")), ("attribute-invalid", "x")),
    (a(user("x", props={"priority": "1"}).replace("</s:properties>", '<s:property name="priority" value="2"/></s:properties>')),
     ("property-repeated", "x")),
    # references
    (a(node("serviceTask", "x", operationRef="M", props={"connector": "external"}), extra=MESSAGE), ("reference-mistaken", "x")),
    (a(user("x"), extra='<partnerRole id="r"><participantRef/></partnerRole>'), ("reference-empty", "")),
    (a(user("x"), extra='<import importType="http://www.omg.org/spec/BPMN/20100524/MODEL" location="autre.bpmn" namespace="t"/>'),
     ("import-unknown", "")),
    (a(node("intermediateThrowEvent", "j", '<signalEventDefinition id="D" signalRef="S"/>'), chain("x", "j"),
       catching("<eventDefinitionRef>D</eventDefinitionRef>"), extra='<signal id="S" name="s"/>'), ("definition-of-another", "x")),
    (a(user("x", "<incoming>ailleurs</incoming>")), ("flow-listed-wrong", "x")),
    # paths
    (diagram(start(), user("y"), user("x"), chain("start", "y")), ("without-incoming", "x")),
    (a(node("eventBasedGateway", "x"), catching(LATER, "y"), chain("x", "y")), ("event-gateway-single", "x")),
    (a(node("eventBasedGateway", "x"), catching(WAIT, "y"), node("receiveTask", "z", messageRef="M"), chain("x", "y"), chain("x", "z"),
       extra=MESSAGE), ("event-gateway-mixed", "x")),
    (a(node("parallelGateway", "x", gatewayDirection="Converging"), user("y"), user("z"), chain("x", "y"), chain("x", "z")),
     ("gateway-direction", "x")),
    (a(user("x"), user("y"), flow("x", "y", "montant > 3", "f")), ("condition-alone", "f")),
    (a(node("exclusiveGateway", "x", default="g"), user("y"), user("z"), flow("x", "y", "montant + 1", "f"), flow("x", "z", name="g")),
     ("condition-not-boolean", "f")),
    (a(node("exclusiveGateway", "x", default="g"), user("y"), user("z"), flow("x", "y", "inconnue(3)", "f"), flow("x", "z", name="g")),
     ("feel-function", "f")),
    (a(script("x", "{a: substring()}")), ("feel-arguments", "x")),
    (a(script("x", '{a: @"2019-02-31"}')), ("feel-literal", "x")),
    (a(script("x", "{f: function(a) external {java: {class: \"C\", method signature: \"m()\"}}}")), ("feel-external", "x")),
    (a(script("x", "total = 3")), ("script-not-context", "x")),
    (a(loop("<loopCardinality>-1</loopCardinality>")), ("count-invalid", "x")),
    (a(loop("<loopCardinality>2.5</loopCardinality>")), ("count-invalid", "x")),
    (a(node("userTask", "x", "<standardLoopCharacteristics loopMaximum=\"2\"/>", props={"input": "{a: 1}"})), ("mapping-looped", "x")),
    # events
    (a(catching('<linkEventDefinition name="L"/>')), ("link-unused", "x")),
    (a(node("intermediateThrowEvent", "x", '<linkEventDefinition id="l1" name="L"><target>l2</target></linkEventDefinition>'),
       catching('<linkEventDefinition id="l2" name="L"><source>l3</source></linkEventDefinition>', "y"), chain("y", "z"), user("z"),
       node("intermediateThrowEvent", "w", '<linkEventDefinition id="l3" name="L"/>'), chain("z", "w")), ("link-mistaken", "x")),
    (a(user("x"), boundary("b", "x", "<compensateEventDefinition/>"), user("h", isForCompensation="true"), user("y"),
       '<association id="as" sourceRef="b" targetRef="h"/>', chain("b", "y")), ("compensation-boundary-flow", "b")),
    # pools
    (a(user("x"), extra=collaboration('<messageFlow id="m" sourceRef="q"/>')), ("message-flow-loose", "m")),
    (a(user("x"), user("y"), chain("x", "y"), extra=collaboration(between("x", "y"))), ("message-flow-inside", "m")),
    (a(user("x"), extra=collaboration(between("start", "q"))), ("message-flow-direction", "m")),
    (a(user("x"), extra=collaboration('<participant id="r" name="R"><participantMultiplicity minimum="3" maximum="2"/></participant>')),
     ("multiplicity-invalid", "r")),
    # data
    (a(node("subProcess", "x", sets(), user("y"))), ("data-of-sub-process", "x")),
    (a(user("x", sets('<dataInput id="i"/>'))), ("data-outside-sets", "x")),
    (a(user("x", sets('<dataInput id="i"/>', inputs="<dataInputRefs>i</dataInputRefs>"), ), user("y", sets(inputs="<dataInputRefs>i</dataInputRefs>")),
       chain("x", "y")), ("data-set-mistaken", "y")),
    (a(user("x", sets(inputs="<outputSetRefs>os</outputSetRefs>"))), ("data-sets-one-sided", "x")),
    (a(user("x"), '<dataObject id="o" isCollection="true" itemSubjectRef="T1"/>', extra=TYPES), ("data-collection-unclear", "o")),
    (a(user("x", '<dataInputAssociation id="d"><sourceRef>o</sourceRef></dataInputAssociation>'), '<dataObject id="o"/>'),
     ("data-association-loose", "x")),
    (a(user("x", '<dataInputAssociation id="d"><sourceRef>o</sourceRef><targetRef>o</targetRef></dataInputAssociation>'), '<dataObject id="o"/>'),
     ("data-association-mistaken", "x")),
    (a(user("x", sets('<dataInput id="i" itemSubjectRef="T2"/>', inputs="<dataInputRefs>i</dataInputRefs>"),
            '<dataInputAssociation id="d"><sourceRef>o</sourceRef><targetRef>i</targetRef></dataInputAssociation>'),
       '<dataObject id="o" itemSubjectRef="T1"/>', extra=TYPES), ("data-type-mismatch", "x")),
    (a(node("sendTask", "x", messageRef="N", operationRef="o"),
       extra=MESSAGE + '<message id="N" name="n"/><interface id="i" name="i"><operation id="o" name="o"><inMessageRef>M</inMessageRef></operation></interface>'),
     ("operation-message", "x")),
    (a(node("sendTask", "x", sets('<dataInput id="i"/><dataInput id="j"/>', inputs="<dataInputRefs>i</dataInputRefs><dataInputRefs>j</dataInputRefs>"), messageRef="M"),
       extra=MESSAGE), ("data-of-message", "x")),
    (a(user("x", '<dataInputAssociation id="d"><sourceRef>r</sourceRef><targetRef>o</targetRef></dataInputAssociation>'),
       '<dataObject id="o"/><dataStoreReference id="r" dataStoreRef="s"/>', extra='<dataStore id="s" name="Archives"/>'),
     ("data-store-unsupported", "x")),
    (a(user("x", '<dataInputAssociation id="d"><sourceRef>o</sourceRef><sourceRef>q</sourceRef><targetRef>o</targetRef></dataInputAssociation>'),
       '<dataObject id="o"/><dataObject id="q"/>'), ("data-sources", "x")),
    (a(user("x", '<dataInputAssociation id="d"><sourceRef>o</sourceRef><targetRef>o</targetRef><assignment><from>1</from><to>a + b</to></assignment></dataInputAssociation>'),
       '<dataObject id="o"/>'), ("assignment-invalid", "x")),
    # activities
    (definitions(process(start(), node("callActivity", "x", calledElement="Q"), chain("start", "x")),
                 process(start("s2", WAIT), user("u2"), chain("s2", "u2"), key="Q"), extra=MESSAGE), ("called-without-start", "x")),
    # the rest of what can be wrong
    (a(node("exclusiveGateway", "x", default="g"), user("y"), user("z"), flow("x", "z", name="g"), '<sequenceFlow id="f" sourceRef="x" targetRef="y"><conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="tImage">a</conditionExpression></sequenceFlow>'),
     ("attribute-unsupported", "f")),
    (a(node("exclusiveGateway", "x", default="g"), user("y"), user("z"), flow("x", "z", name="g"), '<sequenceFlow id="f" sourceRef="x" targetRef="y"><conditionExpression language="http://www.w3.org/1999/XPath">a</conditionExpression></sequenceFlow>'),
     ("expression-language", "f")),
    (a(node("transaction", "x", "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>",
            user("y"), node("endEvent", "e", "<cancelEventDefinition/>"), chain("y", "e"))), ("cancel-looped", "e")),
    (a(node("subProcess", "x", user("y"), *[node("subProcess", f"es{n}", start(f"s{n}", "<compensateEventDefinition/>"), triggeredByEvent="true") for n in (1, 2)])),
     ("compensation-twice", "s2")),
    (a(user("x"), boundary("b", "x", "<compensateEventDefinition/>"), user("h", isForCompensation="true"), user("y"), chain("h", "y"),
       '<association id="as" sourceRef="b" targetRef="h"/>'), ("compensation-with-flow", "h")),
    (a(node("serviceTask", "x", props={"connector": "minitel"})), ("connector-unknown", "x")),
    (a(node("serviceTask", "x", props={"connector": "annuaire", "connectorInput": "{siret: a, siren: b}"})), ("connector-input-unknown", "x")),
    (a(node("serviceTask", "x", props={"connector": "annuaire"})), ("connector-input-missing", "x")),
    (a(node("serviceTask", "x", props={"connector": "external", "retries": "-1"})), ("retries-invalid", "x")),
    (a(user("x"), extra=f'<correlationProperty id="CP"><correlationPropertyRetrievalExpression messageRef="M"><messagePath>a + b</messagePath></correlationPropertyRetrievalExpression></correlationProperty>{MESSAGE}'),
     ("correlation-path", "")),
    (a(user("x"), '<correlationSubscription id="cs" correlationKeyRef="K"><correlationPropertyBinding correlationPropertyRef="CP"/></correlationSubscription>'),
     ("correlation-without-path", "P")),
    (a(node("endEvent", "x", "<escalationEventDefinition/>")), ("escalation-missing", "x")),
    (a(node("endEvent", "x", '<escalationEventDefinition escalationRef="E"/>'), extra='<escalation id="E"/>'), ("escalation-without-code", "E")),
    (a(catching('<signalEventDefinition signalRef="S"/>'), extra='<signal id="S"/>'), ("signal-without-name", "S")),
    (a(user("y"), node("subProcess", "x", start("s1", LATER), triggeredByEvent="true"), chain("x", "y")), ("event-sub-process-flow", "x")),
    (a(user("y"), node("adHocSubProcess", "x", user("z"), triggeredByEvent="true")), ("event-sub-process-invalid", "x")),
    (a(node("receiveTask", "x", messageRef="M", instantiate="true"), extra=MESSAGE), ("instantiate-misplaced", "x")),
    (a(node("intermediateThrowEvent", "x", '<linkEventDefinition name="L"/>'), *[catching('<linkEventDefinition name="L"/>', n) for n in "yz"]),
     ("link-ambiguous", "y")),
    (a(node("intermediateThrowEvent", "x", "<linkEventDefinition/>")), ("link-without-name", "x")),
    (a(loop("<loopCardinality>3</loopCardinality><loopDataInputRef>notes</loopDataInputRef>")), ("multi-instance-ambiguous", "x")),
    (a(loop("<loopDataInputRef>notes</loopDataInputRef><loopDataOutputRef>avis</loopDataOutputRef>")), ("multi-instance-without-output", "x")),
    (diagram(start("x", WAIT + LATER, parallelMultiple="true"), user("y"), chain("x", "y"), extra=MESSAGE), ("start-parallel-multiple", "x")),
    (a(catching(WAIT + '<linkEventDefinition name="L"/>'), extra=MESSAGE), ("trigger-mixed", "x")),
    (diagram(nested(102)), ("nesting-too-deep", "n100")),
]  # fmt: skip
"""Diagrams that are refused: a code, and the element that it names."""

WARNINGS: list[tuple[bytes, tuple[str, str]]] = [
    (diagram(start(), user("a"), user("b"), user("c"), chain("start", "a"), chain("b", "c", "b")), ("unreachable", "b")),
    (a(node("exclusiveGateway", "x"), user("y"), user("z"), flow("x", "y", "a"), flow("x", "z", "b")), ("gateway-may-block", "x")),
    (a(user("x", props={"candidatGroups": "jury"})), ("property-unknown", "x")),
    (diagram(user("x")).replace(b' name="P"', b""), ("process-without-name", "P")),
    (a(user("x").replace("<userTask", '<userTask xmlns:v="http://vendor.example/x" v:color="red"')), ("vendor-ignored", "x")),
    (a(node("exclusiveGateway", "x"), user("y"), flow("x", "y")), ("gateway-without-purpose", "x")),
    (a(user("x"), user("y"), chain("start", "y"), end(), chain("y", "end")), ("without-outgoing", "x")),
    (a(user("x"), extra=collaboration(between("q", "start"))), ("message-flow-trigger", "m")),
    (a(node("exclusiveGateway", "x", default="g"), user("y"), user("z"), flow("x", "y", "a"), flow("x", "z", name="g"),
       node("parallelGateway", "j"), chain("y", "j"), chain("z", "j")), ("join-starves", "j")),
    (a(node("parallelGateway", "x"), user("y"), user("z"), chain("x", "y", "j"), chain("x", "z", "j"), user("j")), ("merge-repeats", "j")),
    (a(node("subProcess", "x", user("y")), boundary("b", "x", '<escalationEventDefinition escalationRef="E"/>'), user("z"), chain("b", "z"),
       extra='<escalation id="E" escalationCode="aide"/>'), ("never-thrown", "b")),
    (a(catching("<timerEventDefinition><timeDate>2019-01-01</timeDate></timerEventDefinition>"), user("y"), chain("x", "y")),
     ("timer-past", "x")),
    (a(user("x"), node("intermediateThrowEvent", "y", '<compensateEventDefinition activityRef="x"/>'), user("z"), chain("x", "y", "z")),
     ("compensation-nothing", "y")),
    (a(user("x"), boundary("b", "x", "<timerEventDefinition><timeCycle>R2/PT1H</timeCycle></timerEventDefinition>"), user("y"), chain("b", "y")),
     ("timer-cycle-once", "b")),
    (a(user("x"), user("h", isForCompensation="true")), ("compensation-unused", "h")),
    (a(user("x"), '<laneSet id="l"><lane id="k"><flowNodeRef>x</flowNodeRef></lane></laneSet>'), ("lane-without-name", "k")),
    (a(user("x"), '<dataStoreReference id="r"/>'), ("data-drawn", "r")),
]  # fmt: skip
"""Diagrams that are published and that their author should look at."""

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
FORM = b'{"id": "f", "type": "default", "schemaVersion": 19, "components": []}'
DECISION = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">'
    b'<decision id="avis" name="avis"><variable name="avis"/><literalExpression id="l"><text>1</text></literalExpression></decision></definitions>'
)
PLAIN = diagram(user("u"))


def only(content: bytes) -> list[File]:
    return [File("diagram", "essai.bpmn", content)]


FILES: list[tuple[list[File], str]] = [
    ([], "diagram-missing"),
    (only(b""), "xml-syntax"),
    (only(b"<html/>"), "not-bpmn"),
    (only(b"x" * (MAXIMUM_BYTES + 1)), "xml-size"),
    (only(b"<!DOCTYPE definitions>" + HEAD.encode() + b"</definitions>"), "xml-doctype"),
    (only((HEAD + "<subProcess>" * 200 + "</subProcess>" * 200 + "</definitions>").encode()), "xml-depth"),
    (only((HEAD + "<task/>" * 25_000 + "</definitions>").encode()), "xml-elements"),
    (only((HEAD + "<task " + " ".join(f'a{n}="1"' for n in range(600)) + "/></definitions>").encode()), "xml-attributes"),
    (only(definitions(process(start(), executable=False))), "process-missing"),
    ([*only(PLAIN), *only(PLAIN)], "file-duplicate"),
    ([*only(PLAIN), File("form", "a.form", FORM), File("form", "b.form", FORM)], "form-duplicate"),
    ([*only(PLAIN), File("decision", "a.dmn", DECISION), File("decision", "b.dmn", DECISION)], "decision-duplicate"),
]
"""Files that are refused as a whole, each with its code."""

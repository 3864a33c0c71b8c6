"""Prints a graph as a BPMN file, with the one decision that its business rule tasks ask."""

from __future__ import annotations

from xml.sax.saxutils import escape

from tests.model.graph import Body, Flow, Loop, Node, Trigger

TAGS = {
    "start": "startEvent", "end": "endEvent", "throw": "intermediateThrowEvent", "catch": "intermediateCatchEvent",
    "boundary": "boundaryEvent", "task": "task", "user": "userTask", "manual": "manualTask", "script": "scriptTask",
    "rule": "businessRuleTask", "service": "serviceTask", "send": "sendTask", "receive": "receiveTask", "call": "callActivity",
    "xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway", "event": "eventBasedGateway",
    "complex": "complexGateway", "sub": "subProcess", "transaction": "transaction", "ad hoc": "adHocSubProcess", "event sub": "subProcess",
}  # fmt: skip
REFERRED = {"message": "messageRef", "signal": "signalRef", "error": "errorRef", "escalation": "escalationRef"}
CALLED = "Called"
DECISION = "Next"

DECISIONS = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="tests">'
    f'<decision id="{DECISION}" name="{DECISION}"><variable name="{DECISION}"/>'
    "<literalExpression><text>d1 + 1</text></literalExpression></decision></definitions>"
).encode()


def diagram(body: Body) -> bytes:
    """The file: the process `P` and the process that its call activities call."""
    called = f'<process id="{CALLED}" isExecutable="true"><userTask id="in_called"/></process>'
    process = f'<process id="P" name="P" isExecutable="true">{_body(body)}</process>'
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core"'
        f' targetNamespace="tests">{_declarations(body)}{process}{called}</definitions>'
    ).encode()


def _declarations(body: Body) -> str:
    triggers = [part for node in body.everything() for part in node.trigger.each()]
    told = [(node.id, node.loop.tells) for node in body.everything() if node.loop is not None and node.loop.behavior in ("None", "One")]
    named = sorted({(each.kind, each.name) for each in [*triggers, *_told(body)] if each.name})
    codes = {"error": "errorCode", "escalation": "escalationCode", "message": "name", "signal": "name"}
    tags = [f'<{kind} id="{kind}_{name}" {codes[kind]}="{name}"/>' for kind, name in named if kind in codes]
    return "".join(tags + [_part(trigger, f' id="told_{name}"') for name, trigger in told])


def _told(body: Body) -> list[Trigger]:
    return [node.loop.tells for node in body.everything() if node.loop is not None]


def _body(body: Body) -> str:
    flows = "".join(_flow(each) for each in body.flows)
    links = "".join(
        f'<association id="a_{each.id}" sourceRef="{each.id}" targetRef="{body.handlers[each.attached]}" associationDirection="One"/>'
        for each in body.nodes.values()
        if each.kind == "boundary" and each.trigger.kind == "compensate"
    )
    return "".join(_node(each) for each in body.nodes.values()) + flows + links


def _flow(flow: Flow) -> str:
    condition = f"<conditionExpression>{escape(str(flow.condition))}</conditionExpression>" if flow.condition else ""
    return f'<sequenceFlow id="{flow.id}" sourceRef="{flow.source}" targetRef="{flow.target}">{condition}</sequenceFlow>'


def _node(node: Node) -> str:
    inner = _properties(node) + _trigger(node) + (_loop(node) if node.loop else "")
    if node.kind == "script":
        variable, base, added = node.script
        inner += f"<script>{{{variable}: {base + ' + ' if base else ''}{added}}}</script>"
    if node.kind == "complex" and node.enough:
        inner += f"<activationCondition>activationCount >= {node.enough}</activationCondition>".replace(">=", "&gt;=")
    if node.body is not None:
        inner += _body(node.body)
    if node.until is not None:
        inner += f"<completionCondition>{escape(str(node.until))}</completionCondition>"
    return f'<{TAGS[node.kind]} id="{node.id}"{_attributes(node)}>{inner}</{TAGS[node.kind]}>'


def _attributes(node: Node) -> str:
    found: dict[str, str] = {}
    if node.attached:
        found |= {"attachedToRef": node.attached, "cancelActivity": str(node.interrupting).lower()}
    if node.kind == "start" and not node.interrupting:
        found["isInterrupting"] = "false"
    if node.kind == "event sub":
        found["triggeredByEvent"] = "true"
    if node.compensates:
        found["isForCompensation"] = "true"
    if node.default:
        found["default"] = node.default
    if node.kind in ("send", "receive"):
        found["messageRef"] = f"message_{node.trigger.name}"
    if node.kind == "call":
        found["calledElement"] = CALLED
    if node.kind == "script":
        found["scriptFormat"] = "feel"
    if node.kind == "ad hoc":
        found |= {"ordering": "Sequential" if node.one_by_one else "Parallel", "cancelRemainingInstances": str(node.cancels_rest).lower()}
    return "".join(f' {name}="{value}"' for name, value in (found | _numbers(node)).items())


def _numbers(node: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    if node.needs != 1 or node.gives != 1:
        found = {"startQuantity": str(node.needs), "completionQuantity": str(node.gives)}
    if node.instantiates:
        found |= {"instantiate": "true"} | ({"eventGatewayType": "Parallel"} if node.waits_for_all else {})
    if node.trigger.all_of and node.kind != "event sub":
        found["parallelMultiple"] = "true"
    return found


def _properties(node: Node) -> str:
    found: dict[str, str] = {}
    if node.kind == "service":
        found = {"connector": "http"}
    if node.kind == "rule":
        found = {"decisionKey": DECISION}
    if node.result:
        found["resultVariable"] = node.result
    if node.loop is not None and node.loop.over_list:
        found |= {"collection": str([10 * (each + 1) for each in range(node.loop.count)]), "elementVariable": f"i_{node.id}"}
    if node.loop is not None and node.loop.collects:
        found |= {"outputCollection": f"o_{node.id}", "outputElement": "loopCounter + d1"}
    if not found:
        return ""
    pairs = "".join(f'<s:property name="{name}" value="{value}"/>' for name, value in found.items())
    return f"<extensionElements><s:properties>{pairs}</s:properties></extensionElements>"


def _loop(node: Node) -> str:
    loop = node.loop
    assert loop is not None
    if loop.kind == "standard":
        condition = f"<loopCondition>{escape(str(loop.condition))}</loopCondition>" if loop.condition else ""
        before = str(loop.before).lower()
        return f'<standardLoopCharacteristics loopMaximum="{loop.count}" testBefore="{before}">{condition}</standardLoopCharacteristics>'
    return _multi_instance(node.id, loop)


def _multi_instance(name: str, loop: Loop) -> str:
    number = "" if loop.over_list else f"<loopCardinality>{loop.count}</loopCardinality>"
    enough = f"numberOfCompletedInstances &gt;= {loop.enough}"
    completion = f"<completionCondition>{enough}</completionCondition>" if loop.enough else ""
    sequential = str(loop.kind == "sequential").lower()
    told, refers = "", ""
    if loop.behavior == "Complex":
        told = f"<condition>numberOfCompletedInstances = {loop.tells_at}</condition><event>{_part(loop.tells)}</event>"
        told = f"<complexBehaviorDefinition>{told}</complexBehaviorDefinition>"
    elif loop.behavior != "All":
        refers = f' {loop.behavior.lower()}BehaviorEventRef="told_{name}"'
    attributes = f'isSequential="{sequential}" behavior="{loop.behavior}"{refers}'
    return f"<multiInstanceLoopCharacteristics {attributes}>{number}{told}{completion}</multiInstanceLoopCharacteristics>"


def _trigger(node: Node) -> str:
    if node.trigger.kind == "none" or node.kind in ("send", "receive", "event sub"):
        return ""
    return "".join(_part(each) for each in node.trigger.each())


def _part(trigger: Trigger, given: str = "") -> str:
    if trigger.kind in REFERRED:
        name = f' {REFERRED[trigger.kind]}="{trigger.kind}_{trigger.name}"' if trigger.name else ""
        return f"<{trigger.kind}EventDefinition{given}{name}/>"
    if trigger.kind == "compensate":
        activity = f' activityRef="{trigger.name}"' if trigger.name else ""
        waits = "" if trigger.waits else ' waitForCompletion="false"'
        return f"<compensateEventDefinition{activity}{waits}/>"
    if trigger.kind == "link":
        return f'<linkEventDefinition name="{trigger.name}"/>'
    return f"<{trigger.kind}EventDefinition>{_content(trigger)}</{trigger.kind}EventDefinition>"


def _content(trigger: Trigger) -> str:
    if trigger.kind == "conditional":
        return f"<condition>{escape(str(trigger.condition))}</condition>"
    if trigger.kind != "timer":
        return ""
    if trigger.times:
        return f"<timeCycle>R{max(trigger.times, 0) or ''}/PT{trigger.hours}H</timeCycle>"
    return f"<timeDuration>PT{trigger.hours}H</timeDuration>"

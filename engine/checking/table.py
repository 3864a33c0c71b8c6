"""What BPMN elements and attributes a published diagram may use. What is not in this table is refused."""

from __future__ import annotations

FLOW_NODE = frozenset(("id", "name"))
ACTIVITY = FLOW_NODE | {"default", "startQuantity", "completionQuantity", "isForCompensation"}
GATEWAY = FLOW_NODE | {"gatewayDirection"}
DEFINITION = frozenset(("id",))

EXECUTED: dict[str, frozenset[str]] = {
    "process": FLOW_NODE | {"isExecutable", "processType", "isClosed", "definitionalCollaborationRef"},
    "sequenceFlow": FLOW_NODE | {"sourceRef", "targetRef", "isImmediate"},
    "startEvent": FLOW_NODE | {"isInterrupting", "parallelMultiple"},
    "endEvent": FLOW_NODE,
    "intermediateCatchEvent": FLOW_NODE | {"parallelMultiple"},
    "intermediateThrowEvent": FLOW_NODE,
    "boundaryEvent": FLOW_NODE | {"attachedToRef", "cancelActivity", "parallelMultiple"},
    "task": ACTIVITY,
    "userTask": ACTIVITY | {"implementation"},
    "manualTask": ACTIVITY,
    "scriptTask": ACTIVITY | {"scriptFormat"},
    "serviceTask": ACTIVITY | {"implementation", "operationRef"},
    "businessRuleTask": ACTIVITY | {"implementation"},
    "sendTask": ACTIVITY | {"implementation", "messageRef", "operationRef"},
    "receiveTask": ACTIVITY | {"implementation", "messageRef", "operationRef", "instantiate"},
    "callActivity": ACTIVITY | {"calledElement"},
    "subProcess": ACTIVITY | {"triggeredByEvent"},
    "transaction": ACTIVITY | {"triggeredByEvent", "method"},
    "adHocSubProcess": ACTIVITY | {"triggeredByEvent", "ordering", "cancelRemainingInstances"},
    "exclusiveGateway": GATEWAY | {"default"},
    "inclusiveGateway": GATEWAY | {"default"},
    "complexGateway": GATEWAY | {"default"},
    "parallelGateway": GATEWAY,
    "eventBasedGateway": GATEWAY | {"instantiate", "eventGatewayType"},
    "messageEventDefinition": DEFINITION | {"messageRef"},
    "signalEventDefinition": DEFINITION | {"signalRef"},
    "timerEventDefinition": DEFINITION,
    "conditionalEventDefinition": DEFINITION,
    "errorEventDefinition": DEFINITION | {"errorRef"},
    "escalationEventDefinition": DEFINITION | {"escalationRef"},
    "compensateEventDefinition": DEFINITION | {"activityRef", "waitForCompletion"},
    "cancelEventDefinition": DEFINITION,
    "terminateEventDefinition": DEFINITION,
    "linkEventDefinition": FLOW_NODE,
    "eventDefinitionRef": frozenset(),
    "multiInstanceLoopCharacteristics": DEFINITION | {"isSequential", "behavior", "noneBehaviorEventRef", "oneBehaviorEventRef"},
    "complexBehaviorDefinition": DEFINITION,
    "event": FLOW_NODE,
    "standardLoopCharacteristics": DEFINITION | {"testBefore", "loopMaximum"},
    "loopCardinality": DEFINITION | {"language", "evaluatesToTypeRef"},
    "loopDataInputRef": frozenset(),
    "loopDataOutputRef": frozenset(),
    "inputDataItem": FLOW_NODE | {"isCollection", "itemSubjectRef"},
    "outputDataItem": FLOW_NODE | {"isCollection", "itemSubjectRef"},
    "completionCondition": DEFINITION | {"language", "evaluatesToTypeRef"},
    "loopCondition": DEFINITION | {"language", "evaluatesToTypeRef"},
    "activationCondition": DEFINITION | {"language", "evaluatesToTypeRef"},
    "conditionExpression": DEFINITION | {"language", "evaluatesToTypeRef"},
    "condition": DEFINITION | {"language", "evaluatesToTypeRef"},
    "timeDate": DEFINITION | {"language", "evaluatesToTypeRef"},
    "timeDuration": DEFINITION | {"language", "evaluatesToTypeRef"},
    "timeCycle": DEFINITION | {"language", "evaluatesToTypeRef"},
    "script": frozenset(),
    "globalTask": FLOW_NODE,
    "globalUserTask": FLOW_NODE | {"implementation"},
    "globalManualTask": FLOW_NODE,
    "globalScriptTask": FLOW_NODE | {"scriptLanguage"},
    "globalBusinessRuleTask": FLOW_NODE | {"implementation"},
    "message": FLOW_NODE | {"itemRef"},
    "signal": FLOW_NODE | {"structureRef"},
    "error": FLOW_NODE | {"errorCode", "structureRef"},
    "escalation": FLOW_NODE | {"escalationCode", "structureRef"},
    "dataObject": FLOW_NODE | {"isCollection", "itemSubjectRef"},
    "dataObjectReference": FLOW_NODE | {"dataObjectRef", "itemSubjectRef"},
    "laneSet": FLOW_NODE,
    "childLaneSet": FLOW_NODE,
    "lane": FLOW_NODE | {"partitionElementRef"},
    "flowNodeRef": frozenset(),
    "correlationProperty": FLOW_NODE | {"type"},
    "correlationPropertyRetrievalExpression": DEFINITION | {"messageRef"},
    "messagePath": DEFINITION | {"language", "evaluatesToTypeRef"},
    "correlationKey": FLOW_NODE,
    "correlationPropertyRef": frozenset(),
    "correlationSubscription": DEFINITION | {"correlationKeyRef"},
    "correlationPropertyBinding": DEFINITION | {"correlationPropertyRef"},
    "dataPath": DEFINITION | {"language", "evaluatesToTypeRef"},
    "transformation": DEFINITION | {"language", "evaluatesToTypeRef"},
    "assignment": DEFINITION,
    "from": DEFINITION | {"language", "evaluatesToTypeRef"},
    "to": DEFINITION | {"language", "evaluatesToTypeRef"},
    "dataInputAssociation": DEFINITION,
    "dataOutputAssociation": DEFINITION,
    "sourceRef": frozenset(),
    "targetRef": frozenset(),
    "property": FLOW_NODE | {"itemSubjectRef"},
    "ioSpecification": DEFINITION,
    "dataInput": FLOW_NODE | {"isCollection", "itemSubjectRef"},
    "dataOutput": FLOW_NODE | {"isCollection", "itemSubjectRef"},
    "association": DEFINITION | {"sourceRef", "targetRef", "associationDirection"},
}
"""Elements that mean something when the diagram runs, with their attributes."""

DRAWN = frozenset(
    (
        *("definitions", "documentation", "extensionElements", "import", "incoming", "outgoing", "text", "textAnnotation"),
        *("group", "category", "categoryValue", "auditing", "monitoring", "relationship", "source", "target", "partitionElement"),
        *("collaboration", "participant", "participantMultiplicity", "messageFlow", "interfaceRef", "endPointRef", "endPoint"),
        *("conversation", "subConversation", "callConversation", "conversationLink", "conversationAssociation"),
        *("participantRef", "messageFlowRef", "participantAssociation", "innerParticipantRef", "outerParticipantRef"),
        *("messageFlowAssociation", "partnerEntity", "partnerRole"),
        *("itemDefinition", "interface", "operation", "inMessageRef", "outMessageRef", "operationRef", "errorRef", "dataState"),
        *("dataStore", "dataStoreReference", "inputSet", "outputSet", "dataInputRefs", "dataOutputRefs", "inputSetRefs"),
        *("outputSetRefs", "optionalInputRefs", "optionalOutputRefs", "whileExecutingInputRefs", "whileExecutingOutputRefs"),
    )
)
"""Elements that are notes for readers: running the diagram does not depend on them."""

DRAWN_DATA = frozenset(("dataStoreReference",))
"""Notes that a reader could take for more: nothing is read there or written."""

MAPPINGS = ("input", "output")
"""FEEL contexts: what an activity sees beside the variables around it, and what of its result leaves it."""

PROPERTIES: dict[str, frozenset[str]] = {
    "process": frozenset(("title", "businessKey", "withdrawMessage", "indicators")),
    "lane": frozenset(("group",)),
    "startEvent": frozenset(("formKey", "candidateGroups", "publicPath", "publicTitle", "resultVariable", "correlation")),
    "userTask": frozenset(("formKey", "candidateGroups", "assignee", "dueIn", "priority", "taskTitle", "applicant", *MAPPINGS)),
    "manualTask": frozenset(("formKey", "candidateGroups", "assignee", "dueIn", "priority", "taskTitle", *MAPPINGS)),
    "businessRuleTask": frozenset(("decisionKey", "resultVariable", *MAPPINGS)),
    "scriptTask": frozenset(MAPPINGS),
    "serviceTask": frozenset(("connector", "connectorInput", "resultVariable", "retries", *MAPPINGS)),
    "callActivity": frozenset(("inputAll", "outputAll", "businessKey", *MAPPINGS)),
    "sendTask": frozenset(("payload", "correlation")),
    "receiveTask": frozenset(("correlation", "resultVariable")),
    "intermediateThrowEvent": frozenset(("payload", "correlation")),
    "endEvent": frozenset(("payload", "correlation")),
    "intermediateCatchEvent": frozenset(("correlation", "resultVariable", "possibility")),
    "boundaryEvent": frozenset(("correlation", "resultVariable")),
}
PROPERTIES |= {f"global{name[0].upper()}{name[1:]}": PROPERTIES[name] for name in ("userTask", "manualTask", "businessRuleTask")}
LOOP_PROPERTIES = frozenset(("collection", "elementVariable", "outputCollection", "outputElement"))
"""Properties of any activity with multi-instance characteristics."""

FORMULAS = frozenset(
    (
        *("title", "businessKey", "assignee", "taskTitle", "connectorInput", "input", "output", "payload", "correlation"),
        *("collection", "outputElement"),
    )
)
"""Properties that hold FEEL."""

OWN_PROBLEM = frozenset(
    (
        *("sourceRef", "targetRef", "attachedToRef", "name", "condition", "messageRef", "correlationPropertyRef"),
        *("correlationKeyRef", "dataPath", "messagePath", "targetNamespace"),
    )
)
"""Required attributes and children whose absence a rule of its own names, or that nothing depends on."""

TRIGGERS: dict[str, frozenset[str]] = {
    "process start": frozenset(("message", "timer", "signal", "conditional")),
    "sub-process start": frozenset(),
    "event sub-process start": frozenset(("message", "timer", "signal", "conditional", "error", "escalation", "compensate")),
    "intermediateCatchEvent": frozenset(("message", "timer", "signal", "conditional", "link")),
    "intermediateThrowEvent": frozenset(("message", "signal", "escalation", "compensate", "link")),
    "boundaryEvent": frozenset(("message", "timer", "signal", "conditional", "error", "escalation", "cancel", "compensate")),
    "endEvent": frozenset(("message", "signal", "error", "escalation", "cancel", "compensate", "terminate")),
}
"""The event definitions that each place allows."""

NEEDS_TRIGGER = frozenset(("event sub-process start", "intermediateCatchEvent", "boundaryEvent"))
"""Places at which an event without definition means nothing."""

EXECUTABLE_VENDORS = (
    "camunda.org/schema/1.0",
    "camunda.org/schema/zeebe",
    "activiti.org",
    "flowable.org",
    "jboss.org",
    "omg.org/spec/BPMN/jbpm",
)
"""Parts of namespaces whose attributes and elements change how their own engine runs a diagram."""

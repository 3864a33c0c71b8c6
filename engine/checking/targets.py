"""What each reference of a BPMN file must lead to (BPMN 2.0.2, the class diagrams). References with rules of their own are not here."""

from __future__ import annotations

from engine.spiff.canonical import ACTIVITIES, EVENTS

ANYTHING: frozenset[str] = frozenset()
"""Any element of the file."""

TYPES = frozenset(("itemDefinition",))
"""Types of data; a prefix may lead out of the file."""

MESSAGE = frozenset(("message",))
OPERATION = frozenset(("operation",))
PARTICIPANT = frozenset(("participant",))
CONVERSATIONS = frozenset(("conversation", "subConversation", "callConversation"))
TALKERS = PARTICIPANT | ACTIVITIES | EVENTS
"""What a message flow may connect."""

ITEMS = frozenset(
    (
        *("dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "property", "dataInput", "dataOutput"),
        *("inputDataItem", "outputDataItem"),
    )
)
"""What holds data."""

EVENT_DEFINITIONS = frozenset(
    f"{kind}EventDefinition"
    for kind in ("message", "signal", "timer", "conditional", "error", "escalation", "compensate", "cancel", "terminate", "link")
)

ATTRIBUTES: dict[str, dict[str, frozenset[str]]] = {
    "association": {"sourceRef": ANYTHING, "targetRef": ANYTHING},
    "group": {"categoryValueRef": frozenset(("categoryValue",))},
    "error": {"structureRef": TYPES},
    "escalation": {"structureRef": TYPES},
    "signal": {"structureRef": TYPES},
    "message": {"itemRef": TYPES},
    "correlationProperty": {"type": TYPES},
    "resourceParameter": {"type": TYPES},
    "messageFlow": {"sourceRef": TALKERS, "targetRef": TALKERS, "messageRef": MESSAGE},
    "participant": {"processRef": frozenset(("process",))},
    "process": {"definitionalCollaborationRef": frozenset(("collaboration", "choreography", "globalConversation"))},
    "serviceTask": {"operationRef": OPERATION},
    "sendTask": {"operationRef": OPERATION},
    "receiveTask": {"operationRef": OPERATION},
    "multiInstanceLoopCharacteristics": {
        "oneBehaviorEventRef": EVENT_DEFINITIONS,
        "noneBehaviorEventRef": EVENT_DEFINITIONS,
    },
    "dataObject": {"itemSubjectRef": TYPES},
    "dataObjectReference": {"itemSubjectRef": TYPES, "dataObjectRef": frozenset(("dataObject",))},
    "dataStore": {"itemSubjectRef": TYPES},
    "dataStoreReference": {"itemSubjectRef": TYPES, "dataStoreRef": frozenset(("dataStore",))},
    "property": {"itemSubjectRef": TYPES},
    "dataInput": {"itemSubjectRef": TYPES},
    "dataOutput": {"itemSubjectRef": TYPES},
    "inputDataItem": {"itemSubjectRef": TYPES},
    "outputDataItem": {"itemSubjectRef": TYPES},
    "callConversation": {"calledCollaborationRef": frozenset(("collaboration", "globalConversation"))},
    "conversationAssociation": {"innerConversationNodeRef": CONVERSATIONS, "outerConversationNodeRef": CONVERSATIONS},
    "conversationLink": {"sourceRef": CONVERSATIONS | TALKERS, "targetRef": CONVERSATIONS | TALKERS},
    "messageFlowAssociation": {
        "innerMessageFlowRef": frozenset(("messageFlow",)),
        "outerMessageFlowRef": frozenset(("messageFlow",)),
    },
    "lane": {"partitionElementRef": ANYTHING},
    **{
        name: {"evaluatesToTypeRef": TYPES}
        for name in (
            *("conditionExpression", "condition", "activationCondition", "completionCondition", "loopCondition", "loopCardinality"),
            *("timeDate", "timeDuration", "timeCycle", "messagePath", "dataPath", "transformation", "from", "to"),
        )
    },
}
"""By element and attribute."""

CHILDREN: dict[str, frozenset[str]] = {
    "categoryValueRef": frozenset(("categoryValue",)),
    "inMessageRef": MESSAGE,
    "outMessageRef": MESSAGE,
    "errorRef": frozenset(("error",)),
    "interfaceRef": frozenset(("interface",)),
    "endPointRef": frozenset(("endPoint",)),
    "participantRef": PARTICIPANT,
    "innerParticipantRef": PARTICIPANT,
    "outerParticipantRef": PARTICIPANT,
    "messageFlowRef": frozenset(("messageFlow",)),
    "dataInputRefs": frozenset(("dataInput",)),
    "optionalInputRefs": frozenset(("dataInput",)),
    "whileExecutingInputRefs": frozenset(("dataInput",)),
    "outputSetRefs": frozenset(("outputSet",)),
    "dataOutputRefs": frozenset(("dataOutput",)),
    "optionalOutputRefs": frozenset(("dataOutput",)),
    "whileExecutingOutputRefs": frozenset(("dataOutput",)),
    "inputSetRefs": frozenset(("inputSet",)),
    "sourceRef": ITEMS,
    "targetRef": ITEMS,
    "operationRef": OPERATION,
    "supportedInterfaceRef": frozenset(("interface",)),
}
"""By the child element whose text refers to another."""

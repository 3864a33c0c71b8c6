"""Reading one flow node of a canonical diagram: attributes, properties, FEEL, events and loops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from engine.diagram import BPMN, child_text, local_name, properties, reference
from engine.spiff import definitions
from engine.spiff.associations import item_names, read_data
from engine.spiff.behavior import Behavior
from engine.spiff.correlations import Correlations, Paths, correlations
from engine.spiff.data import Data
from engine.spiff.loops import Loop, MultiInstance, StandardLoop
from engine.spiff.mapping import MAPPED
from engine.spiff.mapping import Mapping as TaskMapping
from engine.spiff.scripts import feel
from engine.spiff.timers import TimerRule
from feel.expression import Expression

THROWING = ("sendTask", "intermediateThrowEvent", "endEvent")


@dataclass(frozen=True, slots=True)
class Names:
    """What ids stand for in one file: names of messages and signals, codes of errors and escalations, variables of data `items`, those
    that the lists of multi-instance activities are read from, correlation keys of messages."""

    events: Mapping[str, str]
    codes: Mapping[str, str]
    variables: Mapping[str, str]
    items: Mapping[str, str]
    correlations: Correlations


def names(root: etree._Element) -> Names:
    """The names of a file."""
    events: dict[str, str] = {}
    codes: dict[str, str] = {}
    for element in root.iter(etree.Element):
        tag, own = local_name(element), element.get("id") or ""
        if tag in ("message", "signal"):
            events[own] = element.get("name") or own
        elif tag in ("error", "escalation"):
            codes[own] = element.get("errorCode") or element.get("escalationCode") or element.get("name") or own
    items = item_names(root)
    return Names(events, codes, _through_associations(root, items), items, correlations(root))


def _through_associations(root: etree._Element, items: Mapping[str, str]) -> dict[str, str]:
    """A data input or output stands for the data object that an association copies it from or to, else for its own name."""
    variables = dict(items)
    for side, inner, outer in (("Input", "targetRef", "sourceRef"), ("Output", "sourceRef", "targetRef")):
        for association in root.iter(f"{{{BPMN}}}data{side}Association"):
            own, other = (reference(child_text(association, each)) or "" for each in (inner, outer))
            makes = child_text(association, "transformation") or association.find(f"{{{BPMN}}}assignment") is not None
            if own in items and other in items and not makes:
                variables[own] = items[other]
    return variables


class Reader:
    """One flow node. Methods that compile raise FeelError; the checker has found such errors before."""

    def __init__(self, element: etree._Element, known: Names, lane_group: str | None) -> None:
        self.element = element
        self.known = known
        self.lane_group = lane_group
        self.properties = properties(element)

    def attribute(self, name: str) -> str | None:
        """An attribute, or None when it is absent or empty."""
        return self.element.get(name) or None

    def flag(self, name: str, *, default: bool) -> bool:
        """A boolean attribute."""
        value = self.element.get(name)
        return default if value is None else value in ("true", "1")

    def property(self, name: str) -> str | None:
        """A property, or None."""
        return self.properties.get(name)

    def feel_property(self, name: str) -> Expression | None:
        """A property that holds FEEL."""
        source = self.property(name)
        return feel(source) if source else None

    def formula(self, name: str) -> Expression | None:
        """A property that is FEEL only when it begins with `=`."""
        source = self.property(name)
        return feel(source) if source and source.startswith("=") else None

    def duration(self, name: str) -> TimerRule | None:
        """A property that says when something is due."""
        source = self.property(name)
        return TimerRule("dueIn", source) if source else None

    def feel_text(self, child: str) -> Expression | None:
        """A child element that holds FEEL."""
        source = child_text(self.element, child)
        return feel(source) if source else None

    def called_element(self) -> str | None:
        """The key of the called process."""
        return reference(self.attribute("calledElement"))

    def data(self) -> Data:
        """What associations bring in and take out."""
        return read_data(self.element, self.known.items)

    def events(self) -> list[definitions.Definition]:
        """The event definitions, a none event when there are none. Send and receive tasks have their message."""
        if local_name(self.element) in ("sendTask", "receiveTask"):
            return [self._message(self.element)]
        found = [self._event(child) for child in self.element if local_name(child).endswith("EventDefinition")]
        return found or [definitions.NoneEvent()]

    def _event(self, child: etree._Element) -> definitions.Definition:
        match local_name(child):
            case "messageEventDefinition":
                return self._message(child)
            case "signalEventDefinition":
                payload, result = self.feel_property("payload"), self.property("resultVariable")
                return definitions.SignalEvent(self._name(child.get("signalRef")), payload, result)
            case "timerEventDefinition":
                return self._timer(child)
            case "conditionalEventDefinition":
                return definitions.ConditionalEvent(feel(child_text(child, "condition") or "false"))
            case "errorEventDefinition":
                return definitions.ErrorEvent(self.known.codes.get(reference(child.get("errorRef")) or ""))
            case "escalationEventDefinition":
                return definitions.EscalationEvent(self.known.codes.get(reference(child.get("escalationRef")) or ""))
            case "compensateEventDefinition":
                waits = child.get("waitForCompletion") not in ("false", "0")
                return definitions.CompensateEvent(reference(child.get("activityRef")), waits=waits)
            case "cancelEventDefinition":
                return definitions.CancelEvent()
            case "terminateEventDefinition":
                return definitions.TerminateEvent()
            case _:
                return definitions.NoneEvent()

    def _message(self, element: etree._Element) -> definitions.MessageEvent:
        return definitions.MessageEvent(
            self._name(element.get("messageRef")),
            self.feel_property("correlation"),
            self.feel_property("payload"),
            self.property("resultVariable"),
            [
                definitions.Key(name, path.property, feel(path.data or name), is_bound=path.data is not None)
                for name, path in self._keys(reference(element.get("messageRef")) or "").items()
            ],
        )

    def _keys(self, message: str) -> Paths:
        """The correlation keys that the diagram gives to this message here."""
        if local_name(self.element) in THROWING:
            return self.known.correlations.sent.get(message, {})
        process = next((each for each in self.element.iterancestors() if local_name(each) == "process"), self.element)
        return self.known.correlations.awaited.get((process.get("id") or "", message), {})

    def _timer(self, child: etree._Element) -> definitions.TimerEvent:
        for kind in ("timeDate", "timeDuration", "timeCycle"):
            source = child_text(child, kind)
            if source:
                return definitions.TimerEvent(TimerRule(kind, source))
        raise ValueError(kind)

    def _name(self, pointer: str | None) -> str:
        return self.known.events.get(reference(pointer) or "", self.attribute("name") or "")

    def loop(self) -> Loop | None:
        """The loop of an activity, or its mappings, which run it once in a scope of its own."""
        standard = self.element.find(f"{{{BPMN}}}standardLoopCharacteristics")
        if standard is not None:
            condition = child_text(standard, "loopCondition")
            maximum = standard.get("loopMaximum")
            return StandardLoop(
                feel(condition) if condition else None,
                int(maximum) if maximum else None,
                standard.get("testBefore") in ("true", "1"),
            )
        several = self.element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
        return self._mapping() if several is None else self._multi_instance(several)

    def _mapping(self) -> TaskMapping | None:
        given, kept = self.feel_property("input"), self.feel_property("output")
        return TaskMapping(given, kept) if (given or kept) and local_name(self.element) in MAPPED else None

    def _multi_instance(self, element: etree._Element) -> MultiInstance:
        cardinality, completion = child_text(element, "loopCardinality"), child_text(element, "completionCondition")
        given = child_text(element, "loopDataInputRef")
        drawn = self._variable(given)
        collection = self.property("collection") or drawn
        # Only what stands for a drawn data object is a name as a whole; anything else is an expression.
        names = (drawn,) if drawn and drawn != given else ()
        output_element = self.property("outputElement")
        return MultiInstance(
            sequential=element.get("isSequential") in ("true", "1"),
            cardinality=feel(cardinality) if cardinality else None,
            collection=feel(collection, names) if collection else None,
            item=self.property("elementVariable") or _item(element, "inputDataItem"),
            output=self.property("outputCollection") or self._variable(child_text(element, "loopDataOutputRef")),
            output_item=_item(element, "outputDataItem"),
            output_element=feel(output_element) if output_element else None,
            completion=feel(completion) if completion else None,
            behavior=self._behavior(element),
        )

    def _behavior(self, element: etree._Element) -> Behavior:
        """What completed instances throw. Events that are named and not drawn stand at the top of the file."""
        kind = element.get("behavior") or "All"
        if kind in ("None", "One"):
            pointer = reference(element.get(f"{kind.lower()}BehaviorEventRef"))
            found = [each for each in element.getroottree().getroot() if pointer and each.get("id") == pointer]
            return Behavior([("each" if kind == "None" else "first", self._event(each)) for each in found])
        pairs = []
        for definition in element.findall(f"{{{BPMN}}}complexBehaviorDefinition") if kind == "Complex" else ():
            condition = feel(child_text(definition, "condition") or "false")
            pairs += [(condition, self._event(each)) for each in definition.iterfind(f"{{{BPMN}}}event/*")]
        return Behavior(pairs)

    def _variable(self, pointer: str | None) -> str | None:
        return self.known.variables.get(pointer, pointer) if pointer else None


def _item(element: etree._Element, name: str) -> str | None:
    item = element.find(f"{{{BPMN}}}{name}")
    return None if item is None else item.get("name") or item.get("id")

"""Warnings about what runs as drawn but is seldom meant: joins that starve, paths that meet twice, catches of what nobody throws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from engine.checking.findings import Examination, Scope, is_true, trigger
from engine.checking.wording import title
from engine.diagram import BPMN, child_text, local_name, reference
from engine.spiff.canonical import ACTIVITIES, SUB_PROCESSES
from engine.spiff.timers import ISO
from feel.calendar import moment
from feel.errors import FeelError
from feel.text import text

ONE_PATH = ("exclusiveGateway", "eventBasedGateway")
SYNCHRONISING = ("parallelGateway", "inclusiveGateway", "complexGateway")
MAY_FAIL = ACTIVITIES - SUB_PROCESSES - {"task", "manualTask", "receiveTask"}
"""Activities that may fail with an error that no event in the diagram throws."""


def check(examination: Examination) -> None:
    """All rules of this module."""
    for scope in examination.scopes:
        origins = _origins(scope)
        for name, node in scope.nodes.items():
            flows = scope.incoming.get(name, [])
            if len(flows) > 1:
                _meeting(examination, node, [origins[flow] for flow in flows if flow in origins])
            if local_name(node) == "boundaryEvent":
                _never_thrown(examination, scope, node)
    for process in examination.processes:
        for definition in process.iter(f"{{{BPMN}}}timerEventDefinition"):
            _past(examination, definition)


Origin: TypeAlias = tuple[str, etree._Element]
"""The last place before a flow at which its path parted from others: the node's id, and the flow or event taken there."""


def _origins(scope: Scope) -> dict[etree._Element, Origin]:
    """The origin of each flow that has one. Each flow is walked over once."""
    found: dict[etree._Element, Origin | None] = {}
    for flow in scope.flows:
        walked: dict[etree._Element, None] = {}
        at: etree._Element | None = flow
        origin: Origin | None = None
        while at is not None and at not in found and at not in walked and origin is None:
            walked[at] = None
            origin, at = _before(scope, at)
        if at is not None and origin is None:
            origin = found.get(at)
        found |= dict.fromkeys(walked, origin)
    return {flow: origin for flow, origin in found.items() if origin is not None}


def _before(scope: Scope, flow: etree._Element) -> tuple[Origin | None, etree._Element | None]:
    """Where the path of a flow parted, or the one flow before it."""
    name = flow.get("sourceRef") or ""
    node = scope.nodes.get(name)
    if node is None:
        return None, None
    if local_name(node) == "boundaryEvent":
        return (reference(node.get("attachedToRef")) or "", node), None
    if len(scope.outgoing.get(name, [])) > 1:
        return (name, flow), None
    before = scope.incoming.get(name, [])
    return None, before[0] if len(before) == 1 else None


def _meeting(examination: Examination, node: etree._Element, origins: list[Origin]) -> None:
    for name in dict.fromkeys(name for name, _ in origins):
        ways = {way for at, way in origins if at == name}
        parting = examination.ids.get(name)
        if len(ways) < 2 or parting is None:
            continue
        if local_name(node) == "parallelGateway" and local_name(parting) in ONE_PATH:
            message = text(
                "Cette passerelle attend plusieurs chemins, mais « %(parting)s » n’en prend qu’un : elle attendra toujours.",
                parting=title(parting),
            )
            examination.warn("join-starves", node, message, text("Réunissez ces chemins par une passerelle exclusive."))
        elif local_name(node) not in (*SYNCHRONISING, "endEvent") and _parts_in_parallel(parting, ways):
            message = text("Des chemins parallèles se rejoignent ici sans s’attendre : la suite aura lieu plusieurs fois.")
            remedy = text("Réunissez-les par une passerelle parallèle si la suite ne doit avoir lieu qu’une fois.")
            examination.warn("merge-repeats", node, message, remedy)


def _parts_in_parallel(parting: etree._Element, ways: set[etree._Element]) -> bool:
    if local_name(parting) == "parallelGateway":
        return True
    plain = [way for way in ways if local_name(way) == "sequenceFlow" and child_text(way, "conditionExpression") is None]
    is_split = local_name(parting) not in (*ONE_PATH, "inclusiveGateway", "complexGateway") and not parting.get("default")
    return is_split and len(plain) > 1


def _never_thrown(examination: Examination, scope: Scope, node: etree._Element) -> None:
    host = scope.nodes.get(reference(node.get("attachedToRef")) or "")
    for definition in examination.definitions(node):
        kind = trigger(definition)
        if host is None or kind not in ("error", "escalation"):
            continue
        inside = {local_name(each) for each in host.iter(f"{{{BPMN}}}*")}
        if inside & (MAY_FAIL if kind == "error" else {"callActivity"}):
            continue
        code = _code(examination, definition, kind)
        if not any(code in ("", thrown) for thrown in _thrown(examination, host, kind)):
            message = text("Rien dans « %(host)s » ne lève ce que cet événement attend.", host=title(host))
            examination.warn("never-thrown", node, message, text("Vérifiez le code, ou supprimez l’événement."))


def _thrown(examination: Examination, host: etree._Element, kind: str) -> Iterator[str]:
    for node in host.iter(f"{{{BPMN}}}endEvent", f"{{{BPMN}}}intermediateThrowEvent"):
        for definition in examination.definitions(node):
            if trigger(definition) == kind:
                yield _code(examination, definition, kind)


def _code(examination: Examination, definition: etree._Element, kind: str) -> str:
    target = examination.ids.get(reference(definition.get(f"{kind}Ref")) or "")
    return "" if target is None else target.get(f"{kind}Code") or target.get("name") or ""


def _past(examination: Examination, definition: etree._Element) -> None:
    source = child_text(definition, "timeDate")
    if examination.now is None or not source or not ISO.fullmatch(source):
        return
    try:
        due = moment(source)
    except (FeelError, ValueError, OverflowError):  # refused as a timer
        return
    if due < examination.now:
        message = text("La date « %(date)s » est déjà passée.", date=source)
        examination.warn("timer-past", definition, message, text("Corrigez la date si ce n’est pas voulu."))


def compensates(examination: Examination, scope: Scope, node: etree._Element) -> bool:
    """Whether an activity has something that undoes it: a compensation event at its border or an event sub-process inside."""
    own = node.get("id")
    borders = [each for each in scope.nodes.values() if reference(each.get("attachedToRef")) == own]
    if any("compensate" in {trigger(one) for one in examination.definitions(each)} for each in borders):
        return True
    return local_name(node) in SUB_PROCESSES and any(
        is_true(each.get("triggeredByEvent")) or local_name(each) == "compensateEventDefinition" for each in node.iter(f"{{{BPMN}}}*")
    )

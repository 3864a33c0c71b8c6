"""Correlation keys of a diagram: what ties a message to one conversation (BPMN 2.0.2, 8.4.2).

A correlation property says by its `messagePath` where a message carries its value. A process with a correlation subscription says by
`dataPath` what that value is for the instance; without one, the key of the collaboration counts, and the value is the variable of
the same name, since a message's payload becomes variables. A value that is still null ties nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from engine.diagram import BPMN, child_text, reference

Paths = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Correlations:
    """`awaited`: (process, message) → key in the message → FEEL of its value in the instance; `sent`: message → the same when thrown."""

    awaited: Mapping[tuple[str, str], Paths]
    sent: Mapping[str, Paths]


def correlations(root: etree._Element) -> Correlations:
    """The correlations of a file."""
    properties = {each.get("id") or "": _paths(each) for each in root.iter(f"{{{BPMN}}}correlationProperty")}
    keys = {reference(each.text) or "": None for each in root.iter(f"{{{BPMN}}}correlationPropertyRef")}
    awaited: dict[tuple[str, str], dict[str, str]] = {}
    sent: dict[str, dict[str, str]] = {}
    for process in root.iter(f"{{{BPMN}}}process"):
        for name, data_path in (_bindings(process) or keys).items():
            for message, path in properties.get(name, {}).items():
                awaited.setdefault((process.get("id") or "", message), {})[path] = data_path or path
    for paths in properties.values():
        for message, path in paths.items():
            sent.setdefault(message, {})[path] = path
    return Correlations(awaited, sent)


def _paths(correlation_property: etree._Element) -> dict[str, str]:
    """Message → where it carries the property."""
    found = correlation_property.findall(f"{{{BPMN}}}correlationPropertyRetrievalExpression")
    return {reference(each.get("messageRef")) or "": (child_text(each, "messagePath") or "").removeprefix("=").strip() for each in found}


def _bindings(process: etree._Element) -> dict[str, str | None]:
    """Property → its value in an instance of the process."""
    found = process.iter(f"{{{BPMN}}}correlationPropertyBinding")
    return {reference(each.get("correlationPropertyRef")) or "": child_text(each, "dataPath") for each in found}

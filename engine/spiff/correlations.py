"""Correlation keys of a diagram: what ties a message to one conversation (BPMN 2.0.2, 8.4.2).

A correlation property says by its `messagePath` where a message carries its value. A process with a correlation subscription says by
`dataPath` what that value is for the instance (context-based). Without one, the key of the collaboration counts: its value is the one
that a message of the conversation, sent or received, carried before, and, before any did, the variable of that name, since payloads become
variables. A value that is still null ties nothing.

What a conversation knows belongs to the process instance, or to the iteration of a loop that the message belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from engine.diagram import BPMN, child_text, reference

if TYPE_CHECKING:
    from engine.spiff.workflow import TokenFlow


@dataclass(frozen=True, slots=True)
class Path:
    """A property in a message: the correlation property's id, and FEEL for its value in the instance where the diagram says so."""

    property: str
    data: str | None = None


Paths = Mapping[str, Path]
"""Key in the message → property."""


@dataclass(frozen=True, slots=True)
class Correlations:
    """`awaited`: by process and message; `sent`: by message, when it is thrown."""

    awaited: Mapping[tuple[str, str], Paths]
    sent: Mapping[str, Paths]


def remember(flow: TokenFlow, name: str, value: object) -> None:
    """A message of the conversation carried the value of a property."""
    while flow.parent_token is not None and "iteration" not in flow.parent_token.internal_data:
        flow = flow.parent_token.workflow
    flow.conversation[name] = value


def recall(flow: TokenFlow, name: str) -> object:
    """The value of a property that the conversation knows; None when it does not."""
    while name not in flow.conversation and flow.parent_token is not None:
        flow = flow.parent_token.workflow
    return flow.conversation.get(name)


def correlations(root: etree._Element) -> Correlations:
    """The correlations of a file."""
    properties = {each.get("id") or "": _paths(each) for each in root.iter(f"{{{BPMN}}}correlationProperty")}
    keys = {reference(each.text) or "": None for each in root.iter(f"{{{BPMN}}}correlationPropertyRef")}
    awaited: dict[tuple[str, str], dict[str, Path]] = {}
    sent: dict[str, dict[str, Path]] = {}
    for process in root.iter(f"{{{BPMN}}}process"):
        for name, data_path in (_bindings(process) or keys).items():
            for message, path in properties.get(name, {}).items():
                awaited.setdefault((process.get("id") or "", message), {})[path] = Path(name, data_path)
    for name, paths in properties.items():
        for message, path in paths.items():
            sent.setdefault(message, {})[path] = Path(name)
    return Correlations(awaited, sent)


def _paths(correlation_property: etree._Element) -> dict[str, str]:
    """Message → where it carries the property."""
    found = correlation_property.findall(f"{{{BPMN}}}correlationPropertyRetrievalExpression")
    return {reference(each.get("messageRef")) or "": (child_text(each, "messagePath") or "").removeprefix("=").strip() for each in found}


def _bindings(process: etree._Element) -> dict[str, str | None]:
    """Property → its value in an instance of the process."""
    found = process.iter(f"{{{BPMN}}}correlationPropertyBinding")
    return {reference(each.get("correlationPropertyRef")) or "": child_text(each, "dataPath") for each in found}

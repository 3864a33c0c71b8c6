"""Which step of a process a webhook reaches, and what that step takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from engine import versions
from engine.calls import EXTERNAL
from engine.errors import NotFound
from engine.spiff.definition import Element
from feel.text import text

MESSAGE_TYPES = frozenset({"startEvent", "receiveTask", "intermediateCatchEvent", "boundaryEvent"})
TASK_TYPES = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True, slots=True)
class Step:
    """What a webhook reaches: a message (of this name), work done outside, or a task."""

    process: str
    element: str
    kind: Literal["message", "external", "task"]
    message: str = ""
    listener: str = ""

    @property
    def waiting(self) -> str:
        """The element that waits for the message: the start of an event sub-process leaves that to the sub-process."""
        return self.listener or self.element

    @property
    def source(self) -> str:
        """Where the ids of deliveries are unique."""
        return f"hook:{self.process}/{self.element}"


def find(session: Session, process: str, name: str) -> Step:
    """The step of this id, in the newest version that has it: running instances keep their version.

    Raises NotFound: no such process, no such element, or one that nothing from outside reaches.
    """
    for version in versions.versions(session, process).items:
        element = versions.definition(session, version.version_id).elements.get(name)
        found = element and _step(process, element)
        if found:
            return found
    raise NotFound(text("Aucune étape « %(step)s » n’attend d’envoi dans « %(process)s ».", step=name, process=process))


def _step(process: str, element: Element) -> Step | None:
    if element.properties.get("connector") == EXTERNAL:
        return Step(process, element.id, "external")
    if element.message and element.type in MESSAGE_TYPES:
        return Step(process, element.id, "message", element.message, element.listener)
    return Step(process, element.id, "task") if element.type in TASK_TYPES else None

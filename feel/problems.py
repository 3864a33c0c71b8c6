"""What is wrong with a file that an author wrote: one problem at one element, said so that the author can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from feel.text import Text

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One problem of a diagram, a form or a decision.

    `code` is stable and meant for programs; `element_type` is the local name of the element in its file.
    """

    code: str
    message: Text
    element_id: str = ""
    element_type: str = ""
    element_name: str = ""
    remedy: Text | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        where = " ".join(part for part in (self.element_type, self.element_id, self.element_name) if part)
        return f"{where}: {self.message}" if where else str(self.message)

"""What authoring refuses, in words for the caller."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import Refused
from feel.problems import Problem
from feel.text import text


class ImportRefused(Refused):
    """The files cannot be read, so there is nothing to translate. `problems` names every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.text = text("L’import est refusé : %(count)s problème(s).", count=len(problems))

"""The errors of decisions."""

from __future__ import annotations

from collections.abc import Sequence

from feel.errors import FeelError
from feel.problems import Problem
from feel.text import text


class DmnError(FeelError):
    """The file is no model of decisions that can run; `problems` names everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(text("le modèle de décision n’est pas valable"))

    def __str__(self) -> str:
        return "\n".join([str(self.message), *(f"- {problem}" for problem in self.problems)])


class UnknownDecision(FeelError):
    """The model has no decision of that id or name."""

    def __init__(self, key: str) -> None:
        super().__init__(text("le modèle n’a pas de décision « %(key)s »", key=key[:80]))

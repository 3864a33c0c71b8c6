"""What can go wrong with a form: the form itself (its author mends it) or the answers to it (its user does)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feel.problems import Problem
from feel.text import Text


class FormsError(Exception):
    """The form cannot be used."""


class FormError(FormsError):
    """The form cannot be read; `problems` names every reason, never only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class InvalidAnswers(FormsError):
    """The answers do not fit the form; `messages` maps the path of a field ("membres.0.nom") to what to do.

    The empty path stands for the whole form. A message reads well alone: it does not repeat the field's label.
    """

    def __init__(self, messages: Mapping[str, Sequence[Text]]) -> None:
        self.messages: dict[str, list[Text]] = {path: list(texts) for path, texts in messages.items()}
        super().__init__("; ".join(f"{path}: {text}" for path, texts in self.messages.items() for text in texts))


class TooCostly(FormsError):
    """The form's expressions need more work than a form may ask for."""

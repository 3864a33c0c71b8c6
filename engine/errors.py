"""What a command refuses, in words for the caller. The web layer gives each its HTTP status."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feel.problems import Problem
from feel.text import Text, text
from forms.errors import InvalidAnswers

__all__ = ["Conflict", "EngineError", "Forbidden", "InvalidAnswers", "NotFound", "Refused", "Unusable"]


class EngineError(Exception):
    """A command could not be carried out. `text` says why, for people; nothing was changed."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.text = message


class NotFound(EngineError):
    """There is no such thing, or the caller may not know of it."""

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message or text("Cet élément n’existe pas, ou vous n’y avez pas accès."))


class Forbidden(EngineError):
    """The caller may see it, but not do this."""

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message or text("Vous n’avez pas le droit de faire cela."))


class Conflict(EngineError):
    """Somebody else was first. `by` and `at` say who and when, where that is known."""

    def __init__(self, message: Text, *, by: str | None = None, at: datetime | None = None) -> None:
        super().__init__(message)
        self.by = by
        self.at = at


class Refused(EngineError):
    """What was to be published has errors. `problems` names every one of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        one = text("La publication est refusée : un problème.")
        super().__init__(one if len(problems) == 1 else text("La publication est refusée : %(count)s problèmes.", count=len(problems)))
        self.problems = tuple(problems)


class Unusable(EngineError):
    """What the caller gave cannot be used: too large, or not of the kind that is needed."""

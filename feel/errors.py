"""The errors of FEEL. Everything that leaves the language is one of these; anything else is a bug."""

from __future__ import annotations

from feel.text import Text


class FeelError(Exception):
    """FEEL met an error."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return str(self.message)


class FeelSyntaxError(FeelError):
    """The text is no FEEL expression.

    `position` counts characters of `text` from 0; `line` and `column` count from 1.
    """

    def __init__(self, message: Text, position: int = 0, text: str = "") -> None:
        self.position = position
        self.text = text
        super().__init__(message)

    @property
    def line(self) -> int:
        """The line of the error, from 1."""
        return self.text.count("\n", 0, self.position) + 1

    @property
    def column(self) -> int:
        """The column of the error in its line, from 1."""
        return self.position - self.text.rfind("\n", 0, self.position)

    def __str__(self) -> str:
        extract = self.text[max(0, self.position - 15) : self.position + 25]
        return f"{self.message} (ligne {self.line}, colonne {self.column}) : {extract!r}"


class LimitExceeded(FeelError):
    """The evaluation used more than it may. It ends the whole evaluation and never becomes null."""


class EvaluationError(FeelError):
    """An operation has no value for its operands: the result is null and this is its reason."""

"""Answers that the server computes: whatever a client sends for them is replaced before anything is checked."""
# ruff: noqa: ARG002  every answer has the same methods, whether or not it needs their arguments

from __future__ import annotations

from collections.abc import Sequence

from marshmallow import missing

from forms.answers.base import Answer, Loading
from forms.french import shown
from forms.scope import Scope


class ComputedAnswer(Answer):
    """The value of an expression component, as settling computed it."""

    def accept(self, value: object, load: Loading) -> object:
        return None if value is missing else value

    def from_post(self, values: Sequence[str]) -> object:
        return None

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        return ()

    def display(self, value: object, scope: Scope) -> str:
        return shown(value)

"""What every answer has in common: hidden, read-only, empty and required, then its own type and rules."""
# ruff: noqa: ARG002  every answer has the same methods, whether or not it needs their arguments

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace

from marshmallow import ValidationError, fields, missing

from feel.text import Text, text
from forms.choices import same
from forms.components import Leaf, author_text
from forms.scope import Scope, at


@dataclass(frozen=True)
class Loading:
    """The load that runs: where expressions are evaluated, what is hidden, what the case's variables held before."""

    scope: Scope
    hidden: frozenset[str]
    variables: Mapping[str, object]

    def row(self, name: str, row: object, index: int) -> Loading:
        """The same load, inside a row."""
        return replace(self, scope=self.scope.row(name, row, index))

    def path(self, leaf: Leaf) -> str:
        """The full path of a field, with row numbers from 0."""
        return self.scope.prefix + leaf.name


loading: ContextVar[Loading] = ContextVar("loading")
"""The load of this thread: marshmallow builds its schema once per form, the answers come with each load."""


class Answer(fields.Field[object]):
    """One answer. A subclass says how its type is read, checked, posted and shown.

    A value arrives as JSON (or as `from_post` made it), and leaves as a host value: None when it was left empty.
    """

    required_message = text("Répondez à cette question")

    def __init__(self, leaf: Leaf) -> None:
        super().__init__()
        self.leaf = leaf
        self.component = leaf.component

    # checking ---------------------------------------------------------------------------------------------------

    def deserialize(self, value: object, attr: str | None = None, data: Mapping[str, object] | None = None, **kwargs: object) -> object:
        """The cleaned value; `missing` when the field is hidden or, being optional, was not sent."""
        load = loading.get()
        if load.path(self.leaf) in load.hidden:
            return missing
        if self.component.settings.get("disabled") or load.scope.setting(self.component.settings.get("readonly")) is True:
            return self._untouched(value, load)
        return self.accept(value, load)

    def accept(self, value: object, load: Loading) -> object:
        """Check a value that the user may give."""
        if self.empty(value):
            if self.component.required:
                raise ValidationError([self.required_text(load.scope)])
            return missing if value is missing else self.blank()
        cleaned = self.clean(value, load.scope)
        if complaints := list(self.complaints(cleaned, load.scope)):
            raise ValidationError(complaints)
        return self.finish(cleaned, load.scope)

    def _untouched(self, value: object, load: Loading) -> object:
        """A field that the user cannot change keeps what the case or the form gives it."""
        initial = self.initial(load.variables, load.path(self.leaf))
        if value is not missing and not self.empty(value) and not same(value, initial):
            raise ValidationError([text("Ce champ ne se modifie pas")])
        return missing if initial is None or self.component.settings.get("disabled") else initial

    def initial(self, variables: Mapping[str, object], path: str) -> object:
        """What stands in the field before anyone answers: the variable of this name, else the form's default value."""
        known = at(variables, path.split("."))
        return known if known is not None else self.component.settings.get("defaultValue")

    def blank(self) -> object:
        """What the process gets for an answer that was left empty."""
        return None

    def empty(self, value: object) -> bool:
        """Whether this counts as no answer."""
        return value is missing or value is None or value == "" or (isinstance(value, str) and not value.strip())

    def required_text(self, scope: Scope) -> Text:
        """What to do about a missing answer: the author's words, else ours."""
        own = self.component.properties.get("requiredMessage")
        return author_text(str(own)) if own else self.asks(scope)

    def asks(self, scope: Scope) -> Text:
        """What to do about a missing answer, in our words."""
        return self.required_message

    def clean(self, value: object, scope: Scope) -> object:
        """The value in its type; raises ValidationError when it is of another."""
        raise NotImplementedError

    def complaints(self, value: object, scope: Scope) -> Iterator[Text]:
        """The rules that a value of the right type breaks."""
        return iter(())

    def finish(self, value: object, scope: Scope) -> object:
        """The value as the process gets it."""
        return value

    def rule(self, name: str, scope: Scope) -> object:
        """A key of `validate`, its expression evaluated; None when it is absent or null."""
        return scope.setting(self.component.rules.get(name))

    # browser and paper ------------------------------------------------------------------------------------------

    def from_post(self, values: Sequence[str]) -> object:
        """The raw answer in the texts that a browser posted under the field's name; several stay a list."""
        if len(values) > 1:
            return list(values)
        return values[0] if values else ""

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        """The texts that a browser would post to give this answer, also what stands in the control."""
        if value is None:
            return ()
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),)

    def display(self, value: object, scope: Scope) -> str:
        """The answer as people read it, in French; empty when there is none."""
        return "" if value is None else str(value)

    def json_schema(self) -> dict[str, object]:
        """The JSON Schema (2020-12) of the answer."""
        return {}


def refuse(message: Text) -> ValidationError:
    """The error that carries one message."""
    return ValidationError([message])


ONE_ANSWER = text("Donnez une seule réponse")

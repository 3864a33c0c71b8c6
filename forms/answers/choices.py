"""Choices: one box to tick, one option of several, several of several."""
# ruff: noqa: ARG002  every answer has the same methods, whether or not it needs their arguments

from __future__ import annotations

from collections.abc import Sequence

from feel.text import Text, text
from forms.answers.base import ONE_ANSWER, Answer, refuse
from forms.choices import find, options, same, token
from forms.components import Option
from forms.french import shown
from forms.scope import Scope

_NO_OPTION = text("Choisissez une des réponses proposées")
TICKED = "oui"


class CheckboxAnswer(Answer):
    """A box: true or false. When it is required it must be ticked."""

    required_message = text("Cochez cette case")

    def blank(self) -> object:
        return False

    def empty(self, value: object) -> bool:
        return value is False or super().empty(value)

    def clean(self, value: object, scope: Scope) -> bool:
        if value is not True:
            raise refuse(ONE_ANSWER if isinstance(value, list) else text("Cochez la case ou laissez-la vide"))
        return True

    def from_post(self, values: Sequence[str]) -> object:
        if len(values) > 1:
            return list(values)
        return bool(values) and (True if values[0] in (TICKED, "on", "true") else values[0])

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        return (TICKED,) if value is True else ()

    def display(self, value: object, scope: Scope) -> str:
        return shown(value)

    def json_schema(self) -> dict[str, object]:
        return {"type": "boolean"} | ({"const": True} if self.component.required else {})


class ChoiceAnswer(Answer):
    """One option: radio, select."""

    required_message = text("Choisissez une réponse")

    def asks(self, scope: Scope) -> Text:
        return self.required_message if options(self.component, scope) else text("Aucune réponse n’est proposée pour l’instant")

    def clean(self, value: object, scope: Scope) -> object:
        if isinstance(value, list):
            raise refuse(ONE_ANSWER)
        return self.option(value, options(self.component, scope)).value

    def option(self, value: object, offered: Sequence[Option]) -> Option:
        """The option that `value` names, by value or by the token that a browser posts."""
        found = find(offered, value)
        if found is None and isinstance(value, str):
            found = next((option for option in offered if token(option.value) == value), None)
        if found is None:
            raise refuse(_NO_OPTION)
        return found

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        return () if value is None else (token(value),)

    def display(self, value: object, scope: Scope) -> str:
        found = find(options(self.component, scope), value)
        return found.label if found else shown(value)

    def json_schema(self) -> dict[str, object]:
        return {"enum": [option.value for option in self.component.options]} if self.component.options else {}


class ChoicesAnswer(ChoiceAnswer):
    """Several options: checklist, taglist."""

    required_message = text("Choisissez au moins une réponse")

    def blank(self) -> object:
        return []

    def empty(self, value: object) -> bool:
        return value == [] or super().empty(value)

    def clean(self, value: object, scope: Scope) -> list[object]:
        if not isinstance(value, list):
            raise refuse(text("Donnez une liste de réponses"))
        offered = options(self.component, scope)
        if len(value) > max(len(offered), 1):
            raise refuse(_NO_OPTION if not offered else text("La même réponse est donnée deux fois\u00a0: retirez-en une"))
        chosen = [self.option(item, offered).value for item in value]
        if any(same(one, other) for index, one in enumerate(chosen) for other in chosen[:index]):
            raise refuse(text("La même réponse est donnée deux fois\u00a0: retirez-en une"))
        return chosen

    def from_post(self, values: Sequence[str]) -> object:
        return [value for value in values if value]

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        return tuple(token(item) for item in value) if isinstance(value, list) else ()

    def display(self, value: object, scope: Scope) -> str:
        if not isinstance(value, list):
            return shown(value)
        return ", ".join(super(ChoicesAnswer, self).display(item, scope) for item in value)

    def json_schema(self) -> dict[str, object]:
        schema: dict[str, object] = {"type": "array", "items": super().json_schema(), "uniqueItems": True}
        return schema | ({"minItems": 1} if self.component.required else {})

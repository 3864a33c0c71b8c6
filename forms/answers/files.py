"""Answers that are files: references to what was stored, checked for number, type and size once more."""
# ruff: noqa: ARG002  every answer has the same methods, whether or not it needs their arguments

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feel.text import Text, text
from forms.answers.base import Answer, refuse
from forms.files import FileRef, constraints, reference
from forms.french import size
from forms.scope import Scope


class FilesAnswer(Answer):
    """The files of a filepicker: a list of `{id, name, size, type}`."""

    def asks(self, scope: Scope) -> Text:
        return text("Joignez un fichier (%(kinds)s)", kinds=str(constraints(self.component, scope)))

    def blank(self) -> object:
        return []

    def empty(self, value: object) -> bool:
        return value == [] or super().empty(value)

    def clean(self, value: object, scope: Scope) -> list[dict[str, object]]:
        accepted = constraints(self.component, scope)
        if not isinstance(value, list):
            raise refuse(self.asks(scope))
        if len(value) > accepted.count:
            raise refuse(
                text("Joignez %(max)s fichier au plus", max=1)
                if accepted.count == 1
                else text("Joignez %(max)s fichiers au plus", max=accepted.count)
            )
        return [self._checked(item, accepted.size, {kind.type for kind in accepted.kinds}, scope).to_json() for item in value]

    def _checked(self, item: object, largest: int, types: set[str], scope: Scope) -> FileRef:
        found = reference(item)
        if found is None:
            raise refuse(text("Joignez à nouveau le fichier\u00a0: il n’a pas été reçu"))
        if found.size > largest:
            raise refuse(
                text(
                    "Choisissez un fichier plus petit\u00a0: « %(name)s » dépasse %(max)s",
                    name=found.name,
                    max=size(largest),
                )
            )
        if found.type not in types:
            raise refuse(
                text(
                    "Choisissez un fichier %(kinds)s\u00a0: « %(name)s » n’en est pas un",
                    name=found.name,
                    kinds=str(constraints(self.component, scope)),
                )
            )
        return found

    def from_post(self, values: Sequence[str]) -> object:
        """A browser posts the ids of files kept from before; `posting` puts in the references."""
        return [value for value in values if value]

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        items = value if isinstance(value, list) else []
        return tuple(found.id for item in items if (found := reference(item)))

    def display(self, value: object, scope: Scope) -> str:
        items = value if isinstance(value, list) else []
        return ", ".join(f"{found.name} ({size(found.size)})" for item in items if (found := reference(item)))

    def json_schema(self) -> dict[str, object]:
        names: Mapping[str, object] = {
            "id": {"type": "string"},
            "name": {"type": "string"},
            "size": {"type": "integer"},
            "type": {"type": "string"},
        }
        return {"type": "array", "items": {"type": "object", "properties": names, "required": list(names)}}

"""Small forms to test with, and the moment at which the tests take place."""

from __future__ import annotations

from datetime import UTC, datetime

from forms.components import Form
from forms.errors import InvalidAnswers
from forms.form import read
from forms.schema import check

NOW = datetime(2019, 6, 13, 8, 0, tzinfo=UTC)
"""Thursday 13 June 2019, 10:00 in Paris."""

Json = dict[str, object]


def form(*components: Json, **more: object) -> Form:
    """A form of these components; those without a type are text fields."""
    return read({"id": "essai", "schemaVersion": 19, "type": "default", "components": list(components), **more})


def field(kind: str, key: str = "x", **more: object) -> Json:
    """One component."""
    return {"type": kind, "key": key, "id": f"id_{key}", "label": key.capitalize(), **more}


def answered(made: Form, answers: Json, **variables: object) -> Json:
    """The cleaned answers."""
    return check(made, answers, variables=variables, now=NOW)


def refused(made: Form, answers: object, **variables: object) -> dict[str, list[str]]:
    """The messages of a refusal, as people read them; {} when nothing is refused."""
    try:
        check(made, answers, variables=variables, now=NOW)  # type: ignore[arg-type]
    except InvalidAnswers as error:
        return {path: [str(message) for message in messages] for path, messages in error.messages.items()}
    return {}


OPTIONS = [{"label": "Rouge", "value": "r"}, {"label": "Vert", "value": "v"}, {"label": "Deux", "value": 2}]
LIST: Json = {
    "type": "dynamiclist",
    "id": "liste",
    "path": "membres",
    "label": "Membre",
    "components": [field("textfield", "nom", validate={"required": True}), field("checkbox", "chef")],
}

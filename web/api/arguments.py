"""What comes with a request, checked against a schema; what does not fit becomes problem details with messages by field."""

from __future__ import annotations

from typing import Any, NoReturn

import marshmallow
from flask import Request
from webargs.flaskparser import FlaskParser

from feel.text import Text, text
from web import json
from web.errors import RequestRefused
from web.languages import render

MESSAGES = {
    "Missing data for required field.": text("Cette donnée est obligatoire."),
    "Field may not be null.": text("Cette donnée ne peut pas être nulle."),
    "Unknown field.": text("Cette donnée n’est pas attendue."),
    "Not a valid string.": text("Un texte est attendu."),
    "Not a valid integer.": text("Un nombre entier est attendu."),
    "Not a valid number.": text("Un nombre est attendu."),
    "Not a valid boolean.": text("Vrai ou faux est attendu."),
    "Not a valid mapping type.": text("Un objet JSON est attendu."),
    "Not a valid datetime.": text("Une date et heure ISO 8601 est attendue."),
    "Must be 1 or more.": text("Un nombre à partir de 1 est attendu."),
    "Invalid input type.": text("Un objet JSON est attendu."),
    "Special numeric values (nan or infinity) are not permitted.": text("Un nombre fini est attendu."),
}
OTHER = text("Cette valeur n’est pas permise ici.")


class StrictParser(FlaskParser):
    """Bodies as `web.json` reads them. An empty body stands for `{}` where nothing in it is required."""

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Any:  # noqa: ARG002 - the current request, always
        return json.body(required=any(field.required for field in schema.fields.values()))

    def handle_error(self, error: marshmallow.ValidationError, *_: Any, **__: Any) -> NoReturn:
        by_location = error.messages_dict
        messages = {path: [render(each) for each in found] for below in by_location.values() for path, found in _flat(below)}
        status = 400 if "query" in by_location else 422
        raise RequestRefused(status, text("Certaines données sont absentes ou incorrectes."), errors=messages)


def _flat(messages: Any, path: str = "") -> list[tuple[str, list[Text]]]:
    """Nested messages of marshmallow as (path, messages); the path of the whole is empty."""
    if not isinstance(messages, dict):
        return [(path, [MESSAGES.get(str(each), OTHER) for each in messages])]
    return [line for key, below in messages.items() for line in _flat(below, _joined(path, str(key)))]


def _joined(path: str, key: str) -> str:
    if key == "_schema":
        return path
    return f"{path}.{key}" if path else key

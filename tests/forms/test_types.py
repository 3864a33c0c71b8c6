"""All 22 types of form-js together: read, drawn, described, and sent."""

from __future__ import annotations

import pytest

from forms.components import CHOICES, INPUTS, TYPES
from forms.jsonschema import schema
from forms.page import page
from tests.forms.samples import LIST, NOW, OPTIONS, Json, answered, field, form


def sample(kind: str) -> Json:
    more: Json = {"values": OPTIONS} if kind in CHOICES else {}
    more |= {"expression": "=1 + 1"} if kind == "expression" else {}
    more |= {"path": "lignes", "components": [field("textfield", "nom")]} if kind == "dynamiclist" else {}
    more |= {"dataSource": "=[]", "columns": []} if kind == "table" else {}
    return field(kind, f"k_{kind}" if kind in INPUTS else "", id=f"id_{kind}", **more)


def test_there_are_as_many_types_as_form_js_has() -> None:
    assert len(TYPES) == 22


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_each_type_is_read_drawn_and_answered(kind: str) -> None:
    made = form(sample(kind))
    assert page(made, variables={}, answers=None, now=NOW).key == "essai"
    assert answered(made, {}) == ({"k_expression": 2} if kind == "expression" else {})


def test_the_json_schema_says_what_an_answer_holds() -> None:
    made = form(
        field("textfield", "nom", id="n", validate={"required": True, "minLength": 2}),
        field("number", "note", decimalDigits=0, validate={"min": 0, "max": 20}),
        field("datetime", "jour", validate={"required": True}, conditional={"hide": "=note > 3"}),
        field("checkbox", "accord", validate={"required": True}),
        field("select", "choix", values=OPTIONS),
        field("expression", "total", expression="=1"),
        {"type": "group", "id": "g", "path": "adresse", "components": [field("textfield", "ville", validate={"required": True})]},
        LIST,
    )
    assert schema(made) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "essai",
        "type": "object",
        "additionalProperties": False,
        "required": ["nom", "accord", "adresse"],
        "properties": {
            "nom": {"type": "string", "minLength": 2, "title": "Nom"},
            "note": {"type": ["integer", "null"], "minimum": 0, "maximum": 20, "title": "Note"},
            "jour": {"type": "string", "format": "date", "title": "Jour"},
            "accord": {"type": "boolean", "const": True, "title": "Accord"},
            "choix": {"enum": ["r", "v", 2, None], "title": "Choix"},
            "adresse": {
                "type": "object",
                "additionalProperties": False,
                "required": ["ville"],
                "properties": {"ville": {"type": "string", "title": "Ville"}},
            },
            "membres": {
                "type": "array",
                "title": "Membre",
                "maxItems": 200,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["nom"],
                    "properties": {"nom": {"type": "string", "title": "Nom"}, "chef": {"type": "boolean", "title": "Chef"}},
                },
            },
        },
    }

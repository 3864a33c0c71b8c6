"""Random and hostile input everywhere: a refusal or an answer, never another error."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from forms.components import TYPES
from forms.errors import FormError
from forms.form import read
from forms.page import page
from forms.posting import read as read_post
from forms.review import review
from forms.settings import PROPERTIES, SETTINGS, VALIDATE
from tests.forms.samples import LIST, NOW, OPTIONS, Json, field, form, refused

FORM = form(
    field("textfield", "titre", validate={"maxLength": "=plafond"}),
    field("number", "montant", validate={"min": 0}),
    field("datetime", "jour"),
    field("datetime", "heure", subtype="time"),
    field("datetime", "moment", subtype="datetime", timeSerializingFormat="utc_offset"),
    field("checkbox", "accord"),
    field("radio", "choix", values=OPTIONS),
    field("checklist", "plusieurs", values=OPTIONS),
    field("filepicker", "plan"),
    field("textfield", "selon", conditional={"hide": "=montant > 3 or titre = jour"}, readonly="=accord"),
    field("expression", "total", label="Total", expression="=montant * 2"),
    {"type": "group", "id": "g", "path": "adresse", "components": [field("textfield", "ville")]},
    LIST,
)
NAMES = st.sampled_from(
    [*(leaf.name for leaf in FORM.level.walk()), "membres.0.nom", "membres.1.chef", "_lignes", "_ajouter", "_retirer", "x", ""]
)
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["membres:3", "membres.0", "membres", "2019-06-13T25:00", "1e999", "9" * 90, "00:00+99:99", "0001-01-01T00:00Z"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["nom", "ville", "x", "id"]), inner, max_size=3),
    max_leaves=6,
)
ANSWERS = st.dictionaries(st.sampled_from([leaf.where[0] for leaf in FORM.level.leaves]), JSON)


@given(st.lists(st.tuples(NAMES, TEXTS), max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_post_breaks_the_reading(fields: list[tuple[str, str]]) -> None:
    raw = read_post(FORM, fields, {}).answers
    refused(FORM, raw)
    page(FORM, variables={}, answers=raw, now=NOW)


@given(ANSWERS, ANSWERS)
@settings(max_examples=200, deadline=None)
def test_no_json_breaks_the_check_the_page_or_the_review(answers: Json, variables: Json) -> None:
    refused(FORM, answers, **variables)
    page(FORM, variables=variables, answers=answers, now=NOW)
    review(FORM, answers, variables=variables, now=NOW)


ATTRIBUTES = st.sampled_from(
    [*SETTINGS, "label", "description", "conditional", "values", "components", "checks", "properties", "validate", "layout", "text"]
)
GROUPS = st.dictionaries(st.sampled_from([*VALIDATE, *PROPERTIES, "hide", "columns"]), JSON, max_size=4)


@given(st.sampled_from(sorted(TYPES)), st.dictionaries(ATTRIBUTES, JSON | GROUPS, max_size=5), ANSWERS)
@settings(max_examples=300, deadline=None)
def test_no_component_breaks_the_reading_of_a_form(kind: str, attributes: Json, answers: Json) -> None:
    with contextlib.suppress(FormError):
        made = read({"id": "f", "components": [{"type": kind, "key": "titre", "path": "membres", "id": "c", **attributes}]})
        refused(made, answers)
        page(made, variables={}, answers=answers, now=NOW)
        review(made, answers, variables={}, now=NOW)


@given(st.binary(max_size=60) | JSON.map(str))
@settings(max_examples=100, deadline=None)
def test_no_file_breaks_the_reading_of_a_form(content: bytes | str) -> None:
    with contextlib.suppress(FormError):
        read(content)

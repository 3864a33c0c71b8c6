"""Reading forms: what is understood, and every reason for which a form is refused."""

from __future__ import annotations

import json
import time

import pytest

from forms import limits
from forms.errors import FormError
from forms.form import free_names, read
from tests.forms.samples import LIST, Json, field, form, refused


def problems(*components: object, **more: object) -> list[tuple[str, str]]:
    with pytest.raises(FormError) as refusal:
        read({"id": "f", "components": list(components), **more})
    return [(problem.code, problem.element_id) for problem in refusal.value.problems]


def test_a_form_is_read_from_bytes_text_and_json() -> None:
    value: Json = {"id": "idee", "components": [field("textfield", "titre")], "title": "Déposer une idée"}
    for content in (json.dumps(value), json.dumps(value).encode(), value):
        made = read(content)  # type: ignore[arg-type]
        assert (made.key, made.keys, made.title) == ("idee", ("titre",), "Déposer une idée")


@pytest.mark.parametrize(
    ("component", "code"),
    [
        (field("hologramme"), "form.type"),
        ({"type": "textfield", "id": "id_x"}, "form.key"),
        (field("textfield", "a b"), "form.key"),
        (field("textfield", "csrf_token"), "form.key"),
        (field("textfield", "9a"), "form.key"),
        (field("textfield", validate={"pattern": "(a"}), "form.pattern"),
        (field("textfield", validate={"pattern": "(?=a)b"}), "form.pattern"),
        (field("textfield", validate={"minlength": 3}), "form.rule"),
        (field("textfield", validate={"required": "oui"}), "form.value"),
        (field("textfield", validate={"minLength": 9, "maxLength": 3}), "form.value"),
        (field("textfield", validate={"minLength": -1}), "form.value"),
        (field("textfield", validate={"validationType": "iban"}), "form.value"),
        (field("number", validate={"min": "=1 +"}), "form.feel"),
        (field("number", validate={"min": 9, "max": 3}), "form.value"),
        (field("number", increment=0), "form.value"),
        (field("number", validate={"max": "1e999"}), "form.value"),
        (field("datetime", subtype="siècle"), "form.value"),
        (field("textfield", conditional={"hide": "=if"}), "form.feel"),
        (field("textfield", label="Bonjour {{ 1 + }}"), "form.feel"),
        (field("textfield", label="{{#if a}}sans fin"), "form.feel"),
        (field("select"), "form.options"),
        (field("select", values=[{"label": "A", "value": "a"}, {"label": "B", "value": "a"}]), "form.options"),
        (field("select", values=[{"label": "A"}]), "form.options"),
        (field("expression", expression="=[1,"), "form.feel"),
        (field("textfield", properties={"decision": "true"}), "form.value"),
        (field("textfield", label="x" * 501), "form.limit"),
        ({**LIST, "path": ""}, "form.key"),
        ({**LIST, "checks": [{"when": "=true"}]}, "form.checks"),
        ({**LIST, "checks": [{"when": "=true", "message": "non", "field": "absent"}]}, "form.checks"),
        ("texte", "form.value"),
    ],
)
def test_what_cannot_work_is_refused(component: object, code: str) -> None:
    assert code in [found for found, _ in problems(component)]


def test_every_problem_is_named_at_once_with_its_component() -> None:
    found = problems(
        field("hologramme", "a"),
        field("select", "b"),
        field("textfield", "c", validate={"pattern": "["}),
        field("textfield", "c", id="autre"),
    )
    assert found == [
        ("form.type", "id_a"),
        ("form.options", "id_b"),
        ("form.pattern", "id_c"),
        ("form.duplicate", "id_c"),
        ("form.duplicate", "autre"),
    ]


def test_one_name_inside_another_is_refused() -> None:
    assert ("form.duplicate", "id_a.b") in problems(field("textfield", "a"), field("textfield", "a.b"))


def test_the_same_name_in_a_row_and_outside_is_two_answers() -> None:
    made = form(field("textfield", "nom", id="dehors"), LIST)
    assert made.keys == ("nom", "membres")


def test_components_without_an_identifier_get_one_of_their_own() -> None:
    made = form({"type": "textfield", "key": "nom"}, {"type": "separator"}, {"type": "separator"}, {**LIST, "id": ""})
    ids = [component.id for component in made.walk()]
    assert len(set(ids)) == len(ids)


def test_messages_are_french_and_name_the_setting() -> None:
    with pytest.raises(FormError) as refusal:
        form(field("number", validate={"min": "beaucoup"}))
    assert str(refusal.value.problems[0].message) == "« validate.min »\u00a0: un nombre est attendu"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"components": {}}', b"\xff\xfe", b'{"id": "x", "components": [' + b"[" * 5000, "[" * 100_000],
)
def test_what_is_no_form_is_refused(content: bytes | str) -> None:
    with pytest.raises(FormError):
        read(content)


def test_a_newer_schema_version_is_refused() -> None:
    assert ("form.version", "f") in problems(schemaVersion=20)


def test_a_form_needs_an_identifier() -> None:
    with pytest.raises(FormError, match="identifiant"):
        read({"components": []})


def test_an_oversized_file_is_refused() -> None:
    with pytest.raises(FormError, match="octets"):
        read(b" " * (limits.FORM_BYTES + 1))


def test_thousands_of_components_are_refused_at_once() -> None:
    found = problems(*(field("textfield", f"k{number}") for number in range(5000)))
    assert found == [("form.limit", "f")]


def test_deep_nesting_is_refused() -> None:
    component: Json = field("textfield", "fond")
    for level in range(60):
        component = {"type": "group", "id": f"g{level}", "components": [component]}
    assert ("form.limit", "g51") in problems(component)


def test_too_many_options_are_refused() -> None:
    values = [{"label": str(number), "value": str(number)} for number in range(limits.OPTIONS + 1)]
    assert ("form.options", "id_x") in problems(field("select", values=values))


def test_a_hostile_pattern_is_read_and_matched_quickly() -> None:
    started = time.monotonic()
    made = form(field("textfield", validate={"pattern": "^(a+)+$"}))
    assert refused(made, {"x": "a" * 900 + "!"}) == {"x": ["Respectez le format demandé"]}
    assert time.monotonic() - started < 5


def test_a_pattern_too_large_for_the_matcher_is_refused() -> None:
    assert ("form.pattern", "id_x") in problems(field("textfield", validate={"pattern": "((a{1,100}){1,100}){1,100}"}))


def test_the_names_that_a_form_needs_from_its_case_are_known() -> None:
    made = form(
        field("textfield", "a", conditional={"hide": "=etat = 1"}, label="Bonjour {{ porteuse.nom }}"),
        field("number", "b", validate={"max": "=plafond"}),
        field("select", "c", valuesKey="choix"),
        field("expression", "d", expression="=a + b"),
        checks=[{"when": "=b > solde", "message": "trop"}],
    )
    assert free_names(made) == {"etat", "porteuse", "plafond", "choix", "solde"}


def test_editor_defaults_left_empty_mean_nothing() -> None:
    made = form(field("textfield", validate={"min": "", "pattern": "", "validationType": ""}, description="", conditional=None))
    assert not made.components[0].rules

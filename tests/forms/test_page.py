"""The page of a form: values, errors, conditions, texts of the moment, steps, and answers read back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from feel.text import Text
from forms.components import Form
from forms.errors import InvalidAnswers
from forms.page import live, page
from forms.review import review
from forms.schema import check
from forms.steps import messages, resume, steps
from forms.view import BlockView, ColumnsView, FieldView, FormPage, ListView
from tests.forms.samples import LIST, NOW, OPTIONS, Json, field, form

REQUIRED: Json = {"validate": {"required": True}}


def draw(made: Form, answers: Json | None = None, errors: dict[str, list[Text]] | None = None, **variables: object) -> FormPage:
    return page(made, variables=variables, answers=answers, errors=errors or {}, now=NOW)


def one(drawn: FormPage) -> FieldView:
    return next(part for part in drawn.parts() if isinstance(part, FieldView))


def by_name(drawn: FormPage) -> dict[str, FieldView]:
    return {part.name: part for part in drawn.parts() if isinstance(part, FieldView)}


@pytest.mark.parametrize(
    ("component", "kind"),
    [
        (field("textfield"), "text"),
        (field("textfield", validate={"validationType": "email"}), "email"),
        (field("textfield", validate={"validationType": "phone"}), "tel"),
        (field("textarea"), "textarea"),
        (field("number"), "number"),
        (field("datetime"), "date"),
        (field("datetime", subtype="time"), "time"),
        (field("datetime", subtype="datetime"), "datetime-local"),
        (field("checkbox"), "check"),
        (field("radio", values=OPTIONS), "radio"),
        (field("select", values=OPTIONS), "select"),
        (field("checklist", values=OPTIONS), "checklist"),
        (field("taglist", values=OPTIONS), "checklist"),
        (field("filepicker"), "file"),
        (field("radio", values=OPTIONS, properties={"decision": "true"}), "decide"),
        (field("expression", expression="=1"), "computed"),
    ],
)
def test_each_type_has_its_control(component: Json, kind: str) -> None:
    assert one(draw(form(component))).kind == kind


@pytest.mark.parametrize(
    ("component", "value", "shown"),
    [
        (field("number"), Decimal("1234.5"), "1234,5"),
        (field("number"), "plein", "plein"),
        (field("datetime", subtype="time"), "14:30:00", "14:30"),
        (field("datetime", subtype="time"), "12:30:00Z", "14:30"),
        (field("datetime", subtype="datetime"), "2019-06-13T12:30:00Z", "2019-06-13T14:30"),
        (field("textfield"), None, ""),
        (field("textfield"), ["a", "b"], "a"),
        (field("textfield", readonly=True), "lu", "lu"),
        (field("datetime", readonly=True), "2019-06-13", "jeudi 13 juin 2019"),
        (field("checkbox", readonly=True), True, "Oui"),
        (field("select", values=OPTIONS, readonly=True), "v", "Vert"),
    ],
)
def test_a_control_shows_what_the_answer_was(component: Json, value: object, shown: str) -> None:
    assert one(draw(form(component), {"x": value})).value == shown


def test_a_field_starts_with_the_variable_then_the_default() -> None:
    made = form(field("textfield", defaultValue="défaut"))
    assert one(draw(made)).value == "défaut"
    assert one(draw(made, x="connu")).value == "connu"
    assert one(draw(made, {"x": ""}, x="connu")).value == ""


def test_chosen_options_are_marked() -> None:
    made = form(field("checklist", values=OPTIONS))
    assert [option.checked for option in one(draw(made, {"x": ["r", 2]})).options] == [True, False, True]


def test_labels_and_texts_take_values_of_the_case() -> None:
    made = form(
        field("textfield", label="Votre avis sur « {{ titre }} »"),
        {
            "type": "text",
            "id": "t",
            "text": "# Note\nReçu le **{{ jour }}** : {{#loop tags}}[{{this}}]{{/loop}}{{#if urgent}} urgent{{/if}}",
        },
    )
    drawn = draw(made, titre="Pannes", jour="2019-06-12", tags=["a", "b"], urgent=True)
    assert one(drawn).label == "Votre avis sur « Pannes »"
    block = next(part for part in drawn.parts() if isinstance(part, BlockView))
    assert block.html == "<h2>Note</h2>\n<p>Reçu le <strong>mercredi 12 juin 2019</strong> : [a][b] urgent</p>\n"


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>",
        "[cliquez](javascript:alert(1))",
        "![](https://ailleurs.example/x.png)",
        "a\n\n# Titre",
        "<img src=x onerror=alert(1)>",
    ],
)
@pytest.mark.parametrize(
    "component",
    [
        {"type": "text", "id": "t", "text": "Dit : {{ v }}"},
        {"type": "html", "id": "t", "content": "<p>Dit : {{ v }}</p>"},
    ],
)
def test_values_never_become_markup(component: Json, value: str) -> None:
    drawn = draw(form(component), v=value)
    block = next(part for part in drawn.parts() if isinstance(part, BlockView))
    for forbidden in ("<script", "<img", "<a ", "<h1", "<h2", 'onerror="'):
        assert forbidden not in block.html


def test_markup_of_the_author_is_sanitised() -> None:
    content = '<h1>A</h1><script>x</script><p style="color:red" onclick="x">B <a href="javascript:x">c</a></p><iframe src="//x"></iframe>'
    drawn = draw(form({"type": "html", "id": "t", "content": content}))
    block = next(part for part in drawn.parts() if isinstance(part, BlockView))
    assert block.html == '<h2>A</h2><p>B <a rel="noopener noreferrer">c</a></p>'


def test_images_and_frames_only_come_from_safe_addresses() -> None:
    made = form(
        {"type": "image", "id": "a", "source": "javascript:alert(1)", "alt": "non"},
        {"type": "image", "id": "b", "source": "/static/plan.png", "alt": "Plan de {{ ville }}"},
        {"type": "iframe", "id": "c", "url": "https://exemple.fr/carte", "label": "Carte"},
        {"type": "iframe", "id": "d", "url": "//exemple.fr", "label": "non"},
    )
    blocks = [(part.kind, part.source, part.text) for part in draw(made, ville="Rennes").parts() if isinstance(part, BlockView)]
    assert blocks == [("image", "/static/plan.png", "Plan de Rennes"), ("link", "https://exemple.fr/carte", "Carte")]


def test_a_table_shows_rows_of_the_case() -> None:
    made = form(
        {
            "type": "table",
            "id": "t",
            "label": "Notes",
            "dataSource": "=notes",
            "columns": [{"key": "qui", "label": "Jury"}, {"key": "note"}],
        }
    )
    table = next(part for part in draw(made, notes=[{"qui": "Anne", "note": 12.5}, {"qui": "Yann"}]).parts() if isinstance(part, BlockView))
    assert (table.headers, table.cells) == (("Jury", "note"), (("Anne", "12,5"), ("Yann", "")))


# --------------------------------------------------------------------------------------------------------- conditions


def test_what_only_the_case_hides_is_left_out() -> None:
    made = form(field("textfield", conditional={"hide": "=etape = 2"}), field("textfield", "y"))
    assert list(by_name(draw(made, etape=2))) == ["y"]


def test_what_an_answer_hides_is_drawn_and_marked() -> None:
    made = form(
        field("radio", "kind", values=["moi", "asso"]),
        field("textfield", "rna", conditional={"hide": '=kind != "asso"'}),
    )
    assert by_name(draw(made))["rna"].hidden
    shown = by_name(draw(made, {"kind": "asso"}))["rna"]
    assert (shown.hidden, shown.hidden_when) == (False, 'kind != "asso"')


def test_a_script_may_ask_what_changed() -> None:
    made = form(
        field("number", "a"),
        field("textfield", "b", conditional={"hide": "=a > 3"}),
        field("expression", "total", label="Total", expression="=a * 2"),
        {"type": "text", "id": "t", "text": "Total : {{ total }}"},
    )
    assert live(draw(made, {"a": 5})) == {
        "hidden": {"f-b": True},
        "texts": {"b-t": "<p>Total : 10</p>\n"},
        "values": {"f-total": "10"},
    }


# -------------------------------------------------------------------------------------------------------------- errors


def test_the_summary_names_each_field_and_leads_to_it() -> None:
    made = form(
        field("number", "ampleur", label="Ampleur du problème", validate={"required": True, "min": 0, "max": 30}),
        field(
            "radio",
            "num",
            label="Le besoin a-t-il une dimension numérique ?",
            values=OPTIONS,
            properties={"summary": "Dimension numérique"},
            **REQUIRED,
        ),
        LIST,
    )
    answers: Json = {"membres": [{"nom": ""}], "pirate": 1}
    with pytest.raises(InvalidAnswers) as refusal:
        check(made, answers, variables={}, now=NOW)
    drawn = page(made, variables={}, answers=answers, errors=refusal.value.messages, now=NOW)
    assert drawn.errors == (
        ("s-id_ampleur", "pirate\u00a0: ce champ n’existe pas dans ce formulaire\u00a0: retirez-le"),
        ("f-ampleur", "Ampleur du problème\u00a0: donnez un nombre entre 0 et 30"),
        ("f-num", "Dimension numérique\u00a0: choisissez une réponse"),
        ("f-membres-0-nom", "Membre 1, nom\u00a0: écrivez une réponse"),
    )
    assert by_name(drawn)["ampleur"].error == "Donnez un nombre entre 0 et 30"
    assert by_name(drawn)["membres.0.nom"].described_by == "f-membres-0-nom-err"


def test_messages_can_be_translated() -> None:
    made = form(field("textfield", **REQUIRED))
    drawn = page(
        made,
        variables={},
        answers={},
        errors={"x": [Text("Écrivez une réponse")]},
        now=NOW,
        say=lambda _: "Write",
    )
    assert one(drawn).error == "Write"


# --------------------------------------------------------------------------------------------------------------- lists


def test_a_list_shows_its_rows_and_what_can_be_done() -> None:
    made = form({**LIST, "properties": {"minItems": 1, "maxItems": 2, "item": "Membre n° {{ i }}"}})
    rows = [part for part in draw(made).parts() if isinstance(part, ListView)]
    assert [(row.title, row.name) for row in rows[0].rows] == [("Membre n° 1", "membres.0")]
    assert (rows[0].can_add, rows[0].can_remove) == (True, False)
    full = next(part for part in draw(made, {"membres": [{}, {}]}).parts() if isinstance(part, ListView))
    assert (full.can_add, full.can_remove) == (False, True)


def test_fields_of_one_row_of_the_grid_stand_side_by_side() -> None:
    layout = {"layout": {"row": "r1", "columns": 8}}
    made = form(field("number", "a", **layout), field("number", "b", **layout), field("number", "c"))
    columns = [part for part in draw(made).parts() if isinstance(part, ColumnsView)]
    assert [[inner.id for inner in part.parts] for part in columns] == [["f-a", "f-b"]]


# --------------------------------------------------------------------------------------------------------------- steps


def group(key: str, *components: Json, **more: object) -> Json:
    return {"type": "group", "id": f"g_{key}", "label": key, "components": list(components), **more}


STEPS = form(
    {"type": "text", "id": "intro", "text": "Bonjour"},
    group("Vous", field("textfield", "nom", **REQUIRED), field("checkbox", "asso")),
    group("Association", field("textfield", "rna", **REQUIRED), conditional={"hide": "=not(asso = true)"}),
    group("Projet", field("textarea", "projet", **REQUIRED)),
    {"type": "text", "id": "fin", "text": "Merci"},
)


def test_each_group_is_a_step_and_texts_go_along() -> None:
    assert [(step.title, len(step.components)) for step in steps(STEPS)] == [
        ("Vous", 2),
        ("Association", 1),
        ("Projet", 2),
    ]


def test_what_stands_outside_groups_goes_with_the_page_before() -> None:
    made = form(field("checkbox", "debut"), group("Vous", field("textfield", "nom")), field("checkbox", "accord"), group("Note"))
    assert [(step.title, len(step.components)) for step in steps(made)] == [("Vous", 4)]
    assert [(step.title, len(step.components)) for step in steps(form(field("textfield"), field("textfield", "y")))] == [("", 2)]


def test_hidden_groups_are_no_step() -> None:
    assert [step.title for step in steps(STEPS, {"asso": False}, now=NOW)] == ["Vous", "Projet"]
    assert [step.title for step in steps(STEPS, {"asso": True}, now=NOW)] == ["Vous", "Association", "Projet"]


def test_a_step_is_checked_alone_and_the_first_unfinished_one_is_found() -> None:
    first, _, last = steps(STEPS)
    assert list(messages(STEPS, first, {}, variables={}, now=NOW)) == ["nom"]
    assert messages(STEPS, first, {"nom": "A"}, variables={}, now=NOW) == {}
    assert list(messages(STEPS, last, {"nom": "A"}, variables={}, now=NOW)) == ["projet"]
    found = resume(STEPS, {"nom": "A"}, variables={}, now=NOW)
    assert found is not None
    assert found.title == "Projet"
    assert resume(STEPS, {"nom": "A", "projet": "B"}, variables={}, now=NOW) is None


def test_a_step_is_drawn_alone() -> None:
    _, _, last = steps(STEPS)
    drawn = page(STEPS, variables={}, answers={"projet": "x"}, now=NOW, step=last)
    assert list(by_name(drawn)) == ["projet"]


# -------------------------------------------------------------------------------------------------------------- review


def test_answers_are_read_back_in_words() -> None:
    made = form(
        group(
            "Projet",
            field("datetime", "jour"),
            field("number", "montant", appearance={"suffixAdorner": "€"}),
            field("checkbox", "accord"),
            field("checklist", "couleurs", values=OPTIONS),
            field("textfield", "vide"),
            field("textfield", "cache", conditional={"hide": "=true"}),
            field("filepicker", "plan"),
        ),
        LIST,
    )
    answers: Json = {
        "jour": "2019-06-13",
        "montant": 12500,
        "accord": True,
        "couleurs": ["r", 2],
        "plan": [{"id": "7f", "name": "plan.pdf", "size": 389_120, "type": "application/pdf"}],
        "membres": [{"nom": "A", "chef": False}],
    }
    parts = review(made, answers, variables={}, now=NOW)
    assert [(part.title, part.step) for part in parts] == [("Projet", "g_Projet"), ("Membre 1", "g_Projet")]
    assert [(line.label, line.value) for line in parts[0].lines] == [
        ("Jour", "jeudi 13 juin 2019"),
        ("Montant", "12\u00a0500 €"),
        ("Accord", "Oui"),
        ("Couleurs", "Rouge, Deux"),
        ("Vide", "—"),
        ("Plan", "plan.pdf (380\u00a0ko)"),
    ]
    assert [line.value for line in parts[1].lines] == ["A", "Non"]
    assert parts[0].lines[5].files[0].id == "7f"
    short = review(made, answers, variables={}, now=NOW, empty=False)
    assert "Vide" not in [line.label for line in short[0].lines]


def test_a_box_that_had_to_be_ticked_is_known_as_a_consent() -> None:
    made = form(field("checkbox", "accord", validate={"required": True}), field("checkbox", "chef"), field("textfield", "nom"))
    (part,) = review(made, {"accord": True, "chef": True, "nom": "Anne"}, variables={}, now=NOW)
    assert {line.path: line.consent for line in part.lines} == {"accord": True, "chef": False, "nom": False}


def test_a_question_keeps_its_mark_in_the_summary() -> None:
    made = form(field("textfield", "nom", label="Qui suivra ?", validate={"required": True}))
    drawn = draw(made, {}, errors={"nom": ["Écrivez une réponse"]})
    assert [said for _, said in drawn.errors] == ["Qui suivra ? Écrivez une réponse"]

"""The HTML of a form: what a person without a mouse, without sight or without a script depends on."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import html

from feel.text import text
from forms.components import Form
from forms.errors import InvalidAnswers
from forms.page import page
from forms.posting import answers as posted
from forms.review import review
from forms.schema import check
from forms.view import FormPage
from tests.forms.samples import LIST, NOW, OPTIONS, Json, answered, field, form

TEMPLATES = Path(__file__).resolve().parents[2] / "web" / "templates"
PAGE = """{% import "macros/form.html" as form with context %}<main>{{ form.errors(page) }}
<form method="post" novalidate {{ form.encoding(page) }}>{{ form.fields(page) }}<button>Envoyer</button></form></main>"""
FILE = {"id": "7f", "name": "plan <b>.pdf", "size": 2100, "type": "application/pdf"}
GRID = {"layout": {"row": "r", "columns": 8}}
EVERYTHING = form(
    {"type": "text", "id": "t", "text": "Bonjour **{{ qui }}**"},
    {
        "type": "group",
        "id": "g",
        "label": "Le besoin",
        "properties": {"hint": "En deux mots"},
        "components": [
            field("textfield", "titre", validate={"required": True, "maxLength": 120}, description="Court"),
            field("textarea", "irritant", validate={"required": True, "maxLength": 1200}, properties={"rows": "6"}),
            field("number", "ampleur", validate={"required": True, "max": 30}, appearance={"suffixAdorner": "sur 30"}, **GRID),
            field("number", "cout", **GRID),
            field("datetime", "jour", disallowPassedDates=True),
            field("datetime", "heure", subtype="time", timeInterval=15),
            field("datetime", "moment", subtype="datetime"),
            field("checkbox", "accord", validate={"required": True}, description="Pour vous répondre"),
            field("radio", "couleur", values=[{"label": "Rouge", "value": "r", "hint": "Vif"}, "v"]),
            field("select", "choix", values=OPTIONS),
            field("checklist", "plusieurs", values=OPTIONS, validate={"required": True}),
            field("filepicker", "plan", accept=".pdf", multiple=True),
            field("textfield", "lu", readonly=True, defaultValue="Fixe"),
            field("textfield", "selon", conditional={"hide": "=ampleur > 3"}),
            field("expression", "total", label="Total", expression="=ampleur * 2"),
        ],
    },
    LIST,
    {"type": "separator", "id": "s"},
    {"type": "table", "id": "tb", "label": "Notes", "dataSource": "=[{a: 1}]", "columns": [{"key": "a", "label": "A"}]},
    field(
        "radio",
        "avis",
        label="Votre décision",
        validate={"required": True},
        properties={"decision": "true"},
        values=[
            {"label": "Retenir l’idée", "value": "oui", "then": "La pré-incubation s’ouvre",
             "who": "Prévenue : {{ qui }}", "undo": "Réversible"},
            {"label": "Ne pas retenir…", "value": "non", "then": "Le dossier se ferme", "undo": "Définitif", "danger": True},
        ],
    ),
)  # fmt: skip


def environment() -> Environment:
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"])
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return made


def render(drawn: FormPage, source: str = PAGE) -> html.HtmlElement:
    return html.fromstring(environment().from_string(source).render(page=drawn))


def drawn(made: Form, answers: Json | None = None) -> FormPage:
    """The page as it comes back after the answers were refused, or as it first shows."""
    variables = {"qui": "Anne <i>"}
    if answers is None:
        return page(made, variables=variables, answers=None, now=NOW)
    try:
        check(made, answers, variables=variables, now=NOW)
    except InvalidAnswers as error:
        return page(made, variables=variables, answers=answers, errors=error.messages, now=NOW)
    return page(made, variables=variables, answers=answers, now=NOW)


FULL: Json = {
    "ampleur": 40,
    "plan": [FILE],
    "couleur": "r",
    "plusieurs": ["r", 2],
    "membres": [{"nom": ""}, {"nom": "B", "chef": True}],
}


@pytest.fixture(params=[None, FULL], ids=["first", "refused"])
def tree(request: pytest.FixtureRequest) -> html.HtmlElement:
    return render(drawn(EVERYTHING, request.param))


def test_every_control_has_a_label(tree: html.HtmlElement) -> None:
    labels = {label.get("for") for label in tree.iter("label")}
    controls = [c for c in tree.xpath("//input|//select|//textarea") if c.get("type") != "hidden"]
    assert len(controls) > 15
    assert [c.get("id") for c in controls if c.get("id") not in labels] == []


def test_every_button_says_what_it_does(tree: html.HtmlElement) -> None:
    assert all(button.text_content().strip() for button in tree.iter("button"))


def test_every_group_of_choices_has_a_legend(tree: html.HtmlElement) -> None:
    for control in tree.xpath("//input[@type='radio']"):
        assert control.xpath("ancestor::fieldset[1]/legend")
    assert all(len(fieldset.findall("legend")) == 1 for fieldset in tree.iter("fieldset"))


def test_ids_are_unique_and_descriptions_exist(tree: html.HtmlElement) -> None:
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    described = [one for many in tree.xpath("//@aria-describedby") for one in many.split()]
    assert set(described) <= set(ids)
    assert set(tree.xpath("//label/@for")) <= set(ids)


def test_there_is_no_inline_style_or_script(tree: html.HtmlElement) -> None:
    assert not tree.xpath("//@style|//style|//script|//@*[starts-with(name(), 'on')]")


def test_an_error_stands_above_its_control_and_is_tied_to_it() -> None:
    tree = render(drawn(EVERYTHING, FULL))
    control = tree.get_element_by_id("f-ampleur")
    assert control.get("aria-invalid") == "true"
    assert "f-ampleur-err" in control.get("aria-describedby").split()
    message = tree.get_element_by_id("f-ampleur-err")
    assert message.text_content() == "Erreur : Donnez un nombre inférieur ou égal à 30"
    assert list(tree.iter()).index(message) < list(tree.iter()).index(control)


def test_the_summary_takes_the_focus_and_its_links_lead_to_controls() -> None:
    tree = render(drawn(EVERYTHING, FULL))
    summary = tree.get_element_by_id("erreurs")
    assert summary.get("tabindex") == "-1"
    links = [link.get("href") for link in summary.iter("a")]
    assert links[:3] == ["#f-titre", "#f-irritant", "#f-ampleur"]
    assert {link[1:] for link in links} <= set(tree.xpath("//@id"))


def test_only_optional_fields_are_marked() -> None:
    tree = render(drawn(EVERYTHING))
    marked = {label.get("for") for label in tree.iter("label") if "(facultatif)" in label.text_content()}
    assert {"f-cout", "f-choix"} <= marked
    assert not {"f-titre", "f-ampleur", "f-accord", "f-lu"} & marked
    assert tree.get_element_by_id("f-titre").get("required") is not None


def test_what_was_given_stands_in_the_controls() -> None:
    tree = render(drawn(EVERYTHING, FULL))
    assert tree.get_element_by_id("f-ampleur").get("value") == "40"
    assert tree.get_element_by_id("f-membres-1-nom").get("value") == "B"
    assert tree.get_element_by_id("f-membres-1-chef").get("checked") is not None
    assert [c.get("value") for c in tree.xpath("//input[@name='plusieurs'][@checked]")] == ["r", "2"]
    assert tree.xpath("//input[@type='hidden'][@name='plan']/@value") == ["7f"]
    assert "plan <b>.pdf" in tree.text_content()


def test_native_controls_carry_their_bounds() -> None:
    tree = render(drawn(EVERYTHING))
    assert (tree.get_element_by_id("f-jour").get("type"), tree.get_element_by_id("f-jour").get("min")) == (
        "date",
        "2019-06-13",
    )
    assert tree.get_element_by_id("f-heure").get("step") == "900"
    assert tree.get_element_by_id("f-irritant").get("maxlength") == "1200"
    assert (tree.get_element_by_id("f-plan").get("accept"), tree.get_element_by_id("f-plan").get("multiple")) == (
        ".pdf",
        "multiple",
    )
    assert tree.find(".//form").get("enctype") == "multipart/form-data"


def test_a_read_only_field_sends_nothing() -> None:
    control = render(drawn(EVERYTHING)).get_element_by_id("f-lu")
    assert (control.get("value"), control.get("name"), control.get("readonly") is not None) == ("Fixe", None, True)


def test_each_decision_is_a_button_with_its_consequence_and_the_last_one_asks_again() -> None:
    tree = render(drawn(EVERYTHING))
    buttons = tree.xpath("//button[@name='avis']")
    assert [button.get("value") for button in buttons] == ["oui", "non"]
    consequence = tree.get_element_by_id(buttons[0].get("aria-describedby")).text_content()
    assert "La pré-incubation s’ouvre" in consequence
    assert "Prévenue : Anne <i>" in consequence
    assert buttons[1].xpath("ancestor::details/summary")[0].text_content() == "Ne pas retenir…"


def test_enter_in_a_field_never_decides() -> None:
    first = render(drawn(EVERYTHING)).xpath("//form//button")[0]
    assert (first.get("name"), first.get("value")) == ("_action", "brouillon")
    plain = render(drawn(form(field("textfield")))).xpath("//form//button")[0]
    assert (plain.get("name"), plain.get("value")) == ("_action", "continuer")


def test_a_conditional_field_is_in_sight_without_a_script() -> None:
    tree = render(drawn(EVERYTHING, {**FULL, "selon": "gardé"}))
    assert tree.get_element_by_id("w-f-selon").get("data-hidden") is not None
    assert tree.get_element_by_id("w-f-selon").get("hidden") is None
    assert tree.get_element_by_id("f-selon").get("value") == "gardé"


def test_rows_have_buttons_that_work_without_a_script() -> None:
    tree = render(drawn(EVERYTHING, FULL))
    assert tree.xpath("//button[@name='_ajouter']/@value") == ["membres"]
    assert tree.xpath("//button[@name='_retirer']/@value") == ["plan.7f", "membres.0", "membres.1"]
    assert tree.xpath("//input[@name='_lignes']/@value") == ["membres:2"]


def test_what_the_page_shows_can_be_sent_back_unchanged() -> None:
    made = form(
        field("textfield", "a"),
        field("textarea", "b"),
        field("number", "c"),
        field("datetime", "d"),
        field("checkbox", "e"),
        field("radio", "f", values=OPTIONS),
        field("select", "g", values=OPTIONS),
        field("checklist", "h", values=OPTIONS),
        LIST,
    )
    given: Json = {
        "a": "é <b> \" '",
        "b": "\n  deux\nlignes".strip(),
        "c": 12.5,
        "d": "2019-06-13",
        "e": True,
        "f": 2,
        "g": "v",
        "h": ["r", 2],
        "membres": [{"nom": "A", "chef": False}, {"nom": "B", "chef": True}],
    }
    shown = render(drawn(made, given)).find(".//form")
    assert answered(made, posted(made, shown.form_values(), {})) == answered(made, given)


def test_answers_are_read_back_as_pairs() -> None:
    parts = review(form(field("textfield", "nom", label="Nom <b>")), {"nom": "A & B"}, variables={}, now=NOW)
    source = '{% import "macros/form.html" as form with context %}{{ form.review(parts) }}'
    tree = html.fromstring(environment().from_string(source).render(parts=parts))
    assert [(pair.text_content()) for pair in tree.iter("dt", "dd")] == ["Nom <b>", "A & B"]


def test_a_message_of_the_whole_form_is_shown() -> None:
    made = form(field("number", "a"), checks=[{"when": "=a > 1", "message": "Arrivez à 1"}])
    tree = render(page(made, variables={}, answers={"a": 2}, errors={"": [text("Arrivez à 1")]}, now=NOW))
    assert tree.get_element_by_id("erreurs").find(".//li").text_content() == "Arrivez à 1"

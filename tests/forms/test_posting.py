"""What a browser posts: the same answers as JSON gives, rows without a script, and names that do not belong."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import limits
from forms.answers.types import answer
from forms.components import Form, Level
from forms.files import FileRef
from forms.posting import answers, merge, read
from forms.scope import Scope, at, root
from forms.steps import steps
from tests.forms.samples import LIST, NOW, OPTIONS, Json, answered, field, form, refused

FILE = FileRef("7f", "plan.pdf", 2100, "application/pdf")


def posted(made: Form, *fields: tuple[str, str]) -> Json:
    return answers(made, fields, {})


@pytest.mark.parametrize(
    ("component", "written", "raw"),
    [
        (field("textfield"), "Le Goff", "Le Goff"),
        (field("number"), "1 234,50", Decimal("1234.50")),
        (field("number"), "1\u202f234\u00a0567,5", Decimal("1234567.5")),
        (field("number"), "12400", 12400),
        (field("number"), "-3", -3),
        (field("number"), "12 34", "12 34"),
        (field("number"), "1.234,5", "1.234,5"),
        (field("number"), "plein", "plein"),
        (field("number"), "1e5", "1e5"),
        (field("number"), "", ""),
        (field("number", serializeToString=True), "1 234,50", "1234.50"),
        (field("datetime"), "2019-06-13", "2019-06-13"),
        (field("datetime"), "13/06/2019", "2019-06-13"),
        (field("datetime"), "1er juin 2019", "2019-06-01"),
        (field("datetime"), "jeudi 13 juin 2019", "2019-06-13"),
        (field("datetime"), "31/02/2019", "31/02/2019"),
        (field("datetime", subtype="time"), "14:30", "14:30:00"),
        (field("datetime", subtype="time"), "14 h 30", "14:30:00"),
        (field("datetime", subtype="time"), "14h", "14:00:00"),
        (field("datetime", subtype="datetime"), "2019-06-13T14:30", "2019-06-13T14:30:00"),
        (field("datetime", subtype="datetime"), "13/06/2019 14:30", "2019-06-13T14:30:00"),
        (field("datetime", subtype="datetime"), "13 juin 2019 à 14 h 30", "2019-06-13T14:30:00"),
        (field("checkbox"), "oui", True),
        (field("radio", values=OPTIONS), "r", "r"),
    ],
)
def test_what_people_write_is_understood_or_kept_as_written(component: Json, written: str, raw: object) -> None:
    assert posted(form(component), ("x", written)) == {"x": raw}


def test_a_box_that_is_not_ticked_is_an_answer() -> None:
    made = form(field("checkbox", "a"), field("checklist", "b", values=OPTIONS), field("textfield", "c"))
    assert posted(made) == {"a": False, "b": []}


def test_several_boxes_make_a_list() -> None:
    made = form(field("checklist", values=OPTIONS))
    assert answered(made, posted(made, ("x", "r"), ("x", "2"))) == {"x": ["r", 2]}


def test_a_field_posted_twice_is_refused() -> None:
    made = form(field("textfield"), field("number", "n"), field("radio", "r", values=OPTIONS), field("checkbox", "c"))
    fields = [(name, value) for name, value in (("x", "a"), ("n", "1"), ("r", "r"), ("c", "oui")) for _ in range(2)]
    assert refused(made, posted(made, *fields)) == {name: ["Donnez une seule réponse"] for name in ("x", "n", "r", "c")}


def test_a_name_that_no_field_has_is_refused_and_those_of_the_page_are_not() -> None:
    made = form(field("textfield"))
    raw = read(
        made,
        [("x", "a"), ("pirate", "1"), ("csrf_token", "t"), ("_action", "envoyer"), ("suite", "1")],
        {},
        ignored=("suite",),
    )
    assert refused(made, raw.answers).keys() == {"pirate"}


def test_rows_are_read_in_order_and_boxes_of_empty_rows_too() -> None:
    made = form(LIST)
    raw = posted(made, ("_lignes", "membres:3"), ("membres.0.nom", "A"), ("membres.2.chef", "oui"))
    assert raw == {"membres": [{"nom": "A", "chef": False}, {"chef": False}, {"chef": True}]}


def test_rows_are_counted_by_their_fields_when_the_page_does_not_say() -> None:
    raw = posted(form(LIST), ("membres.7.nom", "B"), ("membres.2.nom", "A"))
    assert [row["nom"] for row in raw["membres"]] == ["A", "B"]  # type: ignore[attr-defined]


def test_a_list_that_the_page_did_not_show_is_left_alone() -> None:
    assert posted(form(LIST)) == {}
    assert posted(form(LIST), ("_lignes", "membres:0")) == {"membres": []}


@pytest.mark.parametrize(
    ("button", "names", "edited"),
    [
        (("_ajouter", "membres"), ["A", "B", None], "membres"),
        (("_retirer", "membres.0"), ["B"], "membres"),
        (("_retirer", "membres.9"), ["A", "B"], ""),
        (("_ajouter", "inconnue"), ["A", "B"], ""),
        (("_retirer", "membres"), ["A", "B"], ""),
    ],
)
def test_buttons_add_and_remove_rows(button: tuple[str, str], names: list[str | None], edited: str) -> None:
    fields = [("_lignes", "membres:2"), ("membres.0.nom", "A"), ("membres.1.nom", "B"), button]
    found = read(form(LIST), fields, {})
    assert [row.get("nom") for row in found.answers["membres"]] == names  # type: ignore[attr-defined]
    assert found.edited == edited


def test_a_row_is_added_to_a_list_inside_a_row() -> None:
    inner: Json = {"type": "dynamiclist", "id": "d", "path": "diplomes", "components": [field("textfield", "titre")]}
    made = form({**LIST, "components": [field("textfield", "nom"), inner]})
    found = read(made, [("_lignes", "membres:1"), ("membres.0.nom", "A"), ("_ajouter", "membres.0.diplomes")], {})
    assert found.answers == {"membres": [{"nom": "A", "diplomes": [{}]}]}


def test_a_million_rows_stay_few() -> None:
    raw = posted(form(LIST), ("_lignes", "membres:999999"))
    assert len(raw["membres"]) == limits.ROWS + 1  # type: ignore[arg-type]
    assert refused(form(LIST), raw).keys() == {"membres"}


def test_files_are_those_kept_and_those_just_sent() -> None:
    made = form(field("filepicker", multiple=True))
    new = FileRef("8a", "photo.png", 99, "image/png")
    raw = read(made, [("x", "7f"), ("x", "")], {"x": [new]}, known={"7f": FILE}).answers
    assert answered(made, raw) == {"x": [FILE.to_json(), new.to_json()]}


def test_a_file_of_someone_else_cannot_be_named() -> None:
    made = form(field("filepicker"))
    assert refused(made, read(made, [("x", "autre")], {}).answers).keys() == {"x"}


def test_a_file_is_taken_away_by_its_button() -> None:
    made = form(field("filepicker", multiple=True))
    found = read(made, [("x", "7f"), ("_retirer", "x.7f")], {}, known={"7f": FILE})
    assert (found.answers, found.edited) == ({"x": []}, "x")


def test_a_step_reads_its_own_fields_only() -> None:
    groups = [{"type": "group", "id": f"g{key}", "label": key, "components": [field("checkbox", key)]} for key in ("a", "b")]
    made = form(*groups)
    first, second = steps(made)
    draft = merge({}, read(made, [("a", "oui")], {}, only=first.components).answers)
    draft = merge(draft, read(made, [], {}, only=second.components).answers)
    assert draft == {"a": True, "b": False}


def test_a_draft_keeps_what_a_group_held() -> None:
    assert merge({"g": {"a": 1, "b": 2}, "l": [1, 2]}, {"g": {"b": 3}, "l": [4]}) == {"g": {"a": 1, "b": 3}, "l": [4]}


# ---------------------------------------------------------------------------------------------- JSON and HTML agree

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20).map(
    lambda word: unicodedata.normalize("NFC", word.strip())
)
NUMBERS = st.decimals(-10_000_000, 10_000_000, places=3).map(lambda number: int(number) if number == int(number) else number.normalize())
ROWS = st.lists(
    st.fixed_dictionaries({"nom": st.text("abc é", min_size=1).filter(str.strip).map(str.strip), "chef": st.booleans()}),
    max_size=5,
)
ANSWERS = st.fixed_dictionaries(
    {
        "titre": st.none() | WORDS.map(lambda word: word or None),
        "montant": st.none() | NUMBERS,
        "jour": st.none() | st.dates(min_value=NOW.date().replace(year=1900), max_value=NOW.date().replace(year=2199)).map(str),
        "heure": st.none() | st.times().map(lambda time: time.replace(microsecond=0).isoformat()),
        "accord": st.booleans(),
        "choix": st.sampled_from([None, "r", "v", 2]),
        "plusieurs": st.lists(st.sampled_from(["r", "v", 2]), unique=True),
        "adresse": st.fixed_dictionaries({"ville": st.none() | st.just("Rennes")}),
        "membres": ROWS,
    }
)
EVERYTHING = form(
    field("textfield", "titre"),
    field("number", "montant"),
    field("datetime", "jour", subtype="date"),
    field("datetime", "heure", subtype="time"),
    field("checkbox", "accord"),
    field("radio", "choix", values=OPTIONS),
    field("checklist", "plusieurs", values=OPTIONS),
    {"type": "group", "id": "g", "path": "adresse", "components": [field("textfield", "ville")]},
    LIST,
)


def written(level: Level, data: object, scope: Scope, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The fields that a browser would post for these answers."""
    for leaf in level.leaves:
        value = at(data, leaf.where)
        name = prefix + leaf.name
        if leaf.rows and isinstance(value, list):
            yield "_lignes", f"{name}:{len(value)}"
            for index, row in enumerate(value):
                yield from written(leaf.rows, row, scope, f"{name}.{index}.")
        elif not leaf.rows:
            texts = answer(leaf).to_post(value, scope)
            always = leaf.component.type in ("textfield", "number", "datetime", "radio")
            yield from ((name, text) for text in texts or ([""] if always else []))


@given(ANSWERS)
@settings(max_examples=150, deadline=None)
def test_the_same_answers_come_through_both_doors(given_answers: Json) -> None:
    fields = list(written(EVERYTHING.level, given_answers, root({}, given_answers, NOW)))
    assert answered(EVERYTHING, answers(EVERYTHING, fields, {})) == answered(EVERYTHING, given_answers) == given_answers

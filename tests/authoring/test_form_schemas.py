"""The JSON of a form changed one act at a time, and nothing else of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring import form_schemas as schemas
from authoring.form_schemas import Place, Schema
from engine.errors import Conflict
from forms.components import TYPES
from forms.form import read as read_form

FORMS = sorted((Path(__file__).resolve().parents[2] / "processes").glob("*/forms/*.form"))


def ids(schema: Schema) -> list[str]:
    return [str(each["id"]) for _, each in schemas.walk(schema)]


def sample() -> Schema:
    inside = [{"id": "b1", "type": "textfield"}, {"id": "b2", "type": "textfield"}]
    return {
        "id": "f",
        "components": [{"id": "a", "type": "textfield"}, {"id": "b", "type": "group", "components": inside}, {"id": "c", "type": "text"}],
    }


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_what_nobody_changed_is_byte_for_byte_what_it_was(path: Path) -> None:
    content = path.read_bytes()
    schema = schemas.read(content)
    assert schemas.write(content, schema) == content
    place = schemas.add(schema, (), "textfield", "Une question")
    changed = schemas.write(content, schema)
    assert changed != content
    schemas.remove(schema, place)
    assert schemas.write(changed, schema) == content, "the spacing of the file is kept"


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_kind_can_be_added_and_published(kind: str) -> None:
    schema = schemas.read(schemas.new("essai"))
    for _ in range(2):
        schemas.add(schema, (), kind, "Quelque chose")
    form = read_form(schema)
    assert [each.type for each in form.components] == [kind, kind]


def test_components_come_after_the_chosen_one_or_into_it() -> None:
    schema = sample()
    assert schemas.add(schema, (0,), "text", "x") == (1,)
    assert schemas.add(schema, (2,), "text", "x") == (2, 2)
    assert schemas.add(schema, (2, 0), "text", "x") == (2, 1)
    assert schemas.add(schema, (), "text", "x") == (4,)
    assert len(set(ids(schema))) == len(ids(schema))


@pytest.mark.parametrize(
    ("place", "by", "order", "where"),
    [
        ((0,), 1, ["b", "b1", "b2", "a", "c"], (1,)),
        ((0,), -1, ["a", "b", "b1", "b2", "c"], (0,)),
        ((1, 0), 1, ["a", "b", "b2", "b1", "c"], (1, 1)),
        ((1, 0), -1, ["a", "b1", "b", "b2", "c"], (1,)),
        ((1, 1), 1, ["a", "b", "b1", "b2", "c"], (2,)),
    ],
)
def test_components_move_one_step(place: Place, by: int, order: list[str], where: Place) -> None:
    schema = sample()
    assert schemas.move(schema, place, by) == where
    assert ids(schema) == order


def test_components_move_into_a_container_but_never_into_themselves() -> None:
    schema = sample()
    assert schemas.put_into(schema, (0,), (1,)) == (0, 2)
    assert ids(schema) == ["b", "b1", "b2", "a", "c"]
    assert schemas.put_into(schema, (0,), (0,)) == (0,)
    assert schemas.put_into(schema, (1,), (0, 0)) == (1,), "a question holds nothing"
    assert schemas.put_into(schema, (0, 0), ()) == (2,)


def test_an_attribute_that_goes_takes_the_empty_objects_with_it() -> None:
    component: Schema = {"validate": {"required": True}, "x": {}}
    schemas.put(component, "validate.required", None)
    schemas.put(component, "properties.hint", None)
    assert component == {"x": {}}
    schemas.put(component, "properties.hint", "a")
    assert component == {"x": {}, "properties": {"hint": "a"}}
    assert schemas.get(component, "properties.hint") == "a"
    assert schemas.get(component, "properties.hint.deeper") is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"components": 3}', b'{"components": [3]}', b'{"components":[' * 30 + b"]}" * 30])
def test_what_is_no_form_is_refused(content: bytes) -> None:
    with pytest.raises(Conflict):
        schemas.read(content)


PLACES = st.lists(st.integers(0, 3), max_size=3).map(tuple)
ACTS = st.lists(st.tuples(st.sampled_from(["add", "remove", "up", "down", "into"]), PLACES, PLACES), max_size=12)


@given(ACTS)
def test_no_row_of_acts_loses_or_doubles_a_component(acts: list[tuple[str, Place, Place]]) -> None:
    schema = sample()
    expected = set(ids(schema))
    for act, place, target in acts:
        component = schemas.at(schema, place)
        if component is None:
            continue
        if act == "add":
            made = schemas.at(schema, schemas.add(schema, place, "group", "x"))
            assert made is not None
            expected.add(made["id"])
        elif place and act == "remove":
            expected -= {component["id"], *ids(component)}
            schemas.remove(schema, place)
        elif place:
            where = schemas.put_into(schema, place, target) if act == "into" else schemas.move(schema, place, -1 if act == "up" else 1)
            assert schemas.at(schema, where) is component
        assert sorted(ids(schema)) == sorted(expected)

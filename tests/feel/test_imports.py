"""Models that import others: names, types, chains of imports (DMN 1.5, 6.3.3 and 10.3.2.9)."""

from __future__ import annotations

import pytest

from feel.dmn.errors import DmnError
from feel.dmn.model import Model, read
from feel.strings import source_of
from tests.feel.models import decision, input_data, knowledge_model, literal, model

PERSON = (
    '<itemDefinition name="tPersonne"><itemComponent name="nom complet"><typeRef>string</typeRef></itemComponent></itemDefinition>'
)


def value(loaded: Model, key: str, **inputs: object) -> str:
    return source_of(loaded.evaluate(key, inputs).value)


def imported(name: str, namespace: str) -> str:
    return f'<import name="{name}" namespace="{namespace}" importType="x"/>'


def requiring(logic: str, *, decisions: str = "", knowledge: str = "") -> str:
    required = f'<informationRequirement><requiredDecision href="{decisions}"/></informationRequirement>' if decisions else ""
    required += f'<knowledgeRequirement><requiredKnowledge href="{knowledge}"/></knowledgeRequirement>' if knowledge else ""
    return f'<decision id="D" name="D"><variable name="D"/>{required}{literal(logic)}</decision>'


def lent() -> Model:
    """A model that others import."""
    greeting = knowledge_model("salut", ["p"], literal('"Demat " + p.nom complet'))
    total = decision("le total", literal("base + 1"), inputs=["base"])
    return read(model(PERSON, input_data("base", "number"), total, greeting, namespace="lent"))


def test_imported_model_is_under_its_name() -> None:
    loaded = read(model(imported("autre", "lent"), requiring('autre.salut({nom complet: "Zoé"})', knowledge="lent#salut")), [lent()])

    assert value(loaded, "D") == '"Demat Zoé"'


def test_missing_import_is_a_problem() -> None:
    with pytest.raises(DmnError) as caught:
        read(model(imported("autre", "lent"), requiring("1", knowledge="lent#salut")))

    assert [problem.code for problem in caught.value.problems] == ["dmn.reference"]


def test_imported_decision_takes_its_inputs() -> None:
    loaded = read(model(imported("autre", "lent"), requiring("autre.le total * 2", decisions="lent#le_total")), [lent()])

    assert [item.name for item in loaded.find("D").inputs] == ["base"]
    assert value(loaded, "D", base=4) == "10"


@pytest.mark.parametrize("name", ["autre", "un autre", "fr.bzh.autre", "l'autre"])
def test_type_of_an_imported_model_has_its_name_before_it(name: str) -> None:
    given = f'<inputData id="p" name="p"><variable name="p" typeRef="{name}.tPersonne"/></inputData>'
    logic = decision("T", literal(f"[p.nom complet, p instance of {name}.tPersonne]"), inputs=["p"])
    loaded = read(model(imported(name, "lent"), given, logic), [lent()])

    assert loaded.problems == []
    assert value(loaded, "T", p={"nom complet": "Zoé"}) == '["Zoé", true]'
    assert value(loaded, "T", p={"nom complet": 3}) == "[null, false]"


def test_import_without_a_name_adds_to_the_own_names() -> None:
    given = '<inputData id="p" name="p"><variable name="p" typeRef="tPersonne"/></inputData>'
    loaded = read(model(imported("", "lent"), given, requiring("le total + 1", decisions="lent#le_total")), [lent()])

    assert loaded.problems == []
    assert value(loaded, "D", base=1) == "3"


def test_imports_of_imports_are_reached_through_their_names() -> None:
    middle = read(model(imported("bas", "lent"), decision("M", literal("1")), namespace="milieu"), [lent()])
    loaded = read(model(imported("haut", "milieu"), requiring("haut.bas.le total", decisions="lent#le_total")), [middle, lent()])

    assert value(loaded, "D", base=1) == "2"


def test_own_import_comes_before_one_through_another_model() -> None:
    middle = read(model(imported("bas", "lent"), decision("M", literal("1")), namespace="milieu"), [lent()])
    both = imported("haut", "milieu") + imported("direct", "lent")
    loaded = read(model(both, requiring("direct.le total", decisions="lent#le_total")), [middle, lent()])

    assert value(loaded, "D", base=1) == "2"

"""Results that must be of a type: of decisions, knowledge, services, boxes (DMN 1.5, 10.3.2.9.4 and 10.4)."""

from __future__ import annotations

import pytest

from feel.dmn.model import Model, read
from feel.strings import source_of
from tests.feel.models import decision, input_data, knowledge_model, literal, model

ITEMS = """
<itemDefinition name="tNote"><typeRef>number</typeRef><allowedValues><text>[0..20]</text></allowedValues></itemDefinition>
<itemDefinition name="tNotes" isCollection="true"><typeRef>tNote</typeRef></itemDefinition>
<itemDefinition name="tTroisNotes" isCollection="true"><typeRef>number</typeRef>
<typeConstraint><text>count(?) = 3</text></typeConstraint></itemDefinition>
<itemDefinition name="tAvis"><typeRef>string</typeRef><allowedValues><text>"oui", "non"</text></allowedValues></itemDefinition>
<itemDefinition name="tDossier"><itemComponent name="nom"><typeRef>string</typeRef></itemComponent>
<itemComponent name="note"><typeRef>tNote</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tFonction"><functionItem outputTypeRef="number"><parameters name="x" typeRef="number"/></functionItem></itemDefinition>
"""

CONVERSIONS = [
    ("number", "[5]", "5"),
    ("number", '"5"', "null"),
    ("number", "[5, 6]", "null"),
    ("list", "5", "[5]"),
    ("tNotes", "5", "[5]"),
    ("tNotes", '"a"', "null"),
    ("tNotes", "[1, 25]", "null"),
    ("tNotes", "[1, null]", "[1, null]"),
    ("tNote", "21", "null"),
    ("tTroisNotes", "[1, 2, 3]", "[1, 2, 3]"),
    ("tTroisNotes", "[1, 2]", "null"),
    ("tAvis", '"oui"', '"oui"'),
    ("tAvis", '"peut-être"', "null"),
    ("date and time", '@"2024-01-01"', "2024-01-01T00:00:00Z"),
    ("date", '@"2024-01-01T00:00:00"', "null"),
    ("string", "null", "null"),
    ("Any", "[1]", "[1]"),
    ("tDossier", '{nom: "a", note: 3, plus: 1}', '{nom: "a", note: 3, plus: 1}'),
    ("tDossier", '{nom: "a"}', "null"),
    ("tDossier", '{nom: "a", note: 30}', "null"),
    ("tDossier", '[{nom: "a", note: 3}]', '{nom: "a", note: 3}'),
    ("tFonction", "function(x: number) x + 1", "function(x)"),
    ("tFonction", "function(x: string) x", "null"),
    ("context", "[{a: 1}]", "{a: 1}"),
]


def value(loaded: Model, key: str, **inputs: object) -> str:
    return source_of(loaded.evaluate(key, inputs).value)


@pytest.mark.parametrize(("type_", "text", "expected"), CONVERSIONS)
def test_result_of_a_decision_is_of_its_type(type_: str, text: str, expected: str) -> None:
    typed = decision("D", literal(text)).replace('<variable name="D"/>', f'<variable name="D" typeRef="{type_}"/>')
    loaded = read(model(ITEMS, typed))
    result = loaded.evaluate("D", {})

    assert source_of(result.value) == expected
    assert expected != "null" or text == "null" or result.diagnostics


# A variable whose type is a function has the type of the knowledge itself, not of its result.
@pytest.mark.parametrize(("type_", "text", "expected"), [row for row in CONVERSIONS if row[0] != "tFonction"])
def test_result_of_knowledge_is_of_its_type(type_: str, text: str, expected: str) -> None:
    typed = knowledge_model("f", [], literal(text)).replace('<variable name="f"/>', f'<variable name="f" typeRef="{type_}"/>')

    assert value(read(model(ITEMS, typed, decision("D", literal("f()"), knowledge=["f"]))), "D") == expected


@pytest.mark.parametrize(("type_", "text", "expected"), CONVERSIONS)
def test_value_of_a_box_is_of_its_type(type_: str, text: str, expected: str) -> None:
    assert value(read(model(ITEMS, decision("D", literal(text, f'typeRef="{type_}"')))), "D") == expected


@pytest.mark.parametrize(("type_", "text", "expected"), CONVERSIONS)
def test_argument_is_of_the_type_of_its_parameter(type_: str, text: str, expected: str) -> None:
    knowledge = knowledge_model("f", ["x"], literal("x")).replace('name="x"/>', f'name="x" typeRef="{type_}"/>')

    assert value(read(model(ITEMS, knowledge, decision("D", literal(f"f({text})"), knowledge=["f"]))), "D") == expected


def service(outputs: list[str], *, encapsulated: str = "", inputs: str = "", decisions: str = "", type_: str = "") -> str:
    parts = "".join(f'<outputDecision href="#{name}"/>' for name in outputs)
    parts += f'<encapsulatedDecision href="#{encapsulated}"/>' if encapsulated else ""
    parts += f'<inputDecision href="#{decisions}"/>' if decisions else ""
    parts += f'<inputData href="#{inputs}"/>' if inputs else ""
    variable = f'<variable name="S" typeRef="{type_}"/>' if type_ else '<variable name="S"/>'
    return f'<decisionService id="S" name="S">{variable}{parts}</decisionService>'


BASE = [input_data("base", "number"), decision("prix", literal("base + 1"), inputs=["base"])]


def test_service_of_several_decisions_gives_a_context() -> None:
    total = decision("total", literal("prix * 2"), decisions=["prix"])
    loaded = read(model(*BASE, total, service(["prix", "total"], inputs="base"), decision("D", literal("S(base: 4)"), knowledge=["S"])))

    assert value(loaded, "S", base=4) == "{prix: 5, total: 10}"
    assert value(loaded, "D") == "{prix: 5, total: 10}"


def test_service_takes_the_values_of_decisions() -> None:
    total = decision("total", literal("prix * 2"), decisions=["prix"])
    loaded = read(model(*BASE, total, service(["total"], decisions="prix"), decision("D", literal("S(7)"), knowledge=["S"])))

    assert value(loaded, "D") == "14"
    assert source_of(loaded.evaluate_service("S", {"prix": 7}).value) == "14"


@pytest.mark.parametrize(("type_", "expected"), [("number", "5"), ("list", "[5]"), ("string", "null")])
def test_result_of_a_service_is_of_its_type(type_: str, expected: str) -> None:
    assert value(read(model(*BASE, service(["prix"], inputs="base", type_=type_))), "S", base=4) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [("S(4)", "5"), ("S(base: 4)", "5"), ('S("x")', "null"), ("S(1, 2)", "null"), ("S(other: 1)", "null"), ("S()", "null"), ("S([4])", "5")],
)
def test_service_is_called_as_a_function(call: str, expected: str) -> None:
    loaded = read(model(*BASE, service(["prix"], inputs="base"), decision("D", literal(call), knowledge=["S"])))

    assert value(loaded, "D") == expected
    assert expected != "null" or loaded.evaluate("D", {}).diagnostics


def test_knowledge_holds_tables_and_contexts() -> None:
    rules = "".join(
        f"<rule><inputEntry><text>{test}</text></inputEntry><outputEntry><text>{result}</text></outputEntry></rule>"
        for test, result in [("&lt; 18", '"mineur"'), ("-", '"majeur"')]
    )
    table = (
        '<decisionTable hitPolicy="FIRST"><input><inputExpression><text>âge</text></inputExpression></input>'
        f"<output/>{rules}</decisionTable>"
    )
    knowledge = knowledge_model("classe", ["âge"], table)
    call = '<invocation><literalExpression><text>classe</text></literalExpression><binding><parameter name="âge"/>'
    logic = call + "<literalExpression><text>âge du porteur</text></literalExpression></binding></invocation>"
    loaded = read(model(input_data("âge du porteur", "number"), knowledge, decision("D", logic, inputs=["âge du porteur"], knowledge=["classe"])))

    assert value(loaded, "D", **{"âge du porteur": 17}) == '"mineur"'
    assert value(loaded, "D", **{"âge du porteur": 18}) == '"majeur"'

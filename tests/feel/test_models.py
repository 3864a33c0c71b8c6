"""Decision models: requirements, knowledge, boxed expressions, types, services, imports, and files that are refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from feel.dmn.errors import DmnError, UnknownDecision
from feel.dmn.model import Model, read
from feel.errors import LimitExceeded
from feel.strings import source_of
from tests.feel.models import decision, input_data, knowledge_model, literal, model


def value(loaded: Model, key: str, **inputs: object) -> str:
    return source_of(loaded.evaluate(key, inputs).value)


def codes(content: bytes) -> list[str]:
    with pytest.raises(DmnError) as caught:
        read(content)
    return [problem.code for problem in caught.value.problems]


def test_required_decisions_come_first() -> None:
    loaded = read(
        model(
            decision("total", literal("prix * 2"), decisions=["prix"]),
            decision("prix", literal("base + 1"), inputs=["base"]),
            input_data("base", "number"),
        )
    )

    assert value(loaded, "total", base=4) == "10"
    assert value(loaded, "prix", base=4) == "5"
    assert [(item.name, item.type) for item in loaded.find("total").inputs] == [("base", "number")]


def test_decision_is_found_by_id_or_name() -> None:
    loaded = read(model(decision("Avis du jury", literal("1"))))

    assert loaded.find("Avis_du_jury") == loaded.find("Avis du jury")
    with pytest.raises(UnknownDecision):
        loaded.find("autre")
    with pytest.raises(UnknownDecision):
        loaded.evaluate("autre", {})


def test_input_of_another_type_is_null_with_a_reason() -> None:
    loaded = read(model(input_data("age", "number"), decision("D", literal("age = null"), inputs=["age"])))
    result = loaded.evaluate("D", {"age": "dix"})

    assert result.value is True
    assert "string ne convient pas au type number" in str(result.diagnostics[0])


def test_missing_input_is_null() -> None:
    loaded = read(model(input_data("age", "number"), decision("D", literal("age"), inputs=["age"])))

    assert loaded.evaluate("D", {}).value is None


@pytest.mark.parametrize("name", ["D%d", "la décision %d"])
def test_chain_of_any_length_is_evaluated(name: str) -> None:
    last = 5_000
    chain = [decision(name % i, literal(f"{name % (i + 1)} + 1"), decisions=[name % (i + 1)]) for i in range(last)]

    assert value(read(model(*chain, decision(name % last, literal("1")))), name % 0) == "5001"


@pytest.mark.parametrize("name", ["e%d", "entrée %d"])
def test_context_of_any_length_is_evaluated(name: str) -> None:
    last = 3_000
    rest = "".join(entry(name % i, literal(f"{name % (i - 1)} + 1")) for i in range(1, last))
    logic = f"<context>{entry(name % 0, literal('1'))}{rest}{entry('', literal(name % (last - 1)))}</context>"

    assert value(read(model(decision("D", logic))), "D") == "3000"


def test_circle_of_decisions_is_refused() -> None:
    content = model(
        decision("A", literal("B"), decisions=["B"]),
        decision("B", literal("A"), decisions=["A"]),
        decision("C", literal("1")),
    )

    assert codes(content) == ["dmn.cycle"]


def test_knowledge_may_call_itself_and_each_other() -> None:
    loaded = read(
        model(
            knowledge_model("fact", ["n"], literal("if n = 0 then 1 else n * fact(n - 1)"), ["fact"]),
            knowledge_model("pair", ["n"], literal("if n = 0 then true else impair(n - 1)"), ["impair"]),
            knowledge_model("impair", ["n"], literal("if n = 0 then false else pair(n - 1)"), ["pair"]),
            decision("F", literal("fact(5)"), knowledge=["fact"]),
            decision("P", literal("pair(10)"), knowledge=["pair"]),
        )
    )

    assert value(loaded, "F") == "120"
    assert value(loaded, "P") == "true"


def test_endless_knowledge_is_a_limit() -> None:
    loaded = read(
        model(
            knowledge_model("f", ["n"], literal("f(n + 1)"), ["f"]),
            decision("D", literal("f(1)"), knowledge=["f"]),
        )
    )

    with pytest.raises(LimitExceeded):
        loaded.evaluate("D", {})


def entry(name: str, logic: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


BOXES = [
    (f"<context>{entry('a', literal('1'))}{entry('b c', literal('a + 1'))}</context>", "{a: 1, b c: 2}"),
    (f"<context>{entry('a', literal('1'))}{entry('', literal('a + 5'))}</context>", "6"),
    (f"<context>{entry('a', literal('1'))}{entry('a', literal('2'))}</context>", "null"),
    (f"<list>{literal('1')}{literal('x')}</list>", "[1, 3]"),
    (
        f'<relation><column name="a"/><column name="b"/><row>{literal("1")}{literal("2")}</row></relation>',
        "[{a: 1, b: 2}]",
    ),
    (
        f"<conditional><if>{literal('x > 2')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>",
        "1",
    ),
    (f"<conditional><if>{literal('1')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>", "null"),
    (f'<for iteratorVariable="i"><in>{literal("1..x")}</in><return>{literal("i * 2")}</return></for>', None),
    (f'<for iteratorVariable="i"><in>{literal("[1, 2]")}</in><return>{literal("i * x")}</return></for>', "[3, 6]"),
    (f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item > 1')}</match></filter>", "[2, 3]"),
    (f'<some iteratorVariable="i"><in>{literal("[1, 2]")}</in><satisfies>{literal("i = 2")}</satisfies></some>', "true"),
    (f'<every iteratorVariable="i"><in>{literal("[1, 2]")}</in><satisfies>{literal("i = 2")}</satisfies></every>', "false"),
    (
        f'<invocation>{literal("double")}<binding><parameter name="n"/>{literal("x")}</binding></invocation>',
        "6",
    ),
    (literal("1", 'typeRef="string"'), "null"),
]


@pytest.mark.parametrize(("logic", "expected"), BOXES)
def test_boxed_expression_gives(logic: str, expected: str | None) -> None:
    content = model(
        input_data("x", "number"),
        knowledge_model("double", ["n"], literal("n * 2")),
        decision("D", logic, inputs=["x"], knowledge=["double"]),
    )
    if expected is None:
        assert codes(content) == ["feel.syntax"]
    else:
        assert value(read(content), "D", x=3) == expected


ITEMS = """
<itemDefinition name="note"><typeRef>number</typeRef><allowedValues><text>[0..20]</text></allowedValues></itemDefinition>
<itemDefinition name="notes" isCollection="true"><typeRef>note</typeRef></itemDefinition>
<itemDefinition name="personne"><itemComponent name="nom de famille"><typeRef>string</typeRef></itemComponent>
<itemComponent name="enfants" isCollection="true"><typeRef>personne</typeRef></itemComponent></itemDefinition>
<itemDefinition name="personnes" isCollection="true"><typeRef>personne</typeRef></itemDefinition>
<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition><itemDefinition name="b"><typeRef>a</typeRef></itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_", "given", "expected"),
    [
        ("note", 12, "12"),
        ("note", 21, "null"),
        ("notes", [1, 20], "[1, 20]"),
        ("notes", [1, 21], "null"),
        ("notes", 5, "[5]"),
        ("number", [5], "5"),
        ("personne", {"nom de famille": "Le Goff", "enfants": []}, '{nom de famille: "Le Goff", enfants: []}'),
        ("personne", {"nom de famille": 3, "enfants": []}, "null"),
        ("personne", {"nom de famille": "x", "enfants": [{"nom de famille": "y"}]}, "null"),
        ("a", "tout", '"tout"'),
    ],
)
def test_type_of_an_input_is_held(type_: str, given: object, expected: str) -> None:
    loaded = read(model(ITEMS, input_data("x", type_), decision("D", literal("x"), inputs=["x"])))

    assert value(loaded, "D", x=given) == expected


@pytest.mark.parametrize(
    "text",
    [
        "x.nom de famille",
        'x.enfants[nom de famille = "y"].nom de famille',
        "for e in x.enfants return e.nom de famille",
        "x.enfants[count(enfants[item.nom de famille = nom de famille]) = 0].nom de famille",
        "x.enfants[(some e in [x] satisfies e.nom de famille = item.nom de famille)].nom de famille",
    ],
)
def test_members_of_several_words_come_from_the_type(text: str) -> None:
    loaded = read(model(ITEMS, input_data("x", "personne"), decision("D", literal(text), inputs=["x"])))
    child = {"nom de famille": "y", "enfants": []}

    assert "y" in value(loaded, "D", x={"nom de famille": "y", "enfants": [child]})


def test_decision_service_knows_only_its_inputs() -> None:
    service = (
        '<decisionService id="S" name="S"><variable name="S"/><outputDecision href="#total"/>'
        '<encapsulatedDecision href="#prix"/><inputData href="#base"/></decisionService>'
    )
    loaded = read(
        model(
            input_data("base", "number"),
            decision("prix", literal("base + 1"), inputs=["base"]),
            decision("total", literal("prix * 2"), decisions=["prix"]),
            decision("D", literal("S(4) + S(base: 1)"), knowledge=["S"]),
            service,
        )
    )

    assert value(loaded, "D") == "14"
    assert source_of(loaded.evaluate_service("S", {"base": 2}).value) == "6"


def test_results_so_far_of_a_boxed_loop_are_those_of_their_moment() -> None:
    logic = f'<for iteratorVariable="i"><in>{literal("[1, 2]")}</in><return>{literal("partial")}</return></for>'

    assert value(read(model(decision("D", logic))), "D") == "[[], [[]]]"


def test_names_in_the_condition_of_a_boxed_filter_may_be_members() -> None:
    condition = literal("prix unitaire > seuil")
    logic = f"<filter><in>{literal('articles')}</in><match>{condition}</match></filter>"
    other = decision("R", '<relation><column name="prix unitaire"/></relation>')
    loaded = read(model(decision("D", logic), other))

    assert [item.name for item in loaded.find("D").inputs] == ["articles"]
    assert value(loaded, "D", articles=[{"prix unitaire": 1}, {"prix unitaire": 3}], seuil=2) == "[{prix unitaire: 3}]"


@pytest.mark.parametrize("logic", ["", literal("")])
def test_missing_logic_is_null_with_a_reason(logic: str) -> None:
    result = read(model(decision("D", logic)), strict=False).evaluate("D", {})

    assert (result.value, len(result.diagnostics)) == (None, 1)


def test_clock_is_given() -> None:
    loaded = read(model(decision("D", literal("string(today())"))))

    assert loaded.evaluate("D", {}, now=datetime(2024, 12, 31, 23, 30, tzinfo=UTC)).value == "2025-01-01"


def test_all_problems_are_named_at_once() -> None:
    content = model(
        decision("A", literal("1 +")),
        decision("B", literal("x", 'expressionLanguage="http://www.w3.org/1999/XPath"')),
        decision("C", literal("absent"), decisions=["absent"]),
        decision("D", literal('function(x) external {java: {class: "java.lang.Math"}}')),
        decision("E", ""),
        decision("F", "<decisionTable hitPolicy='UNIQUE'/>"),
    )
    with pytest.raises(DmnError) as caught:
        read(content)

    found = {(problem.element_id, problem.code) for problem in caught.value.problems}
    assert found == {
        ("A", "feel.syntax"),
        ("B", "dmn.language"),
        ("C", "dmn.reference"),
        ("D", "dmn.external"),
        ("E", "dmn.no-logic"),
        ("F", "dmn.outputs"),
    }
    assert "1 +" in str(caught.value)


def test_unknown_type_is_a_warning() -> None:
    loaded = read(model(input_data("x", "inconnu"), decision("D", literal("x"), inputs=["x"])))

    assert [(problem.code, problem.severity) for problem in loaded.problems] == [("dmn.type", "warning")]
    assert value(loaded, "D", x=1) == "1"


def test_duplicate_ids_are_refused() -> None:
    assert codes(model(decision("A", literal("1")), decision("A", literal("2")))) == ["dmn.duplicate-id"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "dmn.xml"),
        (b"texte", "dmn.xml"),
        (b"<definitions/>", "dmn.root"),
        (b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "dmn.root"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + model(decision("A", literal("&x;"))), "dmn.doctype"),
        (b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">' + model(), "dmn.doctype"),
        (b"<a>" * 5_000, "dmn.xml"),
        (model(decision("A", "<list>" * 200 + literal("1") + "</list>" * 200)), "dmn.size"),
        (b" " * 2_000_001, "dmn.size"),
    ],
)
def test_hostile_file_is_refused(content: bytes, code: str) -> None:
    assert codes(content) == [code]


def test_entities_never_grow() -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

    assert codes(bomb + model(decision("A", literal("1")))) == ["dmn.doctype"]


def test_model_that_is_not_strict_gives_null_with_a_reason() -> None:
    loaded = read(model(decision("A", literal("1 +"))), strict=False)
    result = loaded.evaluate("A", {})

    assert result.value is None
    assert "l’expression n’est pas valable" in str(result.diagnostics[0])


@pytest.mark.parametrize(
    ("type_", "given", "expected"),
    [
        ("date", "2019-06-13", "2019-06-13"),
        ("dateTime", "2019-06-13T10:00:00Z", "2019-06-13T10:00:00Z"),
        ("time", "10:00:00", "10:00:00"),
        ("dayTimeDuration", "P1D", "P1D"),
        ("jours", ["2019-06-13"], "[2019-06-13]"),
        ("periode", {"fin": "2019-06-13"}, "{fin: 2019-06-13}"),
        ("date", "demain", "null"),
        ("string", "2019-06-13", '"2019-06-13"'),
        ("", "2019-06-13", '"2019-06-13"'),
    ],
)
def test_text_of_a_temporal_input_is_read(type_: str, given: object, expected: str) -> None:
    items = (
        '<itemDefinition name="jours" isCollection="true"><typeRef>date</typeRef></itemDefinition>'
        '<itemDefinition name="periode"><itemComponent name="fin"><typeRef>date</typeRef></itemComponent></itemDefinition>'
    )
    loaded = read(model(items, input_data("x", type_), decision("D", literal("x"), inputs=["x"])))

    assert value(loaded, "D", x=given) == expected


def test_service_is_evaluated_by_its_name() -> None:
    service = (
        '<decisionService id="s1" name="S"><variable name="S"/><outputDecision href="#prix"/>'
        '<inputData href="#base"/></decisionService>'
    )
    loaded = read(
        model(input_data("base", "date"), decision("prix", literal("base.year"), inputs=["base"]), service)
    )

    assert value(loaded, "S", base="2019-06-13") == "2019"


TYPED = 'typeRef="personnes"'
MATCH = 'nom de famille = "y"'


@pytest.mark.parametrize(
    "logic",
    [
        f"<filter><in>{literal('x.enfants', TYPED)}</in><match>{literal(MATCH)}</match></filter>",
        f'<for iteratorVariable="e"><in>{literal("x.enfants", TYPED)}</in><return>{literal("e.nom de famille")}</return></for>',
        f"<filter><in>{literal('groupe')}</in><match>{literal(MATCH)}</match></filter>",
    ],
)
def test_boxed_iteration_knows_the_members_of_its_items(logic: str) -> None:
    group = input_data("groupe", "personnes")
    loaded = read(model(ITEMS, input_data("x", "personne"), group, decision("D", logic, inputs=["x", "groupe"])))
    child = {"nom de famille": "y", "enfants": []}

    assert "y" in value(loaded, "D", x={"nom de famille": "z", "enfants": [child]}, groupe=[child])


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<list>", "</list>"),
        ("<context><contextEntry>", "</contextEntry></context>"),
        ("<conditional><if>", "</if></conditional>"),
        ('<for iteratorVariable="i"><in>', "</in></for>"),
        ("<functionDefinition>", "</functionDefinition>"),
        ("<invocation>", "</invocation>"),
    ],
)
@pytest.mark.parametrize("levels", [20, 45, 90])
def test_deep_boxes_end_in_a_value_or_a_refusal(opening: str, closing: str, levels: int) -> None:
    with suppress(DmnError, LimitExceeded):
        read(model(decision("D", opening * levels + literal("1") + closing * levels))).evaluate("D", {})

"""Decision tables: hit policies, aggregators, defaults, matched rules (DMN 1.5, chapter 8)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from feel.dmn.errors import DmnError
from feel.dmn.model import DecisionResult, read
from feel.strings import source_of
from tests.feel.models import decision, input_data, model, table

RULES = [["< 20", "10"], ["[10..30]", "20"], ["> 25", "30"], ["> 25", "20"]]


def decide(x: object, **options: str) -> DecisionResult:
    logic = table(["x"], ["y"], RULES, **options)
    return read(model(input_data("x"), decision("D", logic, inputs=["x"]))).evaluate("D", {"x": x})


@pytest.mark.parametrize(
    ("options", "x", "expected", "matched"),
    [
        ({"policy": "UNIQUE"}, 5, "10", ["r1"]),
        ({"policy": "UNIQUE"}, 15, "null", ["r1", "r2"]),
        ({"policy": "FIRST"}, 15, "10", ["r1"]),
        ({"policy": "ANY"}, 15, "null", ["r1", "r2"]),
        ({"policy": "ANY"}, 5, "10", ["r1"]),
        ({"policy": "PRIORITY", "output_values": "30, 20, 10"}, 15, "20", ["r1", "r2"]),
        ({"policy": "PRIORITY", "output_values": "30, 20, 10"}, 28, "30", ["r2", "r3", "r4"]),
        ({"policy": "RULE ORDER"}, 28, "[20, 30, 20]", ["r2", "r3", "r4"]),
        ({"policy": "OUTPUT ORDER", "output_values": "30, 20, 10"}, 28, "[30, 20, 20]", ["r2", "r3", "r4"]),
        ({"policy": "COLLECT"}, 28, "[20, 30, 20]", ["r2", "r3", "r4"]),
        ({"policy": "COLLECT", "aggregation": "SUM"}, 28, "70", ["r2", "r3", "r4"]),
        ({"policy": "COLLECT", "aggregation": "MIN"}, 28, "20", ["r2", "r3", "r4"]),
        ({"policy": "COLLECT", "aggregation": "MAX"}, 28, "30", ["r2", "r3", "r4"]),
        ({"policy": "COLLECT", "aggregation": "COUNT"}, 28, "3", ["r2", "r3", "r4"]),
        ({"policy": "COLLECT", "aggregation": "COUNT"}, None, "0", []),
        ({"policy": "COLLECT"}, None, "[]", []),
        ({"policy": "UNIQUE"}, None, "null", []),
        ({"policy": "UNIQUE", "default": "7"}, None, "7", []),
        ({"policy": "FIRST"}, "texte", "null", []),
    ],
)
def test_hit_policy(options: dict[str, str], x: object, expected: str, matched: list[str]) -> None:
    result = decide(x, **options)

    assert source_of(result.value) == expected
    assert list(result.matched.get("D", ())) == matched


@pytest.mark.parametrize(
    ("options", "x", "reason"),
    [
        ({"policy": "UNIQUE"}, 15, "plusieurs règles d’une table unique conviennent : r1, r2"),
        ({"policy": "ANY"}, 15, "les règles qui conviennent ne donnent pas le même résultat"),
        ({"policy": "UNIQUE"}, 1000, None),
        ({"policy": "UNIQUE"}, None, "aucune règle ne convient"),
    ],
)
def test_table_without_a_result_says_why(options: dict[str, str], x: object, reason: str | None) -> None:
    result = decide(x, **options)

    reasons = [str(diagnostic.message) for diagnostic in result.diagnostics]
    assert reason is None or reason in reasons


def test_several_outputs_are_a_context() -> None:
    logic = table(["x"], ["avis", "délai"], [['"oui"', '"favorable"', "10"], ["-", '"à revoir"', "5"]], policy="FIRST")
    loaded = read(model(input_data("x"), decision("D", logic, inputs=["x"])))

    assert loaded.evaluate("D", {"x": "oui"}).value == {"avis": "favorable", "délai": Decimal(10)}
    assert loaded.evaluate("D", {"x": "non"}).value == {"avis": "à revoir", "délai": Decimal(5)}


def test_table_reads_process_variables_that_no_input_data_names() -> None:
    logic = table(["montant + frais"], ["avis"], [["> 100", '"jury"'], ["-", '"direct"']], policy="FIRST")
    loaded = read(model(decision("orientation", logic)))

    assert loaded.evaluate("orientation", {"montant": 90, "frais": 20, "autre": object()}).value == "jury"
    assert [(item.name, item.type) for item in loaded.find("orientation").inputs] == [("frais", "Any"), ("montant", "Any")]


def test_rule_with_missing_cells_is_refused() -> None:
    logic = table(["x"], ["y"], [["1"]])

    with pytest.raises(DmnError) as caught:
        read(model(input_data("x"), decision("D", logic, inputs=["x"])))

    assert [problem.code for problem in caught.value.problems] == ["dmn.rule"]


def test_every_wrong_cell_is_named() -> None:
    logic = table(["x +"], ["y"], [["< ", "1 +"], ["2", '"ok"']])

    with pytest.raises(DmnError) as caught:
        read(model(input_data("x"), decision("D", logic, inputs=["x"])))

    assert [problem.code for problem in caught.value.problems] == ["feel.syntax"] * 3
    assert {problem.element_id for problem in caught.value.problems} == {"D"}
    messages = " ".join(str(problem.message) for problem in caught.value.problems)
    assert "entrée 1" in messages
    assert "règle 1" in messages


@pytest.mark.parametrize(("x", "expected"), [("bon", "1"), ("mauvais", "null"), (None, "2")])
def test_values_that_an_input_does_not_allow_give_null(x: object, expected: str) -> None:
    logic = table(["x"], ["y"], [['"bon"', "1"], ["-", "2"]], policy="FIRST")
    logic = logic.replace("</inputExpression>", '</inputExpression><inputValues><text>"bon"</text></inputValues>')

    result = read(model(input_data("x"), decision("D", logic, inputs=["x"]))).evaluate("D", {"x": x})

    assert source_of(result.value) == expected

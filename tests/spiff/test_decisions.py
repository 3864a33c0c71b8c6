"""Business rule tasks: decisions of the same publication, their results and their failures."""

from __future__ import annotations

import pytest

from engine.bundle import Bundle, File
from engine.checks import check
from tests.spiff.driver import Run, chain, define_all, diagram, end, node, start

TABLE = b"""<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="selection" namespace="tests">
  <inputData id="i1" name="score"><variable name="score" typeRef="number"/></inputData>
  <decision id="selection" name="Choisir">
    <variable name="Choisir" typeRef="string"/>
    <informationRequirement id="r1"><requiredInput href="#i1"/></informationRequirement>
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="in1"><inputExpression id="e1" typeRef="number"><text>score</text></inputExpression></input>
      <output id="o1" name="avis" typeRef="string"/>
      <rule id="accepte"><inputEntry id="a1"><text>&gt;= 60</text></inputEntry><outputEntry id="b1"><text>"oui"</text></outputEntry></rule>
      <rule id="refuse"><inputEntry id="a2"><text>&lt; 60</text></inputEntry><outputEntry id="b2"><text>"non"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""
DIAGRAM = diagram(
    start(), node("businessRuleTask", "d", props={"decisionKey": "selection", "resultVariable": "avis"}), end(), chain("start", "d", "end")
)
FILES = (File("decision", "selection.dmn", TABLE),)


@pytest.mark.parametrize(("score", "avis", "rule"), [(70, "oui", "accepte"), (10, "non", "refuse")])
def test_decision_gives_its_answer_and_tells_which_rule_matched(score: int, avis: str, rule: str) -> None:
    run = Run(define_all(DIAGRAM, files=FILES)["P"], {"score": score})
    assert run.done
    assert run.variables["avis"] == avis
    (event,) = [each for each in run.history if each.type == "decision.evaluated"]
    assert event.data["decision"] == "selection"
    assert rule in str(event.data["matched"])


def test_decision_without_result_leaves_its_reasons_in_the_history() -> None:
    table = TABLE.replace(b'"oui"', b'duration("x")')
    run = Run(define_all(DIAGRAM, files=[File("decision", "s", table)])["P"], {"score": 70})
    assert run.variables["avis"] is None
    (event,) = [each for each in run.history if each.type == "decision.evaluated"]
    assert event.data["reasons"]


def test_decision_by_its_name_counts_too() -> None:
    content = DIAGRAM.replace(b"selection", b"Choisir")
    assert check(Bundle([File("diagram", "a", content), *FILES]), called=()) == []
    assert Run(define_all(content, files=FILES)["P"], {"score": 60}).variables["avis"] == "oui"


def test_broken_decision_is_one_of_the_problems_of_publication() -> None:
    broken = File("decision", "x.dmn", TABLE.replace(b"&gt;= 60", b"&gt;= ("))
    found = check(Bundle([File("diagram", "a", DIAGRAM), broken]), called=())
    assert any(each.severity == "error" for each in found)
    assert "not-executable" not in {each.code for each in found}

"""What tasks see and what leaves them: `input` and `output` of every type of task, and the additions of call activities."""

from __future__ import annotations

import pytest

from engine.bundle import Bundle, File
from engine.checks import check
from tests.spiff.driver import Run, boundary, chain, define_all, definitions, diagram, end, flow, node, process, script, start, user


def task(kind: str, *content: str, **props: str) -> bytes:
    return diagram(start(), node(kind, "t", *content, props=props), user("z"), end(), chain("start", "t", "z", "end"))


def test_input_is_seen_by_the_task_alone() -> None:
    run = Run(task("userTask", input="{nom: client.nom, lignes: count(articles)}"), {"client": {"nom": "Yann"}, "articles": [1, 2]})
    (opened,) = run.tasks.values()
    assert opened.local == {"nom": "Yann", "lignes": 2}
    run.do("t", accord=True, nom="Ronan")
    assert run.variables == {"client": {"nom": "Yann"}, "articles": [1, 2], "accord": True}
    assert run.do("z").trace() == ["start", "t", "z", "end"]


def test_only_what_the_output_names_leaves_the_task() -> None:
    run = Run(task("userTask", input="{taux: 2}", output="{total: montant * taux}"), {"total": 0})
    run.do("t", montant=21, brouillon="x")
    assert run.variables == {"total": 42}


def test_answer_of_a_service_is_reshaped() -> None:
    run = Run(task("serviceTask", connector="external", resultVariable="reponse", output="{ville: reponse.adresse.ville}"))
    assert run.answer("t", {"adresse": {"ville": "Brest"}}).variables == {"ville": "Brest"}


def test_script_reads_its_input() -> None:
    run = Run(task("scriptTask", "<script>{double: n * 2}</script>", input="{n: montant}", output="{resultat: double + 1}"), {"montant": 4})
    assert run.variables == {"montant": 4, "resultat": 9}


def test_failing_output_is_an_incident_that_asks_nobody_twice() -> None:
    run = Run(task("userTask", output="[total]"))
    run.do("t", total=1)
    assert [each.code for each in run.incidents.values()] == ["not-a-context"]
    assert run.open == []
    assert [each.code for each in run.retry("t").incidents.values()] == ["not-a-context"]


def test_boundary_event_interrupts_a_task_with_mappings() -> None:
    error = boundary("late", "t", node("timerEventDefinition", "td", "<timeDuration>PT1H</timeDuration>"))
    content = diagram(
        start(), user("t", props={"input": "{n: 1}"}), error, user("z"), end(), chain("start", "t", "end"), chain("late", "z", "end")
    )
    run = Run(content)
    run.advance(hours=2)
    assert run.open == ["z"]
    assert run.variables == {}


@pytest.mark.parametrize("loop", ['<standardLoopCharacteristics loopMaximum="2"/>', "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"])  # fmt: skip
def test_mappings_of_a_looped_task_are_refused(loop: str) -> None:
    content = diagram(start(), user("t", loop, props={"input": "{a: 1}"}), end(), chain("start", "t", "end"))
    found = check(Bundle([File("diagram", "d.bpmn", content)]), called=())
    assert [each.code for each in found if each.severity == "error"] == ["mapping-looped"]


def test_call_adds_to_everything_when_it_says_so() -> None:
    props = {"input": "{c: a + b}", "inputAll": "true", "output": "{fois: c * 2}", "outputAll": "true"}
    caller = process(start(), node("callActivity", "ca", props=props, calledElement="Q"), user("z"), end(), chain("start", "ca", "z", "end"))
    called = process(start("s2"), script("sc", "{d: 1}"), user("q"), end("e2"), flow("s2", "sc"), chain("sc", "q", "e2"), key="Q")
    found = define_all(definitions(caller, called))
    run = Run(found["P"], {"a": 1, "b": 2}, called=found)
    assert run.child("ca").variables == {"a": 1, "b": 2, "c": 3, "d": 1}
    run.child("ca").do("q", a=9)
    assert run.settle_children().variables == {"a": 9, "b": 2, "c": 3, "d": 1, "fois": 6}

"""The check before publication: what it refuses, how it says so, and that it lets good diagrams through."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bundle import Bundle, File
from engine.checking.table import DRAWN, EXECUTED
from engine.checks import check
from engine.diagram import MAXIMUM_BYTES
from engine.spiff.definition import build
from feel.problems import Problem
from tests.checks.codes import written
from tests.checks.examples import CONNECTORS, ERRORS, FILES, WARNINGS
from tests.spiff.driver import NOW, chain, definitions, diagram, end, flow, node, process, script, start, user
from tools.problems_page import PAGE, page

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'


def problems(content: bytes, called: tuple[str, ...] = (), files: tuple[File, ...] = ()) -> list[Problem]:
    return check(Bundle([File("diagram", "essai.bpmn", content), *files]), called=called, connectors=CONNECTORS, now=NOW)


def codes(content: bytes, called: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    """Code and element of every error."""
    return {(each.code, each.element_id) for each in problems(content, called) if each.severity == "error"}


def warnings(content: bytes) -> set[tuple[str, str]]:
    return {(each.code, each.element_id) for each in problems(content) if each.severity == "warning"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml-syntax"),
        (b"<definitions", "xml-syntax"),
        (b"\xff\xfe\x00", "xml-syntax"),
        (b"<html/>", "not-bpmn"),
        (b'<definitions xmlns="http://example.org"/>', "not-bpmn"),
        (b"x" * (MAXIMUM_BYTES + 1), "xml-size"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD.encode() + b"&x;</definitions>", "xml-doctype"),
        (
            b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>' + HEAD.encode() + b"&b;</definitions>",
            "xml-doctype",
        ),
        (b"<!DOCTYPE definitions>" + HEAD.encode() + b"</definitions>", "xml-doctype"),
        (HEAD.encode() + b"<subProcess>" * 200 + b"</subProcess>" * 200 + b"</definitions>", "xml-depth"),
        (HEAD.encode() + b"<task/>" * 25_000 + b"</definitions>", "xml-elements"),
        (HEAD.encode() + b"</definitions>", "process-missing"),
        (definitions(process(start(), executable=False)), "process-missing"),
    ],
)  # fmt: skip
def test_file_that_is_no_diagram_is_refused_with_its_reason(content: bytes, code: str) -> None:
    found = problems(content)
    assert code in [each.code for each in found]
    assert all(each.element_type == "file" and each.element_name == "essai.bpmn" for each in found if each.code == code)


@pytest.mark.parametrize(("content", "expected"), ERRORS)
def test_what_would_not_run_as_drawn_is_refused_at_its_element(content: bytes, expected: tuple[str, str]) -> None:
    assert expected in codes(content)


@pytest.mark.parametrize(("content", "expected"), WARNINGS)
def test_what_looks_wrong_is_a_warning_that_does_not_forbid(content: bytes, expected: tuple[str, str]) -> None:
    assert expected in warnings(content)
    assert codes(content) == set()


def test_all_problems_come_at_once_each_with_element_message_and_remedy() -> None:
    content = diagram(
        start(), node("serviceTask", "s", name="Vérifier le SIRET"), script("t", "1 +"), node("callActivity", "c", calledElement="Q"),
        node("exclusiveGateway", "x"), user("u"), user("v"), chain("start", "s", "t", "c", "x"),
        flow("x", "u", name="f1"), flow("x", "v", name="f2"),
    )  # fmt: skip
    found = {each.code: each for each in problems(content) if each.severity == "error"}
    assert set(found) == {"connector-missing", "feel-syntax", "called-unknown", "flow-without-condition"}
    service = found["connector-missing"]
    assert (service.element_id, service.element_type, service.element_name) == ("s", "serviceTask", "Vérifier le SIRET")
    assert str(service.message) == "La tâche de service ne dit pas quel système appeler."
    assert service.remedy is not None


def test_good_diagram_has_no_problem_and_calls_inside_the_same_files_are_known() -> None:
    caller = process(start(), node("callActivity", "ca", calledElement="Q"), end(), chain("start", "ca", "end"))
    called = process(start("s2"), user("u"), end("e2"), chain("s2", "u", "e2"), key="Q")
    assert problems(definitions(caller, called)) == []
    assert codes(definitions(caller)) == {("called-unknown", "ca")}
    assert codes(definitions(caller), called=("Q",)) == set()


def test_processes_that_do_not_run_are_left_alone() -> None:
    drawing = process(node("serviceTask", "s"), key="Usager", executable=False)
    assert codes(definitions(process(user("u")), drawing)) == set()


def test_messages_without_id_and_broken_drawings_do_not_disturb() -> None:
    drawing = process("<subProcess><eventDefinitionRef>ghost</eventDefinitionRef><signal/></subProcess>", key="Usager", executable=False)
    assert codes(definitions(process(user("u")), drawing, extra='<message name="m"/>')) == set()


def test_notes_of_people_are_no_problem() -> None:
    notes = '<textAnnotation id="n"><text>À voir</text></textAnnotation><association id="as" sourceRef="u" targetRef="n"/>'
    pools = '<participant id="p" name="Région" processRef="P"/><participant id="q" name="Usager"/>'
    collaboration = f'<collaboration id="c">{pools}<messageFlow id="m" sourceRef="q" targetRef="u"/></collaboration>'
    content = definitions(process(user("u", "<documentation>Lire</documentation>"), notes), extra=collaboration)
    assert problems(content) == []


def test_drawing_with_broken_places_does_not_disturb() -> None:
    di = 'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    shape = f'<di:BPMNDiagram {di}><di:BPMNPlane><di:BPMNShape bpmnElement="u"><dc:Bounds x="" y="là"/></di:BPMNShape></di:BPMNPlane></di:BPMNDiagram>'
    assert problems(definitions(process(user("u")), extra=shape)) == []


def test_no_element_is_both_executed_and_drawn() -> None:
    assert not DRAWN & EXECUTED.keys()


def test_long_chain_is_checked_without_recursion() -> None:
    names = [f"t{number}" for number in range(3_000)]
    content = diagram(start(), *[node("task", each) for each in names], end(), chain("start", *names, "end"))
    assert problems(content) == []


def test_too_many_nested_sub_processes_are_refused() -> None:
    inner = user("u")
    for number in range(101):
        inner = node("subProcess", f"sp{number}", inner)
    assert "nesting-too-deep" in {code for code, _ in codes(diagram(inner))}


@pytest.mark.corpora
def test_diagrams_of_other_tools_are_refused_with_every_problem_named(corpora: Path) -> None:
    paths = sorted((corpora / "bpmn-miwg").rglob("*.bpmn"))
    assert len(paths) > 5
    for path in paths:
        found = problems(path.read_bytes())
        assert any(each.severity == "error" for each in found), path.name
        assert "not-executable" not in {each.code for each in found}, path.name
        for each in found:
            assert str(each.message)
            assert "Error" not in str(each.message)
            assert each.element_id or each.element_type == "file", each


def test_accepted_diagrams_can_always_be_prepared() -> None:
    content = diagram(
        start(), node("receiveTask", "r", messageRef="M"), script("s", "{a: 1}"), end(), chain("start", "r", "s", "end"),
        extra='<message id="M" name="m"/>',
    )  # fmt: skip
    assert problems(content) == []
    definition = build(Bundle([File("diagram", "a.bpmn", content)]))["P"]
    assert definition.catches == {"m"}
    assert [(step.id, step.depth) for step in definition.outline] == [("start", 0), ("r", 0), ("s", 0), ("end", 0)]


def test_same_file_names_forms_and_decisions_twice_are_refused() -> None:
    content = diagram(user("u"))
    bundle = Bundle([File("diagram", "a.bpmn", content), File("diagram", "a.bpmn", content)])
    assert "file-duplicate" in {each.code for each in check(bundle, called=())}


def test_content_hash_ignores_the_order_of_the_files_and_nothing_else() -> None:
    one, two = File("diagram", "a", b"1"), File("scenario", "b", b"2")
    assert Bundle([one, two]).content_hash == Bundle([two, one]).content_hash
    assert Bundle([one]).content_hash != Bundle([File("diagram", "a", b"2")]).content_hash
    assert Bundle([File("scenario", "ab", b"c")]).content_hash != Bundle([File("scenario", "a", b"bc")]).content_hash


@pytest.mark.parametrize(("files", "code"), FILES)
def test_files_that_cannot_be_published_are_refused(files: list[File], code: str) -> None:
    assert code in {each.code for each in check(Bundle(files), called=()) if each.severity == "error"}


def test_every_code_has_an_example() -> None:
    """`not-executable` stands for what no rule foresaw, so nothing that is known can show it."""
    shown = {code for _, (code, _) in ERRORS + WARNINGS} | {code for _, code in FILES}
    assert written() - shown == {"not-executable"}
    assert shown <= written()


def test_every_problem_says_what_to_do() -> None:
    for content, (code, _) in ERRORS + WARNINGS:
        for each in problems(content):
            if each.code == code:
                assert each.remedy is not None, code


def test_page_of_problems_is_written_from_the_examples() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tools.problems_page`"

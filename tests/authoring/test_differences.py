"""What a publication changes, told element by element, field by field and cell by cell."""

from __future__ import annotations

import json

import pytest

from authoring.differences import Change, Detail, compare
from engine.bundle import File

PROCESS = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="t">
<message id="m" name="reçu"/>
<process id="p" name="Essai" isExecutable="true"><startEvent id="s" name="Début"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/>
<userTask id="a" name="Lire"><extensionElements><s:properties><s:property name="formKey" value="avis"/></s:properties></extensionElements></userTask>
<sequenceFlow id="g" sourceRef="a" targetRef="w"><conditionExpression>note &gt; 3</conditionExpression></sequenceFlow>
<intermediateCatchEvent id="w" name="Attendre"><messageEventDefinition id="md" messageRef="m"/></intermediateCatchEvent>
<sequenceFlow id="h" sourceRef="w" targetRef="e"/><endEvent id="e" name="Fin"/></process></definitions>"""
FORM = {"id": "avis", "type": "default", "schemaVersion": 19, "components": [{"type": "textfield", "id": "c", "key": "avis", "label": "Votre avis"}]}
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="t"><decision id="seuil" name="Seuil"><variable name="Seuil"/>
<decisionTable id="t" hitPolicy="FIRST"><input id="i" label="Note"><inputExpression id="ie"><text>note</text></inputExpression></input><output id="o" name="suite"/>
<rule id="r1"><inputEntry id="a1"><text>&gt; 3</text></inputEntry><outputEntry id="b1"><text>"oui"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="a2"><text>-</text></inputEntry><outputEntry id="b2"><text>"non"</text></outputEntry></rule></decisionTable></decision></definitions>"""


def files(process: str = PROCESS, form: object = FORM, table: str = TABLE) -> list[File]:
    return [File("diagram", "p.bpmn", process.encode()), File("form", "avis.form", json.dumps(form).encode()), File("decision", "s.dmn", table.encode())]


def changes(process: str) -> list[Change]:
    found = compare(files(process), {"p": files()})
    return list(found.processes[0].changes)


def test_the_same_files_change_nothing() -> None:
    found = compare(files(), {"p": files()})
    assert found.is_empty
    assert (found.processes[0].key, found.processes[0].name, found.processes[0].is_new) == ("p", "Essai", False)


def test_a_process_that_nobody_published_is_new() -> None:
    found = compare(files(), {})
    assert found.processes[0].is_new
    assert not found.is_empty


def test_moving_a_shape_is_no_change() -> None:
    drawing = '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" id="di"/></definitions>'
    assert changes(PROCESS.replace("</definitions>", drawing)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name="Lire"', 'name="Relire"', Change("changed", "a", "userTask", "Relire", (Detail("name", "Lire", "Relire"),))),
        ('value="avis"', 'value="autre"', Change("changed", "a", "userTask", "Lire", (Detail("formKey", "avis", "autre"),))),
        ("note &gt; 3", "note &gt; 4", Change("changed", "g", "sequenceFlow", "", (Detail("conditionExpression", "note > 3", "note > 4"),), ("Lire", "Attendre"))),
        ('name="reçu"', 'name="envoyé"', Change("changed", "w", "intermediateCatchEvent", "Attendre", (Detail("messageEventDefinition messageRef", "reçu", "envoyé"),))),
        ('sourceRef="s" targetRef="a"', 'sourceRef="s" targetRef="w"', Change("changed", "f", "sequenceFlow", "", (Detail("targetRef", "Lire", "Attendre"),), ("Début", "Attendre"))),
        ('name="Essai"', 'name="Autre"', Change("changed", "p", "process", "Autre", (Detail("name", "Essai", "Autre"),))),
    ],
)
def test_what_an_element_says_is_compared(old: str, new: str, expected: Change) -> None:
    assert changes(PROCESS.replace(old, new)) == [expected]


def test_elements_come_and_go() -> None:
    found = changes(PROCESS.replace('<sequenceFlow id="h" sourceRef="w" targetRef="e"/><endEvent id="e" name="Fin"/>', '<subProcess id="x" name="Suite"><startEvent id="y"/></subProcess>'))
    assert [(each.kind, each.id) for each in found] == [("added", "x"), ("added", "y"), ("removed", "h"), ("removed", "e")]
    assert compare(files(PROCESS.replace('name="Lire"', 'name="Relire"')), {"p": files()}).processes[0].touched == {"a"}


def test_fields_of_forms_are_compared() -> None:
    component = {**FORM["components"][0], "label": "Votre avis motivé", "validate": {"required": True}}  # type: ignore[index]
    (change,) = compare(files(form={**FORM, "components": [component]}), {"p": files()}).forms
    assert change == Change(
        "changed", "avis", "form", "avis", (Detail("avis label", "Votre avis", "Votre avis motivé"), Detail("avis validate", "", '{"required":true}'))
    )
    found = compare(files(form={**FORM, "id": "autre"}), {"p": files()}).forms
    assert [(each.kind, each.id) for each in found] == [("added", "autre"), ("removed", "avis")]


def test_cells_of_decisions_are_compared() -> None:
    (change,) = compare(files(table=TABLE.replace("&gt; 3", "&gt; 4")), {"p": files()}).decisions
    assert change == Change("changed", "seuil", "decision", "Seuil", (Detail("row 1", "> 3", "> 4"),))
    rule = '<rule id="r0"><inputEntry id="a0"><text>&gt; 9</text></inputEntry><outputEntry id="b0"><text>"bravo"</text></outputEntry></rule><rule id="r1">'
    (change,) = compare(files(table=TABLE.replace('<rule id="r1">', rule)), {"p": files()}).decisions
    assert change.details == (Detail("row 1", "", '> 9 | "bravo"'),)
    (change,) = compare(files(table=TABLE.replace("FIRST", "UNIQUE")), {"p": files()}).decisions
    assert change.details == (Detail("head", "FIRST", "UNIQUE"),)

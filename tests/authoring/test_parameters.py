"""Settings found in decisions and diagrams, with where they are used, and changed where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from authoring import parameters
from authoring.parameters import Parameter
from engine.bundle import Bundle, File

ROOT = Path(__file__).resolve().parents[2] / "processes"
FOLDERS = sorted(each.name for each in ROOT.iterdir() if each.is_dir())
DIAGRAM = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="t">
<process id="p" isExecutable="true">
 <userTask id="instruire" name="Instruire"><documentation>Deux jours suffisent.</documentation>
  <extensionElements><s:properties><s:property name="formKey" value="f"/><s:property name='dueIn' value='P2D'/></s:properties></extensionElements>
 </userTask>
 <boundaryEvent id="tard" name="Trop tard" attachedToRef="instruire"><timerEventDefinition><timeCycle>R/P14D</timeCycle></timerEventDefinition></boundaryEvent>
 <sequenceFlow id="cher" name="Cher" sourceRef="instruire" targetRef="fin"><conditionExpression>montant &gt;= 1000 and note &lt; 3</conditionExpression></sequenceFlow>
 <sequenceFlow id="autre" sourceRef="instruire" targetRef="fin"><conditionExpression>avis = "oui"</conditionExpression></sequenceFlow>
 <endEvent id="fin"/>
</process></definitions>"""


def files(folder: str) -> list[File]:
    kinds = {".bpmn": "diagram", ".dmn": "decision", ".form": "form"}
    found = sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in kinds)
    return [File(kinds[path.suffix], path.name, path.read_bytes()) for path in found]  # type: ignore[arg-type]


def said(content: bytes) -> list[tuple[str, str | None, dict[str, str]]]:
    """Everything that a file says, in its order."""
    return [(str(each.tag), each.text, dict(each.attrib)) for each in etree.fromstring(content).iter()]


def one(found: tuple[Parameter, ...], name: str) -> Parameter:
    (match,) = (each for each in found if each.name == name)
    return match


def used_by(parameter: Parameter) -> list[str]:
    return [each.element_name for each in parameter.uses]


def test_deadlines_and_thresholds_of_a_diagram() -> None:
    found = parameters.find([File("diagram", "d.bpmn", DIAGRAM)])
    assert [(each.group, each.name, each.value, used_by(each)) for each in found] == [
        ("Instruire", "dueIn", "P2D", ["Instruire"]),
        ("Trop tard", "timeCycle", "R/P14D", ["Trop tard"]),
        ("Cher", "conditionExpression", "1000", ["Cher"]),
        ("Cher", "conditionExpression", "3", ["Cher"]),
    ]
    assert found[0].note == "Deux jours suffisent."
    values = {each.key: value for each, value in zip(found, ("P5D", "R/P7D", "1500", "4"), strict=True)}
    written = parameters.change([File("diagram", "d.bpmn", DIAGRAM)], values)
    expected = (
        DIAGRAM.decode().replace("'P2D'", "'P5D'").replace("R/P14D", "R/P7D").replace("1000", "1500").replace("note &lt; 3", "note &lt; 4")
    )
    assert written == {1: expected.replace("montant >=", "montant &gt;=").encode()}


def test_settings_of_the_incubation_say_who_uses_them() -> None:
    found = parameters.find(files("incubation_tikub"))
    deadline = one(found, "delai_decision")
    assert (deadline.value, deadline.constant.kind) == ("P15D", "duration")
    assert deadline.note == "Décision sur une idée : quinze jours, puis alerte de la CDO"
    assert used_by(deadline) == ["15 jours sans décision"]
    assert used_by(one(found, "delai_recrutement")) == ["Recruter un intrapreneur", "60 jours écoulés"]
    weight = one(found, "ampleur, Poids")
    assert (weight.value, used_by(weight)) == ("30", ["Appliquer la grille de sélection"])
    thresholds = [(each.row, each.value) for each in found if each.name == "Total sur 100"]
    assert thresholds == [(2, "60"), (3, "45"), (3, "60")]
    assert {each.name for each in found} >= {"preincubation", "incubation", "Coût total (€)", "mots_communs"}


def test_a_tag_of_the_note_stands_apart() -> None:
    content = (ROOT / "incubation_tikub" / "decisions" / "parametres_incubation.dmn").read_bytes()
    tagged = content.replace("Échéance de la notation".encode(), "[A] Échéance de la notation".encode())
    found = one(parameters.find([File("decision", "x.dmn", tagged)]), "delai_notation")
    assert (found.tag, found.note) == ("A", "Échéance de la notation")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_setting_can_be_changed_and_nothing_else_changes(folder: str) -> None:
    given = files(folder)
    found = parameters.find(given)
    assert found
    assert len({each.key for each in found}) == len(found)
    other = {"number": "77", "duration": "P77D", "date": "2031-01-01", "cycle": "R/P77D", "truth": "false", "text": "autre chose"}
    written = parameters.change(given, {each.key: other[each.constant.kind] for each in found})
    changed = [File(each.kind, each.name, written.get(number, each.content)) for number, each in enumerate(given, 1)]
    assert Bundle(changed).problems == []
    again = parameters.find(changed)
    assert [(each.group, each.name, each.row) for each in again] == [(each.group, each.name, each.row) for each in found]
    assert all(each.value == other[each.constant.kind] for each in again)
    back = parameters.change(changed, {new.key: old.value for new, old in zip(again, found, strict=True)})
    assert back.keys() == written.keys() == {each.number for each in found}
    for number, content in back.items():
        assert said(content) == said(given[number - 1].content)
        touched = sum(old != new for old, new in zip(said(content), said(written[number]), strict=True))
        assert touched == len({each.spot for each in found if each.number == number and other[each.constant.kind] != each.value})
    assert parameters.change(given, {each.key: each.value for each in found}) == {}

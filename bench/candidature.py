"""The process that most figures run: two tasks for people, the first with a form, and a gateway between them."""

from __future__ import annotations

import json

from engine.bundle import File

KEY = "P"
DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core"
 targetNamespace="bench"><process id="P" name="Candidature" isExecutable="true"><startEvent id="start"/>
 <userTask id="first" name="Instruire"><extensionElements><s:properties><s:property name="formKey" value="avis"/></s:properties>
 </extensionElements></userTask><exclusiveGateway id="enough" default="no"/><userTask id="second" name="Valider"/>
 <userTask id="other" name="Refuser"/><endEvent id="end"/><endEvent id="refused"/>
 <sequenceFlow id="f1" sourceRef="start" targetRef="first"/><sequenceFlow id="f2" sourceRef="first" targetRef="enough"/>
 <sequenceFlow id="yes" sourceRef="enough" targetRef="second"><conditionExpression>note &gt;= 10</conditionExpression></sequenceFlow>
 <sequenceFlow id="no" sourceRef="enough" targetRef="other"/><sequenceFlow id="f3" sourceRef="second" targetRef="end"/>
 <sequenceFlow id="f4" sourceRef="other" targetRef="refused"/></process></definitions>"""
FORM = {
    "schemaVersion": 19, "type": "default", "id": "avis",
    "components": [
        {"type": "textfield", "key": "titre", "label": "Titre", "validate": {"required": True, "maxLength": 200}},
        {"type": "number", "key": "note", "label": "Note", "validate": {"required": True, "min": 0, "max": 20}},
        {"type": "textarea", "key": "motif", "label": "Motif"},
    ],
}  # fmt: skip
VARIABLES = {"depot": "en ligne"}
ANSWERS = {"titre": "Vélos partagés", "note": 14, "motif": "Un dossier solide, un calendrier réaliste, des partenaires engagés."}
DECISION = {"valide": True}


def files(key: str = KEY) -> list[File]:
    """The files to publish; `key`: under another name."""
    diagram = DIAGRAM.replace('process id="P"', f'process id="{key}"')
    return [File("diagram", "p.bpmn", diagram.encode()), File("form", "avis.form", json.dumps(FORM).encode())]

"""A small office for the tests of pages: one process with a public form, people, and visitors with a browser."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.datastructures import FileMultiDict
from werkzeug.test import TestResponse

from engine import instances, people, user_sessions, versions
from engine.actors import SYSTEM
from engine.bundle import File
from web.runtime import EXTENSION, Runtime

PASSWORD = "une phrase assez longue"

PEOPLE = {
    "Maëlle": ("maelle@exemple.bzh", ("instructeurs",)),
    "Yann": ("yann@exemple.bzh", ("instructeurs",)),
    "Ronan": ("ronan@exemple.bzh", ("operateurs",)),
    "Enora": ("enora@exemple.bzh", ("comptables",)),
}

REQUEST_FORM = {
    "id": "demande",
    "type": "default",
    "schemaVersion": 19,
    "components": [
        {
            "type": "group",
            "id": "besoin",
            "label": "Le besoin",
            "components": [
                {
                    "type": "textfield",
                    "id": "f1",
                    "key": "titre",
                    "label": "Titre de la demande",
                    "validate": {"required": True, "minLength": 5, "maxLength": 80},
                },
                {
                    "type": "radio",
                    "id": "f2",
                    "key": "urgence",
                    "label": "Est-ce urgent ?",
                    "values": [{"label": "Oui", "value": "oui"}, {"label": "Non", "value": "non"}],
                    "validate": {"required": True},
                },
                {
                    "type": "textarea",
                    "id": "f3",
                    "key": "raison",
                    "label": "Pourquoi est-ce urgent ?",
                    "conditional": {"hide": '=urgence != "oui"'},
                    "validate": {"required": True, "maxLength": 200},
                },
                {"type": "filepicker", "id": "f4", "key": "pieces", "label": "Pièces", "accept": ".txt", "multiple": True},
            ],
        },
        {
            "type": "group",
            "id": "vous",
            "label": "Vous",
            "components": [
                {"type": "textfield", "id": "f5", "key": "nom", "label": "Votre nom", "validate": {"required": True}},
            ],
        },
    ],
}
REVIEW_FORM = {
    "id": "avis",
    "type": "default",
    "schemaVersion": 19,
    "components": [
        {
            "type": "textarea",
            "id": "a1",
            "key": "avis",
            "label": "Votre avis",
            "validate": {"required": True, "minLength": 5, "maxLength": 500},
        },
        {
            "type": "radio",
            "id": "a2",
            "key": "suite",
            "label": "Quelle suite ?",
            "values": [
                {"label": "Accepter", "value": "accepter", "then": "Le matériel est commandé."},
                {"label": "Faire compléter", "value": "completer", "then": "La personne précise sa demande."},
                {"label": "Bloquer", "value": "bloquer", "then": "Rien ne convient."},
            ],
            "validate": {"required": True},
        },
    ],
}
ANSWER_FORM = {
    "id": "precision",
    "type": "default",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "id": "p1", "key": "precision", "label": "Votre précision", "validate": {"required": True}}
    ],
}
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core"
 id="defs" targetNamespace="tests">
<message id="m" name="demande.retiree"/>
<process id="demande_materiel" name="Demander du matériel" isExecutable="true">
 <documentation>Une demande est instruite, complétée si besoin, puis commandée.</documentation>
 <extensionElements><s:properties><s:property name="title" value="titre"/><s:property name="businessKey" value="titre"/>
  <s:property name="withdrawMessage" value="demande.retiree"/></s:properties></extensionElements>
 <startEvent id="depot" name="Demande déposée"><documentation>Décrivez ce qu'il vous faut.</documentation><extensionElements><s:properties>
  <s:property name="formKey" value="demande"/><s:property name="publicPath" value="demander-du-materiel"/>
  <s:property name="publicTitle" value="Demander du matériel"/><s:property name="candidateGroups" value="instructeurs"/>
  </s:properties></extensionElements></startEvent>
 <sequenceFlow id="f1" sourceRef="depot" targetRef="instruire"/>
 <userTask id="instruire" name="Instruire la demande"><documentation>Lisez la demande, puis décidez.</documentation>
  <extensionElements><s:properties><s:property name="formKey" value="avis"/>
  <s:property name="candidateGroups" value="instructeurs"/><s:property name="dueIn" value="P2D"/></s:properties></extensionElements></userTask>
 <boundaryEvent id="retrait" name="Demande retirée" attachedToRef="instruire"><extensionElements><s:properties>
  <s:property name="correlation" value="{dossier: titre}"/></s:properties></extensionElements>
  <messageEventDefinition id="md" messageRef="m"/></boundaryEvent>
 <sequenceFlow id="f2" sourceRef="retrait" targetRef="retiree"/><endEvent id="retiree" name="Retirée"/>
 <sequenceFlow id="f3" sourceRef="instruire" targetRef="choix"/>
 <exclusiveGateway id="choix" name="Quelle suite ?"/>
 <sequenceFlow id="f4" name="Acceptée" sourceRef="choix" targetRef="commander">
  <conditionExpression>suite = "accepter"</conditionExpression></sequenceFlow>
 <sequenceFlow id="f5" name="À compléter" sourceRef="choix" targetRef="completer">
  <conditionExpression>suite = "completer"</conditionExpression></sequenceFlow>
 <userTask id="completer" name="Compléter la demande"><extensionElements><s:properties><s:property name="formKey" value="precision"/>
  <s:property name="candidateGroups" value="instructeurs"/><s:property name="applicant" value="true"/></s:properties></extensionElements></userTask>
 <sequenceFlow id="f6" sourceRef="completer" targetRef="commander"/>
 <userTask id="commander" name="Commander le matériel"><extensionElements><s:properties>
  <s:property name="candidateGroups" value="instructeurs"/></s:properties></extensionElements></userTask>
 <sequenceFlow id="f7" sourceRef="commander" targetRef="fin"/><endEvent id="fin" name="Matériel commandé"/>
</process></definitions>""".encode()
FILES = [
    File("diagram", "demande.bpmn", DIAGRAM),
    *(File("form", f"{form['id']}.form", json.dumps(form).encode()) for form in (REQUEST_FORM, REVIEW_FORM, ANSWER_FORM)),
]
REQUEST = {"titre": "Un écran plus grand", "urgence": "non", "nom": "Anne-Sophie"}
START = "/demarrer/demande_materiel/depot"


class Visitor:
    """Somebody with a browser without scripts: opens pages, fills in forms, presses buttons."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.answer: TestResponse
        self.page: html.HtmlElement

    def open(self, path: str) -> Visitor:
        """Go to a page, through redirections."""
        return self._keep(self.client.get(path, follow_redirects=True))

    def press(self, button: str, *, files: FileMultiDict[str, Any] | None = None, **answers: Any) -> Visitor:
        """Fill in the form that has this button (its visible text or its value), and press it."""
        found = [each for each in self.page.iter("button") if button in (_text(each), each.get("value"))]
        assert found, f"no button « {button} » in {self.text[:1500]}"
        form = next(each for each in found[0].iterancestors("form"))
        data: list[tuple[str, Any]] = [pair for pair in form.form_values() if pair[0] not in answers]
        for name, value in answers.items():
            data += [(name, each) for each in (value if isinstance(value, list) else [value])]
        if found[0].get("name"):
            data.append((found[0].get("name"), found[0].get("value", "")))
        values: dict[str, list[Any]] = {}
        for name, value in [*data, *((name, each) for name, each in (files.items(multi=True) if files else ()))]:
            values.setdefault(name, []).append(value)
        address = form.get("action") or self.answer.request.script_root + self.answer.request.path
        kind = "multipart/form-data" if files else "application/x-www-form-urlencoded"
        return self._keep(self.client.post(address, data=values, content_type=kind, follow_redirects=True))

    def _keep(self, answer: TestResponse) -> Visitor:
        self.answer = answer
        read = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        self.page = html.document_fromstring(read or "<html><body></body></html>")
        return self

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def path(self) -> str:
        return self.answer.request.path

    @property
    def heading(self) -> str:
        return _text(self.page.find(".//h1"))

    @property
    def title(self) -> str:
        return _text(self.page.find(".//title"))

    @property
    def text(self) -> str:
        """What the page says, with plain spaces."""
        return _text(self.page.find(".//main"))

    def links(self) -> set[str]:
        """Where the page leads on this server."""
        found = {each.get("href") for each in self.page.iter("a") if each.get("href")}
        return {href.split("#")[0] for href in found if href.startswith("/")}


class Office:
    """The application with the process published and the people there."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.runtime: Runtime = app.extensions[EXTENSION]
        with self.runtime.sessions.begin() as session:
            now = self.runtime.clock.now(session)
            for key, name in (("instructeurs", "Instruction"), ("comptables", "Comptabilité")):
                people.create_group(session, key, name)
            for name, (email, groups) in PEOPLE.items():
                people.create_user(session, email, f"{name} Le Goff", None, groups=groups, now=now)
            versions.publish(session, FILES, actor=SYSTEM, now=now)

    def visitor(self) -> Visitor:
        """Somebody without an account."""
        return Visitor(self.app)

    def signed_in(self, name: str) -> Visitor:
        """One of the people, with a session, as signing in leaves it."""
        visitor = Visitor(self.app)
        with self.runtime.sessions.begin() as session:
            user = people.find_by_email(session, PEOPLE[name][0])
            assert user is not None
            token = user_sessions.open_session(session, user.id, now=self.runtime.clock.now(session))
        with visitor.client.session_transaction() as cookie:
            cookie.update(user_id=user.id, sid=token)
        return visitor

    def joined(self, name: str, *groups: str) -> Visitor:
        """One of the people, signed in, who is in these groups too."""
        with self.runtime.sessions.begin() as session:
            user = people.find_by_email(session, PEOPLE[name][0])
            assert user is not None
            people.join_groups(session, user.id, groups)
        return self.signed_in(name)

    def settle(self) -> None:
        """Let the worker do what is due."""
        self.runtime.worker.run_until_quiet()

    def now(self) -> datetime:
        with self.runtime.sessions.reading() as session:
            return self.runtime.clock.now(session)

    def start_many(self, number: int) -> None:
        """So many requests, in one transaction."""
        with self.runtime.sessions.begin() as session:
            now = self.runtime.clock.now(session)
            for each in range(number):
                instances.start(session, "demande_materiel", REQUEST | {"titre": f"Demande {each}"}, actor=SYSTEM, now=now)

    def request(self, **answers: str) -> tuple[Visitor, str]:
        """A visitor who sent a request through the public page, and the path of their private link."""
        visitor = self.visitor().open("/public/demander-du-materiel")
        told = REQUEST | answers
        visitor.press("Continuer", titre=told["titre"], urgence=told["urgence"])
        visitor.press("Continuer", nom=told["nom"]).press("Envoyer")
        assert visitor.path == "/recu", visitor.text
        found = re.search(r"/suivi/[\w-]+", visitor.text)
        assert found
        return visitor, found[0]


def _text(element: html.HtmlElement | None) -> str:
    """The text of an element without what the text of a screen reader adds to buttons."""
    if element is None:
        return ""
    said = "".join(element.itertext()) if element.tag != "button" else "".join(_visible(element))
    return re.sub(r"[\s\u00a0\u202f]+", " ", said).strip()


def _visible(element: html.HtmlElement) -> list[str]:
    found = [element.text or ""]
    for child in element:
        if "visually-hidden" not in child.get("class", ""):
            found += _visible(child)
        found.append(child.tail or "")
    return found

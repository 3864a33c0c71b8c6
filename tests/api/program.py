"""A program outside that calls the API with its token, and diagrams for it to publish."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.spiff.driver import chain, diagram, end, start, user


@dataclass(frozen=True)
class Program:
    """Calls under /api/v1. `get` and `post` expect success and answer JSON; `call` answers whatever came."""

    client: FlaskClient
    token: str | None

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        address = path if path.startswith("/hooks") else f"/api/v1{path}"
        return self.client.open(address, method=method, headers=headers, **options)

    def get(self, path: str, **query: Any) -> Any:
        return _succeeded(self.call("GET", path, query_string=query))

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return _succeeded(self.call("POST", path, json={} if body is None else body, **options))

    def publish(self, *diagrams: bytes, form: Any = None, decision: bytes | None = None) -> list[dict[str, Any]]:
        answer = _succeeded(self.send_files(*diagrams, form=form, decision=decision))
        return list(answer["processes"])

    def send_files(self, *diagrams: bytes, form: Any = None, decision: bytes | None = None, **more: Any) -> TestResponse:
        data: dict[str, Any] = {"diagram": [(io.BytesIO(each), f"{index}.bpmn") for index, each in enumerate(diagrams)]}
        if form is not None:
            data["form"] = [(io.BytesIO(json.dumps(form).encode()), "demande.form")]
        if decision is not None:
            data["decision"] = [(io.BytesIO(decision), "regles.dmn")]
        return self.call("POST", "/processes", data=data, **more)

    def start(self, key: str = "P", **variables: Any) -> dict[str, Any]:
        return dict(self.post(f"/processes/{key}/instances", {"variables": variables}))

    def advance(self, seconds: float = 0) -> str:
        return str(self.post("/clock", {"advance": seconds})["now"])


def _succeeded(answer: TestResponse) -> Any:
    assert answer.status_code < 300, f"{answer.request.path}: {answer.status_code} {answer.get_data(as_text=True)[:3000]}"
    return answer.get_json()


FORM = {
    "id": "demande",
    "type": "default",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "id": "f1", "key": "titre", "label": "Titre", "validate": {"required": True, "maxLength": 10}},
        {"type": "number", "id": "f2", "key": "montant", "label": "Montant", "validate": {"max": 500}},
    ],
}
TWO_TASKS = diagram(
    start(),
    user("saisir", props={"candidateGroups": "accueil", "dueIn": "P2D"}, name="Saisir la demande"),
    user("valider", props={"candidateGroups": "valideurs"}, name="Valider la demande"),
    end(),
    chain("start", "saisir", "valider", "end"),
)
WITH_FORM = diagram(
    start(), user("saisir", props={"candidateGroups": "accueil", "formKey": "demande"}), end(), chain("start", "saisir", "end")
)
DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="Regles" namespace="tests">
  <inputData id="i1" name="score"><variable name="score" typeRef="number"/></inputData>
  <decision id="avis" name="Avis">
    <variable name="Avis" typeRef="string"/>
    <informationRequirement id="r"><requiredInput href="#i1"/></informationRequirement>
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="in1"><inputExpression id="e1" typeRef="number"><text>score</text></inputExpression></input>
      <output id="o1" name="avis" typeRef="string"/>
      <rule id="haut"><inputEntry id="a"><text>&gt;= 10</text></inputEntry><outputEntry id="b"><text>"retenu"</text></outputEntry></rule>
      <rule id="bas"><inputEntry id="c"><text>&lt; 10</text></inputEntry><outputEntry id="d2"><text>"écarté"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>""".encode()

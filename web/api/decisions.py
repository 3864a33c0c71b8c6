"""Calls that evaluate a decision, published or brought along."""

from __future__ import annotations

from typing import Any

from flask import g, request
from sqlalchemy.orm import Session

from engine import versions
from feel.dmn.errors import DmnError, UnknownDecision
from feel.dmn.model import DecisionResult, Model
from feel.dmn.model import read as read_model
from feel.host import to_json
from feel.problems import Problem
from feel.text import text
from web import json
from web.api.blueprint import ApiBlueprint
from web.api.schemas import Evaluation, Inputs
from web.errors import RequestRefused, problem_item
from web.languages import render
from web.runtime import settings

blueprint = ApiBlueprint("decisions", __name__, url_prefix="/api/v1/decisions", description="Decision tables")

TRIAL = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "A .dmn file"},
                    "decision": {"type": "string", "description": "Id or name; needed when the file holds several"},
                    "inputs": {"type": "string", "description": "A JSON object: values by name of input data"},
                },
            }
        },
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "minLength": 1, "description": "The XML of a .dmn file"},
                    "decision": {"type": "string"},
                    "inputs": {"type": "object"},
                },
            }
        },
    },
}


@blueprint.query("/<key>/evaluate", method="POST", scope="decisions", takes=Inputs, answers=Evaluation, errors=(404,))
def evaluate(session: Session, order: dict[str, Any], key: str) -> dict[str, Any]:
    """The result of a published decision, its newest version, and which rules matched."""
    model, decision = versions.decision(session, key)
    return _evaluated(model, decision.id, order["inputs"])


@blueprint.action("/evaluate", scope="decisions", answers=Evaluation, body=TRIAL)
def evaluate_file() -> dict[str, Any]:
    """The result of a decision of a .dmn file that comes with the request; nothing is published."""
    content, name, inputs = _trial()
    try:
        model = read_model(content, strict=False)
    except DmnError as error:
        problems = [problem_item(each) for each in error.problems]
        raise RequestRefused(422, text("Le fichier DMN contient des erreurs."), problems=problems) from error
    return _evaluated(model, _only(model) if name is None else name, inputs)


def _evaluated(model: Model, key: str, inputs: dict[str, Any]) -> dict[str, Any]:
    try:
        result: DecisionResult = model.evaluate(key, inputs, now=g.now)
    except UnknownDecision as error:
        raise RequestRefused(404, text("Le fichier ne contient pas de décision « %(key)s ».", key=key[:200])) from error
    return {
        "result": to_json(result.value),
        "matched": {decision: list(rules) for decision, rules in result.matched.items()},
        "diagnostics": [_line(each) for each in model.problems] + [render(each.message) for each in result.diagnostics],
    }


def _line(problem: Problem) -> str:
    """What is wrong with an expression that was therefore null."""
    where = problem.element_name or problem.element_id
    return f"{where} : {render(problem.message)}" if where else render(problem.message)


def _only(model: Model) -> str:
    if len(model.decisions) != 1:
        raise RequestRefused(422, text("Le fichier contient plusieurs décisions : nommez celle à évaluer."))
    return next(iter(model.decisions))


def _trial() -> tuple[bytes, str | None, dict[str, Any]]:
    """File, name of the decision and inputs, from a multipart body or a JSON object."""
    if request.mimetype == "multipart/form-data":
        given: dict[str, Any] = request.form.to_dict()
        for part, file in request.files.items():
            given["inputs" if part == "inputs" else "file"] = file.stream.read()
        inputs = json.parse(_bytes(given["inputs"]), settings().json_depth) if given.get("inputs") else {}
    else:
        given = json.body()
        inputs = given.get("inputs", {}) if isinstance(given, dict) else {}
    return _checked(given, inputs)


def _checked(given: Any, inputs: Any) -> tuple[bytes, str | None, dict[str, Any]]:
    content = given.get("file", given.get("dmn")) if isinstance(given, dict) else None
    if not isinstance(content, str | bytes) or not content:
        raise RequestRefused(422, text("Il manque le fichier DMN, dans la partie « file »."))
    name = given.get("decision", given.get("name"))
    if not isinstance(inputs, dict) or not isinstance(name, str | None):
        raise RequestRefused(422, text("« decision » doit être un texte et « inputs » un objet JSON."))
    return _bytes(content), name or None, inputs


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content

"""Decisions over the API, published or brought along."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.api.program import DECISION, Program
from tests.spiff.driver import chain, diagram, end, node, start

SCORED = diagram(
    start(),
    node("businessRuleTask", "regle", props={"decisionKey": "avis", "resultVariable": "avis"}),
    end(),
    chain("start", "regle", "end"),
)


def test_a_published_decision_is_evaluated(api: Program) -> None:
    api.publish(SCORED, decision=DECISION)
    found = api.post("/decisions/avis/evaluate", {"inputs": {"score": 12}})
    assert (found["result"], found["matched"]) == ("retenu", {"avis": ["haut"]})
    assert api.post("/decisions/avis/evaluate", {"inputs": {"score": 2}})["result"] == "écarté"
    assert api.start("P", score=12)["variables"] == {"score": 12, "avis": "retenu"}


def test_an_unknown_decision_is_not_found(api: Program) -> None:
    assert api.call("POST", "/decisions/inconnue/evaluate", json={}).status_code == 404


def _try(api: Program, **parts: Any) -> Any:
    return api.call("POST", "/decisions/evaluate", data=parts, content_type="multipart/form-data")


def _file(content: bytes = DECISION) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), "regles.dmn"


def test_a_decision_is_tried_without_publishing(api: Program) -> None:
    for name in ("avis", "Avis", None):
        parts = {"decision": name} if name else {}
        found = _try(api, file=_file(), inputs=json.dumps({"score": 12}), **parts)
        assert (found.status_code, found.get_json()["result"]) == (200, "retenu")
    assert api.call("POST", "/decisions/avis/evaluate", json={}).status_code == 404


def test_a_decision_is_tried_from_json(api: Program) -> None:
    order = {"file": DECISION.decode(), "decision": "avis", "inputs": {"score": 1}}
    assert api.post("/decisions/evaluate", order)["result"] == "écarté"


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"inputs": "{}"}, 422),
        ({"file": b"", "inputs": "{}"}, 422),
        ({"file": b"<a/>", "inputs": "{}"}, 422),
        ({"file": DECISION, "inputs": "{"}, 400),
        ({"file": DECISION, "inputs": "[]"}, 422),
        ({"file": DECISION, "decision": "autre", "inputs": "{}"}, 404),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_bad_trial_is_refused(api: Program, parts: dict[str, Any], status: int) -> None:
    given = {name: _file(value) if isinstance(value, bytes) else value for name, value in parts.items()}
    answer = _try(api, **given)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_expression_that_cannot_run_is_null_and_says_why(api: Program) -> None:
    broken = DECISION.replace(b"&gt;= 10", b"&gt;= (").replace(b"&lt; 10", b"1 +")
    answer = _try(api, file=_file(broken), inputs="{}")
    assert (answer.status_code, answer.get_json()["result"]) == (200, None)
    rules = [line for line in answer.get_json()["diagnostics"] if line.startswith("Avis")]
    assert len(rules) == 2

"""A webhook reaches every kind of step that waits for a message, finds the one case by its keys, and may come before the step waits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.program import Program
from tests.api.test_hooks import Sender
from tests.spiff.driver import boundary, chain, diagram, end, node, start, user
from web.runtime import Runtime

MESSAGE = '<messageEventDefinition messageRef="m"/>'
LATER = "<timerEventDefinition><timeDuration>P9D</timeDuration></timerEventDefinition>"
KEYS = {"correlation": "{dossier: dossier}"}
WAITS = {"props": KEYS}
EXTRA = '<message id="m" name="reponse"/>'
LAST = user("suite"), end()
STEPS = {
    "receive": (start(), node("receiveTask", "w", messageRef="m", **WAITS), *LAST, chain("start", "w", "suite", "end")),  # type: ignore[arg-type]
    "catch": (start(), node("intermediateCatchEvent", "w", MESSAGE, **WAITS), *LAST, chain("start", "w", "suite", "end")),  # type: ignore[arg-type]
    "boundary": (start(), user("u"), boundary("w", "u", MESSAGE, **WAITS), *LAST, chain("start", "u", "end"), chain("w", "suite", "end")),
    "beside": (
        *(start(), user("u"), boundary("w", "u", MESSAGE, interrupting=False, **WAITS), *LAST),
        *(chain("start", "u", "end"), chain("w", "suite", "end")),
    ),
    "gateway": (
        *(start(), node("eventBasedGateway", "g"), node("intermediateCatchEvent", "w", MESSAGE, **WAITS)),  # type: ignore[arg-type]
        *(node("intermediateCatchEvent", "t", LATER), *LAST, chain("start", "g", "w", "suite", "end"), chain("g", "t", "end")),
    ),
    "event sub-process": (
        *(start(), user("u"), end("over"), chain("start", "u", "over")),
        node("subProcess", "s", start("w", MESSAGE, **WAITS), *LAST, chain("w", "suite", "end"), triggeredByEvent="true"),
    ),
    "event sub-process beside": (
        *(start(), user("u"), end("over"), chain("start", "u", "over")),
        node("subProcess", "s", start("w", MESSAGE, isInterrupting="false", **WAITS), *LAST, chain("w", "suite", "end"), triggeredByEvent="true"),
    ),
}


@pytest.fixture
def sender(running: Runtime, api: Program) -> Sender:
    return Sender(running, api)


def _open(api: Program, case: Any) -> set[str]:
    return {each["element_id"] for each in api.get(f"/instances/{case['id']}")["tasks"]}


@pytest.mark.parametrize("kind", STEPS)
def test_a_webhook_reaches_the_step_of_its_case(api: Program, sender: Sender, kind: str) -> None:
    api.publish(diagram(*STEPS[kind], extra=EXTRA))
    first, second = api.start("P", dossier="a"), api.start("P", dossier="b")
    answer = sender.send("P/w", {"correlation": {"dossier": "b"}, "payload": {"montant": 3}})
    assert (answer.status_code, answer.get_json()["matched"]) == (202, 1)
    assert "suite" in _open(api, second)
    assert api.get(f"/instances/{second['id']}")["variables"]["montant"] == 3
    assert "suite" not in _open(api, first)


@pytest.mark.parametrize("kind", STEPS)
def test_a_webhook_may_come_before_its_step_waits(api: Program, sender: Sender, kind: str) -> None:
    api.publish(diagram(*STEPS[kind], extra=EXTRA))
    early = sender.send("P/w", {"dossier": "a", "montant": 3})
    assert (early.status_code, early.get_json()["matched"]) == (202, 0)
    case = api.start("P", dossier="a")
    api.advance()
    assert "suite" in _open(api, case)

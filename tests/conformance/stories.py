"""The diagrams of `tests/diagrams/conformance`, each with the story beside it: who does what, and what must have happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.api.cases import Act, Case, do, message, signal, wait
from tests.api.program import DECISION, Program

FOLDER = Path(__file__).resolve().parent.parent / "diagrams" / "conformance"


@dataclass(frozen=True)
class Outcome:
    """An instance of a process at the end: the elements completed, in order, its state and its variables."""

    process: str
    completed: list[str]
    state: str
    variables: dict[str, Any]


def names() -> list[str]:
    """The diagrams by the names of their files."""
    return sorted(path.stem for path in FOLDER.glob("*.bpmn"))


def content(name: str) -> bytes:
    """The file of a diagram."""
    return (FOLDER / f"{name}.bpmn").read_bytes()


def story(name: str) -> dict[str, Any]:
    """What is done with a diagram and what comes of it."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return found


def expected(name: str) -> list[Outcome]:
    """What the story says of each instance, in the order in which they started."""
    return [
        Outcome(each["process"], each["completed"], each.get("state", "completed"), each.get("variables", {}))
        for each in story(name)["instances"]
    ]


def play(api: Program, name: str) -> list[Outcome]:
    """Publish a diagram, act as its story says, and tell what became of every instance."""
    told = story(name)
    api.publish(content(name), decision=DECISION)
    for key in told.get("start", [name.replace("-", "_")]):
        api.start(key, **told.get("given", {}))
        api.advance()
    for act in map(_act, told.get("steps", [])):
        act(_Everyone(api, ""))
        api.advance()
    return list(_outcomes(api))


class _Everyone(Case):
    """All instances together: a task is found by its element, whosever it is."""

    def tasks(self) -> list[dict[str, Any]]:
        return sorted(self.api.get("/tasks", limit=200)["items"], key=lambda each: int(each["id"]))


def _act(step: Mapping[str, Any]) -> Act:
    if "do" in step:
        return do(step["do"], **step.get("with", {}))
    if "message" in step:
        return message(step["message"], step.get("correlation"), **step.get("with", {}))
    return signal(step["signal"]) if "signal" in step else wait(step["wait"])


def _outcomes(api: Program) -> Iterator[Outcome]:
    for row in sorted(api.get("/instances", limit=200)["items"], key=lambda each: int(each["id"])):
        case = Case(api, row["id"])
        read = case.read()
        yield Outcome(read["process"], case.trace(), read["state"], read["variables"])

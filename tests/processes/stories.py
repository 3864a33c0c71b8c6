"""The scenarios beside the diagrams (docs/scenarios.md), played by the product's own player in whatever office a test gives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from authoring import scenarios as reading
from authoring import stories
from authoring.scenarios import Scenario

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
Answers = Mapping[str, Any]


class Office(stories.Office, Protocol):
    """An office in which folders of `processes/` are published."""

    def publish(self, folder: Path) -> None: ...


@cache
def read(path: Path) -> Mapping[str, Any]:
    """What a file says, dates as text."""
    return dict(yaml.load(path.read_text(encoding="utf-8"), Loader=reading._Loader))  # noqa: S506


@cache
def _every() -> Mapping[str, Scenario]:
    return {path.name: _scenario(path) for path in scenarios()}


@cache
def _scenario(path: Path) -> Scenario:
    return reading.read(path.name, path.read_bytes())


def scenarios() -> list[Path]:
    """Every scenario beside a diagram."""
    return sorted(PROCESSES.glob("*/scenarios/*.yaml"))


class Story:
    """One scenario as it is played; `cases`: the ids of its cases by name."""

    def __init__(self, office: Office, path: Path) -> None:
        self._office, self._path = office, path
        self.cases: dict[str, str] = {}

    @property
    def chain(self) -> list[Scenario]:
        """The scenario with those that are played before it, the first one first."""
        beside = {path.name: _scenario(path) for path in self._path.parent.glob("*.yaml")}
        return list(reading.chain(_scenario(self._path), {**_every(), **beside}))

    def play(self, until: str = "") -> None:
        """Publish, then every step in order; up to the completion of an element, when one is named."""
        chain = self.chain
        if chain[0].clock is not None:
            self._office.begin(chain[0].clock)
        for folder in read(self._path).get("publish", ()):
            self._office.publish(PROCESSES / folder)
        outcome = stories.play(self._office, chain, until=until, cases=self.cases)
        assert outcome.holds, f"{outcome.at}, step {outcome.step}: {outcome.message}"

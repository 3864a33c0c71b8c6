"""Plays a scenario (docs/scenarios.md): steps are done, expectations asserted, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from feel.calendar import add_to

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
Answers = Mapping[str, Any]


class Office(Protocol):
    """Where a story takes place: the product behind its HTTP API."""

    def publish(self, folder: Path) -> None: ...
    def begin(self, moment: datetime) -> None: ...
    def now(self) -> datetime: ...
    def advance(self, seconds: float) -> None: ...
    def start(self, process: str, event: str | None, answers: Answers) -> str: ...
    def send(self, name: str, correlation: Answers, payload: Answers, message_id: str | None) -> None: ...
    def case(self, case_id: str) -> dict[str, Any]: ...
    def newest(self, process: str) -> str: ...
    def count(self, process: str, state: str | None) -> int: ...
    def tasks(self, case_id: str) -> list[dict[str, Any]]: ...
    def complete(self, task_id: str, answers: Answers) -> dict[str, Any]: ...
    def events(self, case_id: str) -> list[dict[str, Any]]: ...
    def incidents(self, case_id: str) -> list[dict[str, Any]]: ...


class _Loader(yaml.CSafeLoader):
    """Dates stay text, as in the answers of forms."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def read(path: Path) -> Mapping[str, Any]:
    """The scenario in a file."""
    return dict(yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader))  # noqa: S506


def scenarios() -> list[Path]:
    """Every scenario beside a diagram."""
    return sorted(PROCESSES.glob("*/scenarios/*.yaml"))


def holds(actual: object, expected: object) -> bool:
    """Equal; of a mapping only the expected keys count, numbers compare by value."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(holds(actual.get(key), value) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(actual, list) and len(actual) == len(expected) and all(map(holds, actual, expected))
    return bool(actual == expected)


@dataclass
class Story:
    """One scenario as it is played."""

    office: Office
    path: Path
    cases: dict[str, str] = field(default_factory=dict)
    current: str = ""

    def play(self, until: str = "") -> None:
        """Publish, then every step in order; up to the completion of an element, when one is named."""
        first = self._first()
        if "clock" in first:
            self.office.begin(datetime.fromisoformat(first["clock"]))
        for folder in read(self.path).get("publish", ()):
            self.office.publish(PROCESSES / folder)
        for step in self._steps(self.path):
            if until and step.get("complete") == until:
                return
            self._do(dict(step))

    def _first(self) -> Mapping[str, Any]:
        """The scenario that the others come after."""
        scenario = read(self.path)
        while after := next((step["after"] for step in scenario.get("given", ()) if "after" in step), None):
            scenario = read(self.path.parent / after)
        return scenario

    def _steps(self, path: Path) -> Iterator[Mapping[str, Any]]:
        scenario = read(path)
        for part in ("given", "when", "then"):
            for step in scenario.get(part, ()):
                if "after" in step:
                    yield from self._steps(path.parent / step["after"])
                else:
                    yield step

    def _do(self, step: dict[str, Any]) -> None:
        verb = next(iter(step))
        case = step.pop("case", None)
        if verb not in ("start", "follow"):
            self.current = case or self.current
        action = getattr(self, f"_{verb}", None)
        assert action is not None, f"{self.path.name}: unknown step {verb}"
        step = self._resolved(step)
        options = {"message_id" if name == "id" else name: value for name, value in step.items() if name != verb}
        if verb in ("start", "follow"):
            options["case"] = case or verb
        action(step[verb], **options)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"of", "value"}:
            case = self.office.case(self.cases[value["of"]])
            return case[value["value"]] if value["value"] in ("id", "business_key") else case["variables"][value["value"]]
        if isinstance(value, dict):
            return {name: self._resolved(each) for name, each in value.items()}
        return [self._resolved(each) for each in value] if isinstance(value, list) else value

    @property
    def _case(self) -> str:
        return self.cases[self.current]

    def _said(self, what: str) -> str:
        """What a failed expectation shows."""
        case = self.office.case(self._case)
        tasks = [task["element_id"] for task in self.office.tasks(self._case)]
        incidents = [(each["element_id"], each["message"]) for each in self.office.incidents(self._case)]
        return f"{self.path.name}, {self.current}: {what}; state {case['state']}, tasks {tasks}, incidents {incidents}"

    # -- steps

    def _start(self, process: str, *, case: str, at: str | None = None, answers: Answers | None = None) -> None:
        self.cases[case] = self.office.start(process, at, answers or {})
        self.current = case

    def _follow(self, process: str, *, case: str) -> None:
        self.cases[case] = self.office.newest(process)
        self.current = case

    def _message(
        self, name: str, *, correlation: Answers | None = None, payload: Answers | None = None, message_id: str | None = None
    ) -> None:
        self.office.send(name, correlation or {}, payload or {}, message_id)

    def _advance(self, until: str) -> None:
        now = self.office.now()
        target = add_to(now, until) if until.startswith("P") else datetime.fromisoformat(until)
        self.office.advance((target - now).total_seconds())

    def _complete(
        self,
        element: str,
        *,
        answers: Answers | None = None,
        role: str | None = None,
        where: Answers | None = None,
        refused: str | None = None,
    ) -> None:
        found = [task for task in self.office.tasks(self._case) if task["element_id"] == element]
        if where:
            found = [task for task in found if holds(task["variables"], where)]
        assert found, self._said(f"no task {element} {where or ''}")
        if role:
            assert role in found[0]["groups"], self._said(f"{element} is for {found[0]['groups']}")
        errors = self.office.complete(found[0]["id"], answers or {})
        if refused:
            assert refused in errors, self._said(f"{element} refused {sorted(errors)}")
        else:
            assert not errors, self._said(f"{element} refused {errors}")

    # -- expectations

    def _state(self, expected: str) -> None:
        assert self.office.case(self._case)["state"] == expected, self._said(f"not {expected}")

    def _waiting(self, elements: list[str]) -> None:
        tasks = {task["element_id"] for task in self.office.tasks(self._case)}
        assert set(elements) <= tasks, self._said(f"does not wait at {elements}")

    def _not_waiting(self, elements: list[str]) -> None:
        tasks = {task["element_id"] for task in self.office.tasks(self._case)}
        assert not set(elements) & tasks, self._said(f"waits at {elements}")

    def _passed(self, elements: list[str]) -> None:
        assert set(elements) <= self._completed(), self._said(f"did not pass {elements}")

    def _not_passed(self, elements: list[str]) -> None:
        assert not set(elements) & self._completed(), self._said(f"passed {elements}")

    def _completed(self) -> set[str]:
        return {event["element_id"] for event in self.office.events(self._case) if event["type"] == "element.completed"}

    def _ended_at(self, element: str) -> None:
        assert self.office.case(self._case)["state"] == "completed", self._said("is not over")
        self._passed([element])

    def _variables(self, expected: Answers) -> None:
        variables = self.office.case(self._case)["variables"]
        shown = {name: variables.get(name) for name in expected}
        assert holds(variables, expected), self._said(f"{shown} is not {dict(expected)}")

    def _thrown(self, name: str, *, payload: Answers | None = None, times: int | None = None) -> None:
        sent = [event["data"] for event in self.office.events(self._case) if event["type"] == "message.sent"]
        payloads = [each["payload"] for each in sent if each["name"] == name]
        matching = [each for each in payloads if holds(each, payload or {})]
        assert matching, self._said(f"no {name} {payload or ''} among {payloads}")
        assert times is None or len(payloads) == times, self._said(f"{name} left {len(payloads)} times")

    def _cases(self, expected: Mapping[str, int], *, state: str | None = None) -> None:
        found = {process: self.office.count(process, state) for process in expected}
        assert found == dict(expected), self._said(f"{found} cases")

    def _incidents(self, expected: int) -> None:
        assert len(self.office.incidents(self._case)) == expected, self._said("incidents")

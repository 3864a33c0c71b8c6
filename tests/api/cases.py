"""Stories of outside programs: what they publish, send and complete, and what they read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.api.program import Program

Act: TypeAlias = Callable[["Case"], object]


@dataclass
class Case:
    """One running instance as a program sees it."""

    api: Program
    id: str
    answers: list[Any] = field(default_factory=list)

    def read(self) -> dict[str, Any]:
        return dict(self.api.get(f"/instances/{self.id}"))

    def trace(self, **query: Any) -> list[str]:
        """The elements completed, in order, read page by page."""
        return [each["element_id"] for each in events(self.api, self.id, type="element.completed", **query)]

    def tasks(self) -> list[dict[str, Any]]:
        """The open tasks, those of called processes included, in the order in which they opened."""
        found = self.api.get("/tasks", limit=200)["items"]
        family = {each["instance_id"] for each in events(self.api, self.id, children=1)}
        return sorted((each for each in found if each["instance_id"] in family), key=lambda each: int(each["id"]))


def events(api: Program, instance_id: str, **query: Any) -> list[dict[str, Any]]:
    """The whole history."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.get(f"/instances/{instance_id}/events", **query, **cursor)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def do(element: str, number: int = 0, /, **data: Any) -> Act:
    """Complete an open task of an element, the oldest or another one."""

    def act(case: Case) -> None:
        open_ones = [each for each in case.tasks() if each["element_id"] == element]
        assert len(open_ones) > number, f"{element} is not open: {[each['element_id'] for each in case.tasks()]}"
        case.answers.append(case.api.post(f"/tasks/{open_ones[number]['id']}/complete", {"data": data}))
        case.api.advance()

    return act


def message(name: str, correlation: Mapping[str, Any] | None = None, **payload: Any) -> Act:
    """Send a message."""

    def act(case: Case) -> None:
        case.answers.append(case.api.post("/messages", {"name": name, "correlation": correlation or {}, "payload": payload}))

    return act


def signal(name: str, **payload: Any) -> Act:
    """Send a signal."""
    return lambda case: case.answers.append(case.api.post("/signals", {"name": name, "payload": payload}))


def wait(seconds: float = 0) -> Act:
    """Let time pass, and the worker do what is due."""
    return lambda case: case.api.advance(seconds)


def play(api: Program, key: str, variables: Mapping[str, Any], acts: Sequence[Act]) -> Case:
    """Start a process and act."""
    case = Case(api, str(api.post(f"/processes/{key}/instances", {"variables": dict(variables)})["id"]))
    api.advance()
    for act in acts:
        act(case)
    return case

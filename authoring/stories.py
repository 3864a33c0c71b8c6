"""Plays a scenario: steps are done, expectations compared, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from authoring.scenarios import Scenario, Step
from feel.calendar import add_to
from feel.errors import FeelError
from feel.text import Text, text

Answers = Mapping[str, Any]


class Office(Protocol):
    """Where a story takes place. What it cannot do raises Unmet."""

    def begin(self, moment: datetime) -> None: ...
    def now(self) -> datetime: ...
    def advance(self, by: timedelta) -> None: ...
    def start(self, process: str, event: str | None, answers: Answers) -> str: ...
    def send(self, name: str, correlation: Answers, payload: Answers, message_id: str | None) -> None: ...
    def case(self, case_id: str) -> dict[str, Any]: ...
    def newest(self, process: str) -> str: ...
    def count(self, process: str, state: str | None) -> int: ...
    def tasks(self, case_id: str) -> list[dict[str, Any]]: ...
    def complete(self, task_id: str, answers: Answers) -> dict[str, Any]: ...
    def events(self, case_id: str) -> list[dict[str, Any]]: ...
    def incidents(self, case_id: str) -> list[dict[str, Any]]: ...


class Unmet(Exception):
    """The story does not go as it is told."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario went: without `message` it holds, else `step` of `file` did not, for that reason."""

    file: str
    name: str
    steps: int
    message: Text | None = None
    step: Step | None = None
    at: str = ""

    @property
    def holds(self) -> bool:
        """Whether everything went as told."""
        return self.message is None


def play(office: Office, chain: Sequence[Scenario], *, until: str = "", cases: dict[str, str] | None = None) -> Outcome:
    """Play scenarios one after the other, the last of which is meant; up to the completion of `until`, when given.

    `cases` gets the ids of the cases by their names in the story.
    """
    story = _Story(office, {} if cases is None else cases)
    meant, done = chain[-1], 0
    for scenario in chain:
        if scenario.clock is not None and scenario is chain[0]:
            office.begin(scenario.clock)
        for step in (each for each in scenario.steps if each.verb != "after"):
            if until and step.verb == "complete" and step.value == until:
                return Outcome(meant.file, meant.name, done)
            try:
                story.do(step)
            except Unmet as unmet:
                return Outcome(meant.file, meant.name, done, unmet.message, step, scenario.file)
            done += 1
    return Outcome(meant.file, meant.name, done)


def holds(actual: object, expected: object) -> bool:
    """Equal; of a mapping only the expected keys count, numbers compare by value."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(holds(actual.get(key), value) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(actual, list) and len(actual) == len(expected) and all(map(holds, actual, expected))
    return bool(actual == expected)


def _need(is_met: object, message: Callable[[], Text]) -> None:
    if not is_met:
        raise Unmet(message())


@dataclass
class _Story:
    office: Office
    cases: dict[str, str] = field(default_factory=dict)
    current: str = ""

    def do(self, step: Step) -> None:
        """One step. Raises Unmet."""
        options = dict(step.options)
        case = options.pop("case", None)
        if step.verb in ("start", "follow"):
            options["case"] = str(case or step.verb)
        else:
            self.current = str(case) if case else self.current
        options = {"message_id" if name == "id" else name: self._resolved(each) for name, each in options.items()}
        try:
            getattr(self, f"_{step.verb}")(self._resolved(step.value), **options)
        except (TypeError, KeyError, AttributeError, ValueError, FeelError) as error:
            raise Unmet(text("Cette étape ne se lit pas : %(reason)s", reason=str(error)[:300])) from error

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"of", "value"}:
            case = self.office.case(self._named(value["of"]))
            return case[value["value"]] if value["value"] in ("id", "business_key") else case["variables"].get(value["value"])
        if isinstance(value, dict):
            return {name: self._resolved(each) for name, each in value.items()}
        return [self._resolved(each) for each in value] if isinstance(value, list) else value

    def _named(self, name: str) -> str:
        _need(name in self.cases, lambda: text("Aucun dossier ne s’appelle « %(name)s » ici.", name=name))
        return self.cases[name]

    @property
    def _case(self) -> str:
        return self._named(self.current)

    def _where(self) -> str:
        """Where the case stands, for the reason of what failed."""
        waits = ", ".join(sorted({task["element_id"] for task in self.office.tasks(self._case)})) or "—"
        incidents = "; ".join(f"{each['element_id']}: {each['message']}" for each in self.office.incidents(self._case))
        return f"{self.office.case(self._case)['state']}, {waits}" + (f", {incidents}" if incidents else "")

    # -- steps

    def _start(self, process: str, *, case: str, at: str | None = None, answers: Answers | None = None) -> None:
        self.cases[case] = self.office.start(process, at, answers or {})
        self.current = case

    def _follow(self, process: str, *, case: str) -> None:
        self.cases[case] = self.office.newest(process)
        self.current = case

    def _message(
        self,
        name: str,
        *,
        correlation: Answers | None = None,
        payload: Answers | None = None,
        message_id: str | None = None,
        starts: str | None = None,
    ) -> None:
        self.office.send(name, correlation or {}, payload or {}, message_id)
        if starts:
            self.cases[self.current] = self.office.newest(starts)

    def _advance(self, until: str) -> None:
        now = self.office.now()
        target = add_to(now, until) if until.startswith("P") else datetime.fromisoformat(until)
        _need(target >= now, lambda: text("Le temps ne recule pas : il est %(now)s.", now=now.isoformat()))
        self.office.advance(target - now)

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
        _need(found, lambda: text("Aucune tâche « %(element)s » n’attend (%(where)s).", element=element, where=self._where()))
        groups = found[0]["groups"]
        _need(not role or role in groups, lambda: text("La tâche est pour : %(groups)s.", groups=", ".join(groups) or "—"))
        errors = self.office.complete(found[0]["id"], answers or {})
        said = "; ".join(f"{name}: {' '.join(map(str, each))}" for name, each in errors.items())
        if refused:
            _need(refused in errors, lambda: text("« %(field)s » n’est pas refusé : %(said)s", field=refused, said=said or "—"))
        else:
            _need(not errors, lambda: text("Les réponses sont refusées : %(said)s", said=said))

    # -- expectations

    def _state(self, expected: str) -> None:
        found = self.office.case(self._case)["state"]
        _need(found == expected, lambda: text("L’état est %(found)s (%(where)s).", found=found, where=self._where()))

    def _waiting(self, elements: list[str]) -> None:
        missing = set(elements) - {task["element_id"] for task in self.office.tasks(self._case)}
        _need(not missing, lambda: text("N’attend pas à %(names)s (%(where)s).", names=_names(missing), where=self._where()))

    def _not_waiting(self, elements: list[str]) -> None:
        found = set(elements) & {task["element_id"] for task in self.office.tasks(self._case)}
        _need(not found, lambda: text("Attend à %(names)s.", names=_names(found)))

    def _passed(self, elements: list[str]) -> None:
        missing = set(elements) - self._completed()
        _need(not missing, lambda: text("N’est pas passé par %(names)s (%(where)s).", names=_names(missing), where=self._where()))

    def _not_passed(self, elements: list[str]) -> None:
        found = set(elements) & self._completed()
        _need(not found, lambda: text("Est passé par %(names)s.", names=_names(found)))

    def _completed(self) -> set[str]:
        return {event["element_id"] for event in self.office.events(self._case) if event["type"] == "element.completed"}

    def _ended_at(self, element: str) -> None:
        self._state("completed")
        self._passed([element])

    def _variables(self, expected: Answers) -> None:
        variables = self.office.case(self._case)["variables"]
        wrong = {name: variables.get(name) for name, value in expected.items() if not holds(variables.get(name), value)}
        said = ", ".join(f"{name} = {value!r}" for name, value in wrong.items())
        _need(not wrong, lambda: text("Les variables sont autres : %(said)s", said=said[:500]))

    def _thrown(self, name: str, *, payload: Answers | None = None, times: int | None = None) -> None:
        sent = [event["data"] for event in self.office.events(self._case) if event["type"] == "message.sent"]
        payloads = [each["payload"] for each in sent if each["name"] == name]
        matching = [each for each in payloads if holds(each, payload or {})]
        _need(matching, lambda: text("Le message « %(name)s » n’est pas parti ainsi.", name=name))
        _need(times is None or len(payloads) == times, lambda: text("Le message est parti %(times)s fois.", times=len(payloads)))

    def _cases(self, expected: Mapping[str, int], *, state: str | None = None) -> None:
        found = {process: self.office.count(process, state) for process in expected}
        said = ", ".join(f"{process}: {number}" for process, number in found.items())
        _need(found == dict(expected), lambda: text("Le nombre de dossiers est autre : %(said)s", said=said))

    def _incidents(self, expected: int) -> None:
        found = len(self.office.incidents(self._case))
        _need(found == expected, lambda: text("Le nombre d’étapes bloquées est %(found)s.", found=found))


def _names(elements: set[str]) -> str:
    return ", ".join(sorted(elements))

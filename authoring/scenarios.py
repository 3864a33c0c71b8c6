"""Scenarios: stories in YAML beside a diagram that must hold (docs/scenarios.md), read with limits and checked before they are played."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from engine.bundle import File
from feel.text import Text, text

LARGEST = 200_000
"""Bytes of a scenario."""
DEEPEST, MOST_NODES = 40, 20_000
PARTS = ("given", "when", "then")
HEADS = frozenset({"name", "clock", "essential", "publish", "outside", *PARTS})
STEPS: Mapping[str, frozenset[str]] = {
    "start": frozenset({"at", "case", "answers"}),
    "message": frozenset({"correlation", "payload", "id", "case", "starts"}),
    "complete": frozenset({"answers", "role", "where", "refused", "case"}),
    "advance": frozenset({"case"}),
    "follow": frozenset({"case"}),
    "after": frozenset(),
    "state": frozenset({"case"}),
    "waiting": frozenset({"case"}),
    "not_waiting": frozenset({"case"}),
    "passed": frozenset({"case"}),
    "not_passed": frozenset({"case"}),
    "ended_at": frozenset({"case"}),
    "variables": frozenset({"case"}),
    "thrown": frozenset({"case", "payload", "times"}),
    "cases": frozenset({"case", "state"}),
    "incidents": frozenset({"case"}),
}
"""The steps and expectations, each with what it may say besides."""


TOO_MUCH = text("Ce scénario est trop profond ou trop long.")


class ScenarioInvalid(Exception):
    """The file is no scenario."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is written: its verb, what it is about, what it says besides; `number` counts from 1 within the file."""

    number: int
    part: str
    verb: str
    value: Any
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario. `clock`: when it begins; `outside`: what outside systems answer, by connector."""

    file: str
    name: str
    clock: datetime | None
    outside: Mapping[str, Any]
    steps: tuple[Step, ...]

    @property
    def after(self) -> str | None:
        """The name of the scenario that is played first; a folder before it is for those who read files."""
        return next((str(each.value).rpartition("/")[2] for each in self.steps if each.verb == "after"), None)


class _Loader(yaml.CSafeLoader):
    """Dates stay text, as in the answers of forms."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def of(files: Iterable[File]) -> dict[str, File]:
    """The scenarios among files, by name."""
    return {each.name: each for each in files if each.kind == "scenario"}


def read(name: str, content: bytes) -> Scenario:
    """The scenario in a file. Raises ScenarioInvalid."""
    told = _parse(content)
    if not isinstance(told, dict):
        raise ScenarioInvalid(text("Un scénario est un fichier YAML qui commence par « name: »."))
    unknown = [str(each) for each in told if each not in HEADS]
    if unknown:
        raise ScenarioInvalid(text("« %(name)s » n’est pas une partie d’un scénario.", name=unknown[0]))
    outside = told.get("outside") or {}
    if not isinstance(outside, dict):
        raise ScenarioInvalid(text("« outside » donne, pour chaque connecteur, ce qu’il répond."))
    return Scenario(name, str(told.get("name") or name), _clock(told.get("clock")), outside, tuple(_steps(told)))


def _parse(content: bytes) -> Any:
    """YAML without the ways in which a small file becomes large. Raises ScenarioInvalid."""
    if len(content) > LARGEST:
        raise ScenarioInvalid(text("Un scénario a au plus %(size)s ko.", size=LARGEST // 1000))
    try:
        source = content.decode()
        _limit(source)
        return _measure(yaml.load(source, Loader=_Loader))  # noqa: S506  a safe loader
    except UnicodeDecodeError as error:
        raise ScenarioInvalid(text("Un scénario est un texte en UTF-8.")) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else "?"
        raise ScenarioInvalid(text("Ce fichier n’est pas du YAML bien formé (ligne %(line)s).", line=line)) from error


def _limit(source: str) -> None:
    """Before anything is made of it. Raises ScenarioInvalid."""
    depth = 0
    for count, event in enumerate(yaml.parse(source, Loader=yaml.CSafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or count > MOST_NODES:
            raise ScenarioInvalid(TOO_MUCH)


def _measure(value: Any) -> Any:
    """The same value, when it is not too large once its aliases are written out. Raises ScenarioInvalid."""
    todo, count = [(value, 0)], 0
    while todo:
        each, depth = todo.pop()
        count += 1
        if depth > DEEPEST or count > MOST_NODES:
            raise ScenarioInvalid(TOO_MUCH)
        inside = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        todo += [(one, depth + 1) for one in inside]
    return value


def _clock(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ScenarioInvalid(text("« clock » attend une date et une heure, comme 2019-04-01T09:00:00+02:00.")) from error
    if moment.tzinfo is None:
        raise ScenarioInvalid(text("« clock » attend aussi le décalage horaire, comme +02:00."))
    return moment


def _steps(told: Mapping[str, Any]) -> Iterator[Step]:
    number = 0
    for part in PARTS:
        steps = told.get(part) or []
        if not isinstance(steps, list):
            raise ScenarioInvalid(text("« %(part)s » est une liste d’étapes.", part=part))
        for each in steps:
            number += 1
            yield _step(number, part, each)


def _step(number: int, part: str, told: Any) -> Step:
    if not isinstance(told, dict) or not told or not all(isinstance(each, str) for each in told):
        raise ScenarioInvalid(text("L’étape %(number)s ne se lit pas.", number=number))
    verb = next(iter(told))
    if verb not in STEPS:
        raise ScenarioInvalid(text("L’étape %(number)s commence par « %(verb)s », qui n’est pas une étape.", number=number, verb=verb))
    options = {name: value for name, value in told.items() if name != verb}
    unknown = options.keys() - STEPS[verb]
    if unknown:
        message = text("L’étape %(number)s (« %(verb)s ») ne prend pas « %(name)s ».", number=number, verb=verb, name=min(unknown))
        raise ScenarioInvalid(message)
    return Step(number, part, verb, told[verb], options)


def chain(scenario: Scenario, others: Mapping[str, Scenario]) -> Sequence[Scenario]:
    """The scenario and those that are played before it, the first one first. Raises ScenarioInvalid for one that is not there."""
    found = [scenario]
    while (before := found[0].after) is not None:
        if before not in others:
            raise ScenarioInvalid(text("Le scénario « %(name)s », qui vient avant, n’est pas là.", name=before))
        if others[before] in found:
            raise ScenarioInvalid(text("Les scénarios se suivent en rond."))
        found.insert(0, others[before])
    return found


def answers(told: Sequence[Scenario]) -> Mapping[str, Any]:
    """What outside systems answer in scenarios that follow each other: the last word counts."""
    found: dict[str, Any] = {}
    for each in told:
        found |= each.outside
    return found

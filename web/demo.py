"""The demonstration: Ti Kub's first cohort, replayed through the published process on a clock of its own.

Every step is the one that people take: the same forms, decisions and timers. Only the dates come from the public record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.orm import Session

from engine import history, instances, tasks
from engine.actors import PUBLIC, SYSTEM, Actor
from engine.clock import Clock
from engine.errors import EngineError
from engine.sessions import Sessions
from feel.text import text
from web.worker import Worker

FILE = Path(__file__).with_name("demo_cohort.yaml")
PROCESS = "incubation_tikub"
START = "idee_deposee"
PARIS = ZoneInfo("Europe/Paris")
BEFORE = timedelta(days=7)

HEAD = Actor("user", None, "Gwénola Le Bras", frozenset({"agents", "tikub_responsable"}))
OFFICER = Actor("user", None, "Yann Kerdoncuff", frozenset({"agents", "tikub_cdo"}))
COACH = Actor("user", None, "Soizic Le Goff", frozenset({"agents", "tikub_coach"}))


class ScriptedClock(Clock):
    """A clock that stands still until it is told what time it is; it is this program's alone."""

    movable = True

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self, session: Session) -> datetime:  # noqa: ARG002
        return self.at

    def move(self, session: Session, to: datetime) -> None:  # noqa: ARG002
        self.at = to


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do at a moment."""

    at: datetime
    what: str
    do: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Case:
    """What came of a service of the cohort, read from the history: when it was pre-incubated and when it was closed."""

    name: str
    instance_id: str
    opened: date | None
    closed: date | None
    recorded: tuple[date, date]

    @property
    def faithful(self) -> bool:
        """Whether the product gives the dates of the record."""
        return (self.opened, self.closed) == self.recorded


class Unplayable(EngineError):
    """The process asks for something that the demonstration does not know how to answer."""


class Cohort:
    """The six services, played in the order of time. `steps` one by one, then `cases`."""

    def __init__(self, sessions: Sessions, worker_of: Callable[[Clock], Worker]) -> None:
        self.record: Mapping[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
        self._sessions = sessions
        self._clock = ScriptedClock(_morning(self.record["opened"] - BEFORE))
        self._worker = worker_of(self._clock)

    def played(self) -> bool:
        """Whether the cohort is there already, so that a second run makes no twins."""
        return bool(self._found(self.record["services"][0]["id"]))

    def steps(self) -> Iterator[Step]:
        """Everything to do, in the order of time; advance to each and do it with `take`."""
        found = [step for service in self.record["services"] for step in self._of(service)]
        return iter(sorted(found, key=lambda step: step.at))

    def take(self, step: Step) -> None:
        """Let time pass until the step, with all that falls due on the way, and take it."""
        self._worker.advance(max(step.at - self._clock.at, timedelta()))
        step.do()
        self._worker.run_until_quiet()

    def cases(self) -> list[Case]:
        """How each service went, by the product's own history."""
        return [self._case(service) for service in self.record["services"]]

    def _of(self, service: Mapping[str, Any]) -> list[Step]:
        opened, closed, name = self.record["opened"], service["closed"], service["name"]

        def complete(day: date, element: str, answers: str, actor: Actor) -> Step:
            given = _json(self.record[answers])
            return Step(_morning(day), f"{name} : {element}", lambda: self._complete(service["id"], element, given, actor))

        return [
            Step(_morning(opened - BEFORE), name, lambda: self._submit(service)),
            complete(opened - timedelta(days=6), "accuser_reception", "acknowledgement", HEAD),
            complete(opened - timedelta(days=3), "noter", "marks", HEAD),
            complete(opened, "verifier_coherence", "coherence", OFFICER),
            complete(closed, "enqueter", "closing", COACH),
        ]

    def _submit(self, service: Mapping[str, Any]) -> None:
        answers = {**_json(self.record["idea"]), "titre": service["name"]}
        with self._sessions.begin() as session:
            instances.start(session, PROCESS, answers, business_key=service["id"], start_event=START, actor=PUBLIC, now=self._clock.at)

    def _complete(self, key: str, element: str, answers: Mapping[str, Any], actor: Actor) -> None:
        with self._sessions.begin() as session:
            case = instances.page(session, SYSTEM, process=PROCESS, business_key=key).items[-1]
            for each in (case, *instances.children(session, int(case.id))):
                for task in tasks.open_of(session, int(each.id)):
                    if task.element_id == element:
                        tasks.complete(session, task.id, answers, actor=actor, now=self._clock.at)
                        return
        raise Unplayable(text("« %(element)s » n’attend personne dans le dossier %(key)s.", element=element, key=key))

    def _found(self, key: str) -> str | None:
        with self._sessions.reading() as session:
            found = instances.page(session, SYSTEM, process=PROCESS, business_key=key).items
        return found[-1].id if found else None

    def _case(self, service: Mapping[str, Any]) -> Case:
        recorded = (self.record["opened"], service["closed"])
        with self._sessions.reading() as session:
            row = instances.page(session, SYSTEM, process=PROCESS, business_key=service["id"]).items[-1]
            sent = history.events(session, row.id, type="message.sent").items
        entered = [event.at for event in sent if _is_entry(event.data)]
        opened = _day(entered[0]) if entered else None
        return Case(service["name"], row.id, opened, _day(row.ended_at) if row.ended_at else None, recorded)


def _is_entry(data: Mapping[str, Any]) -> bool:
    payload = data.get("payload")
    return data.get("name") == "phase.changed" and isinstance(payload, Mapping) and payload.get("phase") == "preincubation"


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), PARIS).astimezone(UTC)


def _day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()


def _json(answers: Mapping[str, Any]) -> dict[str, Any]:
    """YAML's dates as forms give them."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in answers.items()}

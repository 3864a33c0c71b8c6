"""Trials: the scenarios of a revision of a draft, played, with what came of each; a draft whose scenarios do not hold is not published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from authoring import scenarios
from authoring.stories import Outcome
from engine import permissions
from engine.actors import Actor
from engine.bundle import File
from engine.ids import new_id
from engine.tables import scenario_run
from engine.versions import Published
from feel.problems import Problem
from feel.text import Text, text

State: TypeAlias = Literal["running", "done", "broken"]

SILENT = timedelta(minutes=2)
"""A trial of which nothing was heard for so long ended with its process."""
LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Result:
    """How one scenario went: it holds, or `step` of `file`, counted from 1, did not, for `message`."""

    scenario: str
    name: str
    holds: bool
    message: Text | None
    step: int | None
    verb: str
    file: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial of all scenarios. `flows`: by process, those that were taken and all that are drawn."""

    id: int
    revision: int
    state: State
    total: int
    results: tuple[Result, ...]
    flows: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    started_at: datetime
    started_by: str
    reason: str | None
    overridden_by: str | None

    @property
    def red(self) -> tuple[Result, ...]:
        """The scenarios that do not hold."""
        return tuple(each for each in self.results if not each.holds)

    @property
    def is_green(self) -> bool:
        """Whether everything was played and holds."""
        return self.state == "done" and not self.red


def begin(session: Session, draft_id: int, revision: int, total: int, *, actor: Actor, now: datetime) -> int | None:
    """A new trial; its id, or None while another of this revision is under way. Raises Forbidden."""
    permissions.require(actor, "draft", None)
    last = latest(session, draft_id, revision, now=now)
    if last is not None and last.state == "running":
        return None
    made = new_id(now)
    row = {"id": made, "draft_id": draft_id, "revision": revision, "state": "running", "total": total, "results": [], "flows": {}}
    session.execute(insert(scenario_run), row | {"started_at": now, "started_by": actor.name or actor.kind, "seen_at": now})
    return made


def note(session: Session, trial_id: int, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """What came of the scenarios played so far."""
    told = [_told(each) for each in outcomes]
    session.execute(update(scenario_run).where(scenario_run.c.id == trial_id).values(results=told, seen_at=now))


def end(session: Session, trial_id: int, state: State, flows: Mapping[str, tuple[Iterable[str], Iterable[str]]], *, now: datetime) -> None:
    """Nothing more is played."""
    told = {key: [sorted(taken), sorted(drawn)] for key, (taken, drawn) in flows.items()}
    session.execute(update(scenario_run).where(scenario_run.c.id == trial_id).values(state=state, flows=told, seen_at=now))


def latest(session: Session, draft_id: int, revision: int, *, now: datetime | None = None) -> Trial | None:
    """The newest trial of a revision. One that fell silent is broken."""
    mine = select(scenario_run).where(scenario_run.c.draft_id == draft_id, scenario_run.c.revision == revision)
    row = session.execute(mine.order_by(scenario_run.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    is_silent = now is not None and row.state == "running" and now - row.seen_at > SILENT
    return _trial(row, "broken" if is_silent else row.state)


def problems(session: Session, draft_id: int, revision: int, files: Iterable[File]) -> list[Problem]:
    """Why the scenarios among these files keep the revision from being published; none when there is no scenario."""
    if not scenarios.of(files):
        return []
    trial = latest(session, draft_id, revision)
    if trial is None or trial.state != "done":
        remedy = text("Jouez les scénarios de cette révision, puis publiez.")
        return [Problem("scenarios-unplayed", text("Les scénarios de cette révision n’ont pas tous été joués."), "", "", "", remedy)]
    remedy = text("Corrigez le diagramme ou le scénario, puis jouez les scénarios de nouveau.")
    return [
        Problem("scenario-red", text("Le scénario « %(name)s » ne tient pas.", name=each.name), "", "scenario", each.scenario, remedy)
        for each in trial.red
    ]


def override(
    session: Session, draft_id: int, revision: int, published: Iterable[Published], reason: str, *, actor: Actor, now: datetime
) -> None:
    """Keep why a revision was published although its scenarios do not hold. Raises Forbidden."""
    permissions.require(actor, "override", None)
    trial = latest(session, draft_id, revision)
    kept: dict[str, Any] = {"reason": reason[:LONGEST_REASON], "overridden_by": actor.name or actor.kind}
    kept["versions"] = [each.version_id for each in published]
    if trial is not None:
        session.execute(update(scenario_run).where(scenario_run.c.id == trial.id).values(**kept))
        return
    row = {"id": new_id(now), "draft_id": draft_id, "revision": revision, "state": "broken", "total": 0, "results": [], "flows": {}}
    session.execute(insert(scenario_run), row | {"started_at": now, "started_by": actor.name or actor.kind, "seen_at": now} | kept)


def overrides(session: Session, version_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Of these versions, those that were published although scenarios did not hold: why, and by whom."""
    wanted = set(version_ids)
    rows = session.execute(select(scenario_run).where(scenario_run.c.reason.is_not(None)))
    return {each: (row.reason, row.overridden_by) for row in rows for each in row.versions or () if each in wanted}


def forget(session: Session, draft_id: int) -> None:
    """The trials of a draft that is deleted; what was published against them stays known."""
    unneeded = or_(scenario_run.c.reason.is_(None), scenario_run.c.versions.is_(None))
    session.execute(delete(scenario_run).where(scenario_run.c.draft_id == draft_id, unneeded))


def _told(outcome: Outcome) -> dict[str, Any]:
    message = outcome.message
    reason = None if message is None else [message.template, {name: _plain(value) for name, value in message.params.items()}]
    step = outcome.step
    return {
        "scenario": outcome.file,
        "name": outcome.name,
        "message": reason,
        "step": step.number if step else None,
        "verb": step.verb if step else "",
        "file": outcome.at,
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _trial(row: Row[Any], state: State) -> Trial:
    results = tuple(_result(each) for each in row.results)
    flows = {key: (tuple(taken), tuple(drawn)) for key, (taken, drawn) in row.flows.items()}
    told = row.started_at, row.started_by, row.reason, row.overridden_by
    return Trial(row.id, row.revision, state, row.total, results, flows, *told)


def _result(told: Mapping[str, Any]) -> Result:
    message = None if told["message"] is None else Text(told["message"][0], told["message"][1])
    return Result(told["scenario"], told["name"], message is None, message, told["step"], told["verb"], told["file"])

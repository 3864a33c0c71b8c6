"""Plays the scenarios of a draft in a thread of its own, one after the other on one stage, and keeps what came of each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from authoring import differences, scenarios, stories, trials
from authoring.drafts import Draft
from authoring.scenarios import Scenario, ScenarioInvalid
from authoring.stories import Outcome
from engine.actors import Actor
from engine.bundle import File
from engine.errors import EngineError
from engine.sessions import Sessions
from engine.spiff import coverage
from feel.text import Text, text
from web.runtime import Runtime
from web.stages import Stage, published_beside, stage

log = logging.getLogger(__name__)


def play(runtime: Runtime, draft: Draft, *, actor: Actor, now: datetime) -> bool:
    """Begin to play; False when that is under way already. Raises Forbidden."""
    with runtime.sessions.begin() as session:
        beside = published_beside(session, draft.files)
        made = trials.begin(session, draft.row.id, draft.row.revision, len(scenarios.of(draft.files)), actor=actor, now=now)
    if made is None:
        return False
    player = _Player(runtime, made, draft.files, beside)
    threading.Thread(target=player.run, name="tikub-scenarios", daemon=True).start()
    return True


class _Player:
    def __init__(self, runtime: Runtime, trial: int, files: Sequence[File], beside: Sequence[Sequence[File]]) -> None:
        self._runtime, self._trial, self._files, self._beside = runtime, trial, files, beside
        self._outcomes: list[Outcome] = []

    @property
    def _sessions(self) -> Sessions:
        return self._runtime.sessions

    def _now(self) -> datetime:
        with self._sessions.reading() as session:
            return self._runtime.clock.now(session)

    def run(self) -> None:
        """Play everything; whatever happens, the trial ends."""
        flows: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {}
        try:
            flows = self._play()
        except EngineError as error:
            self._all_red(error.text)
        except Exception:
            log.exception("the scenarios of trial %s could not be played", self._trial)
            self._all_red(text("Les scénarios n’ont pas pu être joués."))
        with self._sessions.begin() as session:
            trials.end(session, self._trial, "done", flows, now=self._runtime.clock.now(session))

    def _play(self) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
        every = self._read(each for files in self._beside for each in files)
        with stage(self._runtime, self._beside, now=self._now()) as made:
            definitions = made.watch(differences.keys(self._files))
            for name, file in scenarios.of(self._files).items():
                self._outcomes.append(self._one(made, name, file, every))
                with self._sessions.begin() as session:
                    trials.note(session, self._trial, self._outcomes, now=self._runtime.clock.now(session))
            return {key: (coverage.taken(each), coverage.drawn(each)) for key, each in definitions.items()}

    def _one(self, made: Stage, name: str, file: File, every: Mapping[str, Scenario]) -> Outcome:
        try:
            chain = scenarios.chain(scenarios.read(name, file.content), every)
        except ScenarioInvalid as invalid:
            return Outcome(name, name, 0, invalid.message)
        return stories.play(made.office(scenarios.answers(chain)), chain)

    def _read(self, files: Iterable[File]) -> dict[str, Scenario]:
        """All scenarios that can be read, those of the draft before others of the same name."""
        found: dict[str, Scenario] = {}
        for each in (*files, *self._files):
            if each.kind == "scenario":
                try:
                    found[each.name] = scenarios.read(each.name, each.content)
                except ScenarioInvalid:
                    continue
        return found

    def _all_red(self, message: Text) -> None:
        played = {each.file for each in self._outcomes}
        left = [name for name in scenarios.of(self._files) if name not in played]
        self._outcomes += [Outcome(name, name, 0, message) for name in left]
        with self._sessions.begin() as session:
            trials.note(session, self._trial, self._outcomes, now=self._runtime.clock.now(session))

"""What publishing would do, before it is done: the differences, and the running cases of each process with where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from authoring import differences
from authoring.differences import Differences
from engine import health, migrations, permissions, versions
from engine.actors import Actor
from engine.bundle import Bundle, File
from engine.checks import check
from engine.connectors import Connectors
from engine.migrations import Outcome
from engine.spiff.definition import Definition, build
from engine.versions import Publication
from feel.problems import Problem


@dataclass(frozen=True, slots=True)
class Cases:
    """The running cases of a process: how many of each version (newest first), at each element how many stand, and how many could go on
    in the new version, by outcome; none of these while something forbids the publication."""

    by_version: Mapping[int, int]
    standing: Mapping[str, int]
    fates: Mapping[Outcome, int]

    @property
    def running(self) -> int:
        """All of them."""
        return sum(self.by_version.values())


@dataclass(frozen=True, slots=True)
class Review:
    """`cases` by key of process: those that exist already."""

    differences: Differences
    problems: tuple[Problem, ...]
    cases: Mapping[str, Cases]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What forbids the publication."""
        return tuple(each for each in self.problems if each.severity == "error")


def review(session: Session, files: Sequence[File], *, connectors: Connectors, actor: Actor, now: datetime) -> Review:
    """What publishing these files would change, and for whom. Raises Forbidden."""
    permissions.require(actor, "draft", None)
    published = {key: versions.process(session, key) for key in differences.keys(files) if versions.newest(session, key) is not None}
    found = differences.compare(files, {key: versions.files(session, each.version_id) for key, each in published.items()})
    problems = check(Bundle(files), called=versions.keys(session), connectors=connectors, now=now)
    is_sound = all(each.severity != "error" for each in problems)
    definitions = build(Bundle(files)) if is_sound else {}
    cases = {
        key: Cases(health.by_version(session, key), health.standing(session, key), _fates(session, key, definitions)) for key in published
    }
    return Review(found, tuple(problems), cases)


def _fates(session: Session, key: str, definitions: Mapping[str, Definition]) -> Mapping[Outcome, int]:
    if key not in definitions:
        return {}
    return Counter(each.outcome for each in migrations.assess(session, key, definitions[key], {}))


def publish_again(session: Session, key: str, number: int, *, connectors: Connectors, actor: Actor, now: datetime) -> Publication:
    """Publish the files of an earlier version as the newest; every process of those files goes back with it.

    Raises NotFound, Forbidden, Refused where today's checks refuse what they once accepted.
    """
    permissions.require(actor, "publish", None)
    files = versions.files(session, versions.numbered(session, key, number).version_id)
    return versions.publish(session, files, actor=actor, now=now, connectors=connectors)

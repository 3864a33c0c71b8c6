"""What a run finds in its database: published files and an agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from engine import people, versions
from engine.actors import SYSTEM, Actor
from engine.bundle import File
from engine.sessions import Sessions


def now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def publish(sessions: Sessions, files: Sequence[File]) -> int:
    """Publish files; the id of the version of their only process."""
    with sessions.begin() as session:
        (made,) = versions.publish(session, files, actor=SYSTEM, now=now()).processes
        return made.version_id


def agent(sessions: Sessions, groups: Iterable[str] = ("agents",)) -> Actor:
    """Somebody who works on tasks."""
    with sessions.begin() as session:
        made = people.create_user(session, "agent@exemple.bzh", "Agent", None, groups=groups, now=now())
        found = people.actor_of_user(session, made)
        assert found is not None
        return found

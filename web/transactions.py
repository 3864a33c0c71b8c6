"""The edge where transactions begin and commit: one per request, after which the worker looks for what it left to do, if anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from engine import wakes
from web.runtime import runtime


@contextmanager
def transaction() -> Iterator[Session]:
    """`with transaction() as session:` commits at the end of the block; an exception rolls everything back.

    The worker of this process is woken for what was noted: a step that only opened tasks leaves it nothing to do.
    """
    current = runtime()
    with current.sessions.begin() as session:
        yield session
    if wakes.take(session):
        current.worker.wake()


@contextmanager
def reading() -> Iterator[Session]:
    """`with reading() as session:` for requests that change nothing; takes no lock."""
    with runtime().sessions.reading() as session:
        yield session


@contextmanager
def glancing() -> Iterator[Session]:
    """`with glancing() as session:` for a few prepared statements, each by itself."""
    with runtime().sessions.glancing() as session:
        yield session

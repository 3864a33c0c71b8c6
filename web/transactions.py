"""The edge where transactions begin and commit: one per request, after which the worker looks for what the step left to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from web.runtime import runtime


@contextmanager
def transaction() -> Iterator[Session]:
    """`with transaction() as session:` commits at the end of the block and wakes the worker; an exception rolls everything back."""
    current = runtime()
    with current.sessions.begin() as session:
        yield session
    current.worker.wake()


@contextmanager
def reading() -> Iterator[Session]:
    """`with reading() as session:` for requests that change nothing; takes no lock."""
    with runtime().sessions.reading() as session:
        yield session

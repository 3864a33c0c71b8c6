"""What the tests of the engine share: a world on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.sessions import Sessions, create_engine
from tests.engine.world import World


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    made = Sessions(create_engine(database_url))
    yield made
    made.close()


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)

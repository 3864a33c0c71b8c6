"""What one process shares between its requests and its worker: settings, database, clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from engine.clock import Clock
from engine.sessions import Sessions
from web.settings import Settings
from web.worker import Worker

EXTENSION = "tikub"


@dataclass(frozen=True)
class Runtime:
    """The parts that a request needs besides its own data."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    worker: Worker


def runtime() -> Runtime:
    """The runtime of the current application."""
    return cast(Runtime, current_app.extensions[EXTENSION])


def settings() -> Settings:
    """The settings of the current application."""
    return runtime().settings

"""What one process shares between its requests and its worker: settings, database, clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from engine.clock import Clock
from engine.sessions import Sessions
from web.settings import Settings
from web.worker import Worker
from webhooks.connectors.connector import Outside

EXTENSION = "tikub"


@dataclass(frozen=True)
class Runtime:
    """The parts that a request needs besides its own data. `make`: another application like this one, on other settings."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    worker: Worker
    make: Callable[[Settings, Outside | None], Flask]


def runtime() -> Runtime:
    """The runtime of the current application."""
    return cast(Runtime, current_app.extensions[EXTENSION])


def settings() -> Settings:
    """The settings of the current application."""
    return runtime().settings

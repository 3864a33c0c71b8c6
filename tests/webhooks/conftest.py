"""The application on each database, a receiver inside that it may reach, and what subscribes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from engine.actors import SYSTEM
from tests.api.conftest import program
from tests.api.program import Program
from tests.webhooks.receiver import Receiver, receiver
from web.app import create_app
from web.runtime import EXTENSION, Runtime
from web.settings import Settings
from webhooks import subscriptions
from webhooks.secrets import Cipher
from webhooks.subscriptions import Wish


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def settings(database_url: str, tmp_path: Path, inbox: Receiver) -> Settings:
    environment = {
        "TIKUB_DATABASE_URL": database_url,
        "TIKUB_INSTANCE_DIR": str(tmp_path / "instance"),
        "TIKUB_TEST_CLOCK": "1",
        "TIKUB_DELIVERY_INSIDE": inbox.place,
        "TIKUB_DELIVERY_TIMEOUT": "1",
        "TIKUB_PUBLIC_URL": "http://tikub.exemple.bzh",
    }
    return Settings.read(environment)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    made.testing = False  # errors are answered as in production
    yield made
    made.extensions[EXTENSION].sessions.close()


@pytest.fixture
def running(app: Flask) -> Runtime:
    found: Runtime = app.extensions[EXTENSION]
    return found


@pytest.fixture
def api(app: Flask) -> Program:
    return program(app, "admin")


@pytest.fixture
def subscribe(running: Runtime, inbox: Receiver) -> Callable[..., tuple[int, str]]:
    """`subscribe(types=…)` makes a subscription of the receiver; its id and its secret."""

    def make(**wish: Any) -> tuple[int, str]:
        wanted = replace(Wish("essai", inbox.url), **wish)
        about = {"cipher": Cipher(running.settings.secret_key), "allowed": running.settings.delivery_inside}
        with running.sessions.begin() as session:
            now: datetime = running.clock.now(session)
            made, secret = subscriptions.create(session, wanted, actor=SYSTEM, now=now, **about)  # type: ignore[arg-type]
        return made, secret or ""

    return make

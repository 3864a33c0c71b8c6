"""What a subcommand works on: settings, database and clock of this instance, without the web application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from engine.clock import Clock
from engine.errors import EngineError
from engine.sessions import Sessions
from web.assembly import clock_of, sessions_of, worker_of
from web.database import upgrade
from web.settings import SettingInvalid, Settings
from web.worker import Worker


@dataclass(frozen=True)
class Instance:
    """The parts of one Ti Kub."""

    settings: Settings
    sessions: Sessions
    clock: Clock

    def worker(self) -> Worker:
        """A worker of its own."""
        return worker_of(self.settings, self.sessions, self.clock)


@contextmanager
def instance() -> Iterator[Instance]:
    """`with instance() as here:`, its database up to date; what goes wrong is told in one line, and the command exits with 1."""
    try:
        settings = Settings.read()
        sessions = sessions_of(settings)
        try:
            upgrade(sessions)
            yield Instance(settings, sessions, clock_of(settings))
        finally:
            sessions.close()
    except SettingInvalid as error:
        raise click.ClickException(str(error)) from error
    except EngineError as error:
        raise click.ClickException(str(error.text)) from error
    except (OperationalError, InterfaceError) as error:
        raise click.ClickException(f"la base de données ne répond pas : {error.orig}") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'fichier'} : {error.strerror or error}") from error


@contextmanager
def transaction() -> Iterator[tuple[Session, datetime]]:
    """One transaction on this instance's database, and its moment."""
    with instance() as here, here.sessions.begin() as session:
        yield session, here.clock.now(session)

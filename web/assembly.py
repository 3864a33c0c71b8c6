"""How the parts are made from the settings; the web application, the worker and the command line make them alike."""

from __future__ import annotations

from engine import wakes
from engine.clock import Clock, TestClock
from engine.sessions import Sessions, create_engine
from web.settings import Settings
from web.waking import Announcer
from web.worker import Pace, Worker
from webhooks.connectors.connector import Outside
from webhooks.http import Limits


def sessions_of(settings: Settings) -> Sessions:
    """The database of these settings. On PostgreSQL each transaction wakes the workers that its rows need."""
    sessions = Sessions(create_engine(settings.database_url, idle=settings.lease))
    if sessions.engine.dialect.name == "postgresql":
        sessions.before_commit = Announcer()
    return sessions


def clock_of(settings: Settings) -> Clock:
    """The clock of these settings: the system's, or one that can be moved."""
    return TestClock() if settings.test_clock else Clock()


def worker_of(settings: Settings, sessions: Sessions, clock: Clock) -> Worker:
    """A worker on this database, not yet running."""
    threads = {
        wakes.MESSAGES: settings.worker_messages,
        wakes.TIMERS: settings.worker_timers,
        wakes.CALLS: settings.worker_calls,
    }
    return Worker(sessions, clock, outside_of(settings), Pace(settings.worker_poll, settings.lease, threads))


def outside_of(settings: Settings) -> Outside:
    """Where connectors call."""
    return Outside(
        settings.entreprises_url, settings.opendatasoft_url, Limits(settings.call_timeout, settings.call_bytes)
    )

"""How the parts are made from the settings; the web application, the worker and the command line make them alike."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine import wakes
from engine.clock import Clock, TestClock
from engine.sessions import Sessions, create_engine
from web.settings import Settings
from web.waking import Announcer
from web.worker import Pace, Worker
from webhooks.connectors.connector import Outside
from webhooks.http import Limits
from webhooks.outbox import Outbox
from webhooks.secrets import Cipher
from webhooks.sending import Road

ANSWER_BYTES = 2_000
"""Of a receiver's refusal more is not read."""


def sessions_of(settings: Settings) -> Sessions:
    """The database of these settings. Each transaction leaves deliveries of what it wrote, and on PostgreSQL wakes whom its rows need."""
    sessions = Sessions(create_engine(settings.database_url, idle=settings.lease))
    tell_before_commit(sessions, settings.public_url)
    return sessions


def tell_before_commit(sessions: Sessions, source: str) -> None:
    """Let each transaction leave deliveries of what it wrote, then wake workers by jobs, where there are jobs. `source`: our address."""
    outbox = Outbox(source)
    announce = Announcer() if sessions.engine.dialect.name == "postgresql" else None

    def before_commit(session: Session) -> None:
        outbox(session)
        if announce is not None:
            announce(session)

    sessions.before_commit = before_commit


def clock_of(settings: Settings) -> Clock:
    """The clock of these settings: the system's, or one that can be moved."""
    return TestClock() if settings.test_clock else Clock()


def worker_of(settings: Settings, sessions: Sessions, clock: Clock, outside: Outside | None = None) -> Worker:
    """A worker on this database, not yet running. With `outside` it belongs to a stage: nothing it does leaves, no delivery either."""
    threads = {
        wakes.MESSAGES: settings.worker_messages,
        wakes.TIMERS: settings.worker_timers,
        wakes.CALLS: settings.worker_calls,
        wakes.DELIVERIES: settings.worker_deliveries,
    }
    road = road_of(settings) if outside is None else None
    return Worker(sessions, clock, outside or outside_of(settings), road, Pace(settings.worker_poll, settings.lease, threads))


def outside_of(settings: Settings) -> Outside:
    """Where connectors call."""
    return Outside(
        settings.entreprises_url, settings.opendatasoft_url, Limits(settings.call_timeout, settings.call_bytes)
    )


def road_of(settings: Settings) -> Road:
    """How deliveries leave."""
    return Road(Limits(settings.delivery_timeout, ANSWER_BYTES), settings.delivery_inside, Cipher(settings.secret_key))

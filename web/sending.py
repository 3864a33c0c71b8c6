"""Deliveries as a worker makes them: claimed in one transaction, sent in none, their outcome kept in another."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from engine import faults, tracing
from engine.sessions import Sessions
from web.counters import DELIVERIES, DELIVERY_SECONDS, LOST
from webhooks import deliveries, sending
from webhooks.deliveries import Claimed
from webhooks.policy import Outcome
from webhooks.sending import Road

Moment: TypeAlias = Callable[[Session], datetime]

log = logging.getLogger(__name__)

FIRST_SILENCE, LONGEST_SILENCE = 0.5, 4.0
"""Seconds before an outcome is written again when the database did not answer."""


class Sending:
    """`claim`, then `send` each in a thread of its own."""

    def __init__(self, sessions: Sessions, road: Road, *, name: str, lease: timedelta) -> None:
        self._sessions = sessions
        self._road = road
        self._name = name
        self._lease = lease

    def claim(self, moment: Moment, limit: int) -> list[Claimed]:
        """At most so many deliveries that nobody sends yet; now they are ours for a while."""
        with self._sessions.reading() as session:
            due = deliveries.next_due(session)
            if due is None or due > moment(session):
                return []
        with self._sessions.begin() as session:
            now, cipher = moment(session), self._road.cipher
            claimed = deliveries.claim(session, now=now, worker=self._name, limit=limit, lease=self._lease, cipher=cipher)
        faults.reach("delivery-claimed")
        return claimed

    def send(self, claimed: Claimed, moment: Moment) -> None:
        """Send it, then keep what came of it, if it is still ours."""
        with self._sessions.reading() as session:
            now = moment(session)
        begun = time.monotonic()
        with tracing.span("delivery", row=claimed.id):
            outcome = sending.send(claimed, self._road, now=now)
        faults.reach("delivery-answered")
        if not self._keep(claimed, outcome, moment, begun + self._lease.total_seconds()):
            LOST.labels("delivery").inc()
            log.warning("the lease of delivery %s was lost: its outcome is thrown away", claimed.id)
        DELIVERIES.labels("taken" if outcome.is_taken else outcome.error or str(outcome.status)).inc()
        DELIVERY_SECONDS.observe(outcome.milliseconds / 1000)

    def _keep(self, claimed: Claimed, outcome: Outcome, moment: Moment, until: float) -> bool:
        """Write the outcome; again while the database is silent, since what was sent cannot be taken back."""
        pause = FIRST_SILENCE
        while True:
            try:
                with self._sessions.begin() as session:
                    return deliveries.finish(session, claimed, outcome, now=moment(session))
            except (OperationalError, InterfaceError):
                if time.monotonic() + pause > until:
                    raise
                log.warning("the outcome of delivery %s could not be written; again in %.1f s", claimed.id, pause)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_SILENCE)

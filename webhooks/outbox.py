"""From what a transaction wrote to deliveries, in that same transaction: what commits is told, what rolls back is not.

A step with no subscription in the world pays one look at an empty table.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from engine import history, wakes
from engine.ids import new_id
from engine.statements import PreparedInsert
from engine.tables import delivery
from feel.errors import FeelError
from feel.expression import compile as compile_expression
from webhooks import subscriptions
from webhooks.events import TEST, Happening, body, happenings, test_body
from webhooks.subscriptions import FILTERED, Subscription

log = logging.getLogger(__name__)

INSERT = PreparedInsert(delivery)


class Outbox:
    """Call it with the session of each transaction, before it commits. `source`: address of this server, for the bodies."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._known: tuple[tuple[object, int], list[Subscription]] = ((None, 0), [])
        self._lock = threading.Lock()

    def __call__(self, session: Session) -> None:
        written = history.take_written(session)
        if not written:
            return
        subscribed = self._subscribed(session)
        if not subscribed:
            return
        rows = [row for each in happenings(written) for one in subscribed for row in self._rows(each, one)]
        INSERT.run(session, rows)
        if any(row["state"] == "pending" for row in rows):
            wakes.note(session, wakes.DELIVERIES)  # once: whoever wakes goes on until nothing is due

    def _subscribed(self, session: Session) -> list[Subscription]:
        """Who is told; read again when any of them changed."""
        seen = subscriptions.changed(session)
        if not seen[1]:
            return []
        known = self._known
        if known[0] != seen:
            known = seen, subscriptions.current(session)
            with self._lock:
                self._known = known
        return known[1]

    def _rows(self, happening: Happening, one: Subscription) -> list[dict[str, Any]]:
        """The delivery of this happening to a subscription; none when it does not ask for it."""
        try:
            if not _asks_for(one, happening):
                return []
            failure = None
        except FeelError as error:
            log.warning("the filter of subscription %s cannot be evaluated: %s", one.id, error.message)
            failure = "filter"
        made = new_id(happening.at)
        content = body(happening, identifier(made), one.wish.fields if failure is None else (), source=self._source)
        row = _row(made, one, happening.type, content, happening.at, happening.of.instance_id)
        return [row if failure is None else row | {"state": "dead", "reason": failure}]


def identifier(delivery_id: int) -> str:
    """The id of an event for its receiver: the same for every attempt, and after every replay."""
    return f"msg_{delivery_id}"


def test(session: Session, one: Subscription, *, source: str, now: datetime) -> int:
    """A delivery that tries a subscription, whatever it asks for; its id."""
    made = new_id(now)
    row = _row(made, one, TEST, test_body(identifier(made), one.wish.name, now, source=source), now, None)
    session.execute(insert(delivery), row)
    wakes.note(session, wakes.DELIVERIES)
    return made


def _asks_for(one: Subscription, happening: Happening) -> bool:
    """Raises FeelError: the filter takes too much to evaluate."""
    wish = one.wish
    if wish.types and happening.type not in wish.types:
        return False
    if (wish.process and wish.process != happening.of.process) or (wish.step and wish.step != happening.step):
        return False
    if not wish.filter:
        return True
    return compile_expression(wish.filter, FILTERED).evaluate(happening.context(), now=happening.at) is True


def _row(made: int, one: Subscription, kind: str, content: bytes, at: datetime, instance_id: int | None) -> dict[str, Any]:
    state = "fresh" if one.wish.url is None else "dead" if one.state == "disabled" else "pending"
    return {
        "id": made,
        "subscription_id": one.id,
        "instance_id": instance_id,
        "type": kind,
        "body": content,
        "state": state,
        "reason": "disabled" if state == "dead" else None,
        "tries": 0,
        "attempts": 0,
        "due": at,
        "fence": 0,
        "created_at": at,
    }


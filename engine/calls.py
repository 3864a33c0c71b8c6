"""Service calls: claimed with a lease, made outside any transaction, and their result taken only while the claim still holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from engine import correlation, wakes
from engine.actors import SYSTEM
from engine.advance import Advance, Gone
from engine.errors import Conflict, NotFound
from engine.fairness import select_fairly
from engine.ids import read_id
from engine.spiff.execution import Execution, Unstorable
from engine.statements import Prepared
from engine.tables import call, instance
from feel.text import Text, text

EXTERNAL = "external"
LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=6)

_random = random.SystemRandom()

Act: TypeAlias = Callable[[Execution, str], None]

DUE = select_fairly(
    call,
    ready=and_(call.c.due <= bindparam("now"), call.c.connector != EXTERNAL),
    held=and_(call.c.worker.is_not(None), call.c.due > bindparam("now")),
    place=call.c.due,
    owner=call.c.instance_id,
)
NEXT_DUE = Prepared(select(func.min(call.c.due)).where(call.c.connector != EXTERNAL))
LEASED = (
    update(call)
    .where(call.c.id == bindparam("key"))
    .values(
        due=bindparam("until"), fence=call.c.fence + 1, worker=bindparam("its_worker"), attempts=call.c.attempts + 1
    )
)
HELD = select(call).where(call.c.id == bindparam("id"), call.c.fence == bindparam("fence"))


@dataclass(frozen=True, slots=True)
class Call:
    """A claimed call. `token` is the fence: whoever claims it later gets a higher one, and this one no longer counts."""

    id: int
    token: int
    connector: str
    input: object
    instance_id: int
    element_id: str
    attempts: int
    retries: int


@dataclass(frozen=True, slots=True)
class CallError:
    """Why a call has no result. `business`: final, for an error boundary of that code; otherwise it is tried again."""

    code: str
    message: Text
    business: bool = False
    retry_after: timedelta | None = None


def claim(session: Session, *, now: datetime, worker: str, limit: int = 20, lease: timedelta = LEASE) -> list[Call]:
    """Take calls that are due, or whose lease ran out. External ones are done outside and never claimed."""
    rows = session.execute(DUE, {"now": now, "most": limit}).all()
    for row in rows:
        session.execute(LEASED, {"key": row.id, "until": now + lease, "its_worker": worker})
    return [
        Call(
            row.id, row.fence + 1, row.connector, row.input, row.instance_id, row.element, row.attempts + 1, row.retries
        )
        for row in rows
    ]


def next_due(session: Session) -> datetime | None:
    """When the next call may be made; None when there is none."""
    found: datetime | None = NEXT_DUE.value(session)
    return found


def succeed(session: Session, call_id: int, token: int, result: object, *, now: datetime) -> bool:
    """The result of a call; False when the claim no longer holds and the result is thrown away.

    A result that an instance cannot keep counts as a failure of the call, `RESULT_INVALID`.
    """

    def act(execution: Execution, ref: str) -> None:
        try:
            execution.call_succeeded(ref, result)
        except Unstorable as error:
            execution.call_failed(ref, "RESULT_INVALID", str(error.message))

    return _finish(session, call_id, token, act, now)


def fail(session: Session, call_id: int, token: int, error: CallError, *, now: datetime) -> bool:
    """A failed attempt: tried again after a growing pause, or handed to the diagram when it is final or was the last."""
    row = session.execute(HELD, {"id": call_id, "fence": token}).one_or_none()
    if row is None:
        return False
    if not error.business and row.attempts <= row.retries:
        again = now + (error.retry_after or pause_after(row.attempts))
        changed = update(call).where(call.c.id == call_id, call.c.fence == token)
        wakes.note(session, wakes.CALLS, due=again, now=now)
        session.execute(changed.values(due=again, worker=None, last_error=str(error.message)[:1000]))
        return True
    code, message = error.code, str(error.message)
    return _finish(session, call_id, token, lambda execution, ref: execution.call_failed(ref, code, message), now)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, with a fifth of chance so that callers do not march in step."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return timedelta(seconds=pause.total_seconds() * _random.uniform(0.9, 1.1))


def _finish(session: Session, call_id: int, token: int, act: Act, now: datetime) -> bool:
    row = session.execute(HELD, {"id": call_id, "fence": token}).one_or_none()
    if row is None:
        return False
    advance = Advance(session, actor=SYSTEM, now=now)
    advance.lock(row.instance_id)
    if session.execute(HELD, {"id": call_id, "fence": token}).one_or_none() is None:
        return False
    try:
        advance.act(row.instance_id, lambda execution: act(execution, row.ref))
    except Gone:
        return False
    advance.save()
    return True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the outside says about its work: a result, or the code and message of an error."""

    result: object = None
    error_code: str | None = None
    error_message: str = ""


def complete_external(
    session: Session,
    process: str,
    element: str,
    given: Mapping[str, object],
    outcome: Outcome,
    *,
    now: datetime,
) -> int:
    """The outside did an external service task; returns the instance's id.

    `given` names the one meant: `instance` (id), `business_key`, or values of its variables.
    Raises NotFound when none waits, Conflict when several do.
    """
    waiting = _external(session, process, element, given)
    if not waiting:
        raise NotFound(text("Aucun dossier n’attend de réponse à l’étape « %(step)s » avec ces clés.", step=element))
    if len(waiting) > 1:
        raise Conflict(
            text("Plusieurs dossiers attendent une réponse à l’étape « %(step)s » : précisez lequel.", step=element)
        )
    row = waiting[0]

    def act(execution: Execution) -> None:
        if outcome.error_code is None:
            execution.call_succeeded(row.ref, outcome.result)
        else:
            execution.call_failed(row.ref, outcome.error_code, outcome.error_message)

    advance = Advance(session, actor=SYSTEM, now=now)
    advance.lock(row.instance_id)
    advance.act(row.instance_id, act)
    advance.save()
    return int(row.instance_id)


def _external(session: Session, process: str, element: str, given: Mapping[str, object]) -> list[Row]:  # type: ignore[type-arg]
    found = (
        select(call, instance.c.business_key)
        .join(instance, instance.c.id == call.c.instance_id)
        .where(call.c.process == process, call.c.element == element, call.c.connector == EXTERNAL)
    )
    keys = dict(given)
    if "instance" in keys:
        found = found.where(call.c.instance_id == read_id(str(keys.pop("instance"))))
    if "business_key" in keys:
        found = found.where(instance.c.business_key == str(keys.pop("business_key")))
    rows = list(session.execute(found.order_by(call.c.id).limit(1_000)))
    return [row for row in rows if correlation.fits(keys, {}, row.input if isinstance(row.input, Mapping) else {})]

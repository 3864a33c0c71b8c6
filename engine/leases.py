"""Leases of workers that are gone: what they had claimed is free again at once, not only when the lease runs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine.tables import call

WORKERS = select(call.c.worker).where(call.c.worker.is_not(None)).distinct()
FREED = (
    update(call)
    .where(call.c.worker == bindparam("its_worker"), call.c.due > bindparam("now"))
    .values(due=bindparam("now"), worker=None)
)


def free(session: Session, gone: Callable[[str], bool], *, now: datetime) -> int:
    """Free the calls that workers held of which `gone` says so, by their name; the number of calls."""
    names = [name for name in session.execute(WORKERS).scalars() if gone(name)]
    return sum(session.execute(FREED, {"its_worker": name, "now": now}).rowcount for name in names)  # type: ignore[attr-defined]

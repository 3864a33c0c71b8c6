"""Diagrams by version, kept in memory: they never change and several pages of a case need the same one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine import versions
from engine.statements import database

KEPT = 200
_kept: dict[tuple[str, int], bytes] = {}


def content(session: Session, version_id: int) -> bytes:
    """The XML of the diagram that holds this version's process. Raises NotFound."""
    key = (database(session), version_id)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= KEPT:
            _kept.clear()
        found = _kept[key] = versions.diagram_of(session, version_id)
    return found

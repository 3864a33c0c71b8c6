"""How a message finds who waits for it: by name, and by every key that the waiting side expects.

A wait expects a few keys with their values; a message fits when it brings each of them, in its correlation or else in its payload,
with an equal value. Waits are indexed by a hash of what they expect; `wait_shape` remembers which sets of keys occur for a name, so
that a message is looked up by hash among millions of waits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from engine.tables import wait_shape

#: How long a message waits for somebody who expects it, unless its sender says otherwise.
TIME_TO_LIVE = timedelta(days=1)

SHAPES = select(wait_shape.c["keys"]).where(wait_shape.c.name == bindparam("name"))
KNOWN = SHAPES.where(wait_shape.c["keys"] == bindparam("shape"))


def digest(expected: Mapping[str, object]) -> str:
    """A hash of keys and values that is equal exactly for equal JSON (1 and 1.0 are one number)."""
    return hashlib.sha256(json.dumps(_normal(expected), sort_keys=True).encode()).hexdigest()


def shape(expected: Mapping[str, object]) -> str:
    """The set of keys, as text."""
    return orjson.dumps(sorted(expected)).decode()


def learn_shape(session: Session, name: str, expected: Mapping[str, object]) -> None:
    """Remember that some wait of this name expects these keys."""
    row = {"name": name, "shape": shape(expected)}
    if session.execute(KNOWN, row).scalar() is None:
        make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
        session.execute(make(wait_shape).on_conflict_do_nothing(), {"name": name, "keys": row["shape"]})


def hashes(
    session: Session, name: str, correlation: Mapping[str, object], payload: Mapping[str, object]
) -> list[tuple[str, list[str]]]:
    """What a wait may expect of this message: hash and keys, the most demanding first."""
    brought = {**payload, **correlation}
    found = []
    for text in session.execute(SHAPES, {"name": name}).scalars():
        keys = orjson.loads(text)
        if all(key in brought for key in keys):
            found.append((digest({key: brought[key] for key in keys}), keys))
    return sorted(found, key=lambda each: -len(each[1]))


def fits(expected: Mapping[str, object], correlation: Mapping[str, object], payload: Mapping[str, object]) -> bool:
    """Whether a message with this correlation and payload is the one expected."""
    brought = {**payload, **correlation}
    known = {key: brought[key] for key in expected if key in brought}
    return len(known) == len(expected) and digest(known) == digest(expected)


def _normal(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _normal(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(each) for each in value]
    return value

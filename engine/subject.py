"""Which instance this thread works on, so that log lines can say it. Whoever begins another request or step clears it."""

from __future__ import annotations

from contextvars import ContextVar

_instance: ContextVar[int | None] = ContextVar("instance", default=None)


def note(instance_id: int) -> None:
    """What follows is about this instance."""
    _instance.set(instance_id)


def clear() -> None:
    """What follows is about none yet."""
    _instance.set(None)


def current() -> int | None:
    """The instance that was noted last since the beginning of this request or step."""
    return _instance.get()

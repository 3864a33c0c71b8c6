"""Log lines on standard error, where the service manager keeps them: text for people, or JSON for machines.

A line of JSON has time (UTC), level, logger, message and process; within a request its id, within a step of a worker its row, and the
instance that was moved.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from flask import g, has_request_context

from engine import subject
from web.settings import Settings

FORMAT = "%(asctime)s %(levelname)-7s %(name)s %(message)s"
ABOUT = ("instance", "element")
"""What a line may say of itself: `log.info(…, extra={"instance": …})`."""

_step: ContextVar[str | None] = ContextVar("step", default=None)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": os.getpid(),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        if (step := _step.get()) is not None:
            line["step"] = step
        if (instance := subject.current()) is not None:
            line["instance"] = str(instance)
        line |= {name: str(getattr(record, name)) for name in ABOUT if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


@contextmanager
def during(step: str) -> Iterator[None]:
    """Lines of this thread meanwhile belong to a step of the worker, `timer 4711`."""
    token = _step.set(step)
    subject.clear()
    try:
        yield
    finally:
        _step.reset(token)


def configure(settings: Settings) -> None:
    """Set format and level of this process; libraries speak from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else logging.Formatter(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in ("web", "webhooks", "engine"):
        logging.getLogger(name).setLevel(settings.log_level)

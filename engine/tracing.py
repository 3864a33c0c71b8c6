"""Spans of what this process does, for OpenTelemetry. Nothing is loaded and nothing costs before `use` names a tracer.

Spans name routes, kinds of steps, connectors and ids: no address with its values, no answers, nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine import subject

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """Spans go to this tracer from now on; None: to nobody."""
    global _tracer
    _tracer = tracer


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """What is done meanwhile is one span, inside that of whoever asked for it. An exception that leaves it marks it as failed."""
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(name, attributes=_named(attributes)) as made:
        try:
            yield
        finally:
            if (instance := subject.current()) is not None:
                made.set_attribute("tikub.instance", str(instance))


@contextmanager
def answering(name: str, headers: Mapping[str, str], attributes: Mapping[str, str | int]) -> Iterator[None]:
    """A request that this process answers, in the trace of its caller (W3C Trace Context, `traceparent`)."""
    if _tracer is None:
        yield
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    context, kind = extract({name.lower(): value for name, value in headers.items()}), SpanKind.SERVER
    with _tracer.start_as_current_span(name, context=context, kind=kind, attributes=dict(attributes)):
        yield


def say(attributes: Mapping[str, str | int], *, failed: bool = False) -> None:
    """What became known of the current span."""
    if _tracer is None:
        return
    from opentelemetry.trace import StatusCode, get_current_span

    current = get_current_span()
    current.set_attributes(dict(attributes))
    if (instance := subject.current()) is not None:
        current.set_attribute("tikub.instance", str(instance))
    if failed:
        current.set_status(StatusCode.ERROR)


def headers() -> dict[str, str]:
    """The headers by which an outside system continues this trace."""
    found: dict[str, str] = {}
    if _tracer is not None:
        from opentelemetry.propagate import inject

        inject(found)
    return found


def is_on() -> bool:
    """Whether anybody listens."""
    return _tracer is not None


def _named(attributes: Mapping[str, str | int]) -> dict[str, str | int]:
    return {f"tikub.{name}": value for name, value in attributes.items()}

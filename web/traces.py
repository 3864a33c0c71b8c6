"""Sending spans to a collector (OTLP over HTTP, protobuf), when `TIKUB_TRACES_URL` names one. Needs the extra `tracing`."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack

from flask import Flask, Response, g, request

from engine import tracing
from web.requests import UNTOUCHED
from web.settings import SettingInvalid, Settings

PATH = "/v1/traces"

def configure(settings: Settings) -> Callable[[], None]:
    """Send the spans of this process from now on; what is returned sends the last ones. Raises SettingInvalid without the extra."""
    if not settings.traces_url:
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingInvalid("TIKUB_TRACES_URL: the extra `tracing` is not installed") from error
    about = {"service.name": "tikub", "service.instance.id": f"{socket.gethostname()}-{os.getpid()}"}
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.traces_url + PATH)))
    tracing.use(provider.get_tracer("tikub"))

    def end() -> None:
        tracing.use(None)
        provider.shutdown()

    return end


def install(app: Flask) -> None:
    """One span for each request but those of probes."""
    app.before_request(_begin)
    app.after_request(_say)
    app.teardown_request(_end)


def _begin() -> None:
    if not tracing.is_on() or request.path.startswith(UNTOUCHED):
        return
    route = request.url_rule.rule if request.url_rule else ""
    about = {"http.request.method": request.method, "http.route": route, "url.scheme": request.scheme}
    g.span = ExitStack()
    g.span.enter_context(tracing.answering(f"{request.method} {route}".strip(), dict(request.headers), about))


def _say(answer: Response) -> Response:
    if "span" in g:
        number = answer.headers.get("X-Request-Id", "")
        known: dict[str, str | int] = {"http.response.status_code": answer.status_code, "tikub.request_id": number}
        tracing.say(known, failed=answer.status_code >= 500)
    return answer


def _end(_error: BaseException | None) -> None:
    if (opened := g.pop("span", None)) is not None:
        opened.close()

"""Traces, read as a collector reads them: a real receiver of OTLP over HTTP decodes what arrives."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from engine import tracing
from tests.api.program import Program
from tests.api.test_connectors import SIRET, _calling
from tests.webhooks.standin import Standin
from web import traces
from web.runtime import Runtime

pytest.importorskip("opentelemetry.sdk", reason="the extra `tracing` is not installed")

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{CALLER}-00f067aa0ba902b7-01"


@dataclass
class Collector:
    """Where it listens, and the spans that came."""

    url: str
    spans: list[Any]

    def named(self, name: str) -> list[Any]:
        return [each for each in self.spans if each.name == name]


@pytest.fixture
def collector() -> Iterator[Collector]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            read = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            spans.extend(each for group in read.resource_spans for scope in group.scope_spans for each in scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    spans: list[Any] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Collector(f"http://127.0.0.1:{server.server_address[1]}", spans)
    server.shutdown()
    server.server_close()
    thread.join()


def about(span: Any) -> dict[str, object]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


def test_requests_steps_and_calls_are_spans_of_their_instance(
    api: Program, running: Runtime, outside: Standin, collector: Collector
) -> None:
    end = traces.configure(dataclasses.replace(running.settings, traces_url=collector.url))
    api.publish(_calling("entreprises", "{siret: siret}"))
    order = {"variables": {"siret": SIRET}}
    case = api.post("/processes/P/instances", order, headers={"traceparent": TRACEPARENT})["id"]
    running.worker.run_until_quiet()
    api.call("GET", f"/instances/{case}")
    api.client.get("/healthz")
    end()
    (started,) = collector.named("POST /api/v1/processes/<key>/instances")
    assert started.trace_id.hex() == CALLER
    assert about(started)["http.response.status_code"] == 201
    assert about(started)["tikub.instance"] == case
    assert about(started)["tikub.request_id"]
    (called,) = collector.named("call")
    assert about(called) == {"tikub.connector": "entreprises", "tikub.element": "appeler", "tikub.instance": case}
    assert collector.named("GET /api/v1/instances/<instance_id>")
    assert not [each for each in collector.spans if "healthz" in each.name]
    (sent,) = collector.named("GET")
    assert sent.parent_span_id == called.span_id
    assert [each.split("-")[1:3] for each in outside.traces] == [[called.trace_id.hex(), sent.span_id.hex()]]
    said = " ".join(f"{each.name} {about(each)}" for each in collector.spans)
    assert SIRET not in said


def test_without_a_collector_nothing_is_traced(api: Program, running: Runtime, outside: Standin) -> None:
    traces.configure(running.settings)()
    assert not tracing.is_on()
    api.publish(_calling("entreprises", "{siret: siret}"))
    api.start("P", siret=SIRET)
    running.worker.run_until_quiet()
    assert outside.traces == [""]

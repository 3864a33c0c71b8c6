"""What Prometheus reads at `/metrics`: counters and latencies of this server's processes, and gauges read from the database.

With several serving processes the counters lie in files that they share (`share`), so that any of them answers for all.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, make_wsgi_app, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from engine import beats, gauges
from engine.clock import Clock
from web.errors import RequestRefused
from web.runtime import runtime

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SHARED = "PROMETHEUS_MULTIPROC_DIR"
MEMORY, FOLDER = Path("/dev/shm"), "tikub-metrics-"  # noqa: S108  the folder is of this user alone
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def show() -> Response:
    """All metrics in the text format of Prometheus."""
    _require_access()
    counted, read = REGISTRY, CollectorRegistry()
    if os.environ.get(SHARED):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    read.register(_Database())
    return Response(generate_latest(counted) + generate_latest(read), content_type=CONTENT_TYPE_LATEST)


def _require_access() -> None:
    """The token of the settings; without one, programs of this machine alone, and no proxy that speaks for others."""
    token = runtime().settings.metrics_token
    if token:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
            raise RequestRefused(401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
        return
    near = ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104  an address to compare
    if not near or any(name in request.headers for name in FORWARDED):
        raise RequestRefused(403)


class _Database(Collector):
    """Gauges that are the same whichever process answers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        current = runtime()
        with current.sessions.reading() as session:
            backlogs = gauges.backlogs(session, now=current.clock.now(session))
            incidents = gauges.open_incidents(session)
            workers = beats.alive(session, now=Clock().now(session))
        rows = GaugeMetricFamily("tikub_queue_rows", "Rows that are due and not yet done.", labels=["queue"])
        ages = GaugeMetricFamily("tikub_queue_age_seconds", "How long the oldest of them has been due.", labels=["queue"])
        for queue, backlog in backlogs.items():
            rows.add_metric([queue], backlog.rows)
            ages.add_metric([queue], backlog.age.total_seconds())
        yield rows
        yield ages
        yield GaugeMetricFamily("tikub_incidents_open", "Steps that wait for an operator.", value=incidents)
        yield GaugeMetricFamily("tikub_workers", "Workers that gave a sign of life.", value=workers)


def serve_counters(host: str, port: int, token: str) -> Callable[[], None]:
    """Serve the counters of a process that answers no other requests, in a thread; what is returned ends that."""
    counters, expected = make_wsgi_app(), f"Bearer {token}"

    def guarded(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        if token and not hmac.compare_digest(environ.get("HTTP_AUTHORIZATION", "").encode("latin-1"), expected.encode()):
            respond("401 Unauthorized", [("WWW-Authenticate", 'Bearer realm="metrics"'), ("Content-Length", "0")])
            return []
        return cast(Iterable[bytes], counters(environ, respond))

    server = make_server(host, port, guarded, _Server, _Handler)
    thread = threading.Thread(target=server.serve_forever, name="tikub-metrics", daemon=True)
    thread.start()

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Being read is no news."""


def share(spare: Path) -> None:
    """Let the processes that start after this one count together, from nought.

    Their files lie in memory where the system offers that, else below `spare`. They are mapped, and a process that writes to a mapped
    file of a full disk is killed (SIGBUS): counting must not do that.
    """
    parent = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else spare
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{FOLDER}*"):
        if not Path("/proc", left.name.removeprefix(FOLDER)).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{FOLDER}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ[SHARED] = str(folder)
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]  # the library looked at the variable when it was imported

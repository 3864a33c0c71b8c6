"""What an operator watches: health, metrics, log lines."""

from __future__ import annotations

import dataclasses
import json
import logging
import socket
import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from flask import Flask

from engine import beats
from engine.advance import Advance
from engine.clock import Clock
from tests.api.program import Program
from tests.api.test_connectors import SIRET, _calling
from tests.spiff.driver import chain, diagram, end, node, start
from web.app import create_app
from web.database import configuration
from web.logs import JsonFormatter, during
from web.metrics import serve_counters
from web.runtime import EXTENSION, Runtime


def _metrics(app: Flask) -> dict[str, float]:
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_server_without_a_worker_is_not_ready(app: Flask, running: Runtime) -> None:
    with running.sessions.begin() as session:
        command.stamp(configuration(session.connection()), "head")
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/readyz").status_code == 503
    with running.sessions.begin() as session:
        beats.beat(session, "w", now=Clock().now(session) - beats.ALIVE)
    assert app.test_client().get("/readyz").status_code == 503
    with running.sessions.begin() as session:
        beats.beat(session, "w", now=Clock().now(session))
    assert app.test_client().get("/readyz").json == {"status": "ready"}


def test_metrics_tell_what_waits_and_what_was_done(app: Flask, api: Program, running: Runtime) -> None:
    api.publish(_calling("entreprises", "{siret: siret}"))
    for _ in range(3):
        api.start("P", siret=SIRET)
    before = _metrics(app)
    assert before['tikub_queue_rows{queue="calls"}'] == 3
    running.worker.run_until_quiet()
    after = _metrics(app)
    assert after['tikub_queue_rows{queue="calls"}'] == 0
    made = 'tikub_call_seconds_count{connector="entreprises",outcome="done"}'
    assert after[made] - before.get(made, 0) == 3
    assert any(name.startswith("tikub_request_seconds_count") and 'status="201"' in name for name in after)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_metrics_are_for_this_machine_or_a_token(app: Flask, running: Runtime) -> None:
    client = app.test_client()
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
    guarded = create_app(dataclasses.replace(running.settings, metrics_token="un-jeton"))
    assert guarded.test_client().get("/metrics").status_code == 401
    there = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}, "headers": {"Authorization": "Bearer un-jeton"}}
    assert guarded.test_client().get("/metrics", **there).status_code == 200
    guarded.extensions[EXTENSION].sessions.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_line_of_json_knows_its_request_and_its_step(app: Flask) -> None:
    record = logging.LogRecord("web", logging.INFO, __file__, 1, "dossier %s", ("é",), None)
    record.instance = 12
    with app.test_request_context("/healthz", headers={"X-Request-Id": "abc-12345678"}):
        app.preprocess_request()
        with during("timer 7"):
            line = json.loads(JsonFormatter().format(record))
    wanted = {"message": "dossier é", "level": "INFO", "request_id": "abc-12345678", "step": "timer 7", "instance": "12"}
    assert {name: line[name] for name in wanted} == wanted


def test_a_line_about_a_step_that_failed_names_its_instance(
    api: Program, running: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(JsonFormatter())
    timed = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    api.publish(diagram(start(), node("intermediateCatchEvent", "t", timed), end(), chain("start", "t", "end")))
    case = api.start()["id"]
    act = Advance.act

    def broken(self: Advance, *args: Any) -> Any:
        act(self, *args)
        raise RuntimeError("broken")

    monkeypatch.setattr(Advance, "act", broken)
    running.worker.advance(timedelta(hours=1))
    (line,) = [json.loads(each) for each in caplog.text.splitlines() if each.startswith("{") and "failed" in each]
    assert (line["instance"], line["step"].split()[0]) == (case, "timer")


def test_a_worker_serves_its_counters_to_who_has_the_token() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    end_serving = serve_counters("127.0.0.1", port, "un-jeton")
    try:
        address = f"http://127.0.0.1:{port}/metrics"
        with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(address, timeout=10):
            pass
        assert refused.value.code == 401
        refused.value.close()
        asked = urllib.request.Request(address, headers={"Authorization": "Bearer un-jeton"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert b"tikub_leases_lost_total" in answer.read()
    finally:
        end_serving()

"""The history of a case in people's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from engine.history import Event
from web import timeline

NOW = datetime(2019, 6, 13, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("escalation.caught", "Escalade prévue par le parcours : Alerter"),
        ("escalation.uncaught", "Escalade que rien n’attend dans le parcours : Alerter"),
    ],
)
def test_escalations_are_told(app: Flask, kind: str, told: str) -> None:
    event = Event(1, kind, "t", "intermediateThrowEvent", NOW, "system", {"code": "X"}, "1")
    with app.test_request_context():
        (entry,) = timeline.entries([event], {"t": "Alerter"}, NOW)
    assert entry.title.replace("\xa0", " ").replace("\u202f", " ") == told

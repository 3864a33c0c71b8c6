"""Every scenario beside a diagram holds, from publication to the end, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from forms.form import read as read_form
from forms.schema import check
from tests.processes.office import HttpOffice
from tests.processes.stories import PROCESSES, Story, read, scenarios

SCENARIOS = [
    pytest.param(path, kind, id=f"{kind}-{path.parent.parent.name}-{path.stem}")
    for path in scenarios()
    for kind in ("sqlite", "postgresql")
    if kind == "sqlite" or read(path).get("essential")
]


@pytest.mark.parametrize(("path", "database_kind"), SCENARIOS)
def test_scenario_holds(path: Path, database_kind: str, office: HttpOffice) -> None:
    Story(office, path).play()


@pytest.mark.parametrize(
    ("folder", "event", "form"), [("incubation_tikub", "idee_deposee", "idee"), ("projet_tilab", "demande_recue", "demande_tilab")]
)
def test_stories_begin_with_answers_that_the_public_form_takes(folder: str, event: str, form: str) -> None:
    public = read_form((PROCESSES / folder / "forms" / f"{form}.form").read_bytes())
    begun = [step for path in scenarios() for step in read(path)["given"] if step.get("start") == folder and step.get("at", event) == event]
    assert begun
    for step in begun:
        cleaned = check(public, step["answers"], variables={}, now=datetime(2019, 4, 8, 7, tzinfo=UTC))
        assert str(cleaned["reference"]).startswith(("TK-20190408", "TL-20190408"))


def test_every_programme_tells_stories() -> None:
    for folder in ("incubation_tikub", "projet_tilab"):
        assert list((PROCESSES / folder / "scenarios").glob("*.yaml")), folder

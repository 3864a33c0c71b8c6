"""Every scenario beside a diagram holds, from publication to the end, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

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


def test_every_programme_tells_stories() -> None:
    for folder in ("incubation_tikub", "projet_tilab"):
        assert list((PROCESSES / folder / "scenarios").glob("*.yaml")), folder

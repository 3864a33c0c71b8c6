"""What a story of the programmes left behind is recorded, and the recording holds on a stage of its own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from authoring import recordings, stories
from authoring import scenarios as reading
from engine.bundle import File
from tests.processes.office import HttpOffice
from tests.processes.stories import PROCESSES, Story, read, scenarios
from web.runtime import EXTENSION
from web.stages import stage

KINDS = {".bpmn": "diagram", ".form": "form", ".dmn": "decision"}


def files(folder: Path) -> list[File]:
    found = sorted(path for path in folder.rglob("*") if path.suffix in KINDS)
    return [File(KINDS[path.suffix], path.name, path.read_bytes()) for path in found]  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [path for path in scenarios() if read(path).get("essential")], ids=lambda path: path.stem)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_recording_holds(path: Path, office: HttpOffice) -> None:
    story = Story(office, path)
    story.play()
    runtime = office._api.app.extensions[EXTENSION]
    outside = {name: each for one in story.chain for name, each in one.outside.items()}
    with runtime.sessions.reading() as session:
        told = recordings.record(session, name="Rejoué", outside=outside)
    again = reading.read("rejoue.yaml", told.encode())
    with stage(runtime, [files(PROCESSES / each) for each in read(path)["publish"]], now=datetime(2019, 1, 1).astimezone()) as set_:
        outcome = stories.play(set_.office(again.outside), [again])
    assert outcome.holds, f"{outcome.step}: {outcome.message}\n{told}"

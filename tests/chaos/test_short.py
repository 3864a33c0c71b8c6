"""A short run of each program of `make chaos`: real processes, real kills, judged by what clients were told (docs/faults.md)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos import disk, letters, outage, races, storm

SEED = 20_191_021
KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own folder: another run closes that to the account of the PostgreSQL server."""
    made = Path(tempfile.mkdtemp(prefix="tikub-chaos-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@KINDS
def test_nothing_acknowledged_is_lost_when_processes_are_killed(folder: Path, kind: str) -> None:
    found = storm.run(kind, folder, seed=SEED, kills=4, completions=60, seconds=60, clients=2, pause=0.6)
    assert not any(found[name] for name in storm.WRONG), found
    assert found["kills"] >= 4
    assert found["acknowledged"] >= 60


@KINDS
def test_each_race_has_one_winner(folder: Path, kind: str) -> None:
    found = races.run(kind, folder, seed=SEED, races=20)
    assert found["holds"], found


@KINDS
def test_letters_that_come_three_times_in_any_order_take_effect_once(folder: Path, kind: str) -> None:
    found = letters.run(kind, folder, seed=SEED, cases=8)
    assert found["holds"], found


@KINDS
def test_a_full_disk_is_said_and_heals(folder: Path, kind: str) -> None:
    found = disk.run(kind, folder, seed=SEED, full_for=1.5)
    if "skipped" in found:
        pytest.skip(found["skipped"])
    assert found["holds"], found


def test_everything_works_again_after_the_database_was_killed(folder: Path) -> None:
    found = outage.run("postgresql", folder, seed=SEED, outages=(("kill", 1.0),))
    assert found["holds"], found

"""`tikub check`, as a forge runs it before a change of the diagrams is taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.test_importing import tikub
from tests.spiff.driver import chain, diagram, end, node, start, user

PROCESSES = Path(__file__).resolve().parents[2] / "processes"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No database is needed."""
    monkeypatch.setenv("TIKUB_INSTANCE_DIR", str(tmp_path / "instance"))


def test_the_programmes_have_nothing_to_mend(tmp_path: Path) -> None:
    done = tikub("check", PROCESSES)
    assert done.exit_code == 0, done.output
    assert done.output.count(" : ") >= 8
    assert "erreurs" not in done.output.replace("erreurs : 0", "")
    assert not (tmp_path / "instance").exists()


def test_every_error_of_every_folder_is_said_with_its_remedy(tmp_path: Path) -> None:
    for name in ("un", "deux"):
        (tmp_path / name).mkdir()
    (tmp_path / "un/a.bpmn").write_bytes(diagram(start(), node("serviceTask", "x", name="Vérifier"), end(), chain("start", "x", "end")))
    (tmp_path / "deux/b.bpmn").write_bytes(b"<definitions")
    done = tikub("check", tmp_path)
    assert done.exit_code == 1
    assert "« Vérifier »" in done.output
    assert "La tâche de service ne dit pas quel système appeler. Renseignez la propriété « connector ». [connector-missing]" in done.output
    assert "[xml-syntax]" in done.output


def test_what_is_to_be_looked_at_fails_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(diagram(start(), user("x", props={"candidatGroups": "jury"}), end(), chain("start", "x", "end")))
    lenient, strict = tikub("check", tmp_path), tikub("check", tmp_path, "--strict")
    assert "à revoir" in lenient.output
    assert (lenient.exit_code, strict.exit_code) == (0, 1)


def test_a_folder_finds_the_processes_of_the_others(tmp_path: Path) -> None:
    shutil.copytree(PROCESSES / "incubation_tikub", tmp_path / "incubation_tikub")
    alone = tikub("check", tmp_path)
    assert "[called-unknown]" in alone.output
    assert alone.exit_code == 1


def test_a_folder_without_diagrams_is_a_mistake(tmp_path: Path) -> None:
    done = tikub("check", tmp_path)
    assert done.exit_code == 1
    assert "aucun diagramme" in done.output

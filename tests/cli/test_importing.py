"""`tikub import`, as somebody types it who holds a diagram of another tool."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.bundles import folders
from web.cli import main

DIAGRAMS = Path(__file__).resolve().parent.parent / "diagrams" / "imports"


def tikub(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No database is needed: the folder of the instance stays empty."""
    monkeypatch.setenv("TIKUB_INSTANCE_DIR", str(tmp_path / "instance"))


def test_the_report_says_what_became_of_everything(tmp_path: Path) -> None:
    done = tikub("import", DIAGRAMS / "camunda7-facture.bpmn", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "À compléter (1) :\n- [listener] userTask approuver : Cet écouteur n’est pas repris." in done.output
    assert "(${montant gt 1000} → {eleve: montant > 1000})" in done.output
    assert "Laissé de côté (7) :" in done.output
    (folder,) = folders(tmp_path / "out")
    assert {each.name for each in folder.files} == {"camunda7-facture.bpmn", "formulaire_recue.form", "formulaire_approuver.form"}
    assert not (tmp_path / "instance").exists()


def test_what_was_written_is_ready_to_publish(tmp_path: Path) -> None:
    tikub("import", DIAGRAMS / "camunda8-evaluation.bpmn", DIAGRAMS / "mention.dmn", "--out", tmp_path / "out")
    published = tikub("publish", tmp_path / "out")
    assert published.exit_code == 0, published.output
    assert "evaluation : version 1" in published.output


def test_what_is_missing_is_listed() -> None:
    done = tikub("import", DIAGRAMS / "flowable-conge.bpmn20.xml")
    assert "Avant publication :\n" in done.output
    assert "Le formulaire « demande » n’est pas parmi les fichiers." in done.output


def test_a_file_of_ours_has_nothing_to_translate(tmp_path: Path) -> None:
    own = Path(__file__).resolve().parents[2] / "processes" / "convention" / "convention.bpmn"
    done = tikub("import", own, "--out", tmp_path)
    assert "Rien à traduire" in done.output
    assert (tmp_path / "convention.bpmn").read_bytes() == own.read_bytes()


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    broken, other = tmp_path / "casse.bpmn", tmp_path / "photo.png"
    broken.write_text("<definitions")
    other.write_bytes(b"x")
    done = tikub("import", broken)
    assert (done.exit_code, "xml-syntax" in done.output) == (1, True)
    assert tikub("import", other).exit_code == 1
    assert tikub("import", DIAGRAMS / "demande.form").exit_code == 1
    assert tikub("import").exit_code == 2

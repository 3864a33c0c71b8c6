"""Documents: kept outside the database, used by whoever brought them, then by those who may see the case."""

from __future__ import annotations

import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path

import pytest

from engine import documents, tasks
from engine.actors import PUBLIC, SYSTEM, Actor
from engine.documents import DocumentRow
from engine.errors import InvalidAnswers, NotFound
from tests.engine.world import NOW, World
from tests.spiff.driver import chain, diagram, end, start, user

FORM = {
    "id": "dossier",
    "type": "default",
    "schemaVersion": 19,
    "components": [{"type": "filepicker", "id": "f1", "key": "pieces", "label": "Pièces", "multiple": True}],
}
CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 500


@pytest.fixture
def published(world: World) -> World:
    props = {"candidateGroups": "accueil", "formKey": "dossier"}
    world.publish(
        diagram(start(), user("u", props=props), user("v", props=props), end(), chain("start", "u", "v", "end")), forms={"dossier": FORM}
    )
    return world


def store(world: World, root: Path, actor: Actor, **more: str) -> DocumentRow:
    given = {"type": "application/pdf"} | more
    return world.do(documents.store, io.BytesIO(CONTENT), "pièce.pdf", actor=actor, now=world.now, root=root, **given)


def reference(row: DocumentRow, **changed: object) -> dict[str, object]:
    return {"id": str(row.id), "name": row.name, "size": row.size, "type": row.type} | changed


def test_a_document_is_kept_byte_for_byte_under_a_name_of_ours(world: World, tmp_path: Path) -> None:
    row = store(world, tmp_path, SYSTEM)
    assert (row.size, row.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    found = world.ask(documents.find, str(row.id))
    with documents.open_(found, tmp_path) as file:
        assert file.read() == CONTENT
    assert "pièce" not in found.path
    assert (tmp_path / found.path).stat().st_mode & 0o077 == 0


def test_a_name_with_a_path_stays_below_the_folder(world: World, tmp_path: Path) -> None:
    root = tmp_path / "far" / "documents"
    row = world.do(documents.store, io.BytesIO(b"x"), "../../../etc/passwd", actor=SYSTEM, now=NOW, root=root)
    assert [each for each in (tmp_path / "far").rglob("*") if each.is_file()] == [root / row.path]


def test_accepted_answers_bring_their_documents_into_the_case(published: World, tmp_path: Path) -> None:
    world, nolwenn = published, published.person("Nolwenn", "accueil")
    row = store(world, tmp_path, nolwenn)
    case = world.start()
    world.complete(world.task(case.id).id, {"pieces": [reference(row)]}, actor=nolwenn)
    assert [each.id for each in world.ask(documents.of_instance, int(case.id))] == [row.id]
    yann = world.person("Yann", "accueil")  # whoever works on the case may refer to what it holds already
    world.complete(world.task(case.id).id, {"pieces": [reference(row)]}, actor=yann)
    assert world.case(case.id).state == "completed"


@pytest.mark.parametrize("change", [{"id": "12"}, {"id": "x"}, {"name": "autre.pdf"}, {"size": 1}, {"type": "text/html"}])
def test_a_document_described_otherwise_than_it_is_is_refused(published: World, tmp_path: Path, change: dict[str, object]) -> None:
    world, nolwenn = published, published.person("Nolwenn", "accueil")
    row = store(world, tmp_path, nolwenn)
    case = world.start()
    with pytest.raises(InvalidAnswers) as refusal:
        world.complete(world.task(case.id).id, {"pieces": [reference(row, **change)]}, actor=nolwenn)
    assert set(refusal.value.messages) == {"pieces"}
    assert world.ask(documents.find, row.id).instance_id is None


def test_nobody_takes_a_document_of_somebody_else_or_of_another_case(published: World, tmp_path: Path) -> None:
    world, nolwenn, yann = published, published.person("Nolwenn", "accueil"), published.person("Yann", "accueil")
    row = store(world, tmp_path, nolwenn)
    first, second = world.start(), world.start()
    with pytest.raises(InvalidAnswers):
        world.complete(world.task(first.id).id, {"pieces": [reference(row)]}, actor=yann)
    world.complete(world.task(first.id).id, {"pieces": [reference(row)]}, actor=nolwenn)
    for actor in (nolwenn, yann):
        with pytest.raises(InvalidAnswers):
            world.complete(world.task(second.id).id, {"pieces": [reference(row)]}, actor=actor)


def test_files_of_a_public_draft_belong_to_the_draft(published: World, tmp_path: Path) -> None:
    world = published
    row = store(world, tmp_path, PUBLIC, owner="draft:abc")
    case = world.start()
    answers = {"pieces": [reference(row)]}
    with pytest.raises(InvalidAnswers):
        world.complete(world.task(case.id).id, answers)
    world.do(tasks.complete, world.task(case.id).id, answers, actor=SYSTEM, now=NOW, owners=["draft:abc"])
    assert [each.id for each in world.ask(documents.of_instance, int(case.id))] == [row.id]


@pytest.mark.parametrize("document_id", ["", "0", "x", "9" * 30])
def test_unknown_documents_are_not_found(world: World, document_id: str) -> None:
    with pytest.raises(NotFound):
        world.ask(documents.find, document_id)


def test_a_document_whose_file_is_gone_is_not_found(world: World, tmp_path: Path) -> None:
    row = store(world, tmp_path, SYSTEM)
    (tmp_path / row.path).unlink()
    with pytest.raises(NotFound):
        documents.open_(row, tmp_path)


def test_what_nobody_used_for_a_month_is_forgotten(published: World, tmp_path: Path) -> None:
    world, nolwenn = published, published.person("Nolwenn", "accueil")
    kept, dropped = store(world, tmp_path, nolwenn), store(world, tmp_path, nolwenn)
    world.complete(world.task(world.start().id).id, {"pieces": [reference(kept)]}, actor=nolwenn)
    later = NOW + timedelta(days=32)
    assert world.do(documents.forget_abandoned, now=later) == 1
    for path in (kept.path, dropped.path):
        os.utime(tmp_path / path, (NOW.timestamp(), NOW.timestamp()))
    assert world.do(documents.sweep, tmp_path, now=later) == 1
    assert (tmp_path / kept.path).exists()
    assert not (tmp_path / dropped.path).exists()

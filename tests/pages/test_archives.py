"""All files of a process in one archive, the same bytes for the same files, and back in as a draft."""

from __future__ import annotations

import io
import zipfile

import pytest
from werkzeug.datastructures import FileMultiDict

from engine.bundle import File
from tests.pages.office import FILES, Office, Visitor
from tests.pages.test_scenarios import STORY
from web.archives import ArchiveInvalid, pack, unpack

VERSION = "/processus/demande_materiel/1/fichiers.zip"


def bring(owner: Visitor, content: bytes) -> Visitor:
    files: FileMultiDict[str, object] = FileMultiDict()
    files.add_file("fichiers", io.BytesIO(content), "processus.zip")
    return owner.open("/importer").press("Importer", files=files)


def test_what_goes_out_comes_back_byte_for_byte(owner: Visitor) -> None:
    files = [*FILES, File("scenario", "acceptee.yaml", STORY.encode())]
    owner = bring(owner, pack(files))
    draft = owner.path
    assert draft.startswith("/brouillons/")
    answer = owner.client.get(f"{draft}/fichiers.zip")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "application/zip", pack(files))
    assert pack(reversed(files)) == answer.data
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        forms = sorted(f"forms/{each.name}" for each in FILES[1:])
        assert archive.namelist() == ["demande.bpmn", *forms, "scenarios/acceptee.yaml"]


def test_a_published_version_comes_as_an_archive_for_owners(office: Office, owner: Visitor) -> None:
    assert VERSION in owner.open("/processus/demande_materiel").links()
    assert owner.client.get(VERSION).data == pack(FILES)
    assert office.signed_in("Yann").client.get(VERSION).status_code == 403
    assert owner.client.get(VERSION.replace("/1/", "/9/")).status_code == 404


def test_a_hostile_archive_is_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bpmn", b"0" * 60_000_000)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(501):
            archive.writestr(f"{number}.form", b"{}")
    for content in (bomb.getvalue(), many.getvalue(), b"PK", b""):
        with pytest.raises(ArchiveInvalid):
            unpack(content)
    lying = bytearray(pack([File("diagram", "a.bpmn", b"0" * 1_000)]))
    place = lying.rindex(b"PK\x01\x02") + 24
    lying[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(ArchiveInvalid):
        unpack(bytes(lying))


def test_paths_in_an_archive_are_only_names(owner: Visitor) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("../../etc/demande.bpmn", FILES[0].content)
        archive.writestr("README.md", b"not a part of it")
        for each in FILES[1:]:
            archive.writestr(f"C:\\x\\{each.name}", each.content)
    assert "demande.bpmn" in bring(owner, content.getvalue()).text
    assert "etc" not in owner.text
    assert "README" not in owner.text
    assert "ne peut pas être lue" in bring(owner, b"nothing").text

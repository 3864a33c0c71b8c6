"""Files as answers: known by their bytes, never by what a browser claims."""

from __future__ import annotations

import pytest

from forms.components import Form
from forms.files import Constraints, FileRef, RefusedFile, constraints, detect, inspect, references
from forms.files import field as file_field
from forms.scope import root
from tests.forms.samples import LIST, NOW, Json, answered, field, form, refused

PDF = b"%PDF-1.7\n"
PNG = b"\x89PNG\r\n\x1a\n"
ZIP = b"PK\x03\x04" + bytes(26)
ODT = ZIP + b"mimetypeapplication/vnd.oasis.opendocument.textPK"


def accepted(**more: object) -> Constraints:
    component = form(field("filepicker", **more)).components[0]
    return constraints(component, root({"types": ".png", "plusieurs": True}, {}, NOW))


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.pdf", PDF, "PDF"),
        ("A.PDF", PDF, "PDF"),
        ("a.png", PNG, "PNG"),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "JPEG"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP"),
        ("a.odt", ODT, "ODT"),
        ("a.docx", ZIP, "DOCX"),
        ("a.csv", "nom;prénom\n".encode("latin-1"), "CSV"),
        ("a.txt", "été".encode(), "texte"),
        ("a.pdf", PNG, None),
        ("a.ods", ODT, None),
        ("a.txt", b"\x00\x01", None),
        ("a.txt", b"  <!DOCTYPE html><script>", None),
        ("a.csv", b"<svg onload=x>", None),
        ("a.html", b"<html>", None),
        ("a.svg", b"<svg>", None),
        ("a.pdf.exe", b"MZ", None),
        ("sans", PDF, None),
        ("a.png", b"", None),
    ],
)
def test_a_file_is_what_its_name_and_bytes_agree_on(name: str, head: bytes, kind: str | None) -> None:
    found = detect(name, head)
    assert (found.name if found else None) == kind


@pytest.mark.parametrize(
    ("accept", "names"),
    [
        (".pdf, .ODT", {"PDF", "ODT"}),
        ("image/*", {"PNG", "JPEG", "GIF", "WebP"}),
        ("application/pdf", {"PDF"}),
        ("=types", {"PNG"}),
    ],
)
def test_accept_names_extensions_types_and_families(accept: str, names: set[str]) -> None:
    assert {kind.name for kind in accepted(accept=accept).kinds} == names


def test_how_many_files_are_taken_depends_on_the_form() -> None:
    assert accepted().count == 1
    assert accepted(multiple=True).count > 1
    assert accepted(multiple="=plusieurs", properties={"maxFiles": "3"}).count == 3


@pytest.mark.parametrize(
    ("name", "size", "head", "message"),
    [
        ("a.pdf", 0, b"", "Choisissez un autre fichier\u00a0: « a.pdf » est vide"),
        ("a.pdf", 2_000_000, PDF, "Choisissez un fichier plus petit\u00a0: « a.pdf » dépasse 1\u00a0Mo"),
        ("a.png", 10, PNG, "Choisissez un fichier PDF ou ODT, 1\u00a0Mo au plus\u00a0: « a.png » n’en est pas un"),
        ("a.pdf", 10, b"MZ", "Choisissez un fichier PDF ou ODT, 1\u00a0Mo au plus\u00a0: « a.pdf » n’en est pas un"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_what_would(name: str, size: int, head: bytes, message: str) -> None:
    taken = accepted(accept=".pdf,.odt", properties={"maxSize": 1024 * 1024})
    with pytest.raises(RefusedFile) as refusal:
        inspect(taken, name, size, head)
    assert str(refusal.value.message) == message
    assert inspect(taken, "a.pdf", 10, PDF).type == "application/pdf"


@pytest.fixture
def with_files() -> Form:
    return form(
        field("filepicker", "plan", accept=".pdf", multiple=True, properties={"maxFiles": 2, "maxSize": 1000}),
        {**LIST, "components": [field("filepicker", "cv")]},
    )


def reference(name: str = "a.pdf", size: int = 10, kind: str = "application/pdf") -> Json:
    return FileRef(f"id_{name}", name, size, kind).to_json()


@pytest.mark.parametrize(
    "value",
    [
        [reference(), reference("b.pdf"), reference("c.pdf")],
        [reference(size=2000)],
        [reference(kind="image/png")],
        [{**reference(), "path": "/etc/passwd"}],
        [{**reference(), "size": -1}],
        [{**reference(), "id": ""}],
        ["id_a.pdf"],
    ],
)
def test_references_are_checked_once_more_with_the_answers(with_files: Form, value: object) -> None:
    assert refused(with_files, {"plan": value}).keys() == {"plan"}


def test_every_file_of_the_answers_is_found_with_its_field(with_files: Form) -> None:
    answers: Json = {"plan": [reference()], "membres": [{"cv": []}, {"cv": [reference("cv.pdf")]}]}
    assert answered(with_files, answers) == answers
    assert [(path, file.name) for path, file in references(with_files, answers)] == [("plan", "a.pdf"), ("membres.1.cv", "cv.pdf")]


def test_a_field_is_found_by_its_path(with_files: Form) -> None:
    assert file_field(with_files, "membres.3.cv").key == "cv"
    for path in ("membres.0.nom", "", "plan.0.x"):
        with pytest.raises(RefusedFile):
            file_field(with_files, path)

"""Files given as answers: what a field accepts, and what the first bytes of a file say that it is.

A filepicker's answer is a list of `FileRef` as JSON; the bytes live elsewhere. Names and types that a browser claims
are never believed: a type is known by its magic bytes, and the name's extension must agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from feel.text import Text, text
from forms import limits
from forms.components import Component, Form
from forms.errors import FormsError
from forms.french import size as shown_size
from forms.scope import Scope, at

HEAD = 4096
"""How many of a file's first bytes `inspect` wants."""
_NAME = 200


@dataclass(frozen=True)
class FileRef:
    """A stored file: its opaque id, the name it came with, its size in bytes and its media type."""

    id: str
    name: str
    size: int
    type: str

    def to_json(self) -> dict[str, object]:
        """As a filepicker's answer holds it."""
        return asdict(self)


class RefusedFile(FormsError):
    """The file cannot be taken."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True)
class Kind:
    """A type of file: how people call it, its media type, its extensions, and how its content begins."""

    name: str
    type: str
    extensions: tuple[str, ...]
    marks: tuple[tuple[int, bytes], ...] = ()
    """Bytes at offsets, all of which must be there; none means text."""


_ZIP = (0, b"PK\x03\x04")


def _open_document(name: str, kind: str, extension: str) -> Kind:
    media = f"application/vnd.oasis.opendocument.{kind}"
    return Kind(name, media, (extension,), (_ZIP, (30, b"mimetype"), (38, media.encode())))


def _office(name: str, kind: str, extension: str) -> Kind:
    return Kind(name, f"application/vnd.openxmlformats-officedocument.{kind}", (extension,), (_ZIP,))


KINDS = (
    Kind("PDF", "application/pdf", (".pdf",), ((0, b"%PDF-"),)),
    Kind("PNG", "image/png", (".png",), ((0, b"\x89PNG\r\n\x1a\n"),)),
    Kind("JPEG", "image/jpeg", (".jpg", ".jpeg"), ((0, b"\xff\xd8\xff"),)),
    Kind("GIF", "image/gif", (".gif",), ((0, b"GIF8"),)),
    Kind("WebP", "image/webp", (".webp",), ((0, b"RIFF"), (8, b"WEBP"))),
    _open_document("ODT", "text", ".odt"),
    _open_document("ODS", "spreadsheet", ".ods"),
    _open_document("ODP", "presentation", ".odp"),
    _office("DOCX", "wordprocessingml.document", ".docx"),
    _office("XLSX", "spreadsheetml.sheet", ".xlsx"),
    _office("PPTX", "presentationml.presentation", ".pptx"),
    Kind("MP4", "video/mp4", (".mp4",), ((4, b"ftyp"),)),
    Kind("ZIP", "application/zip", (".zip",), (_ZIP,)),
    Kind("CSV", "text/csv", (".csv",)),
    Kind("texte", "text/plain", (".txt",)),
    Kind("Markdown", "text/markdown", (".md",)),
    Kind("JSON", "application/json", (".json", ".geojson")),
)
"""Every type that can be taken. Types that may carry scripts of a page (HTML, SVG) are left out on purpose."""


@dataclass(frozen=True)
class Constraints:
    """What a field accepts."""

    kinds: tuple[Kind, ...]
    size: int
    count: int

    @property
    def extensions(self) -> str:
        """For the control's `accept`."""
        return ",".join(extension for kind in self.kinds for extension in kind.extensions)

    def __str__(self) -> str:
        names = [kind.name for kind in self.kinds]
        listed = f"{', '.join(names[:-1])} ou {names[-1]}" if len(names) > 1 else "".join(names)
        return f"{listed}, {shown_size(self.size)} au plus"


def constraints(component: Component, scope: Scope) -> Constraints:
    """What a filepicker accepts now."""
    accept = scope.setting(component.settings.get("accept"))
    wanted = [item.strip().lower() for item in accept.split(",") if item.strip()] if isinstance(accept, str) else []
    kinds = tuple(kind for kind in KINDS if not wanted or any(_meets(kind, item) for item in wanted))
    several = scope.setting(component.settings.get("multiple")) is True
    most = component.properties.get("maxFiles", limits.FILES)
    size = component.properties.get("maxSize", limits.FILE_BYTES)
    return Constraints(kinds, int(str(size).split(".")[0]), int(str(most)) if several else 1)


def field(form: Form, path: str) -> Component:
    """The filepicker that answers at `path` ("membres.0.cv"); raises `RefusedFile` when there is none."""
    plain = tuple(part for part in path.split(".") if not part.isdigit())
    for leaf in form.level.walk():
        if leaf.component.type == "filepicker" and leaf.where == plain[-len(leaf.where) :]:
            return leaf.component
    raise RefusedFile(text("Ce formulaire ne demande pas de fichier ici"))


def inspect(accepted: Constraints, name: str, size: int, head: bytes) -> Kind:
    """The kind of an uploaded file, by its name, its size in bytes and its first `HEAD` bytes; or `RefusedFile`."""
    if size == 0:
        raise RefusedFile(text("Choisissez un autre fichier\u00a0: « %(name)s » est vide", name=name[:_NAME]))
    if size > accepted.size:
        raise RefusedFile(
            text(
                "Choisissez un fichier plus petit\u00a0: « %(name)s » dépasse %(max)s",
                name=name[:_NAME],
                max=shown_size(accepted.size),
            )
        )
    found = detect(name, head)
    if found is None or found not in accepted.kinds:
        raise RefusedFile(
            text(
                "Choisissez un fichier %(kinds)s\u00a0: « %(name)s » n’en est pas un",
                name=name[:_NAME],
                kinds=str(accepted),
            )
        )
    return found


def detect(name: str, head: bytes) -> Kind | None:
    """The kind that both the extension and the content say, or None."""
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    for kind in KINDS:
        if extension in kind.extensions:
            return kind if _matches(kind, head) else None
    return None


def _matches(kind: Kind, head: bytes) -> bool:
    if kind.marks:
        return all(head[at_ : at_ + len(mark)] == mark for at_, mark in kind.marks)
    return b"\x00" not in head and not head.lstrip().lower().startswith((b"<!doctype", b"<html", b"<svg", b"<?xml"))


def _meets(kind: Kind, wanted: str) -> bool:
    """Whether a kind is meant by one item of an `accept` list: an extension, a media type, or a family like image/*."""
    return (
        wanted in kind.extensions or wanted == kind.type or (wanted.endswith("/*") and kind.type.startswith(wanted[:-1])) or wanted == "*/*"
    )


def references(form: Form, answers: Mapping[str, object]) -> Iterator[tuple[str, FileRef]]:
    """Every file that answers refer to, with the path of its field: who stores files checks that they may."""
    for leaf in form.level.leaves:
        if leaf.component.type == "filepicker":
            yield from _in_field(leaf.name, at(answers, leaf.where))
        elif leaf.rows:
            rows = at(answers, leaf.where)
            for index, row in enumerate(rows if isinstance(rows, list) else []):
                for inner in leaf.rows.walk():
                    if inner.component.type == "filepicker":
                        yield from _in_field(f"{leaf.name}.{index}.{inner.name}", at(row, inner.where))


def _in_field(path: str, value: object) -> Iterator[tuple[str, FileRef]]:
    for item in value if isinstance(value, list) else []:
        if (found := reference(item)) is not None:
            yield path, found


def reference(value: object) -> FileRef | None:
    """A file as answers hold it, or None when the value is no such thing."""
    if not isinstance(value, Mapping) or set(value) != {"id", "name", "size", "type"}:
        return None
    known, name, size, kind = value["id"], value["name"], value["size"], value["type"]
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        return None
    if not (isinstance(known, str) and isinstance(name, str) and isinstance(kind, str) and 0 < len(known) <= _NAME and len(name) <= _NAME):
        return None
    return FileRef(known, name, size, kind)

"""Files of a process as one archive (zip), the same bytes for the same files, and back; so that they can live in a repository."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from engine.bundle import File, Kind
from feel.text import Text, text
from web.bundles import kind_of

FOLDERS: dict[Kind, str] = {"diagram": "", "form": "forms/", "decision": "decisions/", "scenario": "scenarios/"}
"""As in `processes/`."""
EPOCH = (1980, 1, 1, 0, 0, 0)
MOST, LARGEST = 500, 50_000_000
"""Files in an archive, and bytes of all once they are unpacked."""


class ArchiveInvalid(Exception):
    """It is no archive that can be taken."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


def pack(files: Iterable[File]) -> bytes:
    """The archive of these files, in the order of their names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(files, key=lambda each: (FOLDERS[each.kind], each.name)):
            entry = zipfile.ZipInfo(FOLDERS[file.kind] + file.name, EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, file.content)
    return content.getvalue()


def unpack(content: bytes) -> list[tuple[Kind, str, bytes]]:
    """Kind, name and content of what a process is made of; other files are left aside. Raises ArchiveInvalid."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
            if len(entries) > MOST or sum(each.file_size for each in entries) > LARGEST:
                raise ArchiveInvalid(text("Cette archive contient trop de fichiers, ou de trop gros."))
            return [(kind, each.filename, _read(archive, each)) for each in entries if (kind := kind_of(each.filename)) is not None]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise ArchiveInvalid(text("Cette archive ne peut pas être lue.")) from error


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """No more than the entry announced: what lies about its size is refused by its checksum."""
    with archive.open(entry) as file:
        return file.read(entry.file_size)

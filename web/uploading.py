"""Files of processes that a person sends from a page; what each holds is told by its name."""

from __future__ import annotations

from flask import request

from engine.bundle import File, Kind
from web import archives
from web.api.uploads import named
from web.archives import ArchiveInvalid
from web.bundles import kind_of
from web.languages import gettext, render


def read(field: str) -> list[File] | str:
    """The files of a field of this request; or the sentence that says why they cannot be used."""
    given: list[tuple[Kind, str, bytes]] = []
    for sent in request.files.getlist(field):
        if not sent.filename:
            continue
        if sent.filename.lower().endswith(".zip"):
            try:
                given += archives.unpack(sent.stream.read())
            except ArchiveInvalid as invalid:
                return render(invalid.message)
            continue
        kind = kind_of(sent.filename)
        if kind is None:
            name = sent.filename[:100]
            return gettext("« %(name)s » n’est pas un fichier de processus : .bpmn, .xml, .form, .dmn, .yaml ou .zip.", name=name)
        given.append((kind, sent.filename, sent.stream.read()))
    if not any(kind == "diagram" for kind, _, _ in given):
        return gettext("Choisissez au moins un diagramme (.bpmn ou .xml).")
    return named(given)

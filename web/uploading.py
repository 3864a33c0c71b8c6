"""Files of processes that a person sends from a page; what each holds is told by its name."""

from __future__ import annotations

from flask import request

from engine.bundle import File, Kind
from web.api.uploads import named
from web.bundles import kind_of
from web.languages import gettext


def read(field: str) -> list[File] | str:
    """The files of a field of this request; or the sentence that says why they cannot be used."""
    given: list[tuple[Kind, str, bytes]] = []
    for sent in request.files.getlist(field):
        if not sent.filename:
            continue
        kind = kind_of(sent.filename)
        if kind is None:
            name = sent.filename[:100]
            return gettext("« %(name)s » n’est ni un diagramme (.bpmn, .xml), ni un formulaire (.form), ni une décision (.dmn).", name=name)
        given.append((kind, sent.filename, sent.stream.read()))
    if not any(kind == "diagram" for kind, _, _ in given):
        return gettext("Choisissez au moins un diagramme (.bpmn ou .xml).")
    return named(given)

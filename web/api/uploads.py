"""Files that come with a request: diagrams with their forms, decisions and scenarios, each kind as parts of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import request

from engine.bundle import File, Kind
from feel.text import text
from web.errors import RequestRefused

PARTS: tuple[Kind, ...] = ("diagram", "form", "decision", "scenario")
PART = {"type": "array", "items": {"type": "string", "format": "binary"}}


def multipart(**also: Mapping[str, Any]) -> dict[str, Any]:
    """The OpenAPI request body of files; `also`: its other fields, all required."""
    properties: dict[str, Mapping[str, Any]] = {**dict.fromkeys(PARTS, PART), "diagram": PART | {"minItems": 1}, **also}
    schema = {"type": "object", "required": ["diagram", *also], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


MULTIPART = multipart()


def files(*also: str) -> list[File]:
    """The files of a multipart request, each with a name of its own; `also`: names of its other fields. Raises RequestRefused: 415, 422."""
    if request.mimetype != "multipart/form-data":
        raise RequestRefused(415, text("Les fichiers à publier sont attendus en « multipart/form-data »."))
    unknown = sorted({*request.files, *request.form} - {*PARTS, *also})
    if unknown:
        raise RequestRefused(422, text("Partie inconnue : « %(name)s ».", name=unknown[0][:100]))
    given = [(kind, each.filename or "", each.stream.read()) for kind in PARTS for each in request.files.getlist(kind)]
    # A part that is sent without a file name arrives as a field of the form.
    given += [(kind, "", each.encode()) for kind in PARTS for each in request.form.getlist(kind)]
    if not any(kind == "diagram" for kind, _, _ in given):
        raise RequestRefused(422, text("Il manque au moins une partie « diagram »."))
    return named(given)


def named(given: list[tuple[Kind, str, bytes]]) -> list[File]:
    """The files with a name each of its own, the last part of what was given; two of one name are told apart by a number."""
    files: list[File] = []
    taken: Counter[tuple[Kind, str]] = Counter()
    for kind, path, content in given:
        name = re.split(r"[/\\]", path)[-1][:200] or kind
        taken[kind, name] += 1
        count = taken[kind, name]
        files.append(File(kind, name if count == 1 else f"{name} ({count})", content))
    return files

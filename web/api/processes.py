"""Calls about processes: publish, list, read."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from flask import Response, g, request
from sqlalchemy.orm import Session

from engine import versions
from engine.bundle import File, Kind
from feel.text import text
from web.api import shapes
from web.api.blueprint import ApiBlueprint
from web.api.schemas import Paging, ProcessDetails, ProcessPage, Publication, VersionPage
from web.errors import RequestRefused, problem_item
from webhooks.connectors.registry import NAMES

blueprint = ApiBlueprint("processes", __name__, url_prefix="/api/v1/processes", description="Published processes")

PARTS: tuple[Kind, ...] = ("diagram", "form", "decision", "scenario")
PART = {"type": "array", "items": {"type": "string", "format": "binary"}}
MULTIPART = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["diagram"],
                "properties": {**dict.fromkeys(PARTS, PART), "diagram": PART | {"minItems": 1}},
            },
        }
    },
}


@blueprint.command("", scope="publish", answers=Publication, status=201, errors=(413, 415, 422), body=MULTIPART)
def publish(session: Session) -> dict[str, Any]:
    """Publish diagrams with their forms and decisions.

    Multipart: parts `diagram`, `form`, `decision`, `scenario`, any number of each. Everything is published, or nothing: 422 with
    every problem. What runs but is seldom meant comes back as `warnings`. The same files again give the version that is there already.
    """
    made = versions.publish(session, _files(), actor=g.actor, now=g.now, connectors=NAMES)
    return {
        "processes": [{"key": each.key, "version": each.version, "name": each.name} for each in made.processes],
        "warnings": [problem_item(each) for each in made.warnings],
    }


@blueprint.query("", scope="publish", takes=Paging, answers=ProcessPage)
def page(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """The newest version of each published process."""
    return shapes.page(versions.processes(session, cursor=query.get("cursor"), limit=query["limit"]), shapes.process)


@blueprint.query("/<key>", scope="publish", answers=ProcessDetails, errors=(404,))
def find(session: Session, key: str) -> dict[str, Any]:
    """One process: its newest version and how it starts."""
    newest = versions.process(session, key)
    return shapes.process_details(newest, versions.definition(session, newest.version_id))


@blueprint.query("/<key>/versions", scope="publish", takes=Paging, answers=VersionPage, errors=(404,))
def page_of_versions(session: Session, query: dict[str, Any], key: str) -> dict[str, Any]:
    """Every version of a process, the newest first."""
    return shapes.page(versions.versions(session, key, cursor=query.get("cursor"), limit=query["limit"]), shapes.process)


@blueprint.query("/<key>/versions/<int:number>/diagram", scope="publish", answers=None, file="application/xml", errors=(404,))
def diagram(session: Session, key: str, number: int) -> Response:
    """The BPMN file of one version."""
    content = versions.diagram(session, key, number)
    answer = Response(content, content_type="application/xml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{key}-{number}.bpmn")
    return answer


def _files() -> list[File]:
    if request.mimetype != "multipart/form-data":
        raise RequestRefused(415, text("Les fichiers à publier sont attendus en « multipart/form-data »."))
    unknown = sorted({*request.files, *request.form} - set(PARTS))
    if unknown:
        raise RequestRefused(422, text("Partie inconnue : « %(name)s ».", name=unknown[0][:100]))
    given = [(kind, each.filename or "", each.stream.read()) for kind in PARTS for each in request.files.getlist(kind)]
    # A part that is sent without a file name arrives as a field of the form.
    given += [(kind, "", each.encode()) for kind in PARTS for each in request.form.getlist(kind)]
    if not any(kind == "diagram" for kind, _, _ in given):
        raise RequestRefused(422, text("Il manque au moins une partie « diagram »."))
    return _named(given)


def _named(given: list[tuple[Kind, str, bytes]]) -> list[File]:
    """The files with a name each of its own, the last part of what was given; two of one name are told apart by a number."""
    files: list[File] = []
    taken: Counter[tuple[Kind, str]] = Counter()
    for kind, path, content in given:
        name = re.split(r"[/\\]", path)[-1][:200] or kind
        taken[kind, name] += 1
        count = taken[kind, name]
        files.append(File(kind, name if count == 1 else f"{name} ({count})", content))
    return files

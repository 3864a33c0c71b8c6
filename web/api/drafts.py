"""Calls about drafts: list, read, replace, delete, publish."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, g, request
from sqlalchemy.orm import Session

from authoring import drafts
from authoring.importing.translation import translate
from feel.text import text
from web.api import shapes, uploads
from web.api.blueprint import ApiBlueprint
from web.api.schemas import Draft, DraftPage, Paging, Publication, PublicationOrder
from web.errors import RequestRefused
from webhooks.connectors.registry import ACCEPTED

blueprint = ApiBlueprint("drafts", __name__, url_prefix="/api/v1/drafts", description="Files on their way to publication")

REVISION = {"type": "integer", "minimum": 1, "description": "The revision that the files replace"}


@blueprint.query("", scope="publish", takes=Paging, answers=DraftPage)
def page(session: Session, query: dict[str, Any]) -> dict[str, Any]:
    """Drafts, the one saved last first."""
    return shapes.page(drafts.page(session, actor=g.actor, cursor=query.get("cursor"), limit=query["limit"]), shapes.draft_row)


@blueprint.query("/<draft_id>", scope="publish", answers=Draft, errors=(404,))
def find(session: Session, draft_id: str) -> dict[str, Any]:
    """One draft: its files, the report of its import, what publication would say now."""
    found = drafts.find(session, draft_id, actor=g.actor)
    return shapes.draft(found, drafts.problems(session, found, connectors=ACCEPTED, now=g.now))


@blueprint.query("/<draft_id>/files/<path:name>", scope="publish", answers=None, file="application/octet-stream", errors=(404,))
def file(session: Session, draft_id: str, name: str) -> Response:
    """One file of a draft."""
    found = drafts.find(session, draft_id, actor=g.actor).file(name)
    answer = Response(found.content, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


@blueprint.command(
    "/<draft_id>",
    method="PUT",
    scope="publish",
    answers=Draft,
    errors=(404, 409, 413, 415, 422),
    body=uploads.multipart(revision=REVISION),
)
def save(session: Session, draft_id: str) -> dict[str, Any]:
    """Replace all files of a draft; they are translated as in an import.

    Multipart, with the field `revision`: 409 when the draft has another, since somebody else saved meanwhile.
    """
    given = uploads.files("revision")
    saved = drafts.save(session, draft_id, translate(given), expected=_revision(), actor=g.actor, now=g.now)
    return shapes.draft(saved, drafts.problems(session, saved, connectors=ACCEPTED, now=g.now))


@blueprint.command("/<draft_id>", method="DELETE", scope="publish", answers=None, status=204, errors=(404,))
def remove(session: Session, draft_id: str) -> None:
    """Delete a draft; what was published stays."""
    drafts.remove(session, draft_id, actor=g.actor)


@blueprint.command("/<draft_id>/publish", scope="publish", takes=PublicationOrder, answers=Publication, status=201, errors=(404, 409))
def publish(session: Session, order: dict[str, Any], draft_id: str) -> dict[str, Any]:
    """Publish the files of a draft, which stays. 422 with every problem."""
    published = drafts.publish(session, draft_id, expected=order["revision"], connectors=ACCEPTED, actor=g.actor, now=g.now)
    return shapes.publication(published)


def _revision() -> int:
    given = request.form.get("revision", "")
    if not re.fullmatch(r"[1-9]\d{0,8}", given, re.ASCII):
        raise RequestRefused(422, text("Dites dans « revision » le numéro de la révision que ces fichiers remplacent."))
    return int(given)

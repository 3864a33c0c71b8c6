"""The call that imports diagrams of other tools as a draft."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy.orm import Session

from authoring import drafts
from authoring.importing.translation import translate
from web.api import shapes, uploads
from web.api.blueprint import ApiBlueprint
from web.api.schemas import Import
from webhooks.connectors.registry import ACCEPTED

blueprint = ApiBlueprint("imports", __name__, url_prefix="/api/v1/imports", description="Diagrams of other tools")


@blueprint.command("", scope="publish", answers=Import, status=201, errors=(413, 415, 422), body=uploads.MULTIPART)
def import_files(session: Session) -> dict[str, Any]:
    """Translate diagrams of other tools, and keep them as a draft.

    Multipart: parts `diagram`, `form`, `decision`, `scenario`, any number of each. What Camunda 7 or 8, Activiti, Flowable or another tool
    says about people, forms, programs, loops, calls and events becomes this product's own words; `report` has a row for each. 422 when a
    diagram cannot be read at all.
    """
    made = drafts.create(session, translate(uploads.files()), actor=g.actor, now=g.now)
    return {"draft": str(made.row.id)} | shapes.draft(made, drafts.problems(session, made, connectors=ACCEPTED, now=g.now))

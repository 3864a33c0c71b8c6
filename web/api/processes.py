"""Calls about processes: publish, list, read."""

from __future__ import annotations

from typing import Any

from flask import Response, g
from sqlalchemy.orm import Session

from engine import versions
from web.api import shapes, uploads
from web.api.blueprint import ApiBlueprint
from web.api.schemas import Paging, ProcessDetails, ProcessPage, Publication, VersionPage
from webhooks.connectors.registry import ACCEPTED

blueprint = ApiBlueprint("processes", __name__, url_prefix="/api/v1/processes", description="Published processes")



@blueprint.command("", scope="publish", answers=Publication, status=201, errors=(413, 415, 422), body=uploads.MULTIPART)
def publish(session: Session) -> dict[str, Any]:
    """Publish diagrams with their forms and decisions.

    Multipart: parts `diagram`, `form`, `decision`, `scenario`, any number of each. Everything is published, or nothing: 422 with
    every problem. What runs but is seldom meant comes back as `warnings`. The same files again give the version that is there already.
    """
    made = versions.publish(session, uploads.files(), actor=g.actor, now=g.now, connectors=ACCEPTED)
    return shapes.publication(made)


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

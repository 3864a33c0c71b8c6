"""Documents of cases, given to who may see the case. They are always downloaded, never shown inside our pages."""

from __future__ import annotations

from flask import Blueprint, g, send_file
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from engine import documents, instances
from engine.documents import DocumentRow
from engine.errors import NotFound
from web.pages.gate import guard
from web.runtime import settings
from web.transactions import reading

blueprint = guard(Blueprint("documents", __name__))


@blueprint.get("/documents/<document_id>")
def fetch(document_id: str) -> ResponseReturnValue:
    """One document."""
    with reading() as session:
        row = documents.find(session, document_id)
        if row.instance_id is None:
            if row.owner != documents.owner_of(g.actor):
                raise NotFound
        else:
            instances.find(session, row.instance_id, g.actor)
    return download(row)


def download(row: DocumentRow) -> Response:
    """The bytes, under the name that the document came with. A browser must not run or sniff what somebody uploaded."""
    answer = send_file(
        documents.open_(row, settings().documents_dir), row.type, as_attachment=True, download_name=row.name, etag=row.sha256
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer

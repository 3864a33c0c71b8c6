"""Is this process alive, and can it work? For process managers and load balancers."""

from __future__ import annotations

from flask import Blueprint, Response

from feel.text import text
from web import json
from web.database import is_current
from web.errors import RequestRefused
from web.runtime import runtime

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return json.answer({"status": "ok"})


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers and its schema is that of this program; else 503."""
    if not is_current(runtime().sessions):
        raise RequestRefused(503, text("La base de données n’est pas à la version de ce programme."))
    return json.answer({"status": "ready"})

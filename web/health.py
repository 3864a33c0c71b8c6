"""Is this process alive, and can it work? For process managers and load balancers."""

from __future__ import annotations

from flask import Blueprint, Response

from engine import beats
from engine.clock import Clock
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
    """The database answers, its schema is that of this program, and a worker lives; else 503."""
    current = runtime()
    if not is_current(current.sessions):
        raise RequestRefused(503, text("La base de données n’est pas à la version de ce programme."))
    with current.sessions.reading() as session:
        workers = beats.alive(session, now=Clock().now(session))
    if not workers:
        raise RequestRefused(503, text("Aucun programme n’exécute les étapes automatiques."))
    return json.answer({"status": "ready"})

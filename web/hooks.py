"""`POST /hooks/{process}/{step}`: the webhook of a step, signed per Standard Webhooks, or sent with a token of scope `messages`."""

from __future__ import annotations

from flask import Blueprint, Response, g, request
from sqlalchemy.orm import Session

from engine import versions
from feel.text import text
from web import json
from web.access import require_scope
from web.errors import RequestRefused
from web.runtime import settings
from web.transactions import reading, transaction
from webhooks import receiving, secrets, steps
from webhooks.errors import BodyInvalid, SignatureInvalid
from webhooks.secrets import Cipher
from webhooks.signatures import Delivery, is_identifier, verify

blueprint = Blueprint("hooks", __name__)


@blueprint.post("/hooks/<process>/<step>")
def receive(process: str, step: str) -> Response:
    """202 `{id, matched, duplicate}` after the commit. The signature is verified over the raw body, before it is read as JSON."""
    raw = json.read(settings().hook_bytes)
    with reading() as session:
        versions.process(session, process)
        delivery_id = _verified(session, process, raw)
        target = steps.find(session, process, step)
    body = json.body(maximum=settings().hook_bytes)
    try:
        with transaction() as session:
            receipt = receiving.receive(session, target, delivery_id, body, actor=g.actor, ttl=settings().message_ttl, now=g.now)
    except BodyInvalid as error:
        raise RequestRefused(422, error.text) from error
    return json.answer({"id": receipt.id, "matched": receipt.matched, "duplicate": receipt.duplicate}, 202)


def _verified(session: Session, process: str, raw: bytes) -> str | None:
    """The id of the delivery; None when a program with a token sends without one. Raises RequestRefused 401."""
    headers = request.headers
    if g.token_given:
        require_scope("messages")
        return _own_id(headers.get("webhook-id"))
    delivery = Delivery(headers.get("webhook-id"), headers.get("webhook-timestamp"), headers.get("webhook-signature"), raw)
    cipher = Cipher(settings().secret_key)
    try:
        known = secrets.known(session, process, cipher, now=g.now)
        return verify(delivery, known, now=g.now, tolerance=settings().hook_tolerance)
    except SignatureInvalid as error:
        raise RequestRefused(401, error.text) from error


def _own_id(given: str | None) -> str | None:
    if given is not None and not is_identifier(given):
        raise RequestRefused(400, text("L’en-tête webhook-id est absent ou incorrect."))
    return given

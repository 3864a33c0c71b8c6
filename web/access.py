"""What a bearer token opens: scopes of the API, asked before anything else of a request is read (RFC 6750)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from flask import g

from feel.text import Text, text
from web.errors import RequestRefused

Scope: TypeAlias = Literal["admin", "publish", "instances", "tasks", "messages", "decisions", "webhooks", "read"]

SCOPES: dict[str, str] = {
    "admin": "Everything, the test clock included",
    "publish": "Publish processes",
    "instances": "Start, read and cancel instances",
    "tasks": "Read, claim, assign and complete tasks",
    "messages": "Send messages and signals, post to webhooks",
    "decisions": "Evaluate decisions",
    "webhooks": "Subscribe to events, see, replay and fetch what they brought",
    "read": "Read everything, change nothing",
}
REALM = 'Bearer realm="Ti Kub"'


def require_scope(*any_of: str) -> None:
    """The caller's token holds one of these scopes, or `admin`. Raises RequestRefused: 401 without a valid token, 403 without the scope."""
    if g.scopes is None:
        raise unauthenticated()
    if not g.scopes & {"admin", *any_of}:
        needed = " ".join(any_of)
        challenge = f'{REALM}, error="insufficient_scope", scope="{needed}"'
        message = text("Ce jeton n’a pas la portée nécessaire : %(scope)s.", scope=needed)
        raise RequestRefused(403, message, headers={"WWW-Authenticate": challenge})


def unauthenticated() -> RequestRefused:
    """The 401 of a request without a token, or with one that is unknown, revoked or expired."""
    if g.token_given:
        return _challenge('error="invalid_token"', text("Ce jeton est inconnu, révoqué ou expiré."))
    return _challenge("", text("Un jeton est nécessaire : « Authorization: Bearer … »."))


def _challenge(parameters: str, message: Text) -> RequestRefused:
    return RequestRefused(401, message, headers={"WWW-Authenticate": ", ".join(filter(None, (REALM, parameters)))})

"""The API as a whole: its parts, and its OpenAPI 3.1 document at /api/v1/openapi.json."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api
from flask_wtf.csrf import CSRFProtect

from web.access import SCOPES
from web.api import clock, decisions, drafts, imports, instances, messages, migrations, processes, subscriptions, tasks
from web.settings import Settings

SCOPES_TEXT = "\n".join(f"- `{name}`: {meaning}" for name, meaning in SCOPES.items())
DESCRIPTION = f"""Start, feed and follow processes from outside.

Every call needs a bearer token (`tikub token create NAME --scope …`) with the scope of its part, or `admin`:

{SCOPES_TEXT}

A token of a person (`--user EMAIL`) sees and does what that person may, within its scopes. Any other acts in the name of the
program: within its scopes it sees and does everything, claims tasks under the token's name, and starts processes without the
checks of a start form.

Errors are problem details (RFC 9457) in the language of `Accept-Language`, French by default. Lists answer
`{{items, next_cursor}}`. A POST with an `Idempotency-Key` happens once: repeated with the same body it gets the same answer, with
another body 422, while the first is under way 409. Texts hold no NUL character, and JSON is UTF-8 without a key twice.
"""


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register the calls. Programs hold tokens, never cookies, so forged requests of a browser have nothing to use."""
    settings: Settings = app.config["SETTINGS"]
    app.config.update(
        API_TITLE=settings.brand,
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"info": {"description": DESCRIPTION}, "security": [{"token": []}]},
    )
    api = Api(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    parts = (processes, migrations, imports, drafts, instances, tasks, messages, subscriptions, decisions)
    for module in (*parts, *((clock,) if settings.test_clock else ())):
        api.register_blueprint(module.blueprint)
        csrf.exempt(module.blueprint)

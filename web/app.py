"""The application factory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from web import errors, health, metrics, requests, traces
from web.api import api
from web.assembly import clock_of, sessions_of, worker_of
from web.hooks import blueprint as hooks
from web.json import Provider
from web.pages import blueprints as pages
from web.pages import trying
from web.runtime import EXTENSION, Runtime
from web.sandboxes import SANDBOXES, Sandboxes, around
from web.settings import Settings
from web.signed_in import Cookies
from webhooks.connectors.connector import Outside


class Application(Flask):
    """Flask, without the question at each call whether a function is a coroutine: none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings, outside: Outside | None = None) -> Flask:
    """The web application of these settings: pages, API, webhooks. Its worker is there but not started.

    `outside`: the systems that connectors call, where they are not those of the settings.
    """
    app = Application("web", static_folder="static", template_folder="templates")
    app.json = Provider(app)
    app.session_interface = Cookies()
    _configure(app, settings)
    sessions, clock = sessions_of(settings), clock_of(settings)
    app.extensions[EXTENSION] = Runtime(settings, sessions, clock, worker_of(settings, sessions, clock, outside), create_app)
    traces.install(app)
    requests.install(app)
    csrf = CSRFProtect(app)
    api.install(app, csrf)
    errors.install(app)  # after flask-smorest, which answers HTTP errors in a way of its own
    app.register_blueprint(hooks)
    csrf.exempt(hooks)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    pages.install(app)
    if outside is None:
        sandboxes = Sandboxes(app.extensions[EXTENSION], trying.prepare)
        app.extensions[SANDBOXES] = sandboxes
        app.wsgi_app = around(app, app.wsgi_app, sandboxes)  # type: ignore[assignment, method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    """A cookie named `__Host-…` is bound by browsers to this host and to https (RFC 6265bis); plain http cannot have one."""
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-tikub" if settings.secure else "tikub",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime,
        MAX_CONTENT_LENGTH=settings.request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.json_bytes,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,
    )

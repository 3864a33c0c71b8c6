"""The blueprints of all pages, and what they share with the application."""

from __future__ import annotations

from flask import Blueprint, Flask

from web import languages, rendering
from web.pages import (
    atelier,
    decision_tables,
    documents,
    drafts,
    form_editor,
    history,
    information,
    instances,
    migrations,
    operations,
    parameters,
    preferences,
    processes,
    public,
    publication,
    scenarios,
    signin,
    starting,
    task,
    tasks,
    tracking,
    trying,
    watching,
    webhooks,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    public.blueprint,
    tracking.blueprint,
    signin.blueprint,
    tasks.blueprint,
    task.blueprint,
    instances.blueprint,
    history.blueprint,
    documents.blueprint,
    starting.blueprint,
    processes.blueprint,
    drafts.blueprint,
    migrations.blueprint,
    atelier.blueprint,
    decision_tables.blueprint,
    form_editor.blueprint,
    parameters.blueprint,
    publication.blueprint,
    scenarios.blueprint,
    trying.blueprint,
    operations.blueprint,
    watching.blueprint,
    webhooks.blueprint,
    information.blueprint,
    preferences.blueprint,
)


def install(app: Flask) -> None:
    """Register the pages, their languages and what their templates use."""
    languages.install(app)
    rendering.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

"""Who may open a page at all: what is inside asks for a sign-in first, and comes back to the page afterwards."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from web.errors import RequestRefused
from web.rendering import signed_in


def guard(blueprint: Blueprint) -> Blueprint:
    """Every page of this blueprint is for people with an account."""
    blueprint.before_request(_ask)
    return blueprint


def require_role(*roles: str) -> None:
    """The signed-in person has one of these roles. Raises RequestRefused 403."""
    if not g.actor.roles & {"admin", *roles}:
        raise RequestRefused(403)


def _ask() -> ResponseReturnValue | None:
    if signed_in() is not None:
        return None
    if request.method != "GET":
        raise RequestRefused(401)
    wanted = request.full_path if request.query_string else request.path
    return redirect(url_for("signin.enter", suite=wanted))

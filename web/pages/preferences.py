"""The visitor's own choices: appearance and language, kept in a cookie each."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, redirect, request

from web import languages, rendering

A_YEAR = 365 * 24 * 3600

blueprint = Blueprint("preferences", __name__)


@blueprint.post("/preferences")
def choose() -> Response:
    """Keep the choice and go back to the page it was made on."""
    answer = redirect(local_path(request.form.get("next", "")))
    if "theme" in request.form:
        _keep(answer, rendering.THEME_COOKIE, request.form["theme"], ("", *rendering.THEMES))
    if "language" in request.form:
        _keep(answer, languages.COOKIE, request.form["language"], tuple(languages.NAMES))
    return answer  # type: ignore[return-value]


@blueprint.get("/accent.css")
def accent() -> Response:
    """The accent colour of the installation on top of the tokens; in the dark it is mixed with white."""
    colour = current_app.config["SETTINGS"].accent
    rule = f":root{{--brand:light-dark({colour},color-mix(in oklab,{colour} 45%,white))}}" if colour else ""
    return Response(rule, mimetype="text/css", headers={"Cache-Control": "max-age=3600"})


def local_path(target: str) -> str:
    """The target when it is a path of this server, else the home page: no redirection leaves the site."""
    try:
        parts = urlsplit(target)
    except ValueError:  # such as a bracket that opens no IPv6 address
        return "/"
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if safe and target.isprintable() else "/"


def _keep(answer: object, name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        abort(400)
    answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure)  # type: ignore[attr-defined]

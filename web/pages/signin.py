"""Signing in with an address and a password, and out; on a demonstration server, with one click as one of its people."""

from dataclasses import dataclass

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine import signin
from engine.attempts import Limit
from engine.people import find_by_email
from feel.text import Text, text
from web.demo_accounts import demonstration
from web.pages.preferences import local_path
from web.rendering import initials, signed_in
from web.runtime import settings
from web.transactions import reading, transaction

blueprint = Blueprint("signin", __name__)

WRONG = text("L’adresse ou le mot de passe ne convient pas. Vérifiez les deux, puis recommencez.")
PAUSED = text("Trop d’essais manqués. Attendez %(minutes)s minutes, puis recommencez.")


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demonstration as the sign-in page shows it."""

    email: str
    name: str
    initials: str
    role: str
    groups: tuple[str, ...]


@blueprint.get("/connexion")
def enter() -> str | AnyResponse:
    """The sign-in page; who is signed in already goes on."""
    if signed_in():
        return redirect(_after())
    return _page(None, "")


@blueprint.post("/connexion")
def check() -> tuple[str, int] | AnyResponse:
    """Sign in, or say what is wrong without saying which part of it."""
    email, password = request.form.get("email", "")[:254], request.form.get("password", "")[:1024]
    limit = Limit(settings().signin_attempts, settings().signin_pause)
    with transaction() as database:
        attempt = signin.begin(database, email, address=request.remote_addr or "", limit=limit, now=g.now)
    if attempt.pause:
        minutes = max(1, round(attempt.pause.total_seconds() / 60))
        return _page(text(PAUSED.template, minutes=minutes), email), 429
    if not attempt.verify(password):
        return _page(WRONG, email), 422
    with transaction() as database:
        signin.succeed(database, email, address=request.remote_addr or "")
    return _open(attempt.user_id)


@blueprint.post("/connexion/demonstration")
def enter_demo() -> AnyResponse:
    """Sign in as one of the people of the demonstration."""
    email = request.form.get("account", "")
    if not settings().demo or email not in {account.email for account in demonstration().accounts}:
        abort(404)
    with reading() as database:
        user = find_by_email(database, email)
    if user is None:
        abort(404)
    return _open(user.id)


@blueprint.post("/deconnexion")
def leave() -> AnyResponse:
    """Sign out, everywhere this browser's cookie was copied to."""
    session.clear()
    return redirect(url_for("public.home"))


def demo_accounts() -> list[DemoAccount]:
    """The people of the demonstration, on a server that runs it."""
    if not settings().demo:
        return []
    known = demonstration()
    return [
        DemoAccount(
            each.email,
            each.name,
            initials(each.name),
            each.role,
            tuple(known.groups[key] for key in each.groups if key in known.groups),
        )
        for each in known.accounts
    ]


def _open(user_id: int | None) -> AnyResponse:
    target = _after()
    session.clear()
    session["user_id"] = user_id
    session.permanent = True
    return redirect(target)


def _after() -> str:
    """Where the person wanted to go."""
    wanted = local_path(request.values.get("suite", ""))
    return wanted if wanted != "/" else url_for("inbox.mine")


def _page(error: Text | None, email: str) -> str:
    return render_template(
        "signin/enter.html",
        error=error,
        email=email,
        after=request.values.get("suite", ""),
        accounts=demo_accounts(),
        password=demonstration().password if settings().demo else "",
    )

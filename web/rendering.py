"""What every page shares: brand, navigation, appearance, filters for dates, versioned assets and security headers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for
from flask import render_template as render_flask
from markupsafe import Markup, escape

from engine import tasks
from engine.actors import Actor
from web import dates
from web.languages import NAMES, gettext, language, render
from web.transactions import reading

THEME_COOKIE = "apparence"
THEMES = ("light", "dark")

# Scripts, styles and fonts come from this server alone and none is inline. The diagram viewer sets its styles through
# the CSSOM, which the policy allows, so it needs no exception.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: Pages without an account that hold what somebody answered: browsers and proxies keep none of them.
PRIVATE = frozenset({"public", "tracking"})


@dataclass(frozen=True)
class Brand:
    """How the installation calls itself: settings."""

    name: str
    organisation: str
    tagline: str
    contact: str


@dataclass(frozen=True)
class Me:
    """The signed-in person as the header shows them."""

    name: str
    initials: str
    role: str


@dataclass(frozen=True)
class Entry:
    """One entry of the main navigation."""

    key: str
    text: str
    href: str
    count: int = 0


def install(app: Flask) -> None:
    """Give the templates their globals and filters, and the answers their headers."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, languages=NAMES)
    app.jinja_env.filters.update(say=render, moment=_moment, day=_day, ago=_ago, since=_since, due=_due, size=file_size)
    app.context_processor(_shared)
    app.after_request(_secure)


def page(template: str, **context: object) -> str:
    """Render a page. `section` names the entry of the navigation that it belongs to."""
    return render_flask(template, **context)


def asset(name: str) -> str:
    """Address of a static file; its content's hash makes it new whenever it changes."""
    folder = current_app.static_folder or ""
    path = Path(folder) / name
    try:
        version = _fingerprint(path, path.stat().st_mtime_ns)
    except OSError:
        version = "0"
    return url_for("static", filename=name, v=version)


@lru_cache(maxsize=64)
def _fingerprint(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def now() -> datetime:
    """The one moment of this request."""
    moment: datetime = getattr(g, "now", None) or datetime.min.replace(tzinfo=UTC)
    return moment


def signed_in() -> Actor | None:
    """Who is signed in, or nobody."""
    actor: Actor | None = getattr(g, "actor", None)
    return actor if actor is not None and actor.kind == "user" else None


def brand() -> Brand:
    """The brand from the settings."""
    settings = current_app.config["SETTINGS"]
    return Brand(settings.brand, settings.organisation, settings.tagline, settings.contact)


def theme() -> str:
    """The appearance chosen here, or nothing: the system's."""
    choice = request.cookies.get(THEME_COOKIE, "")
    return choice if choice in THEMES else ""


def initials(name: str) -> str:
    """« ML » for « Maëlle Le Goff »: first letters of the first two words."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def role(actor: Actor) -> str:
    """What the person does here, in a few words."""
    names = {
        "admin": gettext("Administration"),
        "owner": gettext("Propriétaire de processus"),
        "operator": gettext("Exploitation"),
        "jury": gettext("Jury"),
        "agent": gettext("Agent"),
    }
    return next((said for key, said in names.items() if key in actor.roles), "")


def navigation(actor: Actor) -> list[Entry]:
    """The pages that this person may open, with the number of tasks of theirs."""
    mine = _own_tasks(actor)
    entries = [
        Entry("tasks", gettext("Mes tâches"), url_for("inbox.mine"), mine),
        Entry("starting", gettext("Démarrer"), url_for("starting.choose")),
        Entry("instances", gettext("Dossiers"), url_for("cases.listing")),
        Entry("processes", gettext("Processus"), url_for("catalogue.listing")),
    ]
    if actor.roles & {"operator", "admin"}:
        entries.append(Entry("operations", gettext("Exploitation"), url_for("operations.incidents")))
        entries.append(Entry("webhooks", gettext("Webhooks"), url_for("webhooks.listing")))
    return entries


def _own_tasks(actor: Actor) -> int:
    """How many tasks are the person's own; the list counts them itself, and a page about an error does not ask."""
    known: int | None = getattr(g, "own_tasks", None)
    if known is None:
        with reading() as session:
            known = g.own_tasks = tasks.counts(session, actor, now=now())["mine"]
    return known


def file_size(size: int) -> str:
    """« 380 ko », « 2,1 Mo »."""
    if size < 1_000_000:
        return gettext("%(size)s ko", size=max(1, round(size / 1000)))
    millions = f"{size / 1_000_000:.1f}"
    return gettext("%(size)s Mo", size=millions.replace(".", ",") if language() == "fr" else millions)


def _shared() -> dict[str, object]:
    actor = signed_in()
    return {
        "brand": brand(),
        "accented": bool(current_app.config["SETTINGS"].accent),
        "lang": language(),
        "theme": theme(),
        "now": now(),
        "me": Me(actor.name, initials(actor.name), role(actor)) if actor else None,
        "navigation": navigation(actor) if actor else [],
        "section": "",
    }


def _secure(answer: Response) -> Response:
    if answer.mimetype == "text/html":
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        private = signed_in() or request.blueprint in PRIVATE
        answer.headers.setdefault("Cache-Control", "no-store" if private else "no-cache")
    return answer


def _time(when: datetime, said: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(dates.paris(when).isoformat(), escape(said))


def _moment(when: datetime) -> Markup:
    return _time(when, dates.moment(when, now()))


def _day(when: datetime) -> Markup:
    return _time(when, dates.day(dates.paris(when).date(), now()))


def _ago(when: datetime) -> Markup:
    return _time(when, dates.ago(when, now()))


def _since(when: datetime) -> Markup:
    return _time(when, dates.since(when, now()))


def _due(deadline: datetime | None) -> dates.Due:
    return dates.due(deadline, now())

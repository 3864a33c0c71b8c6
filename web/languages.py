"""The languages of the pages: French, written in the code, and English from the catalogue."""

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_domain, get_locale

from feel.text import Text
from web.typography import french

FRENCH, ENGLISH = "fr", "en"
NAMES = {FRENCH: "Français", ENGLISH: "English"}
COOKIE = "langue"


def install(app: Flask) -> None:
    """Set up Flask-Babel and give the templates a gettext that knows French typography."""
    Babel(app, default_locale=FRENCH, default_timezone="Europe/Paris", locale_selector=chosen)
    app.jinja_env.install_gettext_callables(_look_up, _look_up_plural, newstyle=True)  # type: ignore[attr-defined]


def chosen() -> str:
    """The visitor's own choice, kept in a cookie; the browser's language does not decide, so that links show the same."""
    if not has_request_context():
        return FRENCH
    choice = getattr(g, "language", None) or request.cookies.get(COOKIE, FRENCH)
    return choice if choice in NAMES else FRENCH


def preferred(accepted: list[str]) -> str:
    """The first of these language tags that there is a catalogue for, whatever its region: `fr-CA` is French (RFC 4647, section 3.4)."""
    primary = (tag.lower().split("-")[0] for tag in accepted)
    return next((each for each in primary if each in NAMES), FRENCH)


def language() -> str:
    """Code of the language in use."""
    locale = get_locale()
    return locale.language if locale is not None else FRENCH


def gettext(template: str, /, **params: object) -> str:
    """The French template in the visitor's language, its ``%(name)s`` filled in."""
    sentence = _look_up(template)
    return sentence % params if params else sentence


def ngettext(singular: str, plural: str, number: int, /, **params: object) -> str:
    """The same for a number, given to the template as ``%(num)s``. French has its singular below 2."""
    return _look_up_plural(singular, plural, number) % {"num": number, **params}


def render(text: Text) -> str:
    """A message of the lower layers in the visitor's language."""
    params = {name: render(value) if isinstance(value, Text) else value for name, value in text.params.items()}
    return gettext(text.template, **params) if params else _look_up(text.template)


def _look_up(template: str) -> str:
    if language() == FRENCH:
        return french(template)
    return str(get_domain().get_translations().ugettext(template))


def _look_up_plural(singular: str, plural: str, number: int) -> str:
    if language() == FRENCH:
        return french(singular if abs(number) < 2 else plural)
    return str(get_domain().get_translations().ungettext(singular, plural, number))

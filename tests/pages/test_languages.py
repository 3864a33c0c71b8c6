"""English beside French: nothing is left out, placeholders fit, and both say dates, durations and numbers their own way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from engine.history import Event
from feel.text import text
from tools.catalogue import extract, load, missing
from web import dates, timeline
from web.languages import COOKIE, gettext, ngettext, render
from web.settings import Settings
from web.typography import french

NOW = datetime(2019, 6, 14, 9, 10, tzinfo=UTC)
"""Friday, 11:10 in Paris."""


@pytest.fixture
def app() -> Flask:
    """An application that knows languages and nothing else."""
    from web import languages

    made = Flask("web")
    languages.install(made)
    made.config["SETTINGS"] = Settings.read({})
    return made


@pytest.fixture
def in_french(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


@pytest.fixture
def in_english(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", headers={"Cookie": f"{COOKIE}=en"}):
        yield


def plain(said: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", said)


def test_every_message_has_an_english_translation() -> None:
    code = extract()
    assert len(code) > 800
    assert list(missing(load(), code)) == [], "run `python tools/catalogue.py` and translate what it names"


def test_translations_keep_the_placeholders() -> None:
    names = re.compile(r"%\((\w+)\)s|(?<!\{)\{(\w+)\}(?!\})")
    for message in load():
        if not message.id:
            continue
        singular, plural = (message.id, message.id) if isinstance(message.id, str) else message.id
        told = (message.string, message.string) if isinstance(message.string, str) else message.string
        for source, translation in zip((singular, plural), told, strict=True):
            assert set(names.findall(translation)) == set(names.findall(source)), source


@pytest.mark.parametrize(
    ("written", "typeset"),
    [
        ("Pourquoi ?", "Pourquoi\u202f?"),
        ("Oui : non", "Oui\u00a0: non"),
        ("« oui »", "«\u00a0oui\u00a0»"),
        ("30 jours", "30\u00a0jours"),
        ("l'idée d'un agent", "l’idée d’un agent"),
        ("à 200 % et", "à 200\u00a0% et"),
        ("14:30", "14:30"),
        ("https://exemple.fr/a?b", "https://exemple.fr/a?b"),
    ],
)
def test_french_has_its_own_spaces(written: str, typeset: str) -> None:
    assert french(written) == typeset


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2019, 6, 14, 7, 30, tzinfo=UTC), "aujourd’hui, 9 h 30"),
        (datetime(2019, 6, 13, 15, 40, tzinfo=UTC), "hier, 17 h 40"),
        (datetime(2019, 6, 14, 22, 0, tzinfo=UTC), "demain, 0 h"),
        (datetime(2019, 7, 1, 12, 0, tzinfo=UTC), "lundi 1er juillet, 14 h"),
        (datetime(2020, 1, 6, 13, 0, tzinfo=UTC), "lundi 6 janvier 2020, 14 h"),
    ],
)
def test_moments_are_said_in_the_time_of_paris(moment: datetime, said: str) -> None:
    assert plain(dates.moment(moment, NOW)) == said


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=5), "à l’instant"),
        (timedelta(minutes=1), "il y a 1 minute"),
        (timedelta(hours=4), "il y a 4 heures"),
        (timedelta(hours=20), "hier"),
        (timedelta(days=9), "il y a 9 jours"),
        (timedelta(days=21), "il y a 3 semaines"),
        (timedelta(days=200), "il y a 6 mois"),
        (timedelta(days=800), "il y a 2 ans"),
    ],
)
def test_durations_are_said_in_their_largest_unit(before: timedelta, said: str) -> None:
    assert plain(dates.ago(NOW - before, NOW)) == said


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(
    ("deadline", "state", "said"),
    [
        (None, "none", "Sans échéance"),
        (datetime(2019, 6, 12, 9, 0, tzinfo=UTC), "late", "En retard de 2 jours"),
        (datetime(2019, 6, 14, 7, 0, tzinfo=UTC), "late", "En retard de 2 heures"),
        (datetime(2019, 6, 14, 16, 0, tzinfo=UTC), "today", "Aujourd’hui, 18 h"),
        (datetime(2019, 6, 17, 21, 59, 59, tzinfo=UTC), "soon", "Lundi 17 juin"),
        (datetime(2019, 6, 28, 12, 0, tzinfo=UTC), "ok", "Vendredi 28 juin, 14 h"),
    ],
)
def test_a_deadline_says_what_it_means_today(deadline: datetime | None, state: str, said: str) -> None:
    found = dates.due(deadline, NOW)
    assert (found.state, plain(found.text)) == (state, said)


@pytest.mark.usefixtures("in_english")
def test_english_says_dates_and_messages_its_own_way() -> None:
    assert dates.moment(datetime(2019, 7, 1, 12, 5, tzinfo=UTC), NOW) == "Monday 1 July, 14:05"
    assert dates.ago(NOW - timedelta(days=9), NOW) == "9 days ago"
    assert gettext("Se connecter") == "Sign in"
    assert ngettext("%(num)s étape bloquée", "%(num)s étapes bloquées", 0) == "0 stuck steps"


@pytest.mark.usefixtures("in_french")
def test_french_has_its_singular_below_two() -> None:
    assert plain(ngettext("%(num)s étape bloquée", "%(num)s étapes bloquées", 0)) == "0 étape bloquée"


@pytest.mark.usefixtures("in_english")
def test_messages_within_messages_are_translated_too() -> None:
    inner = text("L’expression « %(text)s » échoue : %(reason)s", text="1/0", reason=text("division par zéro"))
    assert render(inner) == "The expression “1/0” fails: division by zero"


def test_what_happened_several_times_at_once_is_one_line(in_french: None) -> None:
    def sent(seq: int, name: str) -> Event:
        return Event(seq, "element.completed", name, "sendTask", NOW, "system", {}, "1")

    events = [sent(4, "a"), sent(3, "a"), sent(2, "b"), sent(1, "a")]
    told = [plain(entry.title) for entry in timeline.entries(events, {"a": "Prévenir", "b": "Annoncer"}, NOW)]
    assert told == ["Envoyé : Prévenir, 2 fois", "Envoyé : Annoncer", "Envoyé : Prévenir"]

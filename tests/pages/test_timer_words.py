"""Timers in plain words, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.pages.test_languages import app, in_english, in_french, plain
from web import timer_words

__all__ = ["app", "in_english", "in_french"]

NOW = datetime(2019, 6, 14, 9, 10, tzinfo=UTC)
"""Friday, 11:10 in Paris."""


@pytest.mark.usefixtures("in_french")
@pytest.mark.parametrize(
    ("kind", "source", "said"),
    [
        ("timeCycle", "R/P14D", "tous les 14 jours, la première fois : vendredi 28 juin, 11 h 10"),
        ("timeCycle", "R/P1D", "tous les jours, la première fois : demain, 11 h 10"),
        ("timeCycle", "R3/P1W", "toutes les semaines, 3 fois, la première : vendredi 21 juin, 11 h 10"),
        ("timeCycle", "R/PT6H", "toutes les 6 heures, la première fois : aujourd’hui, 17 h 10"),
        ("timeCycle", "R/2019-07-01T09:00/P1M", "tous les mois, la première fois : lundi 1er juillet, 9 h"),
        ("timeCycle", "R/P1DT12H", "à intervalles de 1 jour 12 heures, la première fois : demain, 23 h 10"),
        ("timeDuration", "P2D", "si l’attente commençait maintenant : dimanche 16 juin, 11 h 10"),
        ("timeDuration", 'duration("P2D")', "si l’attente commençait maintenant : dimanche 16 juin, 11 h 10"),
        ("timeDate", "2019-07-01T09:00", "le lundi 1er juillet, 9 h"),
        ("dueIn", "P1M", "si l’attente commençait maintenant : dimanche 14 juillet, 11 h 10"),
        ("timeDate", "cloture", "La date dépend des données du dossier."),
        ("timeDuration", "deux jours !", "Ce n’est ni une date, ni une durée, ni un cycle ISO 8601, ni une expression FEEL."),
        ("timeDuration", "", ""),
        ("autre", "P1D", ""),
    ],
)
def test_timers_are_said_in_plain_words(kind: str, source: str, said: str) -> None:
    assert plain(timer_words.tell(kind, source, NOW)) == said


@pytest.mark.usefixtures("in_english")
def test_timers_are_said_in_english_too() -> None:
    assert timer_words.tell("timeCycle", "R/P14D", NOW) == "every 14 days, for the first time: Friday 28 June, 11:10"

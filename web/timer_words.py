"""A timer of a diagram in plain words: how often, for the first time when."""

from __future__ import annotations

import re
from datetime import datetime
from typing import cast

from engine.spiff.failures import StepFailed
from engine.spiff.scripts import FeelEnvironment
from engine.spiff.timers import Due, TimerKind, TimerRule
from feel.calendar import Period, parse_cycle
from feel.errors import FeelError
from web.dates import moment
from web.languages import gettext, ngettext

KINDS = frozenset({"timeDate", "timeDuration", "timeCycle", "dueIn"})
LONGEST = 2_000


def tell(kind: str, source: str, now: datetime) -> str:
    """« tous les 14 jours, la première fois jeudi 3 décembre, 9 h » if the wait began `now`; empty for an empty text."""
    if kind not in KINDS or not source.strip():
        return ""
    if len(source) > LONGEST:
        return gettext("Ce texte est trop long pour une minuterie.")
    try:
        rule = TimerRule(cast(TimerKind, kind), source)
    except (FeelError, ValueError, OverflowError):
        return gettext("Ce n’est ni une date, ni une durée, ni un cycle ISO 8601, ni une expression FEEL.")
    try:
        return _say(rule.due(FeelEnvironment(now), {}), rule, now)
    except StepFailed:
        return gettext("La date dépend des données du dossier.") if rule.expression else gettext("Ce texte ne donne pas de date.")


def _say(due: Due, rule: TimerRule, now: datetime) -> str:
    first = moment(due.at, now)
    if due.cycle:
        return _cycle(due, first)
    if rule.kind == "timeDate":
        return gettext("le %(moment)s", moment=first) if re.match(r"\w+ \d", first) else first
    return gettext("si l’attente commençait maintenant : %(moment)s", moment=first)


def _cycle(due: Due, first: str) -> str:
    cycle = parse_cycle(due.cycle)
    often = _often(cycle.period)
    if cycle.repetitions is not None:
        times = ngettext("%(num)s fois", "%(num)s fois", cycle.repetitions)
        return gettext("%(often)s, %(times)s, la première : %(moment)s", often=often, times=times, moment=first)
    return gettext("%(often)s, la première fois : %(moment)s", often=often, moment=first)


def often(source: str) -> str:
    """« tous les 14 jours » for `R/P14D`. Raises EvaluationError for what is no cycle."""
    return _often(parse_cycle(source).period)


def _often(period: Period) -> str:
    """« tous les 14 jours »; the parts of a mixed period one after the other."""
    seconds = int(period.seconds)
    if not seconds and not (period.months and period.days):
        if period.months:
            return ngettext("tous les mois", "tous les %(num)s mois", period.months)
        if period.days % 7 == 0 and period.days < 14:
            return gettext("toutes les semaines")
        return ngettext("tous les jours", "tous les %(num)s jours", period.days)
    if not period.months and not period.days:
        if seconds % 3600 == 0:
            return ngettext("toutes les heures", "toutes les %(num)s heures", seconds // 3600)
        if seconds % 60 == 0:
            return ngettext("toutes les minutes", "toutes les %(num)s minutes", seconds // 60)
        return ngettext("toutes les secondes", "toutes les %(num)s secondes", seconds)
    return gettext("à intervalles de %(length)s", length=length(period))


def length(period: Period) -> str:
    """« 2 mois 3 jours »; nothing for no time at all."""
    seconds = int(period.seconds)
    parts = (
        (period.months, ngettext("%(num)s mois", "%(num)s mois", period.months)),
        (period.days, ngettext("%(num)s jour", "%(num)s jours", period.days)),
        (seconds // 3600, ngettext("%(num)s heure", "%(num)s heures", seconds // 3600)),
        (seconds % 3600 // 60, ngettext("%(num)s minute", "%(num)s minutes", seconds % 3600 // 60)),
        (seconds % 60, ngettext("%(num)s seconde", "%(num)s secondes", seconds % 60)),
    )
    return " ".join(said for number, said in parts if number)

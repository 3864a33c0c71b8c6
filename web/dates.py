"""Moments and durations as people say them: « jeudi 13 juin, 14 h », « il y a 3 jours ». Times of Paris."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from web.languages import FRENCH, gettext, language, ngettext
from web.typography import NBSP, french

PARIS = ZoneInfo("Europe/Paris")
SOON = timedelta(days=7)
DueState = Literal["late", "today", "soon", "ok", "none"]


@dataclass(frozen=True)
class Due:
    """A deadline as a badge (`text`) and, when the badge does not say it, its date."""

    state: DueState
    text: str
    date: str = ""


def paris(moment: datetime) -> datetime:
    """The wall clock of Paris; a moment without zone is UTC, as the database keeps it."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(PARIS)


def day(when: date, now: datetime) -> str:
    """« jeudi 13 juin », with the year when it is another one."""
    pattern = "EEEE d MMMM" if when.year == paris(now).year else "EEEE d MMMM y"
    said = format_date(when, pattern, locale=language())
    if language() == FRENCH:
        said = said.replace(" 1 ", f" 1er{NBSP}", 1)
    return said


def hour(moment: datetime) -> str:
    """« 14 h » or « 14 h 05 »; 14:05 in English."""
    local = paris(moment)
    if language() != FRENCH:
        return f"{local:%H:%M}"
    return f"{local.hour}{NBSP}h" + (f"{NBSP}{local:%M}" if local.minute else "")


def moment(when: datetime, now: datetime) -> str:
    """Day and hour, with the near days by their name."""
    local, today = paris(when), paris(now).date()
    near = {
        today: gettext("aujourd’hui"),
        today - timedelta(1): gettext("hier"),
        today + timedelta(1): gettext("demain"),
    }
    return f"{near.get(local.date()) or day(local.date(), now)}, {hour(local)}"


def since(when: datetime, now: datetime) -> str:
    """How long ago, as a length: « 4 heures », « hier », « 9 jours », « 3 semaines »."""
    seconds = max(0.0, (paris(now) - paris(when)).total_seconds())
    days = (paris(now).date() - paris(when).date()).days
    if seconds < 60:
        return gettext("à l’instant")
    if days == 1 and seconds > 6 * 3600:
        return gettext("hier")
    return _length(seconds, days)


def ago(when: datetime, now: datetime) -> str:
    """« il y a 3 jours », « hier », « à l’instant »."""
    said = since(when, now)
    if said in (gettext("à l’instant"), gettext("hier")):
        return said
    return gettext("il y a %(length)s", length=said)


def due(deadline: datetime | None, now: datetime) -> Due:
    """What a deadline means today: late, today, soon (a week), later, none."""
    if deadline is None:
        return Due("none", gettext("Sans échéance"))
    local, present = paris(deadline), paris(now)
    if local < present:
        length = _length((present - local).total_seconds(), (present.date() - local.date()).days)
        return Due("late", gettext("En retard de %(length)s", length=length), _capital(moment(deadline, now)))
    if local.date() == present.date():
        return Due("today", gettext("Aujourd’hui, %(hour)s", hour=hour(deadline)))
    if local - present <= SOON:
        return Due("soon", _capital(_deadline(deadline, now)))
    return Due("ok", _capital(_deadline(deadline, now)))


def length(duration: timedelta) -> str:
    """A duration in its largest unit."""
    return _length(duration.total_seconds(), duration.days)


def _deadline(deadline: datetime, now: datetime) -> str:
    """A deadline in the last minute of a day is that day, whole."""
    local = paris(deadline)
    if (local.hour, local.minute) == (23, 59):
        return day(local.date(), now)
    return moment(deadline, now)


def _length(seconds: float, days: int) -> str:
    if seconds < 3600:
        said = ngettext("%(num)s minute", "%(num)s minutes", max(1, int(seconds // 60)))
    elif seconds < 86_400:
        said = ngettext("%(num)s heure", "%(num)s heures", int(seconds // 3600))
    elif days < 14:
        said = ngettext("%(num)s jour", "%(num)s jours", max(1, days))
    elif days < 60:
        said = ngettext("%(num)s semaine", "%(num)s semaines", days // 7)
    elif days < 730:
        said = ngettext("%(num)s mois", "%(num)s mois", days // 30)
    else:
        said = ngettext("%(num)s an", "%(num)s ans", days // 365)
    return french(said) if language() == FRENCH else said


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]

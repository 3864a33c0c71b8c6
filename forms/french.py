"""Values as French readers write them: dates, times, numbers, yes and no, sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
NBSP = "\u00a0"
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?")


def day(value: date) -> str:
    """« jeudi 13 juin 2019 »."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{DAYS[value.weekday()]} {number} {MONTHS[value.month - 1]} {value.year}"


def hour(value: time) -> str:
    """« 14 h » or « 14 h 05 »."""
    minutes = f"{NBSP}{value.minute:02}" if value.minute else ""
    return f"{value.hour}{NBSP}h{minutes}"


def moment(value: datetime) -> str:
    """« jeudi 13 juin 2019, 14 h 05 »; a moment with an offset is told in the time of Paris."""
    local = value.astimezone(PARIS) if value.tzinfo else value
    return f"{day(local)}, {hour(local.time())}"


def number(value: Decimal | int) -> str:
    """« 1 234,5 », with no-break spaces between thousands from five digits on, as French typography asks; nothing for infinity."""
    if not Decimal(value).is_finite():
        return ""
    written = format(Decimal(value), "f")
    sign, digits = ("-", written[1:]) if written.startswith("-") else ("", written)
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    grouped = f"{int(whole):,}".replace(",", NBSP) if len(whole) > 4 else whole
    return sign + grouped + (f",{fraction}" if fraction else "")


def size(count: int) -> str:
    """A file's size: « 380 ko », « 2,1 Mo »."""
    if count < 1024:
        return f"{count}{NBSP}octets"
    if count < 1024 * 1024:
        return f"{count // 1024}{NBSP}ko"
    return f"{number(Decimal(round(count / 1024 / 1024, 1)).quantize(Decimal('0.1')))}{NBSP}Mo"


def shown(value: object) -> str:
    """Any value of a form or an expression, as people read it; lists are joined, ISO dates are told in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, float):
        return number(Decimal(repr(value)))
    if isinstance(value, int | Decimal):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}{NBSP}: {shown(inner)}" for key, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(shown(inner) for inner in value)
    return written(str(value))


def written(value: str) -> str:
    """A text; when it is an ISO date or date and time, that moment in words."""
    try:
        if _ISO_DATE.fullmatch(value):
            return day(date.fromisoformat(value))
        if _ISO_MOMENT.fullmatch(value):
            return moment(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        return value
    return value

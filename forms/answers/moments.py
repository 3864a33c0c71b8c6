"""Dates, times, and both: ISO 8601 text as form-js has it, typed in French or picked in a native control.

A time without an offset is the time of Paris. Seconds are always written, as FEEL's `time()` and `date and time()` ask.
"""
# ruff: noqa: ARG002  every answer has the same methods, whether or not it needs their arguments

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from feel.text import Text, text
from forms import limits
from forms.answers.base import ONE_ANSWER, Answer, refuse
from forms.components import Leaf
from forms.french import MONTHS, PARIS, hour, shown
from forms.scope import Scope

_FRENCH_DATE = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_SPOKEN_DATE = re.compile(r"(?:[a-z]+ )?(\d{1,2})(?:er)? ([a-zéû]+) (\d{4})", re.IGNORECASE)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CLOCK = re.compile(r"(\d{1,2})\s*(?:[:h]\s*(\d{2})?|heures?)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)
_DATE_AND_TIME = re.compile(r"(\d{4}-\d\d-\d\d|.*\d{4})(?:T|,?(?: à)? +)(.*)")
_LONGEST = 60


class MomentAnswer(Answer):
    """What the three subtypes share."""

    def clean(self, value: object, scope: Scope) -> object:
        if isinstance(value, list):
            raise refuse(ONE_ANSWER)
        if not isinstance(value, str) or len(value) > _LONGEST or (read := self.read(value.strip(), scope)) is None:
            raise refuse(self.asks(scope))
        return read

    def read(self, written: str, scope: Scope) -> object:
        """The moment that is written, or None."""
        raise NotImplementedError

    def from_post(self, values: Sequence[str]) -> object:
        raw = super().from_post(values)
        return self.normal(raw.strip()) if isinstance(raw, str) and len(raw) <= _LONGEST else raw

    def normal(self, written: str) -> str:
        """What a person typed as ISO 8601, or unchanged when it is not understood."""
        raise NotImplementedError

    def display(self, value: object, scope: Scope) -> str:
        return shown(value)

    def format(self, moment: datetime, pattern: str) -> str:
        """A local moment of Paris as text, with the offset that `timeSerializingFormat` asks for."""
        kind = self.component.settings.get("timeSerializingFormat", "no_timezone")
        if kind == "utc_normalized":
            return moment.replace(tzinfo=PARIS).astimezone(UTC).strftime(pattern) + "Z"
        if kind == "utc_offset":
            return moment.strftime(pattern) + moment.replace(tzinfo=PARIS).isoformat()[-6:]
        return moment.strftime(pattern)

    def on_interval(self, moment: time) -> Iterator[Text]:
        """A complaint when the time is not one of those that the form proposes."""
        interval = self.component.settings.get("timeInterval")
        minutes = moment.hour * 60 + moment.minute
        if isinstance(interval, int) and minutes % interval:
            before, after = minutes - minutes % interval, minutes - minutes % interval + interval
            yield text("Choisissez une heure permise, par exemple %(low)s ou %(high)s", low=_hour(before), high=_hour(after))


class DateAnswer(MomentAnswer):
    """A date: "2019-06-13"."""

    def asks(self, scope: Scope) -> Text:
        return text("Donnez une date, par exemple 13/06/2019")

    def read(self, written: str, scope: Scope) -> date | None:
        return parse_date(written) if _ISO_DATE.fullmatch(written) else None

    def complaints(self, value: object, scope: Scope) -> Iterator[Text]:
        assert isinstance(value, date)  # noqa: S101  what read gives
        yield from _plausible(value)
        if self.component.settings.get("disallowPassedDates") and value < scope.now.astimezone(PARIS).date():
            yield text("Choisissez une date à venir")

    def finish(self, value: object, scope: Scope) -> str:
        assert isinstance(value, date)  # noqa: S101  what read gives
        return value.isoformat()

    def normal(self, written: str) -> str:
        found = parse_date(written)
        return found.isoformat() if found else written

    def json_schema(self) -> dict[str, object]:
        return {"type": "string", "format": "date"}


class TimeAnswer(MomentAnswer):
    """A time of day: "14:30:00", with an offset when the form asks for one."""

    def asks(self, scope: Scope) -> Text:
        return text("Donnez une heure, par exemple 14:30")

    def read(self, written: str, scope: Scope) -> datetime | None:
        today = scope.now.astimezone(PARIS).date()
        moment = parse_time(written)
        return _local(today, moment) if moment else None

    def complaints(self, value: object, scope: Scope) -> Iterator[Text]:
        assert isinstance(value, datetime)  # noqa: S101  what read gives
        yield from self.on_interval(value.time())

    def finish(self, value: object, scope: Scope) -> str:
        assert isinstance(value, datetime)  # noqa: S101  what read gives
        return self.format(value, "%H:%M:%S")

    def normal(self, written: str) -> str:
        found = parse_time(written)
        return found.isoformat() if found else written

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        found = self._local(value, scope)
        return (found.isoformat("seconds" if found.second else "minutes"),) if found else super().to_post(value, scope)

    def display(self, value: object, scope: Scope) -> str:
        found = self._local(value, scope)
        return hour(found) if found else super().display(value, scope)

    def _local(self, value: object, scope: Scope) -> time | None:
        """The time on the clocks of Paris."""
        found = self.read(value, scope) if isinstance(value, str) else None
        return found.time() if found else None

    def json_schema(self) -> dict[str, object]:
        return {"type": "string", "format": "time"}


class DateTimeAnswer(MomentAnswer):
    """A date and time: "2019-06-13T14:30:00", with an offset when the form asks for one."""

    def asks(self, scope: Scope) -> Text:
        return text("Donnez une date et une heure, par exemple 13/06/2019 14:30")

    def read(self, written: str, scope: Scope) -> datetime | None:
        return _local_moment(written)

    def complaints(self, value: object, scope: Scope) -> Iterator[Text]:
        assert isinstance(value, datetime)  # noqa: S101  what read gives
        yield from _plausible(value.date())
        there = value.replace(tzinfo=PARIS)
        if there.astimezone(UTC).astimezone(PARIS).replace(tzinfo=None) != value:
            yield text("Choisissez une autre heure\u00a0: celle-ci n’existe pas, on passe ce jour-là à l’heure d’été")
        if self.component.settings.get("disallowPassedDates") and value.date() < scope.now.astimezone(PARIS).date():
            yield text("Choisissez une date à venir")
        yield from self.on_interval(value.time())

    def finish(self, value: object, scope: Scope) -> str:
        assert isinstance(value, datetime)  # noqa: S101  what read gives
        return self.format(value, "%Y-%m-%dT%H:%M:%S")

    def normal(self, written: str) -> str:
        found = _local_moment(written)
        return found.isoformat() if found else written

    def to_post(self, value: object, scope: Scope) -> tuple[str, ...]:
        found = _local_moment(value) if isinstance(value, str) else None
        return (found.isoformat(timespec="seconds" if found.second else "minutes"),) if found else super().to_post(value, scope)

    def display(self, value: object, scope: Scope) -> str:
        found = _local_moment(value) if isinstance(value, str) else None
        return shown(found.isoformat()) if found else super().display(value, scope)

    def json_schema(self) -> dict[str, object]:
        return {"type": "string", "format": "date-time"}


def moment_answer(leaf: Leaf) -> MomentAnswer:
    """The answer of a datetime component, by its subtype."""
    classes = {"time": TimeAnswer, "datetime": DateTimeAnswer}
    return classes.get(str(leaf.component.settings.get("subtype")), DateAnswer)(leaf)


def parse_date(written: str) -> date | None:
    """« 2019-06-13 », « 13/06/2019 », « 13 juin 2019 » or « jeudi 13 juin 2019 » as a date; None when it is none."""
    try:
        if _ISO_DATE.fullmatch(written):
            return date.fromisoformat(written)
        if found := _FRENCH_DATE.fullmatch(written):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _SPOKEN_DATE.fullmatch(written):
            return date(int(found[3]), MONTHS.index(found[2].lower()) + 1, int(found[1]))
    except ValueError:
        return None
    return None


def parse_time(written: str) -> time | None:
    """« 14:30 », « 14 h 30 », « 14h », « 14:30:00+02:00 » as a time; None when it is none."""
    found = _CLOCK.fullmatch(written.replace("\u00a0", " ").strip())
    if not found:
        return None
    try:
        plain = time(int(found[1]), int(found[2] or 0), int(found[3] or 0))
        return time.fromisoformat(f"{plain.isoformat()}{found[4]}") if found[4] else plain
    except ValueError:
        return None


def _local(day: date, moment: time) -> datetime:
    """The moment in Paris, without offset."""
    whole = datetime.combine(day, moment)
    return whole.astimezone(PARIS).replace(tzinfo=None) if whole.tzinfo else whole


def _local_moment(written: str) -> datetime | None:
    """A date and a time, joined by « T », a space, a comma or « à », as a moment in Paris without offset."""
    found = _DATE_AND_TIME.fullmatch(written)
    day, clock = (parse_date(found[1]), parse_time(found[2])) if found else (None, None)
    if not (day and clock):
        return None
    try:
        return _local(day, clock)
    except (OverflowError, ValueError):
        return None


def _plausible(day: date) -> Iterator[Text]:
    if day.year not in limits.YEARS:
        yield text("Vérifiez l’année de cette date")


def _hour(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"

"""What a connector is: a function from the input of a service task to its result, called outside any transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.connectors import Inputs
from engine.sessions import Sessions
from feel.text import Text, text
from webhooks.http import Limits


@dataclass(frozen=True, slots=True)
class Outside:
    """Where the systems lie that connectors call, from the settings, and how long and how much to read.

    With `answers` nothing leaves: it gives what a connector that would call another system answers for an input, or raises CallFailed.
    """

    entreprises_url: str
    opendatasoft_url: str
    limits: Limits
    answers: Callable[[str, Mapping[str, object]], object] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a connector may use besides its input. `instance_id`: the instance whose step calls."""

    sessions: Sessions
    outside: Outside
    instance_id: int
    now: datetime


class CallFailed(Exception):
    """The call has no result. A `business` failure is final and goes to an error boundary of that code; others are tried again."""

    def __init__(self, code: str, message: Text, *, business: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.business = business
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Connector:
    """`perform` makes the result of an input that has no other names than those of `inputs`. It raises CallFailed. `is_inside`: it asks
    this installation alone."""

    perform: Callable[[Mapping[str, object], Context], object]
    inputs: Inputs
    is_inside: bool = False


def unreachable(system: str, *, retry_after: timedelta | None = None) -> CallFailed:
    """The other side does not answer usefully now; it may later."""
    return CallFailed("UNREACHABLE", text("%(system)s ne répond pas comme prévu.", system=system), retry_after=retry_after)


def invalid_input(message: Text) -> CallFailed:
    """The diagram gave the connector an input that it cannot use: trying again would not help."""
    return CallFailed("INPUT_INVALID", message, business=True)


def text_of(given: Mapping[str, object], key: str, *, maximum: int = 200) -> str:
    """A required text of the input. Raises CallFailed."""
    value = given.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > maximum:
        raise invalid_input(text("« %(key)s » doit être un texte d’au plus %(maximum)s caractères.", key=key, maximum=maximum))
    return value.strip()

"""The one HTTP client: calls to outside systems, kept away from this machine and its network.

Names are resolved once and the address is checked before the connection, so neither a redirect (never followed), a proxy of the
environment (ignored) nor a name that changes its address reaches an internal system. A loopback address is allowed only when an
operator wrote it in a setting.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
from requests_hardened import Config, Manager
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError

from engine import tracing
from feel import wire
from webhooks.cutoff import Cutoff

USER_AGENT = "TiKub/1"
CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Limits:
    """`timeout` for the whole call; `size` of the answer in bytes, after decompression."""

    timeout: timedelta
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whatever its status. `retry_after`: how long the other side asks to wait."""

    status: int
    body: bytes
    retry_after: timedelta | None

    def json(self) -> object:
        """The body as JSON. Raises Unreachable: the other side did not send JSON."""
        try:
            return wire.load(self.body)
        except ValueError as error:
            raise Unreachable("the answer is not JSON") from error


class Unreachable(Exception):
    """No usable answer came: refused address, no connection, time-out, too large, cut short."""


class Refused(Unreachable):
    """The address lies on this machine or its network."""


class TooSlow(Unreachable):
    """The other side took longer than the limit."""


def get(base: str, path: str, parameters: Mapping[str, str], limits: Limits, *, now: datetime) -> Answer:
    """GET `base + path`. `base` comes from the settings, `path` is quoted already. Raises Unreachable."""
    deadline = time.monotonic() + limits.timeout.total_seconds()
    try:
        with (
            tracing.span("GET", server=urlsplit(base).hostname or ""),
            _session(limits, loopback=_is_loopback(base)) as session,
            Cutoff(session, limits.timeout.total_seconds()) as cutoff,
        ):
            response = session.get(base + path, params=dict(parameters), headers=tracing.headers(), stream=True)
            with response:
                body = _body(response, limits, deadline)
                cutoff.check()
                return Answer(response.status_code, body, _retry_after(response, now))
    except (requests.RequestException, OSError, ValueError) as error:
        raise Unreachable(f"{type(error).__name__} at {urlsplit(base).hostname}") from error


def post(url: str, body: bytes, headers: Mapping[str, str], limits: Limits, *, inside: bool, now: datetime) -> Answer:
    """POST to a receiver. `inside`: an operator allows this very host and port, wherever it lies. Raises Unreachable.

    The answer's body is cut off at the limit and kept only where the status is no success, as it came: it is for people to read.
    """
    host = urlsplit(url).hostname or ""
    cutoff = None
    try:
        with tracing.span("POST", server=host), _session(limits, inside=inside) as session:
            cutoff = Cutoff(session, limits.timeout.total_seconds())
            with cutoff, session.post(url, data=body, headers={**headers, **tracing.headers()}, stream=True) as response:
                kept = b"" if response.ok else response.raw.read(limits.size, decode_content=False)
                cutoff.check()
                return Answer(response.status_code, kept, _retry_after(response, now))
    except InvalidIPAddress as error:
        raise Refused(f"{host} lies inside") from error
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        if isinstance(error, requests.Timeout) or (cutoff is not None and cutoff.has_fired):
            raise TooSlow(f"no answer in time from {host}") from error
        raise Unreachable(f"{type(error).__name__} at {host}") from error


def _session(limits: Limits, *, loopback: bool = False, inside: bool = False) -> requests.Session:
    seconds = limits.timeout.total_seconds()
    config = Config(
        ip_filter_enable=not inside,
        ip_filter_allow_loopback_ips=loopback,
        never_redirect=True,
        default_timeout=(min(seconds, 5.0), seconds),
        user_agent_override=USER_AGENT,
    )
    session: requests.Session = Manager(config).get_session()
    session.trust_env = False
    return session


def _is_loopback(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _body(response: requests.Response, limits: Limits, deadline: float) -> bytes:
    parts, size = [], 0
    for chunk in response.iter_content(CHUNK):
        size += len(chunk)
        if size > limits.size:
            raise Unreachable("the answer is too large")
        if time.monotonic() > deadline:
            raise Unreachable("the answer took too long")
        parts.append(chunk)
    return b"".join(parts)


def _retry_after(response: requests.Response, now: datetime) -> timedelta | None:
    """Retry-After as seconds or as a date (RFC 9110, section 10.2.3), at most a day."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 86_400))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta()), timedelta(days=1))

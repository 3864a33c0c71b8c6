"""One attempt to send a delivery: signed by Standard Webhooks with every live secret, posted, its outcome read. No transaction is open."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from webhooks import http
from webhooks.deliveries import Claimed
from webhooks.events import MEDIA_TYPE
from webhooks.http import Limits
from webhooks.policy import Outcome
from webhooks.secrets import Cipher
from webhooks.signatures import sign
from webhooks.subscriptions import place_of

MOST_SHOWN = 500
"""Characters of a refusal's body that the log keeps."""


@dataclass(frozen=True, slots=True)
class Road:
    """How deliveries leave: how long and how much, and which `host:port` inside may be reached; `cipher` reads the secrets."""

    limits: Limits
    allowed: frozenset[str]
    cipher: Cipher


def send(claimed: Claimed, road: Road, *, now: datetime) -> Outcome:
    """Post it, and tell what came of it."""
    begun = time.monotonic()
    headers = _headers(claimed, now)
    try:
        answer = http.post(claimed.url, claimed.body, headers, road.limits, inside=place_of(claimed.url) in road.allowed, now=now)
    except http.Refused:
        return Outcome(None, _since(begun), "address-refused")
    except http.TooSlow:
        return Outcome(None, _since(begun), "timeout")
    except http.Unreachable:
        return Outcome(None, _since(begun), "unreachable")
    shown = answer.body.decode("utf-8", "replace").replace("\0", "")[:MOST_SHOWN]
    return Outcome(answer.status, _since(begun), None, shown or None, answer.retry_after)


def _headers(claimed: Claimed, now: datetime) -> dict[str, str]:
    signatures = " ".join(sign(secret, claimed.event_id, now, claimed.body) for secret in claimed.secrets)
    return {
        "Content-Type": MEDIA_TYPE,
        "webhook-id": claimed.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures,
    }


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
